import type { Link, LinkReceiver } from '../stack/link.js'

/** Settings of `memoryPair()`. */
export interface MemoryPairOptions {
  /** Largest IP packet, in bytes, 68 to 65,535. Default 1500. */
  mtu?: number | undefined
  /** What the links carry: IP packets or Ethernet frames. Default 'ip'. */
  kind?: 'ip' | 'ethernet' | undefined
  /** How many packets may wait in each direction, at least 1. Default 1024. */
  capacity?: number | undefined
  /** The two station addresses of an 'ethernet' pair. Default 02:00:00:00:00:01 and 02:00:00:00:00:02. */
  hardwareAddresses?: readonly [Uint8Array, Uint8Array] | undefined
}

/** What one end of a pair has carried, since it was made. */
export interface MemoryCounters {
  /** Packets, and their bytes, given to this end's receiver. */
  received: number
  receivedBytes: number
  /** Packets, and their bytes, the other end has room for and will get. */
  sent: number
  sentBytes: number
  /** Packets for which `send` returned false: the queue was full, the packet too long, or an end closed. */
  sendDropped: number
}

/** The most packets between two `batchEnd` calls. */
const BATCH = 64

/**
 * Microtask rounds in one turn of the event loop, for one end. Two stacks that answer each other in
 * microtasks would otherwise keep timers, I/O and rendering out for as long as they have something to say.
 */
const ROUNDS_PER_TURN = 16

/** Ethernet header with one VLAN tag, bytes. */
const ETHERNET_HEADER = 18

/** Below this many bytes, a loop copies faster than making a view and calling `set`. */
const SHORT = 48

/**
 * Two links joined by a cable in memory, for real time use in any JavaScript runtime: what one sends the
 * other receives, in order, later in the same turn of the event loop (in a microtask), in batches of at most
 * 64. Packets sent before the other end is attached wait for it.
 */
export function memoryPair(options: MemoryPairOptions = {}): [MemoryLink, MemoryLink] {
  const { mtu = 1500, kind = 'ip', capacity = 1024 } = options
  if (!Number.isInteger(mtu) || mtu < 68 || mtu > 65_535)
    throw new RangeError(`mtu ${mtu} is not 68 to 65535`)
  if (!Number.isInteger(capacity) || capacity < 1)
    throw new RangeError(`capacity ${capacity} is not 1 or more`)
  const addresses = options.hardwareAddresses ?? [station(1), station(2)]
  const toSecond = new Queue(mtu, kind, capacity)
  const toFirst = new Queue(mtu, kind, capacity)
  const ends = [
    new MemoryLink(kind, mtu, addresses[0], toFirst, toSecond),
    new MemoryLink(kind, mtu, addresses[1], toSecond, toFirst),
  ] as [MemoryLink, MemoryLink]
  return ends
}

/** One end of a pair made by `memoryPair()`. */
export class MemoryLink implements Link {
  readonly kind: 'ip' | 'ethernet'
  readonly mtu: number
  readonly hardwareAddress?: Uint8Array
  readonly counters: MemoryCounters = { received: 0, receivedBytes: 0, sent: 0, sentBytes: 0, sendDropped: 0 }
  readonly #inbox: Queue
  readonly #outbox: Queue

  /** Ends come in pairs: use `memoryPair()`. */
  constructor(kind: 'ip' | 'ethernet', mtu: number, address: Uint8Array, inbox: Queue, outbox: Queue) {
    this.kind = kind
    this.mtu = mtu
    if (kind === 'ethernet') {
      if (address.length !== 6) throw new RangeError('a hardware address has 6 bytes')
      this.hardwareAddress = address.slice()
    }
    this.#inbox = inbox
    this.#outbox = outbox
  }

  /** True once `close` was called. */
  get closed(): boolean {
    return this.#inbox.closed
  }

  /** Throws if it is attached already or closed. */
  attach(receiver: LinkReceiver): void {
    this.#inbox.open(receiver, this.counters)
  }

  send(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.#inbox.closed || !this.#outbox.push(bytes, offset, length)) {
      this.counters.sendDropped++
      return false
    }
    this.counters.sent++
    this.counters.sentBytes += length
    return true
  }

  /**
   * Also drops what waits for this end. The other end is not told, as by an unplugged cable: its sends fail.
   */
  close(): void {
    this.#inbox.close()
  }
}

/** One direction: a ring of packets, and their delivery. */
class Queue {
  closed = false
  readonly #longest: number
  readonly #ring: Uint8Array[]
  readonly #lengths: Uint32Array
  #head = 0
  #count = 0
  /** Buffers not in use, the last used on top, so that a short queue stays in the processor's cache. */
  readonly #free: Uint8Array[] = []
  #receiver: LinkReceiver | undefined
  #counters: MemoryCounters | undefined
  #scheduled = false
  #rounds = 0
  /** A macrotask is on its way that starts a new turn. */
  #turning = false
  readonly #deliver = () => this.#round()
  readonly #turn = () => this.#newTurn()

  constructor(mtu: number, kind: 'ip' | 'ethernet', capacity: number) {
    this.#longest = kind === 'ethernet' ? mtu + ETHERNET_HEADER : mtu
    this.#ring = new Array<Uint8Array>(capacity)
    this.#lengths = new Uint32Array(capacity)
  }

  open(receiver: LinkReceiver, counters: MemoryCounters): void {
    if (this.closed) throw new Error('the link is closed')
    if (this.#receiver !== undefined) throw new Error('the link is attached already')
    this.#receiver = receiver
    this.#counters = counters
    if (this.#count > 0) this.#schedule()
  }

  /** Copies one packet in; false if it does not fit. */
  push(bytes: Uint8Array, offset: number, length: number): boolean {
    const capacity = this.#ring.length
    if (this.#count === capacity || length > this.#longest || this.closed) return false
    const buffer = this.#free.pop() ?? new Uint8Array(this.#longest)
    if (length <= SHORT) for (let i = 0; i < length; i++) buffer[i] = bytes[offset + i]
    else buffer.set(bytes.subarray(offset, offset + length))
    let tail = this.#head + this.#count
    if (tail >= capacity) tail -= capacity
    this.#ring[tail] = buffer
    this.#lengths[tail] = length
    this.#count++
    if (!this.#scheduled && this.#receiver !== undefined) this.#schedule()
    return true
  }

  close(): void {
    this.closed = true
    this.#receiver = undefined
    this.#count = 0
    this.#free.length = 0
    this.#ring.fill(nothing)
  }

  #schedule(): void {
    this.#scheduled = true
    if (!this.#turning) {
      this.#turning = true
      macrotask(this.#turn)
    }
    if (this.#rounds < ROUNDS_PER_TURN) {
      this.#rounds++
      queueMicrotask(this.#deliver)
    }
  }

  #newTurn(): void {
    this.#turning = false
    this.#rounds = 0
    // No microtask is left when a macrotask starts, so whatever is still scheduled ran out of rounds.
    if (this.#scheduled) this.#round()
  }

  /** One batch. `scheduled` stays true in it: what comes in meanwhile is for this batch or the next one. */
  #round(): void {
    const receiver = this.#receiver
    const counters = this.#counters
    if (receiver === undefined || counters === undefined) {
      this.#scheduled = false
      return
    }
    let delivered = 0
    try {
      while (this.#count > 0 && delivered < BATCH) {
        const index = this.#head
        const buffer = this.#ring[index]
        const length = this.#lengths[index]
        this.#head = index + 1 === this.#ring.length ? 0 : index + 1
        this.#count--
        delivered++
        counters.received++
        counters.receivedBytes += length
        try {
          receiver.packet(buffer, 0, length)
        } finally {
          if (!this.closed) this.#free.push(buffer)
        }
      }
    } finally {
      try {
        if (delivered > 0 && !this.closed) receiver.batchEnd()
      } finally {
        this.#scheduled = false
        if (this.#count > 0) this.#schedule()
      }
    }
  }
}

const nothing = new Uint8Array(0)

function station(last: number): Uint8Array {
  return Uint8Array.of(2, 0, 0, 0, 0, last)
}

/** Node and Deno keep the process alive for a referenced port; browsers have no such thing. */
type Port = MessagePort & { ref?: () => void; unref?: () => void }

let channel: { readonly port1: Port; readonly port2: Port } | undefined
const messages: (() => void)[] = []

/** Runs `callback` in a macrotask of its own, as soon as the platform can. */
function macrotask(callback: () => void): void {
  const immediate = (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate
  if (immediate !== undefined) {
    immediate(callback)
  } else if (typeof MessageChannel !== 'undefined') {
    channel ??= openChannel()
    if (messages.push(callback) === 1) channel.port1.ref?.()
    channel.port2.postMessage(0)
  } else {
    setTimeout(callback, 0)
  }
}

function openChannel(): { port1: Port; port2: Port } {
  const opened: { port1: Port; port2: Port } = new MessageChannel()
  opened.port1.onmessage = () => {
    const callback = messages.shift()
    if (messages.length === 0) opened.port1.unref?.()
    callback?.()
  }
  return opened
}
