import type { Link, LinkReceiver } from '../../src/stack/link.js'
import { ge, le, lt } from '../../src/tcp/sequence.js'
import { IpAddress } from '../../src/wire/address.js'
import { ETHERNET_HEADER } from '../../src/wire/ethernet.js'
import { IpView, PROTO_TCP, parseIp } from '../../src/wire/ip.js'
import { type FlagName, flagNames, SegmentView } from '../../src/wire/tcp.js'
import { Signal } from './kernel-signal.js'

/** From the kernel to estab, or from estab to the kernel. */
export type Direction = 'in' | 'out'

/** A packet at the gate, as much of it as tests ask for; what is TCP's is empty for other protocols. */
export interface Packet {
  /** From the IP header on. On Ethernet what comes before that is in the same buffer. */
  readonly bytes: Uint8Array
  readonly version: 4 | 6
  readonly protocol: number
  readonly source: string
  readonly destination: string
  readonly isTcp: boolean
  readonly srcPort: number
  readonly dstPort: number
  readonly seq: number
  readonly ack: number
  readonly flags: readonly FlagName[]
  readonly window: number
  readonly mss: number
  readonly length: number
  /** The blocks of its SACK option. */
  readonly sack: readonly (readonly [start: number, end: number])[]
  /** With offload: the checksum is not complete, or known to be right; and the size of the segments it is to be cut into. */
  readonly vouched: boolean
  readonly segmentSize: number
}

export type Wanted = (packet: Packet) => boolean

export const isTcp: Wanted = p => p.isTcp
/** Segments with exactly these flags (PSH aside), in any order: `flagged('SYN')`, `flagged('FIN', 'ACK')`. */
export const flagged = (...flags: FlagName[]): Wanted => {
  const wanted = flags.toSorted().join()
  return p =>
    p.isTcp &&
    p.flags
      .filter(f => f !== 'PSH')
      .toSorted()
      .join() === wanted
}
/** Segments with this flag, whatever else they have. */
export const has = (flag: FlagName): Wanted => {
  return p => p.flags.includes(flag)
}
/** An acknowledgment and nothing else. */
export const isPureAck: Wanted = p => p.length === 0 && flagged('ACK')(p)

/** Its first SACK block is a D-SACK: it lies below the acknowledgment, or in the second block (RFC 2883 section 4). */
export const reportsDuplicate: Wanted = ({ ack, sack: [first, second] }) =>
  first !== undefined &&
  (lt(first[0], ack) || (second !== undefined && ge(first[0], second[0]) && le(first[1], second[1])))

type Interceptor = (packet: Packet) => boolean

/** Packets held back, in the order they came. */
export class Held {
  readonly packets: Packet[] = []
  readonly #signal: Signal
  readonly #stop: () => void
  readonly #pass: (packet: Packet) => void

  constructor(signal: Signal, stop: () => void, pass: (packet: Packet) => void) {
    this.#signal = signal
    this.#stop = stop
    this.#pass = pass
  }

  /** Resolves once `count` packets are held. */
  until(count = 1): Promise<void> {
    return this.#signal.until(
      () => this.packets.length >= count,
      () => `packets to hold: ${this.packets.length} of ${count}`,
    )
  }

  /** Lets go of the packets held, and of those to come. */
  release(): void {
    this.#stop()
    for (const packet of this.packets.splice(0)) this.#pass(packet)
  }

  /** Loses the packets held, and lets go of those to come. */
  lose(): void {
    this.#stop()
    this.packets.length = 0
  }
}

/** A link in front of another at which packets (no frames) can be watched, held back, lost and slipped in. */
export class Gate implements Link {
  readonly kind: 'ip' | 'ethernet'
  readonly mtu: number
  readonly hardwareAddress?: Uint8Array
  readonly headroom?: number
  readonly segmentation?: number
  readonly signal = new Signal()
  readonly #link: Link
  #receiver: LinkReceiver | undefined
  /** Bytes in front of the IP header. */
  readonly #framing: number
  readonly #interceptors: Record<Direction, Interceptor[]> = { in: [], out: [] }

  /**
   * `mtu` is what the stack is told, if not the truth. With `offload` what passes is not cut up yet, where the link can.
   */
  constructor(link: Link, mtu = link.mtu, offload = false) {
    this.#link = link
    this.kind = link.kind
    this.mtu = mtu
    if (link.hardwareAddress) this.hardwareAddress = link.hardwareAddress
    this.#framing = link.kind === 'ethernet' ? ETHERNET_HEADER : 0
    if (offload) {
      const { headroom, segmentation } = link
      Object.assign(this, { headroom, segmentation })
    }
    link.attach({
      ...(offload && {
        offer: (bytes, offset, length, vouched, lender, segmentSize) => {
          const { in: interceptors } = this.#interceptors
          if (interceptors.length > 0 && this.#intercept('in', bytes, offset, length, vouched, segmentSize))
            return false
          return this.#receiver?.offer?.(bytes, offset, length, vouched, lender, segmentSize) ?? false
        },
      }),
      packet: (bytes, offset, length) => {
        if (this.#interceptors.in.length > 0 && this.#intercept('in', bytes, offset, length)) return
        this.#receiver?.packet(bytes, offset, length)
      },
      batchEnd: () => {
        this.#receiver?.batchEnd()
        this.signal.notify()
      },
      failed: error => this.#receiver?.failed(error),
    })
  }

  /** Unlike other links this one may be attached again: by the stack of a host that was booted anew. */
  attach(receiver: LinkReceiver): void {
    this.#receiver = receiver
  }

  send(bytes: Uint8Array, offset: number, length: number, segmentSize = 0): boolean {
    if (this.#interceptors.out.length > 0) {
      if (this.#intercept('out', bytes, offset, length, segmentSize > 0, segmentSize)) return true
    }
    return this.#link.send(bytes, offset, length, segmentSize)
  }

  collect(): void {
    this.#link.collect?.()
  }

  close(): void {
    this.#receiver = undefined
    this.#link.close()
  }

  /**
   * Shows packets to `interceptor`, which returns true to swallow one; the first that does has it. Returns what ends
   * this. It is called from inside the stack, so it must not call the stack.
   */
  intercept(direction: Direction, interceptor: Interceptor): () => void {
    const list = this.#interceptors[direction]
    list.push(interceptor)
    return () => {
      const index = list.indexOf(interceptor)
      if (index >= 0) list.splice(index, 1)
    }
  }

  /** Holds back every packet that is wanted: by default all TCP. */
  hold(direction: Direction, wanted: Wanted = isTcp): Held {
    const stop = this.intercept(direction, packet => {
      if (!wanted(packet)) return false
      held.packets.push(packet)
      this.signal.notify()
      return true
    })
    const held = new Held(this.signal, stop, packet => this.slip(direction, packet))
    return held
  }

  /** Loses the next `count` packets that are wanted; they are in the array returned. */
  lose(direction: Direction, wanted: Wanted = isTcp, count = Number.POSITIVE_INFINITY): Packet[] {
    const lost: Packet[] = []
    const stop = this.intercept(direction, packet => {
      if (!wanted(packet)) return false
      lost.push(packet)
      if (lost.length >= count) stop()
      this.signal.notify()
      return true
    })
    return lost
  }

  /** From now on, the packets that are wanted, as they pass. */
  watch(direction: Direction, wanted: Wanted = isTcp): Packet[] {
    const seen: Packet[] = []
    this.intercept(direction, packet => {
      if (!wanted(packet)) return false
      seen.push(packet)
      this.signal.notify()
      return false
    })
    return seen
  }

  /** Lets every packet that is wanted pass in another shape: `change` may write to its bytes. */
  alter(direction: Direction, wanted: Wanted, change: (packet: Packet) => void): void {
    this.intercept(direction, packet => {
      if (!wanted(packet)) return false
      change(packet)
      this.#forward(direction, packet)
      return true
    })
  }

  /** Sends a packet on its way as if it had come to the gate by itself. Not from inside the stack. */
  slip(direction: Direction, packet: Packet): void {
    this.#forward(direction, packet)
    if (direction === 'out') return
    this.#receiver?.batchEnd()
    this.signal.notify()
  }

  #forward(direction: Direction, packet: Packet): void {
    const { vouched, segmentSize } = packet
    const { buffer, byteOffset, byteLength } = packet.bytes
    const bytes = new Uint8Array(buffer, byteOffset - this.#framing, byteLength + this.#framing)
    const { length } = bytes
    if (direction === 'in') {
      if (this.segmentation) this.#receiver?.offer?.(bytes, 0, length, vouched, NOBODY, segmentSize)
      else this.#receiver?.packet(bytes, 0, length)
      return
    }
    const { headroom = 0 } = this
    const copy = new Uint8Array(headroom + length)
    copy.set(bytes, headroom)
    this.#link.send(copy, headroom, length, segmentSize)
  }

  #intercept(
    direction: Direction,
    bytes: Uint8Array,
    offset: number,
    length: number,
    vouched = false,
    segmentSize = 0,
  ): boolean {
    const packet = read(bytes.slice(offset, offset + length).subarray(this.#framing), vouched, segmentSize)
    return packet !== undefined && [...this.#interceptors[direction]].some(take => take(packet))
  }
}

const NOBODY = { takeBack: () => {} }
const view = new IpView()
const segment = new SegmentView()

/** Nothing, if it is no IP packet. */
export function read(bytes: Uint8Array, vouched = false, segmentSize = 0): Packet | undefined {
  if (parseIp(view, bytes, 0, bytes.length)) return undefined
  const tcp = view.protocol === PROTO_TCP && !view.isFragment && !segment.parse(view, vouched)
  return {
    bytes,
    version: view.version,
    protocol: view.protocol,
    source: IpAddress.fromWords(view.version, view.src0, view.src1, view.src2, view.src3).toString(),
    destination: IpAddress.fromWords(view.version, view.dst0, view.dst1, view.dst2, view.dst3).toString(),
    isTcp: tcp,
    srcPort: tcp ? segment.srcPort : 0,
    dstPort: tcp ? segment.dstPort : 0,
    seq: tcp ? segment.seq : 0,
    ack: tcp ? segment.ack : 0,
    flags: tcp ? flagNames(segment.flags) : [],
    window: tcp ? segment.window : 0,
    mss: tcp ? segment.mss : -1,
    length: tcp ? segment.payloadLength : 0,
    sack: tcp ? blocks(segment) : [],
    vouched,
    segmentSize,
  }
}

const blocks = ({ sackCount, sackEdges }: SegmentView) =>
  Array.from({ length: sackCount }, (_, i) => [sackEdges[2 * i], sackEdges[2 * i + 1]] as const)
