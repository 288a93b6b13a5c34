import { createHash, randomBytes } from 'node:crypto'

export const KiB = 1024
export const MiB = 1024 * KiB

const PIECE = 64 * KiB

/** So many bytes to send, no two pieces alike, and their SHA-256. */
export class Content {
  readonly length: number
  readonly digest: string
  readonly #noise = randomBytes(PIECE)

  constructor(length: number) {
    this.length = length
    const hash = createHash('sha256')
    for (const piece of this.pieces()) hash.update(piece)
    this.digest = hash.digest('hex')
  }

  /** Each in a buffer of its own, to be kept. */
  *pieces(): Generator<Buffer> {
    for (let at = 0; at < this.length; at += PIECE) {
      const piece = Buffer.from(this.#noise)
      piece.writeUInt32BE(at / PIECE, (at / PIECE) % (PIECE - 4))
      yield piece.subarray(0, Math.min(PIECE, this.length - at))
    }
  }
}
