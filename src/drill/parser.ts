import { parseCall } from './parse-call.js'
import { parsePacket } from './parse-packet.js'
import { preprocess } from './preprocess.js'
import { Scanner } from './scanner.js'
import type { Action, EventTime, Script, ScriptEvent, ScriptOption } from './script.js'

const OPTION = /--?[A-Za-z][A-Za-z0-9_-]*(?:=(?:"[^"\n]*"|`[^`]*`|[^\s]+))?/y

/** The longest script taken, in characters: a thousand times what people write. */
export const LONGEST_SCRIPT = 1 << 20

/** Names for `#ifdef`; one that has a value stands for it everywhere. */
export type Definitions = ReadonlyMap<string, string>

/**
 * Reads a script. What the script itself defines (`--define=NAME=VALUE`) comes after `definitions`. Throws a
 * ScriptSyntaxError with a position.
 */
export function parseScript(name: string, text: string, definitions: Definitions = new Map()): Script {
  const names = new Map(definitions)
  for (const [, own, value] of text.matchAll(/^[ \t]*(?:--define=|-D[ \t]*)([A-Za-z_]\w*)(?:=(\S+))?/gm))
    if (!names.has(own!)) names.set(own!, value ?? '')
  const s = new Scanner(preprocess(text, names))
  const options = parseOptions(s)
  const events: ScriptEvent[] = []
  while (!s.done) events.push(parseEvent(s))
  if (events.length === 0) throw s.error('there is no event in this script')
  return { name, options, events }
}

function parseOptions(s: Scanner): ScriptOption[] {
  const options: ScriptOption[] = []
  for (;;) {
    const { line } = s
    const text = s.pattern(OPTION)
    if (text === undefined) return options
    const equals = text.indexOf('=')
    const name = (equals < 0 ? text : text.slice(0, equals)).replace(/^--?/, '')
    const value = equals < 0 ? '' : text.slice(equals + 1).replace(/^"(.*)"$/, '$1')
    options.push({ line, name, value })
  }
}

function parseEvent(s: Scanner): ScriptEvent {
  const { line } = s
  // Commands before the first event and after the last need no time.
  if (s.sees('`')) return { line, time: { kind: 'relative', at: 0 }, action: parseAction(s, undefined) }
  const time = parseTime(s)
  if (time.kind === 'any' || time.kind.endsWith('range')) {
    if (!s.sees('>'))
      throw s.error('only a packet from the stack may come at any time, or in a range of times')
    return { line, time, action: parseAction(s, undefined) }
  }
  let returns: number | undefined
  if (s.take('...')) {
    s.take('+')
    returns = s.seconds()
    if (returns === undefined) throw s.expected('the time at which the call returns')
  }
  return { line, time, action: parseAction(s, returns) }
}

function parseTime(s: Scanner): EventTime {
  if (s.take('*')) return { kind: 'any' }
  const relative = s.take('+')
  const at = s.seconds()
  if (at === undefined) throw s.expected('the time of an event (seconds, +seconds or *)')
  if (!s.take('~')) return { kind: relative ? 'relative' : 'absolute', at }
  if (s.take('+') !== relative) throw s.error('both ends of a range of times are relative, or none is')
  const end = s.seconds()
  if (end === undefined) throw s.expected('the end of a range of times')
  if (end < at) throw s.error('this range of times ends before it begins')
  return { kind: relative ? 'relative-range' : 'absolute-range', at, end }
}

function parseAction(s: Scanner, returns: number | undefined): Action {
  if (returns === undefined) {
    if (s.take('<')) return parsePacket(s, true)
    if (s.take('>')) return parsePacket(s, false)
    if (s.sees('`')) return { kind: 'command', text: s.between('`', '`', 'command') }
    if (s.sees('%{')) return { kind: 'code', text: s.between('%{', '}%', 'block of code') }
  }
  return parseCall(s, returns)
}
