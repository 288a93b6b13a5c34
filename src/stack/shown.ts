import { get16, set16 } from '../wire/bytes.js'
import { finish, sum } from '../wire/checksum.js'
import { type IpView, PROTO_TCP, PROTO_UDP, pseudoSumOf } from '../wire/ip.js'
import { checksumTcp } from '../wire/tcp.js'
import type { Context } from './context.js'
import type { Interface } from './interface.js'
import type { Path } from './path.js'

/** Whoever watches sees packets as they are on the wire, with the checksums that the link completes. */

/** A packet that has come in, parsed if it could be. */
export function showArrived(
  { observer, now }: Context,
  iface: Interface,
  view: IpView,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  if (!observer?.packet) return
  const field = view.protocol === PROTO_TCP ? 16 : view.protocol === PROTO_UDP ? 6 : -1
  const at = view.payloadOffset + field
  if (view.vouched && field >= 0 && !view.isFragment && field + 2 <= view.payloadLength) {
    // Whether it was complete is not known: it is now.
    set16(bytes, at, 0)
    const { protocol, payloadOffset, payloadLength } = view
    const pseudo = pseudoSumOf(view, protocol, payloadLength)
    set16(bytes, at, finish(pseudo + sum(bytes, payloadOffset, payloadLength)))
  }
  observer.packet('in', iface, bytes, offset, length, now)
}

/** A packet that is about to go, in the interface's buffer. What the link is to cut up is shown in one piece. */
export function showSent(
  { observer, now }: Context,
  { iface, ipHeader, pseudo }: Path,
  length: number,
  segmentSize: number,
): void {
  if (!observer?.packet) return
  const { buffer, headroom } = iface
  const at = headroom + ipHeader + 16
  const partial = get16(buffer, at)
  if (segmentSize > 0) {
    set16(buffer, at, 0)
    checksumTcp(buffer, headroom + ipHeader, length - ipHeader, pseudo)
  }
  observer.packet('out', iface, buffer, headroom, length, now)
  set16(buffer, at, partial)
}
