/**
 * The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words.
 * Partial sums are plain numbers, so that pseudo-header, header and payload can be added in any order; `fold`
 * brings a sum back to 16 bits.
 */

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Brings a partial sum (any non-negative integer below 2^53) to 16 bits. */
export function fold(sum: number): number {
  while (sum > 0xffff) sum = Math.floor(sum / 0x10000) + (sum & 0xffff)
  return sum
}

const swap = (word: number): number => ((word & 0xff) << 8) | (word >>> 8)

/** Words summed bytewise; fine for headers and for what is left at the ends of a long run. */
function sumShort(b: Uint8Array, offset: number, length: number): number {
  let sum = 0
  const end = offset + length
  let i = offset
  for (; i + 1 < end; i += 2) sum += (b[i]! << 8) | b[i + 1]!
  if (i < end) sum += b[i]! << 8
  return sum
}

/**
 * The one's complement partial sum of `b[offset .. offset + length)`, in network order. An odd last byte counts as
 * the high half of a word (RFC 9293 section 3.1). The result is below 2^33, so sums of several ranges may be added;
 * a range that begins at an odd distance from the start of the checksummed data must be swapped by the caller.
 */
export function sum(b: Uint8Array, offset: number, length: number): number {
  // Below this a view of words costs more than it saves.
  if (length < 128 || !LITTLE_ENDIAN) return sumShort(b, offset, length)
  const start = b.byteOffset + offset
  const lead = -start & 3
  // An odd start would put every word across two aligned ones; one's complement lets us sum swapped and swap back.
  const head = lead === 0 ? 0 : sumShort(b, offset, lead)
  const words = (length - lead) >>> 2
  const view = wordsOf(b.buffer)
  let total = 0
  let i = (start + lead) >>> 2
  const end = i + words
  for (const stop = i + (words & ~7); i < stop; i += 8) {
    total +=
      view[i]! +
      view[i + 1]! +
      view[i + 2]! +
      view[i + 3]! +
      view[i + 4]! +
      view[i + 5]! +
      view[i + 6]! +
      view[i + 7]!
  }
  for (; i < end; i++) total += view[i]!
  let body = swap(fold(fold32(total)))
  const done = lead + (words << 2)
  let tail = sumShort(b, offset + done, length - done)
  if (lead & 1) {
    body = swap(fold(body))
    tail = swap(fold(tail))
  }
  return head + body + tail
}

let lastWords: Uint32Array = new Uint32Array(0)
let otherWords: Uint32Array = lastWords

/** A view of a buffer larger than this is not kept: it would keep the buffer. */
const KEPT = 1 << 20

/** A view of all of a buffer. Packets come and go in the same few: the views of two are kept, one for each direction. */
function wordsOf(buffer: ArrayBufferLike): Uint32Array {
  const length = buffer.byteLength >>> 2
  // One that can be resized may not be as long as it was.
  if (lastWords.buffer === buffer && lastWords.length === length) return lastWords
  const again = otherWords.buffer === buffer && otherWords.length === length
  const found = again ? otherWords : new Uint32Array(buffer, 0, length)
  if (buffer.byteLength > KEPT) return found
  otherWords = lastWords
  lastWords = found
  return found
}

/** Adds the 32-bit halves of a sum of 32-bit words (each is congruent to its 16-bit halves' sum, modulo 65535). */
function fold32(total: number): number {
  const high = Math.floor(total / 0x1_0000_0000)
  const low = total >>> 0
  return high + (low >>> 16) + (low & 0xffff)
}

/** The checksum field for data whose partial sum is `partial` (with the field itself counted as zero). */
export const finish = (partial: number): number => ~fold(partial) & 0xffff

/** True if data that includes its own checksum field sums to all ones. */
export const verifies = (partial: number): boolean => fold(partial) === 0xffff
