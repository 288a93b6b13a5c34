import { getSystemErrorName } from 'node:util'
import { TunError } from './tun-error.js'
import type { Libc } from './tun-libc.js'

const SIOCGIFMTU = 0x8921
const SIOCSIFMTU = 0x8922
const SIOCGIFHWADDR = 0x8927

/**
 * struct ifreq: 16 bytes of name, then a union, 40 bytes in all. Numbers in it are in the machine's order.
 */
export function ifreq(name: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(40)
  request.set(Buffer.from(name))
  return request
}

/** Calls an ioctl of interfaces on a socket; throws a TunError that begins with `doing`. */
function interfaceIoctl(libc: Libc, request: number, argument: Uint8Array, doing: string): void {
  const socket = libc.socket()
  try {
    if (libc.ioctl(socket, request, argument) >= 0) return
    const code = getSystemErrorName(-libc.errno())
    const help = code === 'EPERM' ? '; this needs CAP_NET_ADMIN, as `sudo ip link set` does' : ''
    throw new TunError(code, `${doing}: ${code}${help}`)
  } finally {
    libc.close(socket)
  }
}

export function readMtu(libc: Libc, name: string): number {
  const request = ifreq(name)
  interfaceIoctl(libc, SIOCGIFMTU, request, `Cannot read the MTU of '${name}'`)
  return new Int32Array(request.buffer)[4]
}

export function setMtu(libc: Libc, name: string, mtu: number): void {
  const request = ifreq(name)
  new Int32Array(request.buffer)[4] = mtu
  interfaceIoctl(libc, SIOCSIFMTU, request, `Cannot set the MTU of '${name}' to ${mtu}`)
}

export function readHardware(libc: Libc, name: string): { type: number; address: Uint8Array } {
  const request = ifreq(name)
  interfaceIoctl(libc, SIOCGIFHWADDR, request, `Cannot read the hardware address of '${name}'`)
  return { type: new Uint16Array(request.buffer)[8], address: request.slice(18, 24) }
}
