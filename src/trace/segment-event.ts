import { ACK, flagNames, type SegmentView, SYN } from '../wire/tcp.js'
import type { Fate, SegmentEvent } from './events.js'
import { readOptions, relative } from './fields.js'

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
