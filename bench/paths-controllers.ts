import type { CongestionControllerFactory } from '../src/tcp/congestion.js'
import * as tcp from '../src/tcp/index.js'

const known = tcp as unknown as Record<string, CongestionControllerFactory | undefined>

/** The controllers that are compared, by the kernel's names, and estab's of that name, if it has one. */
export const CONTROLLERS: Record<string, CongestionControllerFactory | undefined> = {
  cubic: known['cubic'],
  bbr: known['bbr'],
  reno: known['reno'],
}
