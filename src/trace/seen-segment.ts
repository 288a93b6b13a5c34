import type { RecordedSegment } from './recorder.js'

/** The client, or the server. */
export type Side = 0 | 1

/** A segment of a captured conversation, with its numbers as they were on the wire, in int32. */
export interface SeenSegment {
  readonly recorded: RecordedSegment
  readonly from: Side
  readonly seq: number
  readonly ack: number
  /** As `SYN`, `ACK` … of `wire/tcp`. */
  readonly flags: number
  /** Bytes of text. */
  readonly len: number
}

/** How far `ack` is at or beyond `seq`, or not: what is farther away than a window can be is nonsense. */
export const covers = (ack: number, seq: number): boolean => {
  const ahead = (ack - seq) | 0
  return ahead >= 0 && ahead <= 2 ** 30
}
