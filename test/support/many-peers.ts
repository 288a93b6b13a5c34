import { randomFillSync } from 'node:crypto'
import { type Environment, IpAddress, type Link, type LinkReceiver, Stack } from '../../src/stack/index.js'
import { get16, get32 } from '../../src/wire/bytes.js'
import { PROTO_TCP, pseudoSum } from '../../src/wire/ip.js'
import { writeIpv4 } from '../../src/wire/ipv4.js'
import { ACK, checksumTcp, FIN, PSH, SYN, TCP_HEADER, writeTcp } from '../../src/wire/tcp.js'

const OWN = IpAddress.parse('192.0.2.1')
const PORT = 80
/** Ports of one address: others are other hosts. */
const PORTS = 50_000
const FIRST_PORT = 10_000

/** Time that stands still until it is moved. */
export class StillTime implements Environment {
  time = 1000
  wake: (() => void) | undefined
  now(): number {
    return this.time
  }
  fillRandom(bytes: Uint8Array): void {
    randomFillSync(bytes)
  }
  wakeAt(_at: number, callback: () => void): void {
    this.wake = callback
  }
  cancelWake(): void {
    this.wake = undefined
  }
  reportError(error: unknown): void {
    throw error
  }
}

/**
 * The other ends of very many connections, without what a stack would keep of them: two numbers for each, in flat arrays
 * that are there from the beginning. So what a process grows by is what one end costs.
 */
export class Peers implements Link {
  readonly kind = 'ip'
  readonly mtu = 1500
  readonly env = new StillTime()
  readonly stack: Stack
  /** The number after the last that we have sent, and the next of its own. */
  private readonly next: Int32Array
  private readonly seq: Int32Array
  private receiver!: LinkReceiver
  private last = IpAddress.v4(0)
  private readonly packet = new Uint8Array(1500)
  /** Packets that the stack has sent. */
  heard = 0

  constructor(most: number) {
    this.next = new Int32Array(most)
    this.seq = new Int32Array(most).fill(1)
    this.stack = new Stack({
      env: this.env,
      maxTimeWait: most,
      limits: { connections: most, connectionsPerPeer: most },
    })
    this.stack.addInterface(this, { addresses: ['192.0.2.1/32'], gateways: [] })
    this.stack.addRoute('0.0.0.0/0', this.stack.interfaces.at(-1)!)
  }

  attach(receiver: LinkReceiver): void {
    this.receiver = receiver
  }

  close(): void {}

  send(bytes: Uint8Array, offset: number, length: number): boolean {
    this.heard++
    const i = (get32(bytes, offset + 16) - 0x0a000000) * PORTS + get16(bytes, offset + 22) - FIRST_PORT
    const flags = bytes[offset + 33]!
    const text = length - 20 - (bytes[offset + 32]! >>> 4) * 4
    this.next[i] = (get32(bytes, offset + 24) + text + (flags & (SYN | FIN) ? 1 : 0)) | 0
    return true
  }

  private remote(i: number): IpAddress {
    const word = 0x0a000000 + Math.floor(i / PORTS)
    if (this.last.w3 !== word) this.last = IpAddress.v4(word)
    return this.last
  }

  /** One segment of the i-th connection, with `length` bytes of text; `port` is ours. */
  give(i: number, flags: number, length = 0, port = PORT): void {
    const size = this.build(i, flags, length, port)
    this.seq[i] = (this.seq[i]! + length + (flags & (SYN | FIN) ? 1 : 0)) | 0
    this.receiver.packet(this.packet, 0, size)
  }

  /** The same, and nobody gets it. Returns its length in bytes. */
  build(i: number, flags: number, length: number, port = PORT): number {
    const address = this.remote(i)
    const from = FIRST_PORT + (i % PORTS)
    const b = this.packet
    const options = flags & SYN ? SYN_OPTIONS : TIMESTAMPS
    const segment = TCP_HEADER + options.length + length
    writeIpv4(b, 0, 20 + segment, PROTO_TCP, address, OWN, 0, 64, true)
    const ack = flags & ACK ? this.next[i]! : 0
    writeTcp(b, 20, from, port, this.seq[i]!, ack, flags, 0xffff, 0, options.length)
    b.set(options, 20 + TCP_HEADER)
    checksumTcp(b, 20, segment, pseudoSum(address, OWN, PROTO_TCP))
    return 20 + segment
  }

  endBatch(): void {
    this.receiver.batchEnd()
  }

  /** The i-th host opens a connection. */
  open(i: number): void {
    this.give(i, SYN)
    this.endBatch()
    this.give(i, ACK)
    this.endBatch()
  }

  /** The stack connects to the i-th host. */
  connect(i: number): void {
    const socket = this.stack.connect({ remote: this.remote(i), port: FIRST_PORT + (i % PORTS) })
    this.give(i, SYN | ACK, 0, socket.localPort)
    this.endBatch()
  }

  /** Text of the i-th connection, acknowledging everything. */
  data(i: number, length: number): void {
    this.give(i, ACK | PSH, length)
  }
}

/** MSS, SACK, timestamps, window scale; the layout of Linux. TSval 1, so that time never goes back. */
const SYN_OPTIONS = Uint8Array.of(2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7)
const TIMESTAMPS = Uint8Array.of(1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0)
