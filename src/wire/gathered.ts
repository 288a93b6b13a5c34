const NONE = new Uint8Array(0)

/** Bytes where they lie, in several pieces: piece `i` is `chunks[i][from[i] .. from[i] + lengths[i])`. Used again for the next. */
export class Gathered {
  /** Pieces, and bytes in all of them. */
  count = 0
  length = 0
  readonly chunks: Uint8Array[] = []
  readonly from: number[] = []
  readonly lengths: number[] = []

  /** Nobody's bytes are held on to. */
  clear(): void {
    for (let i = 0; i < this.count; i++) this.chunks[i] = NONE
    this.count = this.length = 0
  }

  add(chunk: Uint8Array, from: number, length: number): void {
    const i = this.count++
    this.chunks[i] = chunk
    this.from[i] = from
    this.lengths[i] = length
    this.length += length
  }
}
