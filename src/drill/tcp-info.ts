import type { Socket } from '../stack/socket.js'
import type { State } from '../tcp/states.js'
import type { TcpStatus } from '../tcp/status.js'
import type { Value } from './code.js'
import type { Dialect } from './symbols.js'

/** STATUS as the `tcpi_*` fields of struct tcp_info, in its units: microseconds, segments, bytes. */

const LINUX_STATES: Readonly<Record<State, number>> = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECEIVED: 3,
  FIN_WAIT_1: 4,
  FIN_WAIT_2: 5,
  TIME_WAIT: 6,
  CLOSED: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
}

const FREEBSD_STATES: Readonly<Record<State, number>> = {
  CLOSED: 0,
  LISTEN: 1,
  SYN_SENT: 2,
  SYN_RECEIVED: 3,
  ESTABLISHED: 4,
  CLOSE_WAIT: 5,
  FIN_WAIT_1: 6,
  CLOSING: 7,
  LAST_ACK: 8,
  FIN_WAIT_2: 9,
  TIME_WAIT: 10,
}

const CA_STATES = { open: 0, disorder: 1, cwr: 2, recovery: 3, loss: 4 } as const

const INFINITE_SSTHRESH = 0x7fffffff

/**
 * The fields of a socket in this state. `peerSegment` is the size of the segments that a script's long packets stand for,
 * 0 if they are what they are.
 */
export function tcpInfo(
  state: State,
  socket: Socket | undefined,
  dialect: Dialect,
  peerSegment = 0,
): Map<string, Value> {
  const states = dialect === 'linux' ? LINUX_STATES : FREEBSD_STATES
  const fields = new Map<string, Value>([['tcpi_state', states[state]]])
  if (!socket) return fields
  const status = socket.status()
  if (peerSegment > 0) status.rcvMss = Math.min(status.rcvMss, peerSegment)
  for (const [name, field] of Object.entries(FIELDS)) fields.set(`tcpi_${name}`, field(status, dialect))
  return fields
}

const us = (ms: number): number => (ms < 0 ? 0 : Math.round(ms * 1000))
const age = (ms: number): number => Math.max(0, Math.round(ms))

/** cwnd and ssthresh: Linux tells them in segments, FreeBSD in bytes. */
function window(s: TcpStatus, bytes: number, dialect: Dialect): number {
  if (bytes === Number.POSITIVE_INFINITY) return INFINITE_SSTHRESH
  return dialect === 'linux' ? Math.floor(bytes / Math.max(1, s.sndMss)) : Math.min(bytes, INFINITE_SSTHRESH)
}

const FIELDS: Readonly<Record<string, (s: TcpStatus, dialect: Dialect) => number>> = {
  sacked: s => s.sackedSegments,
  ca_state: s => CA_STATES[s.congestionState],
  retransmits: s => s.retransmits,
  probes: s => s.probes,
  backoff: s => s.backoff,
  options: s =>
    (s.timestamps ? 1 : 0) |
    (s.sack ? 2 : 0) |
    (s.windowScaling ? 4 : 0) |
    (s.ecn ? 8 : 0) |
    (s.synData ? 32 : 0),
  snd_wscale: s => s.sndWscale,
  rcv_wscale: s => s.rcvWscale,
  rto: s => us(s.rto),
  ato: s => us(s.ato),
  snd_mss: s => s.sndMss,
  rcv_mss: s => s.rcvMss,
  unacked: s => s.unackedSegments,
  lost: s => s.lostSegments,
  retrans: s => s.retransmittedOut,
  fackets: () => 0,
  last_data_sent: s => age(s.lastDataSent),
  last_ack_sent: s => age(s.lastSent),
  // Linux counts from the opening while no data has come.
  last_data_recv: s => Math.round(s.lastDataReceived < 0 ? Math.max(0, s.openFor) : s.lastDataReceived),
  last_ack_recv: s => age(s.lastReceived),
  pmtu: s => s.pmtuSegment,
  rcv_ssthresh: s => s.rcvSpace,
  rtt: s => us(s.rtt),
  rttvar: s => us(s.rttvar),
  snd_ssthresh: (s, dialect) => window(s, s.ssthresh, dialect),
  snd_cwnd: (s, dialect) => window(s, s.cwnd, dialect),
  advmss: s => s.advMss,
  reordering: s => s.reordering,
  rcv_rtt: () => 0,
  rcv_space: s => s.rcvSpace,
  total_retrans: s => s.segmentsRetransmitted,
  bytes_acked: s => s.bytesAcked,
  bytes_received: s => s.bytesReceived,
  segs_out: s => s.segmentsOut,
  segs_in: s => s.segmentsIn,
  notsent_bytes: s => s.notSent,
  min_rtt: s => us(s.minRtt),
  data_segs_in: s => s.dataSegmentsIn,
  data_segs_out: s => s.dataSegmentsOut,
  delivery_rate: s => Math.round(s.deliveryRate),
  busy_time: s => us(s.busyTime),
  rwnd_limited: s => us(s.rwndLimited),
  sndbuf_limited: s => us(s.sndbufLimited),
  bytes_sent: s => s.bytesSent + s.bytesRetransmitted,
  bytes_retrans: s => s.bytesRetransmitted,
  rcv_ooopack: s => s.outOfOrderIn,
  dsack_dups: s => s.duplicatesReported,
  delivered_ce: s => s.deliveredCe,
  received_ce: s => s.receivedCe,
  delivered_ce_bytes: s => s.deliveredEcnOctets.ce,
  delivered_e0_bytes: s => s.deliveredEcnOctets.ect0,
  delivered_e1_bytes: s => s.deliveredEcnOctets.ect1,
  snd_wnd: s => s.sndWnd,
  rcv_wnd: s => s.rcvWnd,
  total_rto: s => s.timeouts,
  // The SYN counts, with the data on it, and so do segments that have been acknowledged.
  delivered: s =>
    (s.state.startsWith('SYN') ? 0 : 1) -
    (s.synDataSent > 0 ? 1 : 0) +
    s.dataSegmentsOut -
    s.segmentsRetransmitted -
    s.unackedSegments +
    // The SYN,ACK is outstanding too.
    (s.state === 'SYN_RECEIVED' && s.flight > 0 ? 1 : 0),
}

/** Every field there is, by name. */
export const INFO_FIELDS: ReadonlySet<string> = new Set([
  'tcpi_state',
  ...Object.keys(FIELDS).map(name => `tcpi_${name}`),
])
