import { ACK, flagNames, RST, type SegmentView, SYN } from '../wire/tcp.js'
import type { Fate, SegmentEvent, TracedOptions } from './events.js'

/** Where a direction counts from, and the window scale it offered (-1 for none). */
export interface Origin {
  readonly isn: number
  readonly scale: number
}

/** What is said of a segment that went at `t`; `own` and `other` are the origins of its direction and of the other. */
export function segmentEvent(
  seg: SegmentView,
  from: string,
  to: string,
  own: Origin | undefined,
  other: Origin | undefined,
  fate: Fate,
  t: number,
): SegmentEvent {
  // In force only if both SYNs offered it, and never on a SYN (RFC 7323 section 2.2).
  const scaled = own && other && own.scale >= 0 && other.scale >= 0 && !(seg.flags & SYN)
  return {
    t,
    kind: 'segment',
    from,
    to,
    flags: flagNames(seg.flags),
    seq: relative(seg.seq, own?.isn, seg.flags),
    ack: seg.flags & ACK ? (seg.ack - (other?.isn ?? 0)) | 0 : 0,
    len: seg.payloadLength,
    // More than 14 is taken for 14 (RFC 7323 section 2.3).
    win: scaled ? seg.window * 2 ** Math.min(own.scale, 14) : seg.window,
    options: readOptions(seg, other?.isn ?? 0),
    fate,
  }
}

/** A RST from nowhere has no ISN to count from: its number is the one its receiver asked for. */
function relative(seq: number, isn: number | undefined, flags: number): number {
  if (isn === undefined) return flags & RST ? 0 : seq >>> 0
  return (seq - isn) | 0
}

function readOptions(seg: SegmentView, isn: number): TracedOptions {
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
