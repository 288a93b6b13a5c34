import { createRequire } from 'node:module'
import { constants as osConstants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { TunError } from './tun-error.js'

/** One struct pollfd, where the C library can have it while JavaScript goes on. */
export interface PollMemory {
  readonly pointer: unknown
  free(): void
}

/** A descriptor that the event loop watches. */
export interface LoopPoll {
  ref(): void
  unref(): void
  close(): void
}

/** The few calls of the C library needed here. They return -1 and set errno, unless said otherwise. */
export interface Libc {
  read(fd: number, buffer: Uint8Array, length: number): number
  write(fd: number, bytes: Uint8Array, length: number): number
  /** `vectors`: struct iovec, `count` of them. */
  writev(fd: number, vectors: Uint8Array, count: number): number
  /** Where bytes are in memory, for a struct iovec. */
  addressOf(bytes: Uint8Array): number
  /** Bytes of an address. */
  readonly pointerSize: number
  ioctl(fd: number, request: number, argument: Uint8Array): number
  /** The same, for requests whose argument is a number. */
  ioctlNumber(fd: number, request: number, argument: number): number
  errno(): number
  /** For what was not opened through node:fs: a worker warns if that is closed through it. */
  close(fd: number): number
  /** From here to `epollDelete` they throw a TunError. */
  socket(): number
  eventfd(): number
  /** A timer of CLOCK_MONOTONIC, as a descriptor that is readable once it has expired. */
  timerfd(): number
  /** Lets it expire `ms` from now, once; at Infinity never. What it had to tell is forgotten. */
  timerfdSet(timer: number, ms: number): void
  /** Takes this thread to another network namespace. */
  setns(fd: number): void
  epollCreate(): number
  epollAdd(epoll: number, fd: number): void
  epollDelete(epoll: number, fd: number): void
  pollMemory(fd: number): PollMemory
  /** Calls back on the event loop whenever `fd` is readable, until it is closed. Not documented by koffi. */
  pollInLoop(fd: number, callback: () => void): LoopPoll
  /** Calls back when `memory`'s descriptor is readable, or after `timeout` ms. */
  poll(memory: PollMemory, timeout: number, callback: () => void): void
}

export const { EIO } = osConstants.errno
/** "File descriptor in bad state": what a tun file says whose interface is gone. */
export const EBADFD = 77

const AF_INET = 2
const SOCK_DGRAM = 2
const CLOEXEC = 0x80000
const NONBLOCK = 0x800
const CLOCK_MONOTONIC = 1
const CLONE_NEWNET = 0x40000000
const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const POLLIN = 1

let loadedLibc: Libc | undefined

/** Loads koffi and finds the calls the first time. Throws a TunError if koffi cannot be loaded. */
export function getLibc(): Libc {
  return (loadedLibc ??= loadLibc())
}

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
  const writev = lib.func('int writev(int, const uint8_t *, int)')
  // Moves nothing, and returns where.
  const memmove = lib.func('uint64_t memmove(uint8_t *, uint8_t *, size_t)')
  const ioctl = lib.func('int ioctl(int, unsigned long, void *)')
  const ioctlNumber = lib.func('int ioctl(int, unsigned long, unsigned long)')
  const close = lib.func('int close(int)')
  const socket = lib.func('int socket(int, int, int)')
  const eventfd = lib.func('int eventfd(unsigned int, int)')
  const timerfd = lib.func('int timerfd_create(int, int)')
  const timerfdSet = lib.func('int timerfd_settime(int, int, void *, void *)')
  const setns = lib.func('int setns(int, int)')
  const epollCreate = lib.func('int epoll_create1(int)')
  const epollControl = lib.func('int epoll_ctl(int, int, int, void *)')
  const poll = lib.func('int poll(void *, unsigned long, int)')
  // struct epoll_event begins with the events, whatever the machine; the data behind is not used.
  const readable = new Uint8Array(16)
  new Uint32Array(readable.buffer)[0] = POLLIN

  // struct itimerspec: an interval and a value, each in seconds and nanoseconds.
  const spec = new Uint8Array(4 * koffi.sizeof('long'))
  const setLong =
    koffi.sizeof('long') === 8
      ? (
          longs => (i: number, n: number) =>
            void (longs[i] = BigInt(n))
        )(new BigInt64Array(spec.buffer))
      : (
          longs => (i: number, n: number) =>
            void (longs[i] = n)
        )(new Int32Array(spec.buffer))

  const check = (call: string, result: number): number => {
    if (result >= 0) return result
    const code = getSystemErrorName(-koffi.errno())
    throw new TunError(code, `${call} failed: ${code}`)
  }
  return {
    read: read as Libc['read'],
    write: write as Libc['write'],
    writev: writev as Libc['writev'],
    pointerSize: koffi.sizeof('void *'),
    addressOf: bytes => Number(memmove(bytes, bytes, 0)),
    ioctl: ioctl as Libc['ioctl'],
    ioctlNumber: ioctlNumber as Libc['ioctlNumber'],
    errno: () => koffi.errno(),
    close: close as Libc['close'],
    socket: () => check('socket', socket(AF_INET, SOCK_DGRAM | CLOEXEC, 0)),
    eventfd: () => check('eventfd', eventfd(0, CLOEXEC)),
    timerfd: () => check('timerfd_create', timerfd(CLOCK_MONOTONIC, CLOEXEC | NONBLOCK)),
    timerfdSet: (timer, ms) => {
      // Nothing at all would disarm it.
      const ns = ms === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.ceil(ms * 1e6))
      const seconds = Math.floor(ns / 1e9)
      setLong(2, seconds)
      setLong(3, ns - seconds * 1e9)
      check('timerfd_settime', timerfdSet(timer, 0, spec, null))
    },
    setns: fd => {
      check('setns', setns(fd, CLONE_NEWNET))
    },
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
    pollInLoop: (fd, callback) => koffi.node.poll(fd, { readable: true }, callback),
    poll: (memory, timeout, callback) => {
      poll.async(memory.pointer, 1, timeout, callback)
    },
  }
}
