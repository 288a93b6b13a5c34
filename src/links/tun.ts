import { closeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import type { Link, LinkReceiver } from '../stack/link.js'
import type { Gathered } from '../wire/gathered.js'
import type { Lender } from '../wire/lender.js'
import { checkAddress, stationAddress } from './tun-address.js'
import { bindInterface, checkName, openDevice } from './tun-device.js'
import { TunError } from './tun-error.js'
import { canGather, GatheringWriter } from './tun-gather.js'
import { readHardware, readMtu, setMtu } from './tun-interface.js'
import { EBADFD, EIO, getLibc, type Libc } from './tun-libc.js'
import { watchInLoop } from './tun-loop.js'
import {
  isVouched,
  MOST_PAYLOAD,
  OFFLOAD_HEADER,
  segmentSizeOf,
  setOffload,
  writeOffload,
} from './tun-offload.js'
import { type Source, type Watch, watch } from './tun-poller.js'

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
  /**
   * Whether the link exchanges segments with the kernel that are not cut up yet, and whose checksums are not complete: several
   * times as fast. A receiver that cannot take such, as a stack can, gets whole packets all the same. Default true, where
   * the kernel can do it.
   */
  offload?: boolean | undefined
  /**
   * How to learn that there is something to read. 'pool': from a thread of libuv's pool, by what Node and koffi document.
   * 'loop': from the event loop itself, through a function of koffi's that is not documented yet; a packet that finds the
   * program asleep is there some 15 µs sooner. Not in a worker: what koffi does there ends the process (SIGSEGV) when the
   * worker is ended. Default 'pool', whose threads (`UV_THREADPOOL_SIZE`, 4) all workers of a process share: each that has a
   * link takes one.
   */
  readiness?: 'pool' | 'loop' | undefined
  /**
   * Opens a queue of an interface that can have several, up to 256: each that opens the same name so has packets of its own.
   * The kernel puts what belongs to one flow into one queue, that through which the flow was last sent to in the last three
   * seconds, else one chosen by a hash (see docs/workers.md). All queues must have the same `offload`: that of an interface
   * is what was asked for last. Default false.
   */
  multiQueue?: boolean | undefined
}

/** What a TunLink has carried since it was opened. */
export interface TunCounters {
  /** Packets, and their bytes, read from the kernel; what it did not cut up counts as one. */
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
  if (options.readiness === 'loop' && !isMainThread)
    throw new TunError('ENOTSUP', "readiness 'loop' is for the main thread only; in a worker use 'pool'.")
  checkAddress(mode, options.hardwareAddress)
  const libc = getLibc()
  const fd = openDevice()
  try {
    const offload = options.offload ?? true
    const multiQueue = options.multiQueue ?? false
    const actual = bindInterface(libc, fd, name, { mode, header: offload, multiQueue })
    if (options.mtu !== undefined) setMtu(libc, actual, options.mtu)
    const kernelAddress = mode === 'tap' ? readHardware(libc, actual).address : undefined
    return new TunLink({
      libc,
      fd,
      name: actual,
      mode,
      mtu: readMtu(libc, actual),
      offload,
      watch: options.readiness === 'loop' ? watchInLoop : watch,
      hardwareAddress: kernelAddress && stationAddress(options.hardwareAddress, kernelAddress, actual),
      kernelHardwareAddress: kernelAddress,
    })
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/**
 * The most packets, and bytes, read in one burst, before `batchEnd` and a turn of the event loop for everyone else. What
 * came in one burst is acknowledged at once: a sender that waits for a whole window's acknowledgment stands still.
 */
const BURST = 256
const BURST_BYTES = 256 * 1024

/**
 * After so many bytes, in and out, in one turn the next packets are not far: instead of sleeping, which takes two
 * threads to be woken up, the device is looked at again for some turns of the event loop.
 */
const BULK = 32 * 1024
const EAGER_TURNS = 16

/** Buffers that wait to be used again, at most: two megabytes. */
const MOST_SPARE = 32

/** Without a VLAN tag. */
const ETHERNET_HEADER = 14

/** No packet is longer: the largest MTU, 65,535, an Ethernet header and a VLAN tag. */
const LONGEST_PACKET = 65_535 + ETHERNET_HEADER + 4

/** Where the IP header of what is read begins in its buffer: at a multiple of four, with room for the headers before it. */
const IP_AT = 32

/** What was opened. */
interface Device {
  libc: Libc
  fd: number
  name: string
  mode: 'tun' | 'tap'
  mtu: number
  offload: boolean
  watch: (libc: Libc, source: Source) => Watch
  hardwareAddress: Uint8Array | undefined
  kernelHardwareAddress: Uint8Array | undefined
}

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
  /** With offload: see `Link`. */
  readonly segmentation?: number
  readonly sendGathered?: NonNullable<Link['sendGathered']>
  readonly headroom: number
  readonly counters: TunCounters = {
    received: 0,
    receivedBytes: 0,
    sent: 0,
    sentBytes: 0,
    sendDropped: 0,
    sendDown: 0,
  }
  readonly #device: Device
  #watch: Watch | undefined
  /** What is read: packets begin at `packetAt`, and `reading` with the header of offload before it, if there is one. */
  #buffer!: Uint8Array
  #reading!: Uint8Array
  readonly #linkHeader: number
  readonly #packetAt: number
  /** Those that came back: warm, and no work for the collector. */
  readonly #spare: Uint8Array[] = []
  readonly #lender: Lender = {
    takeBack: bytes => {
      if (this.#spare.length < MOST_SPARE) this.#spare.push(new Uint8Array(bytes.buffer))
    },
  }
  readonly #source: Source
  #receiver: LinkReceiver | undefined
  /** Whoever is attached knows of offload. */
  #offloads = false
  #closed = false
  /** Turns in which it is looked at although there was nothing; bytes carried, and packets sent, until the last look. */
  #eager = 0
  #carried = 0
  #sent = 0
  /**
   * The part of the stack's buffer sent last: it mostly sends from the same place, and a new view costs 50
   * ns.
   */
  #lastBytes: Uint8Array | undefined
  #lastOffset = 0
  #lastView: Uint8Array | undefined

  /** Links are made by `openTun()`. */
  constructor(device: Device) {
    const { fd, offload, hardwareAddress, kernelHardwareAddress } = device
    this.#device = device
    this.#source = { fd, referenced: true, drain: () => this.#drain() }
    this.kind = device.mode === 'tap' ? 'ethernet' : 'ip'
    this.mode = device.mode
    this.name = device.name
    this.mtu = device.mtu
    this.headroom = offload ? OFFLOAD_HEADER : 0
    this.#linkHeader = device.mode === 'tap' ? ETHERNET_HEADER : 0
    this.#packetAt = IP_AT - this.#linkHeader
    this.#renew()
    if (offload) this.segmentation = MOST_PAYLOAD
    if (offload && device.mode === 'tun' && canGather(device.libc)) {
      const writer = new GatheringWriter(device.libc, fd)
      // With its parameters one by one: a list of them would be garbage.
      this.sendGathered = (bytes, offset, length, payload, segmentSize) =>
        this.#sendGathered(writer, bytes, offset, length, payload, segmentSize)
    }
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
    if (this.headroom > 0) {
      const wanted = receiver.offer !== undefined
      this.#offloads = setOffload(this.#device.libc, this.#source.fd, wanted) && wanted
    }
    this.#watch = this.#device.watch(this.#device.libc, this.#source)
    this.#receiver = receiver
  }

  send(bytes: Uint8Array, offset: number, length: number, segmentSize = 0): boolean {
    const { headroom } = this
    if (this.#closed) return this.#count(false, length)
    if (headroom > 0) {
      if (offset < headroom) return this.#sendCopy(bytes, offset, length, segmentSize)
      offset -= headroom
      length += headroom
      writeOffload(bytes, offset, segmentSize, this.#linkHeader)
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
    return this.#count(this.#device.libc.write(this.#source.fd, view, length) >= 0, length - headroom)
  }

  #sendGathered(
    writer: GatheringWriter,
    bytes: Uint8Array,
    offset: number,
    length: number,
    payload: Gathered,
    segmentSize: number,
  ): boolean {
    const { headroom } = this
    if (offset < headroom) throw new RangeError('sendGathered: no room for the header of offload')
    if (!this.#closed) writeOffload(bytes, offset - headroom, segmentSize)
    const taken = !this.#closed && writer.write(bytes, offset - headroom, length + headroom, payload) >= 0
    return this.#count(taken, length + payload.length)
  }

  /** `taken`: the kernel took a packet of `length` bytes. */
  #count(taken: boolean, length: number): boolean {
    const { counters } = this
    if (taken) {
      counters.sent++
      counters.sentBytes += length
    } else {
      if (!this.#closed && this.#device.libc.errno() === EIO) counters.sendDown++
      counters.sendDropped++
    }
    return taken
  }

  /** Of somebody who does not know that there is a header, and has left no room for it. */
  #sendCopy(bytes: Uint8Array, offset: number, length: number, segmentSize: number): boolean {
    if (offset + length > bytes.length) throw new RangeError('send: the packet ends behind its buffer')
    const copy = new Uint8Array(this.headroom + length)
    copy.set(bytes.subarray(offset, offset + length), this.headroom)
    return this.send(copy, this.headroom, length, segmentSize)
  }

  collect(): void {
    if (this.#receiver !== undefined) this.#drain()
  }

  /** Also removes the interface, unless it is persistent. It is gone when this returns. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#watch?.close()
    this.#watch = undefined
    this.#receiver = undefined
    this.#lastBytes = this.#lastView = undefined
    closeSync(this.#source.fd)
  }

  /** Keeps the process alive while the link is open and attached (the default). */
  ref(): this {
    this.#source.referenced = true
    this.#watch?.referencesChanged()
    return this
  }

  /** Lets the process end, within about 50 ms, when nothing but unreferenced links is left. */
  unref(): this {
    this.#source.referenced = false
    this.#watch?.referencesChanged()
    return this
  }

  hasRef(): boolean {
    return this.#source.referenced
  }

  /** Reads one burst. Returns true if there may be more. */
  #drain(): boolean {
    const { fd } = this.#source
    const { counters, headroom } = this
    const receiver = this.#receiver as LinkReceiver
    let count = 0
    let bytes = 0
    let ended = false
    let gone = false
    try {
      while (count < BURST && bytes < BURST_BYTES) {
        const length = this.#device.libc.read(fd, this.#reading, LONGEST_PACKET + headroom) - headroom
        if (length < 0) {
          const errno = this.#device.libc.errno()
          gone = errno === EBADFD || errno === EIO
          ended = true
          break
        }
        count++
        bytes += length
        if (!this.#offloads) receiver.packet(this.#buffer, this.#packetAt, length)
        else this.#offer(receiver, length)
        if (this.#closed) break
      }
    } finally {
      counters.received += count
      counters.receivedBytes += bytes
      if (count > 0 && !this.#closed) receiver.batchEnd()
    }
    if (gone && !this.#closed) this.#gone(receiver)
    if (this.#closed) return false
    if (!ended) return true
    const carried = counters.receivedBytes + counters.sentBytes
    if (carried - this.#carried >= BULK) this.#eager = EAGER_TURNS
    this.#carried = carried
    // Whoever shares the core with us has the answer ready, where what was sent was one.
    const answered = counters.sent !== this.#sent
    this.#sent = counters.sent
    return this.#eager-- > 0 || answered
  }

  /** Whoever reads what it carries has it without a copy; small packets are copied, and the buffer stays. */
  #offer(receiver: LinkReceiver, length: number): void {
    const header = this.#reading
    const vouched = isVouched(header, 0)
    const segmentSize = segmentSizeOf(header, 0)
    if (receiver.offer!(this.#buffer, this.#packetAt, length, vouched, this.#lender, segmentSize))
      this.#renew()
  }

  /** A buffer that was given back, or one that nobody has seen. */
  #renew(): void {
    this.#buffer = this.#spare.pop() ?? new Uint8Array(IP_AT + LONGEST_PACKET)
    this.#reading = this.#buffer.subarray(this.#packetAt - this.headroom)
  }

  /** Someone deleted the interface. */
  #gone(receiver: LinkReceiver): void {
    this.close()
    receiver.failed(
      new TunError('ENODEV', `The interface ${this.name} was deleted while it was open. Open it again.`),
    )
  }
}
