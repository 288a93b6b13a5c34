import { closeSync } from 'node:fs'
import type { Link, LinkReceiver } from '../stack/link.js'
import { checkAddress, stationAddress } from './tun-address.js'
import { bindInterface, checkName, openDevice } from './tun-device.js'
import { TunError } from './tun-error.js'
import { readHardware, readMtu, setMtu } from './tun-interface.js'
import { EBADFD, EIO, getLibc, type Libc } from './tun-libc.js'
import { referencesChanged, type Source, unwatch, watch } from './tun-poller.js'

export { TunError }

/** Settings of `openTun()`. */
export interface TunOptions {
  /**
   * The interface to make or, if it exists, to attach to: at most 15 bytes. A name with `%d` takes the first
   * free number. Default: the kernel's choice, `tun0`, `tun1`, … or `tap0`, ….
   */
  name?: string | undefined
  /** 'tun' carries IP packets, 'tap' Ethernet frames. Default 'tun'. */
  mode?: 'tun' | 'tap' | undefined
  /** Sets the interface's MTU, in bytes; needs CAP_NET_ADMIN. Default: the MTU it has, 1500 if it is new. */
  mtu?: number | undefined
  /**
   * For a tap, this stack's own station address: 6 bytes, not a group address, not the kernel's address of
   * the interface. Default: a random locally administered one.
   */
  hardwareAddress?: Uint8Array | undefined
}

/** What a TunLink has carried since it was opened. */
export interface TunCounters {
  /** Packets, and their bytes, read from the kernel. */
  received: number
  receivedBytes: number
  /** Packets, and their bytes, the kernel took. */
  sent: number
  sentBytes: number
  /** Packets for which `send` returned false, whatever the cause. */
  sendDropped: number
  /** Of these, the ones dropped because the interface was down (EIO). */
  sendDown: number
}

/**
 * Opens a Linux TUN or TAP device. An attached one keeps the process alive, as an open socket does, until
 * `close` or `unref`. The interface goes away with the link, unless it was made persistent (`ip tuntap add`).
 *
 * Throws a TunError if that is not possible.
 */
export function openTun(options: TunOptions = {}): TunLink {
  if (process.platform !== 'linux') {
    throw new TunError(
      'ERR_NOT_LINUX',
      `TUN and TAP devices are opened through Linux's /dev/net/tun; this is ${process.platform}. Use another ` +
        'link here, or run this in a Linux virtual machine.',
    )
  }
  const { name = '', mode = 'tun' } = options
  checkName(name)
  checkAddress(mode, options.hardwareAddress)
  const libc = getLibc()
  const fd = openDevice()
  try {
    const actual = bindInterface(libc, fd, name, mode)
    if (options.mtu !== undefined) setMtu(libc, actual, options.mtu)
    const kernelAddress = mode === 'tap' ? readHardware(libc, actual).address : undefined
    const address = kernelAddress && stationAddress(options.hardwareAddress, kernelAddress, actual)
    return new TunLink(libc, fd, actual, mode, readMtu(libc, actual), address, kernelAddress)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** The most packets read in one burst, before `batchEnd` and a turn of the event loop for everyone else. */
const BURST = 64

/** No packet is longer: the largest MTU, 65,535, an Ethernet header and a VLAN tag. */
const LONGEST_PACKET = 65_535 + 18

/** An open TUN or TAP device, made by `openTun()`. */
export class TunLink implements Link {
  readonly kind: 'ip' | 'ethernet'
  readonly mode: 'tun' | 'tap'
  /** The interface's name, as the kernel chose or completed it. */
  readonly name: string
  /** The interface's MTU in bytes, as it was when it was opened. */
  readonly mtu: number
  /** For a tap, this stack's station address. */
  readonly hardwareAddress?: Uint8Array
  /** For a tap, the kernel's station address on the same wire, as it was when it was opened. */
  readonly kernelHardwareAddress?: Uint8Array
  readonly counters: TunCounters = {
    received: 0,
    receivedBytes: 0,
    sent: 0,
    sentBytes: 0,
    sendDropped: 0,
    sendDown: 0,
  }
  readonly #libc: Libc
  readonly #buffer = new Uint8Array(LONGEST_PACKET)
  readonly #source: Source
  #receiver: LinkReceiver | undefined
  #closed = false
  /**
   * The part of the stack's buffer sent last: it mostly sends from the same place, and a new view costs 50
   * ns.
   */
  #lastBytes: Uint8Array | undefined
  #lastOffset = 0
  #lastView: Uint8Array | undefined

  /** Links are made by `openTun()`. */
  constructor(
    libc: Libc,
    fd: number,
    name: string,
    mode: 'tun' | 'tap',
    mtu: number,
    hardwareAddress: Uint8Array | undefined,
    kernelHardwareAddress: Uint8Array | undefined,
  ) {
    this.#libc = libc
    this.#source = { fd, referenced: true, drain: () => this.#drain() }
    this.kind = mode === 'tap' ? 'ethernet' : 'ip'
    this.mode = mode
    this.name = name
    this.mtu = mtu
    if (hardwareAddress !== undefined) this.hardwareAddress = hardwareAddress
    if (kernelHardwareAddress !== undefined) this.kernelHardwareAddress = kernelHardwareAddress
  }

  /** True once the link was closed, by `close` or because its interface went away. */
  get closed(): boolean {
    return this.#closed
  }

  /** Throws a TunError if the link is attached already or closed. */
  attach(receiver: LinkReceiver): void {
    if (this.#closed) throw new TunError('EBADF', `${this.name} is closed`)
    if (this.#receiver !== undefined) throw new TunError('EINVAL', `${this.name} is attached already`)
    watch(this.#libc, this.#source)
    this.#receiver = receiver
  }

  send(bytes: Uint8Array, offset: number, length: number): boolean {
    const counters = this.counters
    if (this.#closed) {
      counters.sendDropped++
      return false
    }
    let view = bytes
    if (offset !== 0) {
      if (bytes !== this.#lastBytes || offset !== this.#lastOffset) {
        this.#lastBytes = bytes
        this.#lastOffset = offset
        this.#lastView = bytes.subarray(offset)
      }
      view = this.#lastView as Uint8Array
    }
    // The kernel would read on behind the end of the buffer.
    if (length > view.length) throw new RangeError('send: the packet ends behind its buffer')
    if (this.#libc.write(this.#source.fd, view, length) < 0) {
      if (this.#libc.errno() === EIO) counters.sendDown++
      counters.sendDropped++
      return false
    }
    counters.sent++
    counters.sentBytes += length
    return true
  }

  /** Also removes the interface, unless it is persistent. It is gone when this returns. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#receiver !== undefined) unwatch(this.#source)
    this.#receiver = undefined
    this.#lastBytes = this.#lastView = undefined
    closeSync(this.#source.fd)
  }

  /** Keeps the process alive while the link is open and attached (the default). */
  ref(): this {
    this.#source.referenced = true
    referencesChanged()
    return this
  }

  /** Lets the process end, within about 50 ms, when nothing but unreferenced links is left. */
  unref(): this {
    this.#source.referenced = false
    referencesChanged()
    return this
  }

  hasRef(): boolean {
    return this.#source.referenced
  }

  /** Reads one burst. Returns true if there may be more. */
  #drain(): boolean {
    const { fd } = this.#source
    const { counters } = this
    const receiver = this.#receiver as LinkReceiver
    let count = 0
    let gone = false
    try {
      while (count < BURST) {
        const length = this.#libc.read(fd, this.#buffer, LONGEST_PACKET)
        if (length < 0) {
          const errno = this.#libc.errno()
          gone = errno === EBADFD || errno === EIO
          break
        }
        count++
        counters.received++
        counters.receivedBytes += length
        receiver.packet(this.#buffer, 0, length)
        if (this.#closed) break
      }
    } finally {
      if (count > 0 && !this.#closed) receiver.batchEnd()
    }
    if (gone && !this.#closed) this.#gone(receiver)
    return count === BURST && !this.#closed
  }

  /** Someone deleted the interface. */
  #gone(receiver: LinkReceiver): void {
    this.close()
    receiver.failed(
      new TunError('ENODEV', `The interface ${this.name} was deleted while it was open. Open it again.`),
    )
  }
}
