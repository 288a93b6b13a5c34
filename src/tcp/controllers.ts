import { bbr } from './bbr.js'
import { bbr1 } from './bbr1.js'
import type { TcpConfig } from './config.js'
import type { CongestionController, CongestionControllerFactory } from './congestion.js'
import { cubic } from './cubic.js'
import { reno } from './reno.js'

/** The congestion controllers that can be chosen by name. */
export const CONTROLLERS = { cubic, bbr, bbr1, reno } as const satisfies Record<
  string,
  CongestionControllerFactory
>

export type ControllerName = keyof typeof CONTROLLERS

/** A name, or whoever makes a controller of one's own. */
export type ControllerChoice = ControllerName | CongestionControllerFactory

export const makeController = (choice: ControllerChoice, config: TcpConfig): CongestionController =>
  (typeof choice === 'string' ? controllerNamed(choice) : choice)(config)

/** The factory of that name. Throws a RangeError that names those there are. */
export function controllerNamed(name: string): CongestionControllerFactory {
  if (Object.hasOwn(CONTROLLERS, name)) return CONTROLLERS[name as ControllerName]
  throw new RangeError(
    `no congestion controller is named ${name}; there are ${Object.keys(CONTROLLERS).join(', ')}`,
  )
}
