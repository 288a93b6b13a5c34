/**
 * SipHash-2-4 with a 128-bit key, 32 bits of output: the keyed function behind initial sequence numbers, ports,
 * timestamps, cookies and the connection table (RFC 6528, RFC 6056). 64-bit words are kept as two int32 halves.
 */
export class SipHash {
  private readonly k: Int32Array
  private upper = 0

  /** `key`: 16 secret bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError('a SipHash key has 16 bytes')
    const k = new Int32Array(4)
    for (let i = 0; i < 16; i++) k[i >> 2] = k[i >> 2]! | (key[i]! << ((i & 3) << 3))
    this.k = k
  }

  /**
   * The hash of `count` words of `words`, as int32; `high` then holds the other half.
   */
  hash(words: Int32Array, count = words.length): number {
    const k = this.k
    let v0l = 0x70736575 ^ k[0]!
    let v0h = 0x736f6d65 ^ k[1]!
    let v1l = 0x6e646f6d ^ k[2]!
    let v1h = 0x646f7261 ^ k[3]!
    let v2l = 0x6e657261 ^ k[0]!
    let v2h = 0x6c796765 ^ k[1]!
    let v3l = 0x79746573 ^ k[2]!
    let v3h = 0x74656462 ^ k[3]!
    const length = count << 2
    // Whole 64-bit words, then the last one with the length in its top byte, then finalization.
    const blocks = count >> 1
    for (let i = 0; i <= blocks + 4; i++) {
      let ml = 0
      let mh = 0
      let rounds = 2
      if (i < blocks) {
        ml = words[2 * i]!
        mh = words[2 * i + 1]!
      } else if (i === blocks) {
        ml = count & 1 ? words[count - 1]! : 0
        mh = (length & 255) << 24
      } else {
        if (i === blocks + 1) v2l ^= 0xff
        rounds = 1
      }
      v3l ^= ml
      v3h ^= mh
      for (let r = 0; r < rounds; r++) {
        // v0 += v1; v2 += v3
        let t = (v0l >>> 0) + (v1l >>> 0)
        v0h = (v0h + v1h + (t > 0xffffffff ? 1 : 0)) | 0
        v0l = t | 0
        t = (v2l >>> 0) + (v3l >>> 0)
        v2h = (v2h + v3h + (t > 0xffffffff ? 1 : 0)) | 0
        v2l = t | 0
        // v1 = rotl(v1, 13) ^ v0; v3 = rotl(v3, 16) ^ v2; v0 = rotl(v0, 32)
        let x = (v1l << 13) | (v1h >>> 19)
        let y = (v1h << 13) | (v1l >>> 19)
        v1l = x ^ v0l
        v1h = y ^ v0h
        x = (v3l << 16) | (v3h >>> 16)
        y = (v3h << 16) | (v3l >>> 16)
        v3l = x ^ v2l
        v3h = y ^ v2h
        x = v0l
        v0l = v0h
        v0h = x
        // v2 += v1; v0 += v3
        t = (v2l >>> 0) + (v1l >>> 0)
        v2h = (v2h + v1h + (t > 0xffffffff ? 1 : 0)) | 0
        v2l = t | 0
        t = (v0l >>> 0) + (v3l >>> 0)
        v0h = (v0h + v3h + (t > 0xffffffff ? 1 : 0)) | 0
        v0l = t | 0
        // v1 = rotl(v1, 17) ^ v2; v3 = rotl(v3, 21) ^ v0; v2 = rotl(v2, 32)
        x = (v1l << 17) | (v1h >>> 15)
        y = (v1h << 17) | (v1l >>> 15)
        v1l = x ^ v2l
        v1h = y ^ v2h
        x = (v3l << 21) | (v3h >>> 11)
        y = (v3h << 21) | (v3l >>> 11)
        v3l = x ^ v0l
        v3h = y ^ v0h
        x = v2l
        v2l = v2h
        v2h = x
      }
      v0l ^= ml
      v0h ^= mh
    }
    this.upper = v0h ^ v1h ^ v2h ^ v3h
    return v0l ^ v1l ^ v2l ^ v3l
  }

  /** The upper 32 bits of the last hash. */
  get high(): number {
    return this.upper
  }
}
