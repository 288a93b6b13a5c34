/** Bytes that are allocated at once: a typed array of its own for each packet costs more than all that is done to it. */
const SLAB = 1 << 18
/** V8 keeps arrays this small on its own heap, where they are cheap. */
const SMALL = 64

let buffer = new ArrayBuffer(0)
let slab = new Uint8Array(buffer)
let used = 0

/** A copy of `bytes[offset .. offset + length)`, to keep; it may share its buffer with other copies. */
export function copyOf(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  if (length <= SMALL || length > SLAB >> 3) return bytes.slice(offset, offset + length)
  if (used + length > buffer.byteLength) {
    buffer = new ArrayBuffer(SLAB)
    slab = new Uint8Array(buffer)
    used = 0
  }
  const whole = offset === 0 && length === bytes.length
  slab.set(whole ? bytes : bytes.subarray(offset, offset + length), used)
  const copy = new Uint8Array(buffer, used, length)
  // Checksums are added up by words.
  used += (length + 7) & ~7
  return copy
}
