import type { Action, WorldOptions } from './actions.js'
import { found, isMended, locate, mend, set16 } from './bytes.js'
import { Coverage } from './coverage.js'
import { replay } from './run.js'

/** Fewer actions of which `still` holds, as few as leaving some out can make them (Zeller's ddmin). */
export function shrink(
  actions: readonly Action[],
  still: (fewer: Action[]) => boolean,
  budget = 2000,
): Action[] {
  let left = budget
  const holds = (fewer: Action[]) => left-- > 0 && still(fewer)
  let kept = [...actions]
  const single = kept.flatMap((action): Action[] =>
    action.type === 'in' ? action.packets.map(packet => ({ type: 'in', packets: [packet] })) : [action],
  )
  if (single.length > kept.length && holds(single)) kept = single
  for (let size = kept.length >> 1; size > 0; size = size === 1 ? 0 : size >> 1) {
    for (let at = kept.length; at > 0; ) {
      const from = Math.max(0, at - size)
      const fewer = [...kept.slice(0, from), ...kept.slice(at)]
      if (holds(fewer)) kept = fewer
      at = from
    }
  }
  for (const action of kept) if (action.type === 'in') simplify(kept, action, holds)
  return kept
}

/** Of a batch that has to be one, the packets that have to be in it; and of those as little text as will do. */
function simplify(all: Action[], action: Action & { type: 'in' }, holds: (fewer: Action[]) => boolean): void {
  const { packets } = action
  for (let i = packets.length - 1; i >= 0 && packets.length > 1; i--) {
    const [packet] = packets.splice(i, 1)
    if (!holds(all)) packets.splice(i, 0, packet!)
  }
  for (const [i, packet] of packets.entries())
    for (const length of [0, 1, 16]) {
      const bytes = packet.frame ? undefined : withText(packet.bytes, length)
      if (!bytes) continue
      packets[i] = { ...packet, bytes }
      if (holds(all)) break
      packets[i] = packet
    }
}

/** A whole TCP segment with less text; undefined if it is none, or has not so much. */
function withText(b: Uint8Array, length: number): Uint8Array | undefined {
  if (!locate(b) || !found.whole || found.protocol !== 6 || found.length < 20) return undefined
  const { at } = found
  const header = at + (b[at + 12]! >>> 4) * 4
  if (header + length >= at + found.length) return undefined
  const right = isMended(b)
  const four = b[0]! >>> 4 === 4
  const shorter = b.slice(0, header + length)
  set16(shorter, four ? 2 : 4, shorter.length - (four ? 0 : 40))
  return right ? mend(shorter) : shorter
}

/** What an error is about, whatever its numbers. */
const kindOf = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).replace(/[0-9a-f:.]*\d[0-9a-f:.]*/g, 'N')

/** The error that actions lead to, if any; `toTheEnd` also lets the world end. */
export function errorOf(options: WorldOptions, actions: readonly Action[], toTheEnd: boolean): unknown {
  try {
    const world = replay(options, actions, new Coverage())
    if (toTheEnd) world.finish()
    return undefined
  } catch (error) {
    return error
  }
}

/** The fewest actions that break the same promise; undefined if playing them again does not. */
export function minimise(
  options: WorldOptions,
  actions: readonly Action[],
  error: unknown,
): { actions: Action[]; toTheEnd: boolean } | undefined {
  const kind = kindOf(error)
  for (const toTheEnd of [false, true]) {
    const breaks = (fewer: Action[]) => {
      const found = errorOf(options, fewer, toTheEnd)
      return found !== undefined && kindOf(found) === kind
    }
    if (breaks([...actions])) return { actions: shrink(actions, breaks), toTheEnd }
  }
  return undefined
}
