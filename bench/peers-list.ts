export type Version = 4 | 6

/** What a client prints. */
export interface Outcome {
  bytes?: number
  connections?: number
  seconds?: number
  cpu: number
  p50?: number
  p99?: number
  perSecond?: number
}

/** One of those compared: its program, and what it runs on. */
export interface Contender {
  name: string
  program: 'estab' | 'node-net' | 'kernel' | 'gvisor' | 'lwip' | 'lwip.wasm' | 'tcpip.js'
  link: 'tun' | 'veth'
  /** Segmentation offload, of the TUN or of the veth. */
  offload: boolean
  env?: Record<string, string>
  /** Measures in which it takes part, if not all. */
  only?: string[]
}

const PLAIN = { NO_OFFLOAD: '1' }

export const CONTENDERS: readonly Contender[] = [
  { name: 'estab', program: 'estab', link: 'tun', offload: true },
  { name: 'estab (loop)', program: 'estab', link: 'tun', offload: true, env: { READINESS: 'loop' } },
  {
    name: 'estab (2 queues)',
    program: 'estab',
    link: 'tun',
    offload: true,
    env: { QUEUES: '2' },
    only: ['rx100', 'tx100', 'rx1000', 'tx1000'],
  },
  { name: 'gVisor', program: 'gvisor', link: 'tun', offload: true, env: { GOMAXPROCS: '2' } },
  { name: 'gVisor (1 proc)', program: 'gvisor', link: 'tun', offload: true, env: { GOMAXPROCS: '1' } },
  { name: 'kernel', program: 'kernel', link: 'veth', offload: true },
  { name: 'node:net', program: 'node-net', link: 'veth', offload: true },
  { name: 'estab (plain)', program: 'estab', link: 'tun', offload: false, env: PLAIN },
  { name: 'lwIP (plain)', program: 'lwip', link: 'tun', offload: false },
  { name: 'lwIP in WASM (plain)', program: 'lwip.wasm', link: 'tun', offload: false },
  // It has no IPv6, and 256 connections.
  {
    name: 'tcpip.js (plain)',
    program: 'tcpip.js',
    link: 'tun',
    offload: false,
    only: ['rx', 'tx', 'rx100', 'tx100', 'rtt', 'cps'],
  },
  {
    name: 'gVisor (plain)',
    program: 'gvisor',
    link: 'tun',
    offload: false,
    env: { ...PLAIN, GOMAXPROCS: '1' },
  },
  { name: 'kernel (plain)', program: 'kernel', link: 'veth', offload: false },
]

/** What is measured: the client's command, and the figure that counts of what it prints. */
export interface Measure {
  name: string
  title: string
  unit: string
  /** Both ends on one core: what waking up another one costs is the same for all. */
  pinned: boolean
  version: Version
  /** Less is better. */
  least?: boolean
  command(seconds: number): string[]
  value(outcome: Outcome): number
}

const rate = ({ bytes = 0, seconds = 1 }: Outcome): number => (bytes * 8) / seconds / 1e9

const bulk = (name: string, title: string, command: string, version: Version, streams = 1): Measure => ({
  name,
  title,
  unit: 'Gbit/s',
  pinned: false,
  version,
  command: seconds => [command, String(seconds), String(streams)],
  value: rate,
})

export const MEASURES: readonly Measure[] = [
  bulk('rx', 'one stream from the kernel, IPv4', 'rx', 4),
  bulk('tx', 'one stream to the kernel, IPv4', 'tx', 4),
  bulk('rx6', 'one stream from the kernel, IPv6', 'rx', 6),
  bulk('tx6', 'one stream to the kernel, IPv6', 'tx', 6),
  bulk('rx100', '100 streams from the kernel', 'rx', 4, 100),
  bulk('tx100', '100 streams to the kernel', 'tx', 4, 100),
  bulk('rx1000', '1,000 streams from the kernel', 'rx', 4, 1000),
  bulk('tx1000', '1,000 streams to the kernel', 'tx', 4, 1000),
  {
    name: 'rtt',
    title: 'a byte there and back, p50, both ends on one core',
    unit: 'µs',
    pinned: true,
    version: 4,
    least: true,
    command: seconds => ['rtt', String(Math.round(seconds * 10_000))],
    value: ({ p50 = Number.NaN }) => p50,
  },
  {
    name: 'cps',
    title: 'connections opened, used for one byte and closed, both ends on one core',
    unit: '/s',
    pinned: true,
    version: 4,
    command: seconds => ['cps', String(seconds), '16'],
    value: ({ connections = 0, seconds = 1 }) => connections / seconds,
  },
]
