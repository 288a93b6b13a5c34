/**
 * Packets built byte by byte from the RFCs' pictures, without the code under test, so that wrong ones can be built
 * too; and a stack on a link that a test holds the other end of, in time that a test moves.
 */
import { Random } from '../../src/sim/random.js'
import type { Environment } from '../../src/stack/environment.js'
import type { Link, LinkReceiver } from '../../src/stack/link.js'
import { type InterfaceOptions, Stack, type StackOptions } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import { IpView, parseIp } from '../../src/wire/ip.js'
import { SegmentView } from '../../src/wire/tcp.js'

export const join = (...parts: ArrayLike<number>[]): Uint8Array =>
  Uint8Array.from(parts.flatMap(p => Array.from(p)))
export const be16 = (n: number): number[] => [(n >>> 8) & 255, n & 255]
export const be32 = (n: number): number[] => [...be16(n >>> 16), ...be16(n & 0xffff)]
export const counting = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 255)

export function ip(text: string): Uint8Array {
  const address = IpAddress.parse(text)
  const bytes = new Uint8Array(address.byteLength)
  address.write(bytes, 0)
  return bytes
}

/** RFC 1071 as its text says it, one 16-bit word after the other with the carry taken round at once. */
export function naiveChecksum(...parts: ArrayLike<number>[]): number {
  const bytes = join(...parts)
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) {
    sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0)
    if (sum > 65535) sum -= 65535
  }
  return 65535 - sum
}

/** The checksum over a pseudo-header of either version. */
export function upperChecksum(src: string, dst: string, protocol: number, bytes: Uint8Array): number {
  const [s, d] = [ip(src), ip(dst)]
  const rest =
    s.length === 4 ? [0, protocol, ...be16(bytes.length)] : [...be32(bytes.length), 0, 0, 0, protocol]
  return naiveChecksum(s, d, rest, bytes)
}

/** `bytes` with the right checksum, or that one, in the 16-bit field at `at`. */
function sealed(
  bytes: Uint8Array,
  at: number,
  checksum: number | undefined,
  right: () => number,
): Uint8Array {
  bytes.set(be16(checksum ?? right()), at)
  return bytes
}

export interface Ipv4Fields {
  src?: string
  dst?: string
  protocol?: number
  ttl?: number
  tos?: number
  id?: number
  dontFragment?: boolean
  more?: boolean
  /** In bytes. */
  offset?: number
  options?: ArrayLike<number>
  /** Lies. */
  version?: number
  ihl?: number
  totalLength?: number
  checksum?: number
}

/** The addresses of a test: the stack is the second, its peer the first. */
export const PEER4 = '10.0.0.2'
export const OWN4 = '10.0.0.1'
export const PEER6 = 'fd00::2'
export const OWN6 = 'fd00::1'

export function ipv4(fields: Ipv4Fields, payload: ArrayLike<number> = []): Uint8Array {
  const f = {
    src: PEER4,
    dst: OWN4,
    protocol: 253,
    ttl: 64,
    tos: 0,
    id: 0,
    offset: 0,
    options: [],
    version: 4,
    ...fields,
  }
  const header = 20 + f.options.length
  const flags = (f.dontFragment ? 0x4000 : 0) | (f.more ? 0x2000 : 0) | (f.offset >>> 3)
  const bytes = join(
    [(f.version << 4) | (f.ihl ?? header >>> 2), f.tos, ...be16(f.totalLength ?? header + payload.length)],
    [...be16(f.id), ...be16(flags), f.ttl, f.protocol, 0, 0],
    ip(f.src),
    ip(f.dst),
    f.options,
    payload,
  )
  const claimed = Math.min(bytes.length, Math.max(12, (bytes[0]! & 15) * 4))
  return sealed(bytes, 10, f.checksum, () => naiveChecksum(bytes.subarray(0, claimed)))
}

export interface Ipv6Fields {
  src?: string
  dst?: string
  next?: number
  hopLimit?: number
  trafficClass?: number
  flowLabel?: number
  payloadLength?: number
}

export function ipv6(fields: Ipv6Fields, payload: ArrayLike<number> = []): Uint8Array {
  const f = { src: PEER6, dst: OWN6, next: 253, hopLimit: 64, trafficClass: 0, flowLabel: 0, ...fields }
  return join(
    be32((6 << 28) | (f.trafficClass << 20) | f.flowLabel),
    [...be16(f.payloadLength ?? payload.length), f.next, f.hopLimit],
    ip(f.src),
    ip(f.dst),
    payload,
  )
}

/** A packet of the version that the addresses are of. */
export function packet(src: string, dst: string, protocol: number, payload: ArrayLike<number>): Uint8Array {
  return src.includes(':')
    ? ipv6({ src, dst, next: protocol }, payload)
    : ipv4({ src, dst, protocol }, payload)
}

export interface TcpFields {
  src?: string
  dst?: string
  srcPort?: number
  dstPort?: number
  seq?: number
  ack?: number
  flags?: number
  window?: number
  urgent?: number
  options?: ArrayLike<number>
  payload?: ArrayLike<number>
  dataOffset?: number
  checksum?: number
}

/** A segment without an IP header. */
export function tcp(fields: TcpFields = {}): Uint8Array {
  const f = {
    src: PEER4,
    dst: OWN4,
    srcPort: 4000,
    dstPort: 80,
    seq: 0,
    ack: 0,
    flags: 2,
    window: 65535,
    urgent: 0,
    ...fields,
  }
  const options = f.options ?? []
  const bytes = join(
    [...be16(f.srcPort), ...be16(f.dstPort), ...be32(f.seq), ...be32(f.ack)],
    [(f.dataOffset ?? (20 + options.length) >>> 2) << 4, f.flags, ...be16(f.window), 0, 0, ...be16(f.urgent)],
    options,
    f.payload ?? [],
  )
  return sealed(bytes, 16, f.checksum, () => upperChecksum(f.src, f.dst, 6, bytes))
}

export const tcpPacket = (fields: TcpFields = {}): Uint8Array =>
  packet(fields.src ?? PEER4, fields.dst ?? OWN4, 6, tcp(fields))

export interface UdpFields {
  src?: string
  dst?: string
  srcPort?: number
  dstPort?: number
  length?: number
  checksum?: number
}

export function udp(fields: UdpFields, payload: ArrayLike<number>): Uint8Array {
  const f = { src: PEER4, dst: OWN4, srcPort: 4000, dstPort: 53, ...fields }
  const ports = [...be16(f.srcPort), ...be16(f.dstPort)]
  const bytes = join(ports, be16(f.length ?? 8 + payload.length), [0, 0], payload)
  const claimed = bytes.subarray(0, f.length ?? bytes.length)
  return sealed(bytes, 6, f.checksum, () => upperChecksum(f.src, f.dst, 17, claimed) || 0xffff)
}

export const udpPacket = (fields: UdpFields, payload: ArrayLike<number>): Uint8Array =>
  packet(fields.src ?? PEER4, fields.dst ?? OWN4, 17, udp(fields, payload))

export function icmp4(type: number, code: number, rest: number, payload: ArrayLike<number> = []): Uint8Array {
  const bytes = join([type, code, 0, 0], be32(rest), payload)
  return sealed(bytes, 2, undefined, () => naiveChecksum(bytes))
}

export function icmp6(
  type: number,
  code: number,
  rest: number,
  payload: ArrayLike<number> = [],
  src = PEER6,
  dst = OWN6,
): Uint8Array {
  const bytes = join([type, code, 0, 0], be32(rest), payload)
  return sealed(bytes, 2, undefined, () => upperChecksum(src, dst, 58, bytes))
}

/** A neighbour solicitation (135) or advertisement (136), as a whole packet. */
export function ndp(
  type: 135 | 136,
  target: string,
  mac: ArrayLike<number> | undefined,
  fields: Ipv6Fields & { flags?: number; code?: number } = {},
): Uint8Array {
  const { src = PEER6, dst = OWN6, flags = 0, code = 0 } = fields
  const option = mac ? [type === 135 ? 1 : 2, 1, ...Array.from(mac)] : []
  const message = icmp6(type, code, flags, join(ip(target), option), src, dst)
  return ipv6({ hopLimit: 255, next: 58, ...fields }, message)
}

/** An IPv6 fragment header with its part behind it. `offset` in bytes. */
export const fragmentHeader = (next: number, offset: number, more: boolean, id: number): number[] => [
  next,
  0,
  ...be16(offset | (more ? 1 : 0)),
  ...be32(id),
]

export const arp = (
  operation: number,
  senderMac: ArrayLike<number>,
  sender: string,
  targetMac: ArrayLike<number>,
  target: string,
): Uint8Array => join([0, 1, 8, 0, 6, 4, ...be16(operation)], senderMac, ip(sender), targetMac, ip(target))

export const frame = (
  dst: ArrayLike<number>,
  src: ArrayLike<number>,
  type: number,
  payload: ArrayLike<number>,
): Uint8Array => join(dst, src, be16(type), payload)

// ---- a stack to send them to ----

/** Time and randomness that a test holds in its hands. */
export class FakeEnvironment implements Environment {
  time = 1000
  readonly errors: unknown[] = []
  private readonly random: Random
  private alarm: { at: number; callback: () => void } | undefined

  constructor(seed = 1) {
    this.random = new Random(seed)
  }

  now(): number {
    return this.time
  }

  fillRandom(bytes: Uint8Array): void {
    this.random.fill(bytes)
  }

  wakeAt(at: number, callback: () => void): void {
    this.alarm = { at, callback }
  }

  cancelWake(): void {
    this.alarm = undefined
  }

  reportError(error: unknown): void {
    this.errors.push(error)
  }

  /** Lets `ms` pass, with every alarm at its time. */
  pass(ms: number): void {
    const end = this.time + ms
    while (this.alarm && this.alarm.at <= end) {
      const { at, callback } = this.alarm
      this.alarm = undefined
      this.time = Math.max(this.time, at)
      callback()
    }
    this.time = end
  }
}

/** The test's end of a link. */
export class FakeLink implements Link {
  private receiver: LinkReceiver | undefined
  private sent: Uint8Array[] = []
  readonly hardwareAddress: Uint8Array

  constructor(
    readonly kind: 'ip' | 'ethernet',
    readonly mtu = 1500,
    hardwareAddress: ArrayLike<number> = OWN_MAC,
  ) {
    this.hardwareAddress = Uint8Array.from(hardwareAddress)
  }

  attach(receiver: LinkReceiver): void {
    this.receiver = receiver
  }

  send(bytes: Uint8Array, offset: number, length: number): boolean {
    this.sent.push(bytes.slice(offset, offset + length))
    return true
  }

  close(): void {
    this.receiver = undefined
  }

  /** Gives the stack packets, as one batch; each lies at an odd place among other bytes. Returns what it sent. */
  give(...packets: Uint8Array[]): Uint8Array[] {
    for (const bytes of packets) {
      const around = new Uint8Array(bytes.length + 9).fill(0xee)
      around.set(bytes, 3)
      this.receiver?.packet(around, 3, bytes.length)
      around.fill(0xdd)
    }
    this.receiver?.batchEnd()
    return this.take()
  }

  /** What the stack sent since the last time. */
  take(): Uint8Array[] {
    return this.sent.splice(0)
  }
}

export const OWN_MAC = [2, 0, 0, 0, 0, 1]
export const PEER_MAC = [2, 0, 0, 0, 0, 2]

export interface RigOptions extends Partial<StackOptions> {
  kind?: 'ip' | 'ethernet'
  mtu?: number
  seed?: number
  interface?: Partial<InterfaceOptions>
}

/** A stack with one interface, 10.0.0.1/24 and fd00::1/64 unless told otherwise. */
export function rig(options: RigOptions = {}): { stack: Stack; env: FakeEnvironment; link: FakeLink } {
  const env = new FakeEnvironment(options.seed)
  const stack = new Stack({ ...options, env })
  const link = new FakeLink(options.kind ?? 'ip', options.mtu)
  stack.addInterface(link, { addresses: [`${OWN4}/24`, `${OWN6}/64`], ...options.interface })
  return { stack, env, link }
}

/** The drops that were counted, without those that were not. */
export const drops = (stack: Stack): Record<string, number> =>
  Object.fromEntries(Object.entries(stack.counters.drops).filter(([, count]) => count > 0))

export interface ReadPacket {
  src: string
  dst: string
  protocol: number
  payload: Uint8Array
  view: IpView
}

/** Reads a packet that the stack sent; it must be well formed. */
export function read(bytes: Uint8Array): ReadPacket {
  const view = new IpView()
  const reason = parseIp(view, bytes, 0, bytes.length)
  if (reason || view.totalLength !== bytes.length)
    throw new Error(`the stack sent nonsense: ${reason ?? 'length'}`)
  return {
    src: IpAddress.fromWords(view.version, view.src0, view.src1, view.src2, view.src3).toString(),
    dst: IpAddress.fromWords(view.version, view.dst0, view.dst1, view.dst2, view.dst3).toString(),
    protocol: view.protocol,
    payload: bytes.slice(view.payloadOffset, view.payloadOffset + view.payloadLength),
    view,
  }
}

/** Reads a segment that the stack sent; its checksum must be right. */
export function readSegment(bytes: Uint8Array): SegmentView {
  const seg = new SegmentView()
  const reason = seg.parse(read(bytes).view)
  if (reason) throw new Error(`the stack sent nonsense: ${reason}`)
  return seg
}

/** A listener, and a connection that is open to it. */
export function openRig() {
  const r = rig()
  const listener = r.stack.listen({ port: 80 })
  const [synAck] = r.link.give(tcpPacket({ seq: 1000 }))
  const ack = (readSegment(synAck!).seq + 1) >>> 0
  r.link.give(tcpPacket({ seq: 1001, ack, flags: 16 }))
  const socket = listener.accept()!
  /** The next segment an honest peer would send. */
  const next = (payload: ArrayLike<number>, fields: object = {}) =>
    tcpPacket({ seq: socket.tcb.rcvNxt >>> 0, ack, flags: 16, payload, ...fields })
  return { ...r, socket, next, ack }
}
