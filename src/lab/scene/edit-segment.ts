import { get16, get32, set16, set32 } from '../../wire/bytes.js'
import { finish, sum } from '../../wire/checksum.js'
import { IpView, PROTO_TCP, parseIp, pseudoSumOf } from '../../wire/ip.js'
import type { FlagName } from '../../wire/tcp.js'
import type { Edit } from './scene.js'

/** Bits of the flags, from the least significant; AE stands in the octet before the others. */
const BITS: readonly FlagName[] = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE']

/** A copy of a packet with some fields of its TCP header changed, and the checksum made right; unchanged if it is no TCP. */
export function editSegment(packet: Uint8Array, edit: Edit): Uint8Array {
  const copy = packet.slice()
  const ip = new IpView()
  if (parseIp(ip, copy, 0, copy.length) || ip.protocol !== PROTO_TCP || ip.payloadLength < 20) return copy
  const at = ip.payloadOffset
  if (edit.seq !== undefined) set32(copy, at + 4, edit.seq | 0)
  if (edit.ack !== undefined) set32(copy, at + 8, edit.ack | 0)
  if (edit.flags !== undefined) {
    const bits = edit.flags.reduce((all, name) => all | (1 << BITS.indexOf(name)), 0)
    copy[at + 12] = (copy[at + 12]! & 0xfe) | (bits >>> 8)
    copy[at + 13] = bits & 0xff
  }
  if (edit.window !== undefined) set16(copy, at + 14, edit.window)
  set16(copy, at + 16, 0)
  set16(copy, at + 16, finish(pseudoSumOf(ip, PROTO_TCP, ip.payloadLength) + sum(copy, at, ip.payloadLength)))
  return copy
}

/** The fields that can be edited, as a packet has them. */
export function fieldsOf(packet: Uint8Array): Required<Edit> | undefined {
  const ip = new IpView()
  if (parseIp(ip, packet, 0, packet.length) || ip.protocol !== PROTO_TCP || ip.payloadLength < 20)
    return undefined
  const at = ip.payloadOffset
  const bits = packet[at + 13]! | ((packet[at + 12]! & 1) << 8)
  return {
    seq: get32(packet, at + 4) >>> 0,
    ack: get32(packet, at + 8) >>> 0,
    flags: BITS.filter((_, i) => bits & (1 << i)),
    window: get16(packet, at + 14),
  }
}

/** A copy with a bit of its checksum flipped: what it says can still be read, and is not believed. */
export function corrupted(packet: Uint8Array): Uint8Array {
  const copy = packet.slice()
  const ip = new IpView()
  const isTcp = !parseIp(ip, copy, 0, copy.length) && ip.protocol === PROTO_TCP && ip.payloadLength >= 20
  copy[isTcp ? ip.payloadOffset + 17 : copy.length - 1]! ^= 1
  return copy
}
