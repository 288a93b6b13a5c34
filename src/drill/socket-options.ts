import type { Calls } from './calls.js'
import { type Expression, expressionText, member } from './expression.js'
import { DrillFailure, done, failed, type Outcome, Unsupported } from './outcome.js'
import { numberOf } from './symbols.js'
import { controllerOf } from './sysctls.js'
import type { TcpFile } from './tcp-file.js'

/** getsockopt and setsockopt: what each option means to the stack, in units of the option. */
interface Option {
  /** What it is now; undefined if it cannot be asked. */
  readonly get?: (file: TcpFile, calls: Calls) => number | string | undefined
  /** Sets it; returns the name of an errno if that is refused. */
  readonly set?: (file: TcpFile, value: number, calls: Calls, e: Expression | undefined) => unknown
}

const SECOND = 1000

/** Options of features estab does not have. */
const MISSING: Readonly<Record<string, string>> = {
  TCP_MD5SIG: 'TCP MD5 signatures',
  TCP_MD5SIG_EXT: 'TCP MD5 signatures',
  TCP_AO_ADD_KEY: 'TCP-AO',
  TCP_REMOTE_UDP_ENCAPS_PORT: 'TCP over UDP',
  TCP_FUNCTION_BLK: 'other TCP stacks beside the default (TCP_FUNCTION_BLK)',
  TCP_REPAIR: 'TCP_REPAIR',
  TCP_ULP: 'upper-layer protocols (TCP_ULP)',
  TCP_ZEROCOPY_RECEIVE: 'zero-copy receiving',
  TCP_TX_DELAY: 'TCP_TX_DELAY',
  TCP_SAVE_SYN: 'TCP_SAVE_SYN',
  TCP_RST_REASON: 'RST diagnostic payloads',
  SO_ZEROCOPY: 'zero-copy sending (SO_ZEROCOPY)',
  SO_TIMESTAMPING: 'packet timestamps (SO_TIMESTAMPING)',
  SO_TIMESTAMP: 'packet timestamps (SO_TIMESTAMP)',
  SO_TXTIME: 'SO_TXTIME',
  SO_PEEK_OFF: 'SO_PEEK_OFF',
  SO_MAX_PACING_RATE: 'pacing (SO_MAX_PACING_RATE)',
  SO_ACCEPTFILTER: 'accept filters',
}

/** Taken, and of no effect here. */
const INERT: ReadonlySet<string> = new Set([
  'SO_REUSEPORT',
  'SO_MARK',
  'SO_PRIORITY',
  'SO_BUSY_POLL',
  'SO_DEBUG',
  'SO_DONTROUTE',
  'SO_INCOMING_CPU',
  'SO_NOSIGPIPE',
  'SO_BINDTODEVICE',
  'SO_RCVTIMEO',
  'SO_SNDTIMEO',
  'SO_OOBINLINE',
  'IP_FREEBIND',
  'IP_TRANSPARENT',
  'IP_RECVERR',
  'IPV6_RECVERR',
  'IPV6_V6ONLY',
  'IPV6_FREEBIND',
  'IPV6_AUTOFLOWLABEL',
  'TCP_THIN_LINEAR_TIMEOUTS',
  'TCP_WINDOW_CLAMP',
  'TCP_NOPUSH',
])

const flag = (get: (file: TcpFile) => boolean, set: (file: TcpFile, on: boolean) => void): Option => ({
  get: file => (get(file) ? 1 : 0),
  set: (file, value) => set(file, value !== 0),
})

/** A time kept in ms and told in seconds, `fallback` while it was not set. */
const seconds = (
  key: 'keepIdle' | 'keepInterval' | 'openTimeout',
  fallback: (calls: Calls) => number,
): Option => ({
  get: (file, calls) => Math.round((file.choices[key] ?? fallback(calls)) / SECOND),
  set: (file, value) => {
    if (value < 1 || value > 32_767) return 'EINVAL'
    file.choices[key] = value * SECOND
    file.applyKeepAlive()
  },
})

const trafficClass: Option = {
  get: file => file.choices.trafficClass,
  set: (file, value) => {
    // The ECN bits are the stack's.
    file.choices.trafficClass = value & 0xfc
    if (file.socket) file.socket.trafficClass = value & 0xfc
  },
}

const hopLimit: Option = {
  get: file => file.choices.hopLimit,
  set: (file, value) => {
    if (value < 1 || value > 255) return 'EINVAL'
    file.choices.hopLimit = value
    if (file.socket) file.socket.hopLimit = value
  },
}

/** Linux doubles what it is given, for its own bookkeeping, and tells the double. */
const overhead = (calls: Calls): number => (calls.dialect === 'linux' ? 2 : 1)

const OPTIONS: Readonly<Record<string, Option>> = {
  SO_ERROR: { get: file => file.takeError() ?? 0 },
  SO_TYPE: { get: () => 1 },
  SO_ACCEPTCONN: { get: file => (file.listener ? 1 : 0) },
  SO_REUSEADDR: flag(
    file => file.choices.reuseAddress,
    (file, on) => {
      file.choices.reuseAddress = on
    },
  ),
  SO_KEEPALIVE: flag(
    file => file.choices.keepAlive,
    (file, on) => {
      file.choices.keepAlive = on
      file.applyKeepAlive()
    },
  ),
  SO_LINGER: {
    set: (file, _value, calls, e) => {
      if (e?.kind !== 'struct') throw new DrillFailure('SO_LINGER wants {onoff=1, linger=0}')
      const on = calls.number(member(e, 'onoff'), 'onoff') !== 0
      file.choices.linger = on ? calls.number(member(e, 'linger'), 'linger') : undefined
    },
  },
  SO_RCVBUF: {
    get: (file, calls) =>
      file.socket?.tcb.receiveBuffer ?? file.choices.receiveBuffer ?? calls.host.stack.config.receiveBuffer,
    set: (file, value, calls) => {
      const bytes = Math.max(2048, value * overhead(calls))
      file.choices.receiveBuffer = bytes
      file.socket?.setReceiveBuffer(bytes)
    },
  },
  SO_SNDBUF: {
    get: (file, calls) =>
      file.socket?.sendLimit ?? file.choices.sendBuffer ?? calls.host.stack.config.sendBuffer,
    set: (file, value, calls) => {
      const bytes = Math.max(1, value * overhead(calls))
      file.choices.sendBuffer = bytes
      file.socket?.setSendBuffer(bytes)
    },
  },
  SO_RCVLOWAT: {
    get: () => 1,
    set: (_file, value) => (value === 1 ? undefined : unsupported('SO_RCVLOWAT')),
  },
  TCP_NODELAY: flag(
    file => file.choices.noDelay,
    (file, on) => {
      file.choices.noDelay = on
      file.socket?.setNoDelay(on)
      if (!on || !file.choices.cork) return
      // It lets go of what is being held back, once.
      file.socket?.setCork(false)
      file.socket?.setCork(true)
    },
  ),
  TCP_CORK: flag(
    file => file.choices.cork,
    (file, on) => {
      file.choices.cork = on
      file.socket?.setCork(on)
    },
  ),
  TCP_MAXSEG: {
    get: (file, calls) => {
      const { socket } = file
      if (socket && socket.tcb.mss > 0) return socket.tcb.mss
      return file.choices.tcp.maxMss ?? calls.host.stack.interfaces.at(-1)!.mtu - headers(calls)
    },
    set: (file, value) => {
      if (value < 1 || value > 65_535) return 'EINVAL'
      file.choices.tcp.maxMss = value
      file.socket?.configure({ maxMss: value })
    },
  },
  TCP_KEEPIDLE: seconds('keepIdle', calls => calls.host.stack.config.keepAliveIdle),
  TCP_KEEPINTVL: seconds('keepInterval', calls => calls.host.stack.config.keepAliveInterval),
  TCP_KEEPINIT: seconds('openTimeout', calls => calls.host.openTimeout),
  TCP_KEEPCNT: {
    get: (file, calls) => file.choices.keepProbes ?? calls.host.stack.config.keepAliveProbes,
    set: (file, value) => {
      if (value < 1 || value > 127) return 'EINVAL'
      file.choices.keepProbes = value
      file.applyKeepAlive()
    },
  },
  TCP_USER_TIMEOUT: {
    get: file => file.choices.userTimeout ?? 0,
    set: (file, value) => {
      const ms = value === 0 ? Number.POSITIVE_INFINITY : value
      file.choices.userTimeout = ms
      file.socket?.setUserTimeout(ms)
    },
  },
  TCP_SYNCNT: {
    get: () => 6,
    set: (file, value) => {
      if (value < 1 || value > 127) return 'EINVAL'
      // The last retransmission waits as long as its backed-off timer says.
      file.choices.tcp.synR2 = SECOND * (2 ** (value + 1) - 1)
    },
  },
  TCP_NOOPT: flag(
    file => file.choices.tcp.noOptions === true,
    (file, on) => {
      file.choices.tcp.noOptions = on
    },
  ),
  TCP_QUICKACK: flag(
    file => (file.socket?.tcb.quickAcks ?? 0) > 0,
    (file, on) => {
      if (file.socket) file.socket.tcb.quickAcks = on ? Number.MAX_SAFE_INTEGER : 0
    },
  ),
  TCP_DEFER_ACCEPT: {
    get: file => (file.choices.deferAccept ? 1 : 0),
    set: (file, value) => {
      file.choices.deferAccept = value > 0
    },
  },
  TCP_NOTSENT_LOWAT: {
    get: file => file.choices.notSentRaw,
    set: (file, value) => {
      file.choices.notSentRaw = value
      file.choices.notSentLowWater = value > 0x7fffffff || value === 0 ? undefined : value
    },
  },
  TCP_INQ: flag(
    file => file.choices.inquire,
    (file, on) => {
      file.choices.inquire = on
    },
  ),
  TCP_LINGER2: {
    get: (file, calls) =>
      Math.round((file.choices.tcp.finWait2Timeout ?? calls.host.stack.config.finWait2Timeout) / SECOND),
    set: (file, value) => {
      if (value > 0) file.choices.tcp.finWait2Timeout = value * SECOND
      if (value > 0) file.socket?.configure({ finWait2Timeout: value * SECOND })
    },
  },
  TCP_CONGESTION: {
    get: (file, calls) =>
      file.socket?.status().congestionControl ??
      String(file.choices.tcp.congestion ?? calls.host.stack.config.congestion),
    set: (file, _value, _calls, e) => {
      const name = e?.kind === 'string' ? e.value : e ? expressionText(e) : ''
      const congestion = controllerOf(name)
      if (congestion === undefined) return unsupported(`the congestion control ${name}`)
      file.choices.tcp.congestion = congestion
      file.socket?.setCongestionControl(congestion)
    },
  },
  TCP_FASTOPEN: {
    get: file => file.choices.fastOpen,
    set: (file, value) => {
      if (value < 0) return 'EINVAL'
      file.choices.fastOpen = value
    },
  },
  TCP_FASTOPEN_CONNECT: {
    get: file => (file.choices.fastOpenConnect ? 1 : 0),
    set: (file, value, calls) => {
      if (!calls.host.fastOpen.choices.client) return 'EOPNOTSUPP'
      file.choices.fastOpenConnect = value !== 0
    },
  },
  TCP_FASTOPEN_NO_COOKIE: flag(
    file => file.choices.fastOpenWithoutCookie,
    (file, on) => {
      file.choices.fastOpenWithoutCookie = on
    },
  ),
  TCP_FASTOPEN_KEY: {
    set: (_file, _value, calls, e) => {
      const text = e?.kind === 'string' ? e.value : ''
      const bytes = Uint8Array.from(text, c => c.charCodeAt(0))
      if (bytes.length !== 16 && bytes.length !== 32) return 'EINVAL'
      const last = bytes.length === 32 ? bytes.slice(16) : undefined
      calls.host.fastOpen.setKeys(bytes.slice(0, 16), last)
    },
  },
  TCP_INFO: { get: () => undefined },
  IP_TOS: trafficClass,
  IPV6_TCLASS: trafficClass,
  IP_TTL: hopLimit,
  IPV6_UNICAST_HOPS: hopLimit,
  IP_MTU_DISCOVER: { get: () => 1, set: () => undefined },
  IPV6_MTU_DISCOVER: { get: () => 1, set: () => undefined },
  IPV6_USE_MIN_MTU: {
    set: (file, value) => {
      // 1280 less the headers of IPv6 and TCP.
      if (value === 1) file.choices.tcp.maxMss = 1220
      if (value === 1) file.socket?.configure({ maxMss: 1220 })
    },
  },
  IP_MTU: { get: file => (file.socket ? file.socket.path.mtu : undefined) },
}

const headers = (calls: Calls): number => (calls.host.local.version === 4 ? 40 : 60)

function unsupported(feature: string): never {
  throw new Unsupported(feature)
}

/** Why an option cannot be had here; undefined if it can. */
export const missingOption = (name: string): string | undefined => {
  if (name in OPTIONS || INERT.has(name)) return undefined
  return MISSING[name] ?? (/^TCP_RACK_/.test(name) ? "FreeBSD's RACK stack" : `the socket option ${name}`)
}

function find(name: string): Option {
  const option = OPTIONS[name]
  if (option) return option
  const missing = missingOption(name)
  return missing === undefined ? {} : unsupported(missing)
}

export function setOption(calls: Calls, file: TcpFile, args: readonly Expression[]): Outcome {
  const name = calls.name(args[2], 'the option')
  const option = find(name)
  const e = args[3]
  const single = e?.kind === 'list' && e.items.length === 1 ? e.items[0] : e
  const value = numberOf(single, calls.dialect)
  if (value === undefined && single?.kind === 'word')
    throw new DrillFailure(`${name}: ${single.name} is not a number that estab knows`)
  const errno = option.set?.(file, value ?? 0, calls, single)
  return typeof errno === 'string' ? failed(errno) : done(0)
}

export function getOption(calls: Calls, file: TcpFile, args: readonly Expression[]): Outcome {
  const name = calls.name(args[2], 'the option')
  const actual = find(name).get?.(file, calls)
  const e = args[3]
  const said = e?.kind === 'list' && e.items.length === 1 ? e.items[0] : e
  if (actual === undefined || said === undefined || said.kind === 'any') return done(0)
  if (!says(said, actual, calls))
    throw new DrillFailure(`${name}: expected ${expressionText(said)}, actual ${actual}`)
  return done(0)
}

/** Whether an expression is this value; an errno is written by its name. */
function says(e: Expression, actual: number | string, calls: Calls): boolean {
  if (typeof actual === 'string')
    return (e.kind === 'word' && e.name === actual) || (e.kind === 'string' && e.value === actual)
  const value = numberOf(e, calls.dialect)
  return value !== undefined && value === actual
}
