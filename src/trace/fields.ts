import type { FlowName } from '../stack/observe.js'
import { RST, type SegmentView } from '../wire/tcp.js'
import type { TracedOptions } from './events.js'

/** A connection as events name it: `local:port remote:port`; a listener has no remote end. */
export const textOf = (flow: FlowName): string =>
  flow.remote === undefined
    ? `${flow.local}:${flow.localPort}`
    : `${flow.local}:${flow.localPort} ${flow.remote}:${flow.remotePort}`

/** A RST from nowhere has no ISN to count from: its number is the one its receiver asked for. */
export function relative(seq: number, isn: number | undefined, flags: number): number {
  if (isn === undefined) return flags & RST ? 0 : seq >>> 0
  return (seq - isn) | 0
}

/** The options that are present; `isn` is the one that the SACK blocks count from. */
export function readOptions(seg: SegmentView, isn: number): TracedOptions {
  const options: TracedOptions = {}
  if (seg.mss >= 0) options.mss = seg.mss
  if (seg.windowScale >= 0) options.wscale = seg.windowScale
  if (seg.sackPermitted) options.sackOK = true
  if (seg.hasTimestamps) options.ts = { val: seg.tsVal >>> 0, ecr: seg.tsEcr >>> 0 }
  if (seg.sackCount > 0) {
    options.sack = []
    for (let i = 0; i < seg.sackCount; i++)
      options.sack.push([(seg.sackEdges[2 * i]! - isn) | 0, (seg.sackEdges[2 * i + 1]! - isn) | 0])
  }
  return options
}
