import { closeSync, constants as fsConstants, openSync, readSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants as osConstants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import type { Link, LinkReceiver } from '../stack/link.js'

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
 * Why a TUN/TAP device could not be opened or configured. The message says what to do about it. `code` is the
 * name of the system's error (`EPERM`, `EBUSY`, `ENOENT`, `ENAMETOOLONG`, `ENODEV`, …) or one of
 * `ERR_NOT_LINUX`, `ERR_KOFFI_MISSING`, `ERR_TUN_MODE` (the interface is not of the mode asked for).
 */
export class TunError extends Error {
  override readonly name = 'TunError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
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
  const libc = (loadedLibc ??= loadLibc())
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
    poller?.referencesChanged()
    return this
  }

  /** Lets the process end, within about 50 ms, when nothing but unreferenced links is left. */
  unref(): this {
    this.#source.referenced = false
    poller?.referencesChanged()
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

// ------------------------------------------------------------------------------------------------- readiness

/** A device the poller watches. */
interface Source {
  readonly fd: number
  /** Whether it keeps the process alive. */
  referenced: boolean
  /** Reads one burst. Returns true if there may be more. */
  drain(): boolean
}

/** ms. Bounds what a worker's `terminate` waits for, which gives no notice that it comes. */
const LONGEST_WAIT = 500

/** ms. How often, when nothing is referenced, the process gets the chance to end. */
const UNREFERENCED_WAIT = 50

/** The poller of this thread, while any device is attached. */
let poller: Poller | undefined

function watch(libc: Libc, source: Source): void {
  poller ??= new Poller(libc, () => {
    poller = undefined
  })
  poller.add(source)
}

function unwatch(source: Source): void {
  poller?.remove(source)
}

/**
 * Waits for all attached devices with one `poll` on one thread of libuv's pool, however many they are: the
 * pool has four, and file and DNS calls need them too. The thread polls an epoll set rather than the devices,
 * since a device may be taken out of a set and closed while a thread polls the set, not while it polls the
 * device.
 */
class Poller {
  readonly #libc: Libc
  readonly #sources = new Set<Source>()
  readonly #released: () => void
  readonly #epoll: number
  /** An eventfd in the set: writing to it ends the wait. */
  readonly #bell: number
  readonly #pollfd: PollMemory
  #waiting = false
  #rung = false
  #immediate: NodeJS.Immediate | undefined
  #gap: NodeJS.Timeout | undefined
  #lastGap = 0
  readonly #onPoll = () => this.#polled()
  readonly #onTurn = () => this.#turn()
  readonly #onExit = () => this.#ring()

  constructor(libc: Libc, released: () => void) {
    this.#libc = libc
    this.#released = released
    this.#epoll = libc.epollCreate()
    try {
      this.#bell = libc.eventfd()
    } catch (error) {
      libc.close(this.#epoll)
      throw error
    }
    libc.epollAdd(this.#epoll, this.#bell)
    this.#pollfd = libc.pollMemory(this.#epoll)
    // The process does not end before the threads of the pool have returned.
    process.on('exit', this.#onExit)
  }

  add(source: Source): void {
    this.#libc.epollAdd(this.#epoll, source.fd)
    this.#sources.add(source)
    this.referencesChanged()
    this.#next(false)
  }

  remove(source: Source): void {
    this.#libc.epollDelete(this.#epoll, source.fd)
    this.#sources.delete(source)
    if (this.#sources.size > 0) this.referencesChanged()
    else if (this.#waiting) this.#ring()
    else this.#cutShort()
  }

  /** A device was added, removed, referenced or unreferenced: the wait under way may be of the wrong sort. */
  referencesChanged(): void {
    if (!this.#referenced()) this.#ring()
    else if (this.#gap !== undefined) this.#cutShort()
  }

  /** Ends a pause, without delivering packets inside the call that asks for it. */
  #cutShort(): void {
    if (this.#immediate === undefined && this.#gap === undefined) return
    this.#clearPause()
    this.#next(false)
  }

  #clearPause(): void {
    clearImmediate(this.#immediate)
    clearTimeout(this.#gap)
    this.#immediate = this.#gap = undefined
  }

  #referenced(): boolean {
    for (const source of this.#sources) if (source.referenced) return true
    return false
  }

  #ring(): void {
    if (this.#rung || !this.#waiting) return
    this.#rung = true
    writeSync(this.#bell, one)
  }

  #polled(): void {
    this.#waiting = false
    if (this.#rung) {
      this.#rung = false
      readSync(this.#bell, scratch)
    }
    this.#turn()
  }

  #turn(): void {
    this.#clearPause()
    let more = false
    for (const source of this.#sources) {
      try {
        more = source.drain() || more
      } catch (error) {
        // The other devices and the packets still waiting are not to suffer for it.
        more = true
        queueMicrotask(() => {
          throw error
        })
      }
    }
    this.#next(more)
  }

  #next(more: boolean): void {
    if (this.#waiting || this.#immediate !== undefined || this.#gap !== undefined) return
    if (this.#sources.size === 0) {
      this.#release()
      return
    }
    let wait = LONGEST_WAIT
    if (!this.#referenced()) {
      // A call on the pool keeps the event loop alive and cannot be unreferenced. A pause between two calls,
      // in which only an unreferenced timer is left, lets the loop end if nobody else needs it.
      const now = performance.now()
      wait = Math.ceil(this.#lastGap + UNREFERENCED_WAIT - now)
      if (wait <= 0) {
        this.#lastGap = now
        this.#gap = setTimeout(this.#onTurn, 1).unref()
        return
      }
    }
    if (more) {
      this.#immediate = setImmediate(this.#onTurn)
    } else {
      this.#libc.poll(this.#pollfd, wait, this.#onPoll)
      this.#waiting = true
    }
  }

  #release(): void {
    process.off('exit', this.#onExit)
    this.#pollfd.free()
    this.#libc.close(this.#bell)
    this.#libc.close(this.#epoll)
    this.#released()
  }
}

const one = new Uint8Array(new BigUint64Array([1n]).buffer)
const scratch = new Uint8Array(8)

// ------------------------------------------------------------------------------------------ opening a device

const TUNSETIFF = 0x400454ca
const SIOCGIFMTU = 0x8921
const SIOCSIFMTU = 0x8922
const SIOCGIFHWADDR = 0x8927
const IFF_TUN = 1
const IFF_TAP = 2
const IFF_NO_PI = 0x1000
const ARPHRD_ETHER = 1
const ARPHRD_NONE = 65_534

const { EIO } = osConstants.errno
/** "File descriptor in bad state": what a tun file says whose interface is gone. */
const EBADFD = 77

/**
 * struct ifreq: 16 bytes of name, then a union, 40 bytes in all. Numbers in it are in the machine's order.
 */
function ifreq(name: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(40)
  request.set(Buffer.from(name))
  return request
}

function checkName(name: string): void {
  const length = Buffer.byteLength(name)
  if (length > 15) {
    throw new TunError('ENAMETOOLONG', `The interface name '${name}' has ${length} bytes; Linux allows 15.`)
  }
  if (/[\s/:\0]/.test(name) || name === '.' || name === '..') {
    throw new TunError('EINVAL', `'${name}' cannot name an interface: no spaces, '/' or ':'.`)
  }
}

function checkAddress(mode: 'tun' | 'tap', address: Uint8Array | undefined): void {
  if (address === undefined) return
  if (mode === 'tun') throw new TunError('EINVAL', 'A tun has no hardware address; a tap has.')
  if (address.length !== 6 || (address[0] & 1) === 1 || address.every(byte => byte === 0)) {
    throw new TunError('EINVAL', `${formatAddress(address)} is not the hardware address of one station.`)
  }
}

function openDevice(): number {
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

/** Makes or attaches to the interface; returns its name. */
function bindInterface(libc: Libc, fd: number, name: string, mode: 'tun' | 'tap'): string {
  const request = ifreq(name)
  new Uint16Array(request.buffer)[8] = (mode === 'tap' ? IFF_TAP : IFF_TUN) | IFF_NO_PI
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
    case 'EINVAL':
      throw otherMode(libc, shown, mode)
    default:
      throw new TunError(code, `Cannot open the ${mode} interface '${shown}' (TUNSETIFF): ${code}`)
  }
}

function otherMode(libc: Libc, name: string, mode: 'tun' | 'tap'): TunError {
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
        : `is not a ${mode}, or was made with multi_queue, which is not supported`
  return new TunError('ERR_TUN_MODE', `The interface '${name}' exists and ${is}. ${look}`)
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

function readMtu(libc: Libc, name: string): number {
  const request = ifreq(name)
  interfaceIoctl(libc, SIOCGIFMTU, request, `Cannot read the MTU of '${name}'`)
  return new Int32Array(request.buffer)[4]
}

function setMtu(libc: Libc, name: string, mtu: number): void {
  const request = ifreq(name)
  new Int32Array(request.buffer)[4] = mtu
  interfaceIoctl(libc, SIOCSIFMTU, request, `Cannot set the MTU of '${name}' to ${mtu}`)
}

function readHardware(libc: Libc, name: string): { type: number; address: Uint8Array } {
  const request = ifreq(name)
  interfaceIoctl(libc, SIOCGIFHWADDR, request, `Cannot read the hardware address of '${name}'`)
  return { type: new Uint16Array(request.buffer)[8], address: request.slice(18, 24) }
}

/** This stack's address on the wire of a tap. The kernel's would make two stations with one address. */
function stationAddress(asked: Uint8Array | undefined, kernel: Uint8Array, name: string): Uint8Array {
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

// --------------------------------------------------------------------------------------------- the C library

/** One struct pollfd, where the C library can have it while JavaScript goes on. */
interface PollMemory {
  readonly pointer: unknown
  free(): void
}

/** The few calls of the C library needed here. They return -1 and set errno, unless said otherwise. */
interface Libc {
  read(fd: number, buffer: Uint8Array, length: number): number
  write(fd: number, bytes: Uint8Array, length: number): number
  ioctl(fd: number, request: number, argument: Uint8Array): number
  errno(): number
  /** For what was not opened through node:fs: a worker warns if that is closed through it. */
  close(fd: number): number
  /** The next four throw a TunError. */
  socket(): number
  eventfd(): number
  epollCreate(): number
  epollAdd(epoll: number, fd: number): void
  epollDelete(epoll: number, fd: number): void
  pollMemory(fd: number): PollMemory
  /** Calls back when `memory`'s descriptor is readable, or after `timeout` ms. */
  poll(memory: PollMemory, timeout: number, callback: () => void): void
}

let loadedLibc: Libc | undefined

const AF_INET = 2
const SOCK_DGRAM = 2
const CLOEXEC = 0x80000
const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const POLLIN = 1

function loadKoffi(): typeof import('koffi') {
  try {
    return createRequire(import.meta.url)('koffi')
  } catch (error) {
    const installed = (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND'
    throw new TunError(
      'ERR_KOFFI_MISSING',
      installed
        ? 'koffi is installed but does not load, perhaps because it was installed for another system: run ' +
            `\`npm i koffi\` here. It says: ${(error as Error).message}`
        : 'TUN and TAP devices need the optional package koffi, to call the C library: `npm i koffi`.',
      { cause: error },
    )
  }
}

function loadLibc(): Libc {
  const koffi = loadKoffi()
  const lib = koffi.load(null)
  // `int` for what C calls ssize_t: no packet is longer, and 64-bit results cost 30 ns more.
  const read = lib.func('int read(int, uint8_t *, size_t)')
  const write = lib.func('int write(int, const uint8_t *, size_t)')
  const ioctl = lib.func('int ioctl(int, unsigned long, void *)')
  const close = lib.func('int close(int)')
  const socket = lib.func('int socket(int, int, int)')
  const eventfd = lib.func('int eventfd(unsigned int, int)')
  const epollCreate = lib.func('int epoll_create1(int)')
  const epollControl = lib.func('int epoll_ctl(int, int, int, void *)')
  const poll = lib.func('int poll(void *, unsigned long, int)')
  // struct epoll_event begins with the events, whatever the machine; the data behind is not used.
  const readable = new Uint8Array(16)
  new Uint32Array(readable.buffer)[0] = POLLIN

  const check = (call: string, result: number): number => {
    if (result >= 0) return result
    const code = getSystemErrorName(-koffi.errno())
    throw new TunError(code, `${call} failed: ${code}`)
  }
  return {
    read: read as Libc['read'],
    write: write as Libc['write'],
    ioctl: ioctl as Libc['ioctl'],
    errno: () => koffi.errno(),
    close: close as Libc['close'],
    socket: () => check('socket', socket(AF_INET, SOCK_DGRAM | CLOEXEC, 0)),
    eventfd: () => check('eventfd', eventfd(0, CLOEXEC)),
    epollCreate: () => check('epoll_create1', epollCreate(CLOEXEC)),
    epollAdd: (epoll, fd) => {
      check('epoll_ctl', epollControl(epoll, EPOLL_CTL_ADD, fd, readable))
    },
    epollDelete: (epoll, fd) => {
      check('epoll_ctl', epollControl(epoll, EPOLL_CTL_DEL, fd, readable))
    },
    pollMemory: fd => {
      const pointer = koffi.alloc('uint8_t', 8)
      const memory = koffi.view(pointer, 8)
      new Int32Array(memory)[0] = fd
      new Int16Array(memory)[2] = POLLIN
      return { pointer, free: () => koffi.free(pointer) }
    },
    poll: (memory, timeout, callback) => {
      poll.async(memory.pointer, 1, timeout, callback)
    },
  }
}
