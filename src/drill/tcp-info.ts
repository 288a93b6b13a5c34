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

export function tcpInfo(state: State, socket: Socket | undefined, dialect: Dialect): Map<string, Value> {
  const states = dialect === 'linux' ? LINUX_STATES : FREEBSD_STATES
  const fields = new Map<string, Value>([['tcpi_state', states[state]]])
  if (!socket) return fields
  for (const [name, value] of Object.entries(statusFields(socket.status(), dialect)))
    fields.set(`tcpi_${name}`, value)
  return fields
}

const us = (ms: number): number => (ms < 0 ? 0 : Math.round(ms * 1000))

function statusFields(s: TcpStatus, dialect: Dialect): Record<string, number> {
  const mss = Math.max(1, s.sndMss)
  const inSegments = (bytes: number) =>
    bytes === Number.POSITIVE_INFINITY ? INFINITE_SSTHRESH : Math.floor(bytes / mss)
  // FreeBSD tells these two in bytes.
  const window = (bytes: number) => (dialect === 'linux' ? inSegments(bytes) : Math.min(bytes, INFINITE_SSTHRESH))
  return {
    ca_state: CA_STATES[s.congestionState],
    retransmits: s.retransmits,
    probes: s.probes,
    backoff: s.backoff,
    options: (s.timestamps ? 1 : 0) | (s.sack ? 2 : 0) | (s.windowScaling ? 4 : 0) | (s.ecn ? 8 : 0),
    snd_wscale: s.sndWscale,
    rcv_wscale: s.rcvWscale,
    rto: us(s.rto),
    ato: us(s.ato),
    snd_mss: s.sndMss,
    rcv_mss: s.rcvMss,
    unacked: s.unackedSegments,
    sacked: 0,
    lost: s.lostSegments,
    retrans: s.retransmittedOut,
    fackets: 0,
    last_data_sent: Math.max(0, Math.round(s.lastDataSent)),
    last_ack_sent: Math.max(0, Math.round(s.lastSent)),
    last_data_recv: Math.max(0, Math.round(s.lastDataReceived)),
    last_ack_recv: Math.max(0, Math.round(s.lastReceived)),
    pmtu: s.pmtuSegment,
    rcv_ssthresh: s.rcvSpace,
    rtt: us(s.rtt),
    rttvar: us(s.rttvar),
    snd_ssthresh: window(s.ssthresh),
    snd_cwnd: window(s.cwnd),
    advmss: s.advMss,
    reordering: s.reordering,
    rcv_rtt: 0,
    rcv_space: s.rcvSpace,
    total_retrans: s.segmentsRetransmitted,
    bytes_acked: s.bytesAcked,
    bytes_received: s.bytesReceived,
    segs_out: s.segmentsOut,
    segs_in: s.segmentsIn,
    notsent_bytes: s.notSent,
    min_rtt: us(s.minRtt),
    data_segs_in: s.dataSegmentsIn,
    data_segs_out: s.dataSegmentsOut,
    delivery_rate: Math.round(s.deliveryRate),
    busy_time: us(s.busyTime),
    rwnd_limited: us(s.rwndLimited),
    sndbuf_limited: us(s.sndbufLimited),
    bytes_sent: s.bytesSent + s.bytesRetransmitted,
    bytes_retrans: s.bytesRetransmitted,
    rcv_ooopack: s.outOfOrderIn,
    snd_wnd: s.sndWnd,
    rcv_wnd: s.rcvWnd,
    total_rto: s.timeouts,
  }
}
