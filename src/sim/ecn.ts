import { get16, set16 } from '../wire/bytes.js'
import { fold } from '../wire/checksum.js'
import { CE, NOT_ECT } from '../wire/ip.js'

/** The ECN field: 0 for those who do not understand it, 1 and 2 for those who do, 3 for "congestion experienced". */
export function ecnField(bytes: Uint8Array): number {
  return bytes[0]! >>> 4 === 6 ? (bytes[1]! >>> 4) & 3 : bytes[1]! & 3
}

/**
 * A copy of a packet that says "congestion experienced"; undefined for a packet whose ends do not understand it, which
 * must be dropped instead.
 */
export function markedCopy(bytes: Uint8Array): Uint8Array | undefined {
  const field = ecnField(bytes)
  if (field === NOT_ECT) return undefined
  const copy = bytes.slice()
  if (field === CE) return copy
  if (copy[0]! >>> 4 === 6) copy[1]! |= CE << 4
  else {
    const old = get16(copy, 0)
    copy[1]! |= CE
    adjustChecksum(copy, 10, old, get16(copy, 0))
  }
  return copy
}

/** Changes the checksum at `at` as a word under it changes from `old` to `now` (RFC 1624, equation 3). */
export function adjustChecksum(bytes: Uint8Array, at: number, old: number, now: number): void {
  set16(bytes, at, ~fold((~get16(bytes, at) & 0xffff) + (~old & 0xffff) + now) & 0xffff)
}
