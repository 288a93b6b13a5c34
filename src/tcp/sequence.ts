/**
 * Sequence numbers (RFC 9293 section 3.4): 32-bit, compared modulo 2^32. They are int32 everywhere, sums end in
 * `| 0`, and no other file compares them with `<`.
 */

/** a < b */
export const lt = (a: number, b: number): boolean => ((a - b) | 0) < 0
/** a <= b */
export const le = (a: number, b: number): boolean => ((a - b) | 0) <= 0
/** a > b */
export const gt = (a: number, b: number): boolean => ((a - b) | 0) > 0
/** a >= b */
export const ge = (a: number, b: number): boolean => ((a - b) | 0) >= 0

/** How far `to` is ahead of `from`, in octets; negative if it is behind. */
export const distance = (from: number, to: number): number => (to - from) | 0

export const add = (seq: number, n: number): number => (seq + n) | 0

export const max = (a: number, b: number): number => (gt(a, b) ? a : b)
export const min = (a: number, b: number): number => (lt(a, b) ? a : b)
