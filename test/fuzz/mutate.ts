import type { Random } from '../../src/sim/random.js'
import { found, locate } from './bytes.js'

const INTERESTING = [0, 1, 2, 3, 4, 5, 6, 8, 17, 43, 44, 58, 59, 60, 127, 128, 254, 255]

/** Changes a packet a little, in place or in a copy: the mutations every fuzzer has. */
export function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  let b = bytes
  for (let n = random.integer(1, 4); n > 0 && b.length > 0; n--) {
    // Headers are where decisions are made.
    const at = random.integer(0, (random.chance(0.8) ? Math.min(b.length, 80) : b.length) - 1)
    switch (random.integer(0, 5)) {
      case 0:
        b[at]! ^= 1 << random.integer(0, 7)
        break
      case 1:
        b[at] = random.pick(INTERESTING)
        break
      case 2:
        b = b.slice(0, at)
        break
      case 3: {
        const longer = new Uint8Array(b.length + random.integer(1, 30))
        longer.set(b)
        b = longer
        break
      }
      case 4:
        b[at]! += random.integer(-2, 2)
        break
      default:
        b.copyWithin(at, random.integer(0, b.length - 1))
    }
  }
  return b
}

/** Spoils one bit behind the IP header: what every checksum finds. */
export function flipOneBit(random: Random, bytes: Uint8Array): Uint8Array {
  if (locate(bytes) && found.length > 0)
    bytes[found.at + random.integer(0, found.length - 1)]! ^= 1 << random.integer(0, 7)
  return bytes
}
