import type { Random } from '../../src/sim/random.js'
import type { Packet } from './actions.js'
import {
  arpPacket,
  frameOf,
  ipPacket,
  mend,
  OWN_MAC,
  OWN4,
  PEER_MAC,
  PEER_TEXT,
  SYN,
  tcpSegment,
  udpDatagram,
} from './bytes.js'
import { fragmentOf } from './others.js'
import { HOSTS, type Host, LISTENERS } from './places.js'

/** Many packets of one kind at once: what is kept for each of them must be little, and for all of them bounded. */

const syn = (random: Random, host: Host, port: number): Packet => {
  const options = [2, 4, 5, 0xb4, 4, 2]
  const segment = tcpSegment(random.integer(5000, 65535), port, random.next32(), 0, SYN, 65535, options, NONE)
  return { bytes: mend(ipPacket(host.bytes, host.own, 6, segment)), frame: false }
}

const NONE = new Uint8Array(0)

export function flood(random: Random, kind: 'ip' | 'ethernet'): Packet[] {
  const host = random.pick(HOSTS)
  const port = random.pick(LISTENERS)[1]!
  const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))
  switch (random.integer(0, 4)) {
    case 0:
      return times(40, () => syn(random, host, port))
    case 1: {
      // Datagrams that are never completed.
      const first = random.integer(0, 1000)
      return times(80, i =>
        fragmentOf(host, 17, PEER_TEXT.subarray(0, 64), 64 * random.integer(0, 9), true, first + i),
      )
    }
    case 2: {
      // One datagram in very many pieces.
      const id = random.integer(1000, 2000)
      return times(80, i => fragmentOf(host, 17, PEER_TEXT.subarray(0, 8), 8 * (2 * i + 1), true, id))
    }
    case 3: {
      // Large pieces.
      const first = random.integer(2000, 3000)
      return times(30, i => fragmentOf(host, 17, PEER_TEXT.subarray(0, 60_000), 0, true, first + i))
    }
    default:
      if (kind === 'ip')
        // To a closed port: errors are limited.
        return times(150, () => {
          const datagram = udpDatagram(4000, 9, PEER_TEXT.subarray(0, random.integer(0, 100)))
          return { bytes: mend(ipPacket(host.bytes, host.own, 17, datagram)), frame: false }
        })
      return times(200, () => {
        const sender = Uint8Array.of(10, 0, 0, random.integer(20, 250))
        const arp = arpPacket(1, PEER_MAC, sender, OWN_MAC, OWN4)
        return { bytes: frameOf(OWN_MAC, PEER_MAC, 0x0806, arp), frame: true }
      })
  }
}
