/** Who and what there is in a fuzzed world: few enough tuples that they are met again. */
import { bytesOf, OWN4, OWN6 } from './bytes.js'

export interface Host {
  text: string
  bytes: Uint8Array
  own: Uint8Array
  version: 4 | 6
}

const host = (text: string): Host => {
  const bytes = bytesOf(text)
  return { text, bytes, own: bytes.length === 4 ? OWN4 : OWN6, version: bytes.length === 4 ? 4 : 6 }
}

/** On the link, and behind the gateways. */
export const HOSTS = ['10.0.0.2', '10.0.0.3', '192.0.2.7', 'fd00::2', '2001:db8::7'].map(host)
export const HOSTS4 = HOSTS.filter(h => h.version === 4)
/** Who can be asked for his station address. */
export const NEIGHBOURS = ['10.0.0.2', '10.0.0.3', '10.0.0.254', 'fd00::2', 'fd00::fe'].map(bytesOf)

/** Everybody is taken at once; a short queue with cookies, and Fast Open; a short queue without; one address only, and Fast Open. */
export const LISTENERS: readonly (readonly [string, ...number[]])[] = [
  ['*', 80, 0, 16, 1],
  ['*', 81, 3, 3, 1, 2],
  ['*', 82, 2, 2, 0],
  ['10.0.0.1', 83, 0, 4, 1, 4],
]
export const UDP_PORTS = [53, 54]

/** Addresses that a packet must not come from, or go to. */
export const ODD4 = [
  '0.0.0.0',
  '127.0.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '10.0.0.255',
  '10.0.0.1',
  '10.0.0.9',
].map(bytesOf)
export const ODD6 = [
  '::',
  '::1',
  'ff02::1',
  'ff02::1:ff00:1',
  '::ffff:10.0.0.2',
  'fd00::1',
  'fd00::9',
  'fe80::2',
].map(bytesOf)
