/**
 * Packets as the fuzzer makes them, from the RFCs' pictures and without the code under test: fast enough for a million,
 * and able to be wrong. Checksums are filled by `mend`, last, so that whatever was changed before can be made to pass.
 */
import { Random } from '../../src/sim/random.js'
import { IpAddress } from '../../src/wire/address.js'

export const FIN = 1
export const SYN = 2
export const RST = 4
export const PSH = 8
export const ACK = 16
export const URG = 32
export const ECE = 64
export const CWR = 128

export const get16 = (b: Uint8Array, at: number): number => (b[at]! << 8) | b[at + 1]!
export const get32 = (b: Uint8Array, at: number): number => (get16(b, at) << 16) | get16(b, at + 2)
export const set16 = (b: Uint8Array, at: number, n: number): void => {
  b[at] = n >>> 8
  b[at + 1] = n
}
export const set32 = (b: Uint8Array, at: number, n: number): void => {
  set16(b, at, n >>> 16)
  set16(b, at + 2, n)
}

/** The one's complement sum of RFC 1071, word by word; `start` is what was summed before. */
export function sum16(b: Uint8Array, at: number, length: number, start = 0): number {
  let sum = start
  const even = at + (length & ~1)
  for (let i = at; i < even; i += 2) sum += (b[i]! << 8) | b[i + 1]!
  if (length & 1) sum += b[even]! << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}

// ---- what both sides say ----

const TEXT = 1 << 16

/** Twice the same random bytes, so that any run of up to 64 KiB is one view. */
function text(seed: number): Uint8Array {
  const bytes = new Uint8Array(2 * TEXT)
  const half = bytes.subarray(0, TEXT)
  new Random(seed).fill(half)
  bytes.set(half, TEXT)
  return bytes
}

/** The stream of every peer, and that of every user of the stack: where a byte stands says what it is. */
export const PEER_TEXT = text(0x9e3)
export const OWN_TEXT = text(0x517)

/** At most 65,536 bytes of a stream, from `position` on (modulo 2^16). */
export const textAt = (stream: Uint8Array, position: number, length: number): Uint8Array =>
  stream.subarray(position & (TEXT - 1), (position & (TEXT - 1)) + length)

export const sameBytes = (
  a: Uint8Array,
  aAt: number,
  b: Uint8Array,
  bAt: number,
  length: number,
): boolean => {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false
  return true
}

// ---- addresses ----

export const addressBytes = (address: IpAddress): Uint8Array => {
  const bytes = new Uint8Array(address.byteLength)
  address.write(bytes, 0)
  return bytes
}
export const bytesOf = (address: string): Uint8Array => addressBytes(IpAddress.parse(address))

export const OWN_MAC = Uint8Array.of(2, 0, 0, 0, 0, 1)
export const PEER_MAC = Uint8Array.of(2, 0, 0, 0, 0, 2)
export const OWN4 = bytesOf('10.0.0.1')
export const OWN6 = bytesOf('fd00::1')

// ---- headers ----

export interface IpFields {
  ttl?: number
  tos?: number
  id?: number
  /** IPv4: the 16 bits of flags and fragment offset. */
  fragment?: number
  /** IPv4 options, already padded; IPv6 extension headers, the chain ending in `protocol`. */
  extra?: Uint8Array
  /** IPv6: the first next header, if `extra` begins with an extension header. */
  next?: number
}

/** An IP packet of the version that the addresses are of, checksums not filled. */
export function ipPacket(
  src: Uint8Array,
  dst: Uint8Array,
  protocol: number,
  payload: Uint8Array,
  f: IpFields = {},
): Uint8Array {
  const extra = f.extra?.length ?? 0
  if (src.length === 4) {
    const b = new Uint8Array(20 + extra + payload.length)
    b[0] = 0x40 | ((20 + extra) >>> 2)
    b[1] = f.tos ?? 0
    set16(b, 2, b.length)
    set16(b, 4, f.id ?? 0)
    set16(b, 6, f.fragment ?? 0x4000)
    b[8] = f.ttl ?? 64
    b[9] = protocol
    b.set(src, 12)
    b.set(dst, 16)
    if (f.extra) b.set(f.extra, 20)
    b.set(payload, 20 + extra)
    return b
  }
  const b = new Uint8Array(40 + extra + payload.length)
  set32(b, 0, (6 << 28) | ((f.tos ?? 0) << 20))
  set16(b, 4, extra + payload.length)
  b[6] = f.next ?? protocol
  b[7] = f.ttl ?? 64
  b.set(src, 8)
  b.set(dst, 24)
  if (f.extra) b.set(f.extra, 40)
  b.set(payload, 40 + extra)
  return b
}

/** A TCP segment, checksum not filled. `options` is padded with NOPs. */
export function tcpSegment(
  srcPort: number,
  dstPort: number,
  seq: number,
  ack: number,
  flags: number,
  window: number,
  options: readonly number[],
  payload: Uint8Array,
  urgent = 0,
): Uint8Array {
  const header = 20 + Math.min(40, (options.length + 3) & ~3)
  const b = new Uint8Array(header + payload.length)
  set16(b, 0, srcPort)
  set16(b, 2, dstPort)
  set32(b, 4, seq)
  set32(b, 8, ack)
  b[12] = (header >>> 2) << 4
  b[13] = flags
  set16(b, 14, window)
  set16(b, 18, urgent)
  b.fill(1, 20, header)
  for (let i = 0; i < options.length && i < 40; i++) b[20 + i] = options[i]!
  b.set(payload, header)
  return b
}

export function udpDatagram(srcPort: number, dstPort: number, payload: Uint8Array): Uint8Array {
  const b = new Uint8Array(8 + payload.length)
  set16(b, 0, srcPort)
  set16(b, 2, dstPort)
  set16(b, 4, b.length)
  b.set(payload, 8)
  return b
}

export function icmpMessage(type: number, code: number, rest: number, body: Uint8Array): Uint8Array {
  const b = new Uint8Array(8 + body.length)
  b[0] = type
  b[1] = code
  set32(b, 4, rest)
  b.set(body, 8)
  return b
}

export function arpPacket(
  operation: number,
  senderMac: Uint8Array,
  sender: Uint8Array,
  targetMac: Uint8Array,
  target: Uint8Array,
): Uint8Array {
  const b = new Uint8Array(28)
  b.set([0, 1, 8, 0, 6, 4, operation >>> 8, operation])
  b.set(senderMac, 8)
  b.set(sender, 14)
  b.set(targetMac, 18)
  b.set(target, 24)
  return b
}

export function frameOf(dst: Uint8Array, src: Uint8Array, type: number, payload: Uint8Array): Uint8Array {
  const b = new Uint8Array(14 + payload.length)
  b.set(dst)
  b.set(src, 6)
  set16(b, 12, type)
  b.set(payload, 14)
  return b
}

// ---- where things are ----

/** What `locate` found: where the upper protocol's bytes are. Overwritten by the next call. */
export const found = { protocol: 0, at: 0, length: 0, whole: false }

/** Finds the upper protocol of an IP packet, as far as it is well formed. False if it is not. */
export function locate(b: Uint8Array): boolean {
  if (b.length < 20) return false
  if (b[0]! >>> 4 === 4) return locate4(b, get16(b, 2))
  return b[0]! >>> 4 === 6 && b.length >= 40 && locate6(b, 40 + get16(b, 4))
}

/** The same in a quote, of which the end may be missing; and only where the upper protocol begins. */
export function locateQuoted(b: Uint8Array): boolean {
  if (b.length < 20) return false
  if (b[0]! >>> 4 === 4) return locate4(b, b.length) && (get16(b, 6) & 0x1fff) === 0
  return b[0]! >>> 4 === 6 && b.length >= 40 && locate6(b, b.length) && !isLaterFragment6(b)
}

function locate4(b: Uint8Array, total: number): boolean {
  const header = (b[0]! & 15) * 4
  if (header < 20 || total < header || total > b.length) return false
  found.protocol = b[9]!
  found.at = header
  found.length = total - header
  found.whole = (get16(b, 6) & 0x3fff) === 0
  return true
}

function locate6(b: Uint8Array, end: number): boolean {
  if (end > b.length) return false
  let next = b[6]!
  let at = 40
  found.whole = true
  for (let n = 0; n < 12 && (next === 0 || next === 43 || next === 44 || next === 60); n++) {
    if (at + 8 > end) return false
    if (next === 44 && get16(b, at + 2) & 0xfff9) {
      found.whole = false
      next = b[at]!
      at += 8
      break
    }
    const size = next === 44 ? 8 : (b[at + 1]! + 1) * 8
    if (at + size > end) return false
    next = b[at]!
    at += size
  }
  found.protocol = next
  found.at = at
  found.length = end - at
  return true
}

/** True if what `locate6` stopped at is a fragment that does not begin its packet. */
const isLaterFragment6 = (b: Uint8Array): boolean => !found.whole && (get16(b, found.at - 6) & 0xfff8) !== 0

const CHECKSUM_AT: Record<number, number> = { 1: 2, 6: 16, 17: 6, 58: 2 }

/** The sum over the pseudo-header of either version (RFC 9293 section 3.1, RFC 8200 section 8.1). */
export function pseudo16(b: Uint8Array, protocol: number, length: number): number {
  const addresses = b[0]! >>> 4 === 4 ? sum16(b, 12, 8) : sum16(b, 8, 32)
  return addresses + protocol + (length >>> 16) + (length & 0xffff)
}

/** Fills in every checksum that can be found. */
export function mend(b: Uint8Array): Uint8Array {
  if (!locate(b)) return b
  if (b[0]! >>> 4 === 4) {
    set16(b, 10, 0)
    set16(b, 10, ~sum16(b, 0, (b[0]! & 15) * 4))
  }
  const { protocol, at, length, whole } = found
  const field = CHECKSUM_AT[protocol]
  if (field === undefined || !whole || length < field + 2) return b
  set16(b, at + field, 0)
  const pseudo = protocol === 1 ? 0 : pseudo16(b, protocol, length)
  const checksum = ~sum16(b, at, length, pseudo) & 0xffff
  set16(b, at + field, checksum === 0 && protocol === 17 ? 0xffff : checksum)
  return b
}

/** True if every checksum that can be found is right. */
export function isMended(b: Uint8Array): boolean {
  if (!locate(b)) return false
  if (b[0]! >>> 4 === 4 && sum16(b, 0, (b[0]! & 15) * 4) !== 0xffff) return false
  const { protocol, at, length, whole } = found
  if (CHECKSUM_AT[protocol] === undefined || !whole) return true
  return sum16(b, at, length, protocol === 1 ? 0 : pseudo16(b, protocol, length)) === 0xffff
}
