import type { IpAddress } from '../wire/address.js'
import type { Interface } from './interface.js'
import { TimerNode } from './wheel.js'

const MAX_ENTRIES = 1024
const MAX_QUEUED = 16
/** What is not cut up yet is large. */
const MAX_QUEUED_BYTES = 256 * 1024
/** RFC 4861 section 10: three solicitations, one a second; RFC 1122 section 2.3.2.1 allows ARP no more. */
export const SOLICIT_INTERVAL = 1000
export const SOLICIT_TRIES = 3
/** How long an answer is believed, in ms. */
const REACHABLE = 60_000

/** A packet that waits for its neighbour's address; `segmentSize` as in `Link.send`. */
export interface Waiting {
  readonly packet: Uint8Array
  readonly segmentSize: number
}

/** One neighbour on an Ethernet link: its station address, or the packets that wait for it. */
export class Neighbour extends TimerNode {
  mac: Uint8Array | undefined
  waiting: Waiting[] = []
  tries = 0
  freshUntil = 0

  constructor(
    readonly iface: Interface,
    readonly address: IpAddress,
  ) {
    super()
  }
}

/** The neighbours of one interface (RFC 826, RFC 4861 section 5.1). Bounded: the oldest goes first. */
export class NeighbourCache {
  private readonly entries = new Map<string, Neighbour>()

  constructor(private readonly iface: Interface) {}

  lookup(address: IpAddress): Neighbour | undefined {
    return this.entries.get(address.toString())
  }

  /** Finds or makes an entry; `evicted` is told of one that had to go. */
  ensure(address: IpAddress, evicted: (neighbour: Neighbour) => void): Neighbour {
    const key = address.toString()
    let entry = this.entries.get(key)
    if (!entry) {
      if (this.entries.size >= MAX_ENTRIES) {
        const [oldest, first] = this.entries.entries().next().value!
        this.entries.delete(oldest)
        evicted(first)
      }
      entry = new Neighbour(this.iface, address)
      this.entries.set(key, entry)
    }
    return entry
  }

  /** Keeps a copy of an IP packet until the address is known. False if too many wait already. */
  enqueue({ waiting }: Neighbour, packet: Uint8Array, segmentSize: number): boolean {
    const bytes = waiting.reduce((sum, { packet }) => sum + packet.length, packet.length)
    if (waiting.length >= MAX_QUEUED || bytes > MAX_QUEUED_BYTES) return false
    waiting.push({ packet: packet.slice(), segmentSize })
    return true
  }

  /** Learns an address; returns the packets that waited for it. */
  learn(entry: Neighbour, mac: Uint8Array, now: number): Waiting[] {
    entry.mac = mac
    entry.freshUntil = now + REACHABLE
    entry.tries = 0
    const waiting = entry.waiting
    entry.waiting = []
    return waiting
  }

  forget(entry: Neighbour): void {
    this.entries.delete(entry.address.toString())
  }
}
