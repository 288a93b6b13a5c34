import type { CongestionControllerFactory } from '../src/tcp/congestion.js'
import { CONTROLLERS as KNOWN } from '../src/tcp/controllers.js'

/** The controllers that are compared, and estab's of that name, if it has one. */
export const CONTROLLERS: Record<string, CongestionControllerFactory | undefined> = { ...KNOWN }

/** What the kernel calls them, where that is something else: it has version 1 of BBR. */
const LINUX_NAMES: Record<string, string> = { bbr1: 'bbr' }

export const linuxName = (controller: string): string => LINUX_NAMES[controller] ?? controller
