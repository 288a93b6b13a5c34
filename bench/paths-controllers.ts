import type { CongestionControllerFactory } from '../src/tcp/congestion.js'
import { CONTROLLERS as KNOWN } from '../src/tcp/controllers.js'

/** The controllers that are compared, by the kernel's names, and estab's of that name, if it has one. */
export const CONTROLLERS: Record<string, CongestionControllerFactory | undefined> = { ...KNOWN }
