import { TunError } from './tun-error.js'

export function checkAddress(mode: 'tun' | 'tap', address: Uint8Array | undefined): void {
  if (address === undefined) return
  if (mode === 'tun') throw new TunError('EINVAL', 'A tun has no hardware address; a tap has.')
  if (address.length !== 6 || (address[0] & 1) === 1 || address.every(byte => byte === 0)) {
    throw new TunError('EINVAL', `${formatAddress(address)} is not the hardware address of one station.`)
  }
}

/** This stack's address on the wire of a tap. The kernel's would make two stations with one address. */
export function stationAddress(asked: Uint8Array | undefined, kernel: Uint8Array, name: string): Uint8Array {
  if (asked !== undefined) {
    if (Buffer.compare(asked, kernel) !== 0) return asked.slice()
    throw new TunError(
      'EINVAL',
      `${formatAddress(asked)} is the kernel's own address on '${name}'; this stack needs another one.`,
    )
  }
  const address = new Uint8Array(6)
  do {
    crypto.getRandomValues(address)
    address[0] = (address[0] & 0xfc) | 2
  } while (Buffer.compare(address, kernel) === 0)
  return address
}

function formatAddress(address: Uint8Array): string {
  return Array.from(address, byte => byte.toString(16).padStart(2, '0')).join(':')
}
