/** Whose bytes were lent, and who can use them again. */
export interface Lender {
  /** Nobody reads the memory of `bytes` any more; the lender may write to all of it. */
  takeBack(bytes: Uint8Array): void
}
