import { constants as fsConstants, openSync } from 'node:fs'
import { getSystemErrorName } from 'node:util'
import { TunError } from './tun-error.js'
import { ifreq, readHardware } from './tun-interface.js'
import type { Libc } from './tun-libc.js'

const TUNSETIFF = 0x400454ca
const IFF_TUN = 1
const IFF_TAP = 2
const IFF_MULTI_QUEUE = 0x100
const IFF_NO_PI = 0x1000
const IFF_VNET_HDR = 0x4000
const ARPHRD_ETHER = 1
const ARPHRD_NONE = 65_534

export function checkName(name: string): void {
  const length = Buffer.byteLength(name)
  if (length > 15) {
    throw new TunError('ENAMETOOLONG', `The interface name '${name}' has ${length} bytes; Linux allows 15.`)
  }
  if (/[\s/:\0]/.test(name) || name === '.' || name === '..') {
    throw new TunError('EINVAL', `'${name}' cannot name an interface: no spaces, '/' or ':'.`)
  }
}

export function openDevice(): number {
  try {
    return openSync('/dev/net/tun', fsConstants.O_RDWR | fsConstants.O_NONBLOCK)
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENODEV' || code === 'ENXIO') {
      throw new TunError(
        code,
        'There is no /dev/net/tun: the kernel has no tun driver loaded. Run `sudo modprobe tun`; in a ' +
          'container, start it with `--device /dev/net/tun`.',
        { cause: error },
      )
    }
    if (code === 'EACCES' || code === 'EPERM') {
      throw new TunError(
        code,
        'Not allowed to open /dev/net/tun: its mode is stricter than usual, or a sandbox forbids it. Run as ' +
          'root, or `sudo chmod 0666 /dev/net/tun` (the usual mode; interfaces have permissions of their own). ' +
          'A user namespace (`unshare -Urn`) does not help here.',
        { cause: error },
      )
    }
    throw new TunError(code, `Cannot open /dev/net/tun: ${message}`, { cause: error })
  }
}

/** How a device is to be: see `TunOptions`. */
interface Manner {
  mode: 'tun' | 'tap'
  /** Packets have virtio's header in front of them. */
  header: boolean
  multiQueue: boolean
}

/** Makes the interface or attaches to it, or to one more queue of it; returns its name. */
export function bindInterface(libc: Libc, fd: number, name: string, manner: Manner): string {
  const { mode, header, multiQueue } = manner
  const request = ifreq(name)
  new Uint16Array(request.buffer)[8] =
    (mode === 'tap' ? IFF_TAP : IFF_TUN) |
    IFF_NO_PI |
    (header ? IFF_VNET_HDR : 0) |
    (multiQueue ? IFF_MULTI_QUEUE : 0)
  if (libc.ioctl(fd, TUNSETIFF, request) >= 0) {
    return Buffer.from(request.buffer, 0, request.indexOf(0)).toString()
  }
  const code = getSystemErrorName(-libc.errno())
  const shown = name === '' ? mode : name
  switch (code) {
    case 'EPERM':
      throw new TunError(
        code,
        `Not allowed to open the ${mode} interface '${shown}': it needs CAP_NET_ADMIN, or an interface ` +
          'that is yours. Three ways:\n' +
          '  run as root;\n' +
          '  run in a network namespace of your own, where you are root: `unshare -Urn`;\n' +
          '  make the interface once, for your user: ' +
          `\`sudo ip tuntap add dev ${name === '' ? `${mode}0` : name} mode ${mode} user $USER\`, ` +
          'and give its name.',
      )
    case 'EBUSY':
      throw new TunError(
        code,
        `The ${mode} interface '${shown}' is already open, in this process or another: only one at a time ` +
          'can have it. Close it there, or take another name. `sudo lsof /dev/net/tun` shows who has ' +
          'devices open.',
      )
    case 'E2BIG':
      throw new TunError(
        code,
        `The ${mode} interface '${shown}' has as many queues open as the kernel allows, 256: open fewer.`,
      )
    case 'EINVAL':
      throw otherMode(libc, shown, manner)
    default:
      throw new TunError(code, `Cannot open the ${mode} interface '${shown}' (TUNSETIFF): ${code}`)
  }
}

function otherMode(libc: Libc, name: string, { mode, multiQueue }: Manner): TunError {
  let type: number | undefined
  try {
    type = readHardware(libc, name).type
  } catch {
    return new TunError('EINVAL', `The kernel refuses the ${mode} interface name '${name}'.`)
  }
  const look = `\`ip -d link show dev ${name}\` shows what it is.`
  const is =
    mode === 'tun' && type === ARPHRD_ETHER
      ? "is an Ethernet interface: if it is a tap, open it with mode 'tap'"
      : mode === 'tap' && type === ARPHRD_NONE
        ? "is not an Ethernet interface: if it is a tun, open it with mode 'tun'"
        : multiQueue
          ? `is not a ${mode}, or was made for one queue: open it without multiQueue, or make it with ` +
            `\`ip tuntap add dev ${name} mode ${mode} multi_queue\``
          : `is not a ${mode}, or was made with multi_queue: then open it with multiQueue`
  return new TunError('ERR_TUN_MODE', `The interface '${name}' exists and ${is}. ${look}`)
}
