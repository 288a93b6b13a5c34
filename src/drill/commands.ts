import type { Stack } from '../stack/stack.js'
import type { State } from '../tcp/states.js'
import type { Calls } from './calls.js'
import { DrillFailure, Unsupported } from './outcome.js'
import { parseShell, parseShellFile, type ShellEffect } from './shell.js'
import { sysctl } from './sysctls.js'
import { TcpFile } from './tcp-file.js'

/** What commands in back-quotes act on. Nothing is ever executed. */
export interface CommandHost {
  readonly stack: Stack
  readonly calls: Calls
  openTimeout: number
  cookiesOnly: boolean
  /** The text of a file beside the script; undefined if it cannot be read. */
  file(path: string): string | undefined
  sleep(seconds: number): void
}

/** Names of states as `sockstat` and `ss` print them. */
const STATES: Readonly<Record<string, State>> = {
  SYN_RCVD: 'SYN_RECEIVED',
  SYN_RECV: 'SYN_RECEIVED',
  'SYN-RECV': 'SYN_RECEIVED',
  ESTAB: 'ESTABLISHED',
  CLOSE: 'CLOSED',
}

export const stateNamed = (name: string): State => STATES[name] ?? (name.replace(/-/g, '_') as State)

/** The effects of a command, scripts it calls read in their place. */
export function effectsOf(text: string, file: (path: string) => string | undefined): ShellEffect[] {
  return parseShell(text).flatMap(effect => {
    if (effect.kind !== 'script') return [effect]
    const inside = file(effect.path)
    if (inside === undefined) return [{ kind: 'unsupported', what: `the script ${effect.path}, which is not there` }]
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
      const state = effect.state === undefined ? undefined : stateNamed(effect.state)
      host.stack.drop(c => effect.all === true || state === undefined || c.state === state)
      return
    }
    case 'sleep':
      host.sleep(effect.seconds)
      return
    case 'unsupported':
      throw new Unsupported(effect.what)
    case 'script':
    case 'offload':
    case 'nothing':
      return
  }
}

function applySysctl(host: CommandHost, name: string, value: string): void {
  const setting = sysctl(name, value)
  switch (setting.kind) {
    case 'tcp':
      host.stack.configure(setting.config)
      return
    case 'open-timeout':
      host.openTimeout = setting.ms
      return
    case 'cookies-only':
      host.cookiesOnly = setting.on
      return
    case 'inert':
      return
    case 'unsupported':
      throw new Unsupported(setting.feature)
    case 'bad':
      throw new DrillFailure(`sysctl ${name}: ${setting.message}`)
  }
}

/** Sockets in a state, those that are open and in no connection counted as CLOSED. */
function count(host: CommandHost, { states, port }: Extract<ShellEffect, { kind: 'count' }>): number {
  const wanted = states === undefined ? undefined : stateNamed(states)
  let n = 0
  for (const c of host.stack.connections())
    if ((wanted === undefined || c.state === wanted) && (port === undefined || c.localPort === port || c.remotePort === port)) n++
  for (const file of host.calls.files.values()) {
    if (!(file instanceof TcpFile)) continue
    const { state, conversation } = file
    if (state !== 'LISTEN' && state !== 'CLOSED') continue
    if ((wanted === undefined || state === wanted) && (port === undefined || conversation.localPort === port)) n++
  }
  return n
}
