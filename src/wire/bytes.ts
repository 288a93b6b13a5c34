/** Big-endian ("network order") integers in a byte array. Nothing here checks bounds: parsers do, once, first. */

export const get16 = (b: Uint8Array, at: number): number => (b[at]! << 8) | b[at + 1]!

/** A 32-bit field as an int32: the form in which sequence numbers and address words are kept. */
export const get32 = (b: Uint8Array, at: number): number =>
  (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!

export const set16 = (b: Uint8Array, at: number, value: number): void => {
  b[at] = value >>> 8
  b[at + 1] = value
}

export const set32 = (b: Uint8Array, at: number, value: number): void => {
  b[at] = value >>> 24
  b[at + 1] = value >>> 16
  b[at + 2] = value >>> 8
  b[at + 3] = value
}

/** Unsigned. */
export const get24 = (b: Uint8Array, at: number): number => (b[at]! << 16) | (b[at + 1]! << 8) | b[at + 2]!

export const set24 = (b: Uint8Array, at: number, value: number): void => {
  b[at] = value >>> 16
  b[at + 1] = value >>> 8
  b[at + 2] = value
}
