import type { Stack } from '../stack/stack.js'
import type { TcpConfig } from '../tcp/config.js'
import type { State } from '../tcp/states.js'
import type { Calls } from './calls.js'
import type { FastOpenHost } from './fast-open.js'
import { DrillFailure, Unsupported } from './outcome.js'
import { parseShell, parseShellFile } from './shell.js'
import type { CountEffect, ShellEffect } from './shell-effects.js'
import { statesNamed } from './shell-states.js'
import { sysctl } from './sysctls.js'
import { TcpFile } from './tcp-file.js'

/** What commands in back-quotes act on. Nothing is ever executed. */
export interface CommandHost {
  readonly stack: Stack
  readonly calls: Calls
  openTimeout: number
  cookiesOnly: boolean
  notSentLowWater: number
  readonly fastOpen: FastOpenHost
  /** What the interface does for TCP; changed by ethtool. */
  setOffload(feature: string, on: boolean): void
  /** The text of a file beside the script; undefined if it cannot be read. */
  file(path: string): string | undefined
  sleep(seconds: number): void
}

/** The effects of a command, scripts it calls read in their place. */
export function effectsOf(text: string, file: (path: string) => string | undefined): ShellEffect[] {
  return parseShell(text).flatMap(effect => {
    if (effect.kind !== 'script' || effect.expanded) return [effect]
    const inside = file(effect.path)
    if (inside === undefined)
      return [{ kind: 'unsupported', what: `the script ${effect.path}, which is not there` }]
    return parseShellFile(inside)
  })
}

export function runCommand(host: CommandHost, text: string): void {
  for (const effect of effectsOf(text, path => host.file(path))) apply(host, effect)
}

function apply(host: CommandHost, effect: ShellEffect): void {
  switch (effect.kind) {
    case 'sysctl':
      return applySysctl(host, effect.name, effect.value)
    case 'count': {
      const found = count(host, effect)
      const matches = new RegExp(effect.expected).test(String(found))
      if (matches === (effect.invert === true))
        throw new DrillFailure(
          `connections in ${effect.states ?? 'any state'}: expected ${effect.expected}, there are ${found}`,
        )
      return
    }
    case 'drop': {
      const states = effect.state === undefined ? undefined : statesNamed(effect.state)
      host.stack.drop(c => states === undefined || states.includes(c.state))
      return
    }
    case 'sleep':
      host.sleep(effect.seconds)
      return
    case 'offload':
      host.setOffload(effect.feature, effect.on)
      return
    case 'unsupported':
      throw new Unsupported(effect.what)
    case 'script':
    case 'route':
    case 'nothing':
      return
  }
}

const growth = ({ maxReceiveBuffer, maxSendBuffer }: TcpConfig) => ({ maxReceiveBuffer, maxSendBuffer })

function applySysctl(host: CommandHost, name: string, value: string): void {
  const setting = sysctl(name, value)
  switch (setting.kind) {
    case 'tcp':
      // A default is not a wish: buffers grow as they did.
      host.stack.configure({ ...growth(host.stack.config), ...setting.config })
      return
    case 'open-timeout':
      host.openTimeout = setting.ms
      return
    case 'cookies-only':
      host.cookiesOnly = setting.on
      return
    case 'not-sent-low-water':
      host.notSentLowWater = setting.bytes
      return
    case 'fast-open':
      host.fastOpen.change(setting.choices)
      return
    case 'fast-open-keys':
      host.fastOpen.setKeys(setting.key, setting.last)
      return
    case 'inert':
      return
    case 'unsupported':
      throw new Unsupported(setting.feature)
    case 'bad':
      throw new DrillFailure(`sysctl ${name}: ${setting.message}`)
  }
}

/**
 * Connections in certain states; sockets that listen or are in no connection count as well. With the name of a program
 * only what a descriptor stands for is counted.
 */
function count(host: CommandHost, { states, port, program }: CountEffect): number {
  const wanted = states === undefined ? undefined : statesNamed(states)
  const counts = (state: State, ...ports: number[]) =>
    (wanted === undefined || wanted.includes(state)) && (port === undefined || ports.includes(port))
  let n = 0
  if (program === undefined)
    for (const c of host.stack.connections()) if (counts(c.state, c.localPort, c.remotePort)) n++
  for (const file of host.calls.files.values()) {
    if (!(file instanceof TcpFile)) continue
    const { state, conversation: c } = file
    const alone = state === 'LISTEN' || state === 'CLOSED'
    if ((alone || program !== undefined) && counts(state, c.localPort, c.remotePort)) n++
  }
  return n
}
