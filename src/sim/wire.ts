import type { Link, LinkReceiver } from '../stack/link.js'
import { describe, type PacketInfo } from './packet.js'
import type { Random } from './random.js'

/** What a path does to packets in one direction. Times in ms, rate in bits per second, probabilities 0 .. 1. */
export interface Conditions {
  /** One-way propagation delay. */
  delay?: number
  /** Uniform extra delay, 0 .. jitter; keeps the order unless `reorder` says otherwise. */
  jitter?: number
  rate?: number
  /** Bytes that may wait for the line; more is lost (drop-tail). */
  queue?: number
  loss?: number
  /** Probability that a packet is held back by `reorderDelay`, so that later ones overtake it. */
  reorder?: number
  reorderDelay?: number
  duplicate?: number
  /** Probability that one bit is flipped. */
  corrupt?: number
}

export type Fate = 'delivered' | 'lost' | 'duplicated' | 'corrupted'

/** What an interceptor wants done with a packet. */
export type Verdict =
  | 'pass'
  | 'drop'
  /** Delivered this many ms later than it would be. */
  | { hold: number }
  /** Delivered as usual, and a copy of it this many ms later. */
  | { repeat: number }
  /** Delivered with these bytes in its place. */
  | { change: Uint8Array }

export type Interceptor = (packet: PacketInfo) => Verdict

/** Told about each packet when it is sent, with what will become of it and when it arrives (NaN if it does not). */
export type WireTap = (bytes: Uint8Array, fate: Fate, sentAt: number, arrivesAt: number) => void

export interface Clock {
  now(): number
  at(time: number, run: () => void): void
}

/** One direction of a cable: a queue, a line with a rate, and everything that can go wrong on it. */
export class Wire {
  receiver: LinkReceiver | undefined
  tap: WireTap | undefined
  /** False when the plug is pulled: everything is lost. */
  connected = true
  private readonly interceptors: Interceptor[] = []
  private lineFreeAt = 0
  private lastArrival = 0
  /** What is on its way, by the instant at which it arrives. */
  private readonly waiting = new Map<number, Uint8Array[]>()
  sent = 0
  lost = 0

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    public conditions: Conditions,
  ) {}

  /** Adds an interceptor; returns a function that takes it away. */
  intercept(interceptor: Interceptor): () => void {
    this.interceptors.push(interceptor)
    return () => {
      const i = this.interceptors.indexOf(interceptor)
      if (i >= 0) this.interceptors.splice(i, 1)
    }
  }

  /**
   * Takes the `n`-th packet (counted from 1) that matches and does with it as `verdict` says.
   */
  nth(n: number, matches: (packet: PacketInfo) => boolean, verdict: Verdict): void {
    let seen = 0
    const remove = this.intercept(packet => {
      if (!matches(packet) || ++seen !== n) return 'pass'
      remove()
      return verdict
    })
  }

  send(bytes: Uint8Array): void {
    const { clock, random, conditions: c } = this
    this.sent++
    const now = clock.now()
    let held = 0
    const repeats: number[] = []
    let packet = bytes
    for (const interceptor of [...this.interceptors]) {
      const verdict = interceptor(describe(packet))
      if (verdict === 'pass') continue
      if (verdict === 'drop') return this.lose(packet, now)
      if ('hold' in verdict) held += verdict.hold
      else if ('repeat' in verdict) repeats.push(verdict.repeat)
      else packet = verdict.change
    }
    if (!this.connected) return this.lose(packet, now)
    const transmission = c.rate ? (packet.length * 8000) / c.rate : 0
    const start = Math.max(now, this.lineFreeAt)
    if (
      c.rate &&
      c.queue !== undefined &&
      ((start - now) * c.rate) / 8000 + packet.length > Math.max(c.queue, packet.length)
    )
      return this.lose(packet, now)
    this.lineFreeAt = start + transmission
    if (random.chance(c.loss ?? 0)) return this.lose(packet, now)
    let arrival = start + transmission + (c.delay ?? 0) + held
    if (c.jitter) arrival += random.next() * c.jitter
    const overtaken = random.chance(c.reorder ?? 0)
    if (overtaken) arrival += c.reorderDelay ?? Math.max(1, (c.delay ?? 0) / 2)
    else if (held === 0) {
      arrival = Math.max(arrival, this.lastArrival)
      this.lastArrival = arrival
    }
    if (random.chance(c.corrupt ?? 0)) {
      const broken = flipBit(packet, random)
      this.tap?.(broken, 'corrupted', now, arrival)
      this.schedule(broken, arrival)
    } else {
      this.tap?.(packet, 'delivered', now, arrival)
      this.schedule(packet, arrival)
    }
    // A copy is one of what was sent: what befalls the one does not befall the other.
    if (random.chance(c.duplicate ?? 0)) repeats.push(0)
    for (const later of repeats) {
      this.tap?.(packet, 'duplicated', now, arrival + later)
      this.schedule(packet, arrival + later)
    }
  }

  private lose(bytes: Uint8Array, now: number): void {
    this.lost++
    this.tap?.(bytes, 'lost', now, Number.NaN)
  }

  /** Packets that arrive at the same instant are one batch. */
  private schedule(bytes: Uint8Array, at: number): void {
    const batch = this.waiting.get(at)
    if (batch) {
      batch.push(bytes)
      return
    }
    this.waiting.set(at, [bytes])
    this.clock.at(at, () => this.deliver(at))
  }

  private deliver(at: number): void {
    const due = this.waiting.get(at)!
    this.waiting.delete(at)
    if (!this.receiver || !this.connected) return
    for (const bytes of due) this.receiver.packet(bytes, 0, bytes.length)
    this.receiver.batchEnd()
  }
}

function flipBit(packet: Uint8Array, random: Random): Uint8Array {
  const broken = packet.slice()
  const bit = random.integer(0, packet.length * 8 - 1)
  broken[bit >> 3]! ^= 1 << (bit & 7)
  return broken
}

/** One end of a cable, as a stack's link. */
export class WireLink implements Link {
  readonly kind = 'ip'
  private closed = false

  constructor(
    readonly mtu: number,
    private readonly out: Wire,
    private readonly into: Wire,
  ) {}

  attach(receiver: LinkReceiver): void {
    this.into.receiver = receiver
  }

  send(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.closed) return false
    this.out.send(bytes.slice(offset, offset + length))
    return true
  }

  close(): void {
    this.closed = true
    this.into.receiver = undefined
  }
}
