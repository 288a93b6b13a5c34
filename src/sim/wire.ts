import type { Link, LinkReceiver } from '../stack/link.js'
import type { Conditions } from './conditions.js'
import { type DeliveryTrace, meanRate, TraceLine } from './delivery-trace.js'
import { hasRoom } from './droptail.js'
import { Fifo, type Waiting } from './fifo.js'
import { InFlight } from './in-flight.js'
import { GilbertElliott, type GilbertElliottOptions } from './loss.js'
import { describe, type PacketInfo } from './packet.js'
import { type Aqm, makeQueue, type Queue, type QueueEvents } from './queue.js'
import type { Random } from './random.js'
import { copyOf } from './slab.js'

export type { Conditions } from './conditions.js'

export type Fate = 'delivered' | 'lost' | 'duplicated' | 'corrupted'

/** What an interceptor wants done with a packet. */
export type Verdict =
  | 'pass'
  /** Lost before the line: it takes up no time of it. */
  | 'drop'
  /** Lost behind the line: for everything else it is as if it had arrived. */
  | 'lose'
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

const NO_REPEATS: readonly number[] = []

/**
 * One direction of a cable: a queue, a line, and everything that can go wrong behind it. A line of constant rate whose
 * queue only drops what it has no room for is worked out when a packet is sent; one with active queue management, or
 * one that follows a trace, is served packet by packet.
 */
export class Wire {
  receiver: LinkReceiver | undefined
  tap: WireTap | undefined
  /** False when the plug is pulled: everything is lost. */
  connected = true
  private readonly interceptors: Interceptor[] = []
  private lineFreeAt = 0
  private lastArrival = 0
  /** What is on its way and will arrive in the order in which it was sent. */
  private readonly inOrder = new InFlight()
  private arriving = false
  /** What something else overtakes, or will, by the instant at which it arrives. */
  private readonly outOfOrder = new Map<number, Uint8Array[]>()
  private readonly fifo = new Fifo()
  private queue: Queue | undefined
  private queuedUnder: { aqm: Aqm | undefined; limit: number; rate: number } | undefined
  private line: TraceLine | undefined
  private lineTrace: DeliveryTrace | undefined
  private bursts: GilbertElliott | undefined
  private burstsUnder: GilbertElliottOptions | undefined
  /** When the next packet leaves the queue, if that is settled. */
  private serveAt = -1
  private readonly laidAt: number
  /** Packets given to `send`, and those that did not arrive: `dropped` by the queue, and lost for any reason. */
  sent = 0
  dropped = 0
  lost = 0
  /** Packets on which the queue marked congestion. */
  marked = 0
  /** Bytes that went over the line. */
  carried = 0

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    public conditions: Conditions,
  ) {
    this.laidAt = clock.now()
  }

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

  /** Bytes that wait for the line. */
  get backlog(): number {
    const { rate, trace } = this.conditions
    const busy = trace || !rate ? 0 : Math.max(0, this.lineFreeAt - this.clock.now()) * (rate / 8000)
    return this.fifo.bytes + busy
  }

  /** Takes a packet, which is the wire's from now on. */
  send(bytes: Uint8Array): void {
    const c = this.conditions
    this.sent++
    const now = this.clock.now()
    let held = 0
    let repeats = NO_REPEATS
    let packet = bytes
    if (this.interceptors.length > 0) {
      for (const interceptor of [...this.interceptors]) {
        const verdict = interceptor(describe(packet))
        if (verdict === 'pass') continue
        if (verdict === 'drop') return this.lose(packet, now)
        if (verdict === 'lose') held = Number.POSITIVE_INFINITY
        else if ('hold' in verdict) held += verdict.hold
        else if ('repeat' in verdict) repeats = [...repeats, verdict.repeat]
        else packet = verdict.change
      }
    }
    if (!this.connected) return this.lose(packet, now)
    if (c.trace || (c.aqm && c.rate) || this.fifo.length > 0)
      return this.wait({ bytes: packet, at: now, held, repeats })
    const start = Math.max(now, this.lineFreeAt)
    if (
      c.rate &&
      c.queue !== undefined &&
      !hasRoom(((start - now) * c.rate) / 8000, packet.length, c.queue)
    ) {
      this.dropped++
      return this.lose(packet, now)
    }
    this.lineFreeAt = start + (c.rate ? (packet.length * 8000) / c.rate : 0)
    this.travel(packet, now, this.lineFreeAt, held, repeats)
  }

  // ---- the queue ----

  private wait(packet: Waiting): void {
    const queue = this.currentQueue()
    if (!queue.enqueue(packet, packet.at)) {
      this.dropped++
      return this.lose(packet.bytes, packet.at)
    }
    if (this.serveAt < 0) this.settleNext(Math.max(packet.at, this.lineFreeAt))
  }

  /** The line can take a packet from `from` on. */
  private settleNext(from: number): void {
    const { trace } = this.conditions
    this.serveAt = trace ? this.currentLine(trace).ready(from) : from
    if (this.serveAt <= this.clock.now()) this.serve()
    else this.clock.at(this.serveAt, this.serve)
  }

  /**
   * Gives the line what waits. It goes by the times that were settled, not by when the clock happens to call, so that
   * a late timer costs no rate.
   */
  private readonly serve = (): void => {
    do {
      const at = Math.max(this.serveAt, this.fifo.head?.at ?? 0)
      this.serveAt = -1
      const packet = this.currentQueue().dequeue(at)
      if (!packet) return
      const { trace, rate } = this.conditions
      const { length } = packet.bytes
      this.lineFreeAt = trace
        ? this.currentLine(trace).transmit(at, length)
        : at + (rate ? (length * 8000) / rate : 0)
      this.travel(packet.bytes, packet.at, this.lineFreeAt, packet.held, packet.repeats)
      if (this.fifo.length === 0) return
      this.serveAt = trace ? this.currentLine(trace).ready(this.lineFreeAt) : this.lineFreeAt
    } while (this.serveAt <= this.clock.now())
    this.clock.at(this.serveAt, this.serve)
  }

  /** The queue that the conditions ask for; what waits already stays where it is. */
  private currentQueue(): Queue {
    const { aqm, queue: limit = Number.POSITIVE_INFINITY, trace } = this.conditions
    const rate = trace ? meanRate(trace) : (this.conditions.rate ?? Number.POSITIVE_INFINITY)
    const under = this.queuedUnder
    if (!this.queue || !under || under.aqm !== aqm || under.limit !== limit || under.rate !== rate) {
      this.queue = makeQueue(aqm, this.fifo, limit, rate, this.random, this.queueEvents)
      this.queuedUnder = { aqm, limit, rate }
    }
    return this.queue
  }

  private currentLine(trace: DeliveryTrace): TraceLine {
    if (!this.line || this.lineTrace !== trace) {
      this.line = new TraceLine(trace, this.laidAt)
      this.lineTrace = trace
    }
    return this.line
  }

  private readonly queueEvents: QueueEvents = {
    dropped: packet => {
      this.dropped++
      this.lose(packet.bytes, packet.at)
    },
    marked: () => {
      this.marked++
    },
  }

  // ---- behind the line ----

  /** What was sent at `sentAt` leaves the line at `leftAt`. */
  private travel(
    packet: Uint8Array,
    sentAt: number,
    leftAt: number,
    held: number,
    repeats: readonly number[],
  ): void {
    const { random, conditions: c } = this
    this.carried += packet.length
    if (random.chance(c.loss ?? 0) || (c.bursts && this.currentBursts(c.bursts).isLost(random)))
      return this.lose(packet, sentAt)
    let place = leftAt + (c.delay ?? 0)
    if (c.jitter) place += random.next() * c.jitter
    const overtaken = random.chance(c.reorder ?? 0)
    const keepsOrder = !overtaken && held === 0
    if (overtaken) place += c.reorderDelay ?? Math.max(1, (c.delay ?? 0) / 2)
    // What is held back still has its place in the order: those behind it come no sooner for that.
    else place = this.lastArrival = Math.max(place, this.lastArrival)
    const arrival = place + held
    const broken = random.chance(c.corrupt ?? 0) ? flipBit(packet, random) : undefined
    if (arrival === Number.POSITIVE_INFINITY) {
      // Drawn all the same, so that the packets behind it fare as they would have.
      random.chance(c.duplicate ?? 0)
      return this.lose(packet, sentAt)
    }
    this.tap?.(broken ?? packet, broken ? 'corrupted' : 'delivered', sentAt, arrival)
    this.schedule(broken ?? packet, arrival, keepsOrder)
    // A copy is one of what was sent: what befalls the one does not befall the other.
    if (random.chance(c.duplicate ?? 0)) repeats = [...repeats, 0]
    for (const later of repeats) {
      this.tap?.(packet, 'duplicated', sentAt, arrival + later)
      this.schedule(packet, arrival + later, keepsOrder && later === 0)
    }
  }

  private currentBursts(options: GilbertElliottOptions): GilbertElliott {
    if (!this.bursts || this.burstsUnder !== options) {
      this.bursts = new GilbertElliott(options)
      this.burstsUnder = options
    }
    return this.bursts
  }

  private lose(bytes: Uint8Array, sentAt: number): void {
    this.lost++
    this.tap?.(bytes, 'lost', sentAt, Number.NaN)
  }

  private schedule(bytes: Uint8Array, at: number, keepsOrder: boolean): void {
    if (keepsOrder) {
      // Only the first of those in order is an event: there may be thousands on a long line.
      this.inOrder.push(bytes, at)
      if (this.inOrder.length === 1 && !this.arriving) this.clock.at(at, this.arrive)
      return
    }
    const batch = this.outOfOrder.get(at)
    if (batch) {
      batch.push(bytes)
      return
    }
    this.outOfOrder.set(at, [bytes])
    this.clock.at(at, () => {
      const due = this.outOfOrder.get(at)!
      this.outOfOrder.delete(at)
      const { receiver } = this
      if (!receiver || !this.connected) return
      for (const packet of due) receiver.packet(packet, 0, packet.length)
      receiver.batchEnd()
    })
  }

  /**
   * The first in order arrive. Packets that arrive at the same instant are one batch; so are those that a timer of
   * real time, which comes late, finds due.
   */
  private readonly arrive = (): void => {
    const { inOrder } = this
    const at = Math.max(inOrder.next, this.clock.now())
    const receiver = this.connected ? this.receiver : undefined
    this.arriving = true
    try {
      // What arrives may make others be sent, but none of this batch.
      for (let left = inOrder.length; left > 0 && inOrder.next <= at; left--) {
        const packet = inOrder.shift()
        receiver?.packet(packet, 0, packet.length)
      }
    } finally {
      this.arriving = false
      if (inOrder.length > 0) this.clock.at(inOrder.next, this.arrive)
    }
    receiver?.batchEnd()
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
    this.out.send(copyOf(bytes, offset, length))
    return true
  }

  /** Sends a packet without copying it: it is the wire's from now on. */
  give(bytes: Uint8Array): void {
    if (!this.closed) this.out.send(bytes)
  }

  close(): void {
    this.closed = true
    this.into.receiver = undefined
  }
}
