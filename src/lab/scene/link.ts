import { findStory } from '../../stories/index.js'
import type { FlagName } from '../../wire/tcp.js'
import { type Action, CALLS, type Edit, type Line, type Scene, type SegmentFate, type Side } from './scene.js'

/** A link says something that no scene can be: `part` is what. */
export class LinkError extends Error {
  constructor(
    readonly part: string,
    readonly why: { en: string; zh: string },
  ) {
    super(`${why.en}: ${part}`)
    this.name = 'LinkError'
  }
}

/** More would be no scene that anybody made by hand. */
const MOST_ACTIONS = 500
/** Bytes in one send. */
export const MOST_BYTES = 32 << 20
/** A virtual day, ms. */
const LATEST = 86_400_000

const FLAGS: readonly FlagName[] = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE']
const LINE: Record<keyof Line, readonly [number, number]> = {
  delay: [0, 10_000],
  rate: [0, 1e10],
  queue: [0, 1e9],
  loss: [0, 1],
  reorder: [0, 1],
}

/**
 * A scene, and the moment it is at, as the part of an address behind `#/`:
 * `close?seed=1&delay=20&t=120&do=c:100:0:close;f:105:1:0:drop`. People can read it, and write it.
 */
export function writeLink(scene: Scene, t?: number): string {
  const parts = [`seed=${scene.seed}`, `delay=${scene.delay}`]
  if (t !== undefined) parts.push(`t=${t}`)
  if (scene.actions.length > 0) parts.push(`do=${scene.actions.map(writeAction).join(';')}`)
  return `${scene.story}?${parts.join('&')}`
}

function writeAction(action: Action): string {
  const { at } = action
  switch (action.kind) {
    case 'call':
      return `c:${at}:${action.side}:${action.call}${action.bytes === undefined ? '' : `:${action.bytes}`}`
    case 'line':
      return `l:${at}:${Object.entries(action.line)
        .map(([name, value]) => `${name}=${value}`)
        .join(',')}`
    case 'fate':
      return `f:${at}:${action.side}:${action.nth}:${writeFate(action.fate)}`
    case 'forge':
      return `g:${at}:${action.side}:${action.nth}:${writeEdit(action.edit)}`
  }
}

function writeFate(fate: SegmentFate): string {
  if (fate.what === 'delay' || fate.what === 'duplicate') return `${fate.what}=${fate.ms}`
  return fate.what === 'edit' ? `edit:${writeEdit(fate.edit)}` : fate.what
}

function writeEdit(edit: Edit): string {
  const parts: string[] = []
  if (edit.seq !== undefined) parts.push(`seq=${edit.seq}`)
  if (edit.ack !== undefined) parts.push(`ack=${edit.ack}`)
  if (edit.flags !== undefined) parts.push(`flags=${edit.flags.join('.')}`)
  if (edit.window !== undefined) parts.push(`window=${edit.window}`)
  return parts.join(',')
}

/** Reads what `writeLink` writes. Throws a LinkError that says which part it cannot read. */
export function readLink(link: string): { scene: Scene; t: number | undefined } {
  let text: string
  try {
    text = decodeURIComponent(link)
  } catch {
    throw new LinkError(link.slice(0, 80), { en: 'the link is damaged', zh: '链接已损坏' })
  }
  const mark = text.indexOf('?')
  const story = mark < 0 ? text : text.slice(0, mark)
  if (story !== 'free' && !findStory(story))
    throw new LinkError(story.slice(0, 80), { en: 'there is no such story', zh: '没有这个故事' })
  let seed = 1
  let delay = 20
  let t: number | undefined
  let actions: Action[] = []
  for (const part of mark < 0 ? [] : text.slice(mark + 1).split('&')) {
    const equals = part.indexOf('=')
    const name = part.slice(0, Math.max(0, equals))
    const value = part.slice(equals + 1)
    if (name === 'seed') seed = number(value, part, 0, Number.MAX_SAFE_INTEGER, true)
    else if (name === 'delay') delay = number(value, part, ...LINE.delay)
    else if (name === 't') t = number(value, part, 0, LATEST)
    else if (name === 'do') actions = value === '' ? [] : value.split(';').map(readAction)
    else
      throw new LinkError(part.slice(0, 80), {
        en: 'the link has an unknown part',
        zh: '链接中有无法识别的部分',
      })
  }
  if (actions.length > MOST_ACTIONS)
    throw new LinkError(`${actions.length}`, {
      en: `more than ${MOST_ACTIONS} actions`,
      zh: `超过 ${MOST_ACTIONS} 个操作`,
    })
  for (let i = 1; i < actions.length; i++)
    if (actions[i]!.at < actions[i - 1]!.at)
      throw new LinkError(writeAction(actions[i]!), {
        en: 'the actions are not in order of time',
        zh: '操作没有按时间排列',
      })
  return { scene: { story, seed, delay, actions }, t }
}

function readAction(text: string): Action {
  const [kind, time = '', ...rest] = text.split(':')
  const at = number(time, text, 0, LATEST)
  if (kind === 'l') return { kind: 'line', at, line: readLine(rest[0] ?? '', text) }
  const side = number(rest[0] ?? '', text, 0, 1, true) as Side
  if (kind === 'c') {
    const call = CALLS.find(name => name === rest[1])
    if (!call) throw bad(text)
    if (call !== 'send') return { kind: 'call', at, side, call }
    return { kind: 'call', at, side, call, bytes: number(rest[2] ?? '', text, 1, MOST_BYTES, true) }
  }
  if (kind !== 'f' && kind !== 'g') throw bad(text)
  const nth = number(rest[1] ?? '', text, 0, 1e9, true)
  if (kind === 'g') return { kind: 'forge', at, side, nth, edit: readEdit(rest[2] ?? '', text) }
  return { kind: 'fate', at, side, nth, fate: readFate(rest[2] ?? '', rest[3] ?? '', text) }
}

function readFate(what: string, edit: string, text: string): SegmentFate {
  if (what === 'drop' || what === 'corrupt') return { what }
  if (what === 'edit') return { what, edit: readEdit(edit, text) }
  const [name, ms = ''] = what.split('=')
  if (name !== 'delay' && name !== 'duplicate') throw bad(text)
  return { what: name, ms: number(ms, text, 0, LATEST) }
}

function readLine(value: string, text: string): Partial<Line> {
  const line: Partial<Record<keyof Line, number>> = {}
  for (const part of value.split(',')) {
    const [name = '', amount = ''] = part.split('=')
    if (!Object.hasOwn(LINE, name)) throw bad(text)
    line[name as keyof Line] = number(amount, text, ...LINE[name as keyof Line])
  }
  return line
}

function readEdit(value: string, text: string): Edit {
  const edit: { -readonly [K in keyof Edit]: Edit[K] } = {}
  for (const part of value === '' ? [] : value.split(',')) {
    const [name, amount = ''] = part.split('=')
    if (name === 'seq' || name === 'ack') edit[name] = number(amount, text, 0, 0xffff_ffff, true)
    else if (name === 'window') edit.window = number(amount, text, 0, 0xffff, true)
    else if (name === 'flags') {
      const names = amount === '' ? [] : amount.split('.')
      if (!names.every(flag => FLAGS.some(known => known === flag))) throw bad(text)
      edit.flags = names as FlagName[]
    } else throw bad(text)
  }
  return edit
}

const bad = (text: string): LinkError =>
  new LinkError(text.slice(0, 80), {
    en: 'the link has an action nobody can do',
    zh: '链接中有无法执行的操作',
  })

function number(text: string, part: string, least: number, most: number, whole = false): number {
  const value = /^\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
    throw new LinkError(part.slice(0, 80), {
      en: 'the link has a number out of range',
      zh: '链接中有超出范围的数字',
    })
  return value
}
