import { type CongestionControllerFactory, reno } from '../tcp/congestion.js'

/** The congestion controllers that flows can be given, by name. */
export const CONTROLLERS: Readonly<Record<string, CongestionControllerFactory>> = { reno }
