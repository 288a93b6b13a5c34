import type { Link, LinkReceiver } from '../../src/stack/link.js'
import { Stack } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import { pseudoSum } from '../../src/wire/ip.js'
import { writeIpv4 } from '../../src/wire/ipv4.js'
import { writeIpv6 } from '../../src/wire/ipv6.js'
import { checksumTcp, SYN, TCP_HEADER, writeTcp } from '../../src/wire/tcp.js'

/** A stack that listens on port 80, alone on a link on which anything can be put. */
export function stackFrom(addresses: string[]) {
  const sent: Uint8Array[] = []
  let receiver!: LinkReceiver
  const link: Link = {
    kind: 'ip',
    mtu: 1500,
    attach: to => {
      receiver = to
    },
    send: (bytes, offset, length) => {
      sent.push(bytes.slice(offset, offset + length))
      return true
    },
    close: () => {},
  }
  const stack = new Stack({
    env: {
      now: () => 0,
      fillRandom: bytes => bytes.fill(7),
      wakeAt: () => {},
      cancelWake: () => {},
      reportError: error => {
        throw error
      },
    },
  })
  stack.addInterface(link, { addresses })
  stack.listen({ port: 80 })

  /** A SYN from anybody to anybody. */
  const syn = (from: string, to: string, port: number): void => {
    const [source, destination] = [IpAddress.parse(from), IpAddress.parse(to)]
    const ip = source.version === 4 ? 20 : 40
    const b = new Uint8Array(ip + TCP_HEADER)
    writeTcp(b, ip, 4000, port, 5000, 0, SYN, 65535, 0, 0)
    checksumTcp(b, ip, TCP_HEADER, pseudoSum(source, destination, 6))
    if (ip === 20) writeIpv4(b, 0, b.length, 6, source, destination, 0, 64, true)
    else writeIpv6(b, 0, TCP_HEADER, 6, source, destination, 0, 64)
    receiver.packet(b, 0, b.length)
    receiver.batchEnd()
  }
  return { stack, sent, syn }
}
