/** One write, as a stream hands it on. */
export interface Chunk {
  chunk: Uint8Array | string
  encoding: BufferEncoding
}

/**
 * The bytes of a write, as a buffer that nobody else holds. The stack keeps what it is given until it is acknowledged
 * and must find it unchanged, while a program may use its buffer again as soon as its callback is called; and that
 * cannot wait for the acknowledgment, or a stream, which has one write under way at a time, would send one chunk per
 * round trip. So buffers are copied: one `memcpy`, small beside the one into packets and the two checksums. Many
 * small writes become one buffer, and small buffers come from Node's pool. A string needs no copy: encoding makes it
 * bytes of our own.
 */
export function own(chunks: readonly Chunk[]): Uint8Array {
  const [first] = chunks
  if (chunks.length === 1 && first)
    return typeof first.chunk === 'string'
      ? Buffer.from(first.chunk, first.encoding)
      : Buffer.from(first.chunk)
  return Buffer.concat(chunks.map(bytesOf))
}

/** The bytes of a chunk, the user's own if it is no text. */
export const bytesOf = ({ chunk, encoding }: Chunk): Uint8Array =>
  typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk

export const byteLength = ({ chunk, encoding }: Chunk): number =>
  typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
