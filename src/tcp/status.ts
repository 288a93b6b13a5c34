import type { RecoveryState } from './recovery.js'
import { isSynchronized, type State } from './states.js'
import type { Tcb } from './tcb.js'
import { urgentRemaining } from './urgent.js'

/**
 * STATUS (RFC 9293 section 3.10.6): what Linux's TCP_INFO tells, under names that say what they are; the kernel's
 * name is beside each that differs. Times in ms, sizes in bytes unless they say segments. Ages are -1 for what never
 * happened. Counts of mechanisms that are not there are left out rather than given as zero.
 */
export interface TcpStatus {
  state: State
  congestionControl: string
  /** tcpi_ca_state */
  congestionState: RecoveryState
  /** tcpi_options */
  timestamps: boolean
  sack: boolean
  windowScaling: boolean
  ecn: boolean
  /** RFC 9768, and what it has told: our segments that arrived marked CE, those that came so (tcpi_delivered_ce, tcpi_received_ce), and octets. */
  accurateEcn: boolean
  deliveredCe: number
  receivedCe: number
  deliveredEcnOctets: { ect1: number; ce: number; ect0: number }
  /** Fast Open: data on the SYN was taken with it (TCPI_OPT_SYN_DATA); octets that rode on ours. */
  synData: boolean
  synDataSent: number
  sndWscale: number
  rcvWscale: number
  /** Expirations for the oldest octet; tcpi_total_rto counts all of them. */
  retransmits: number
  timeouts: number
  probes: number
  backoff: number
  rto: number
  /** The delay of an ACK. */
  ato: number
  /** Smoothed, variance, last and smallest round-trip time; -1 before the first sample. */
  rtt: number
  rttvar: number
  lastRtt: number
  minRtt: number
  sndMss: number
  rcvMss: number
  advMss: number
  /** tcpi_pmtu less the IP header: the largest segment that fits the path. */
  pmtuSegment: number
  cwnd: number
  ssthresh: number
  /** Duplicate ACKs that count as a loss. */
  reordering: number
  sndWnd: number
  rcvWnd: number
  /** The most the receive window can be; tcpi_rcv_space, tcpi_rcv_ssthresh. */
  rcvSpace: number
  /** tcpi_unacked, tcpi_sacked, tcpi_lost, tcpi_retrans: segments outstanding, reported, taken for lost, and out again. */
  unackedSegments: number
  sackedSegments: number
  lostSegments: number
  retransmittedOut: number
  /** Octets sent and not acknowledged, queued and never sent (tcpi_notsent_bytes), received and not read. */
  flight: number
  notSent: number
  unread: number
  urgentRemaining: number
  /** What waits behind a gap. */
  outOfOrderBytes: number
  outOfOrderBlocks: number
  /** Time since ESTABLISHED was entered. */
  openFor: number
  lastDataSent: number
  lastSent: number
  lastDataReceived: number
  lastReceived: number
  segmentsIn: number
  segmentsOut: number
  dataSegmentsIn: number
  dataSegmentsOut: number
  bytesReceived: number
  bytesSent: number
  bytesAcked: number
  bytesRetransmitted: number
  /** tcpi_total_retrans */
  segmentsRetransmitted: number
  /** tcpi_rcv_ooopack */
  outOfOrderIn: number
  /** Bytes received out of order for which there was no block (`reassemblyBlocks`): the peer sends them again. */
  refusedIn: number
  duplicateIn: number
  /** D-SACKs received (tcpi_dsack_dups), and recoveries that turned out not to have been needed. */
  duplicatesReported: number
  spuriousRecoveries: number
  /** Bytes per second over the last timed round trip. */
  deliveryRate: number
  /** Time with something to send, and how much of it was spent waiting for the peer's window or the send buffer. */
  busyTime: number
  rwndLimited: number
  sndbufLimited: number
  /** What the sender waits for now. */
  limitedBy: 'idle' | 'network' | 'receiver' | 'send-buffer'
}

export function status(tcb: Tcb, now: number): TcpStatus {
  const age = (at: number) => (at < 0 ? -1 : now - at)
  const segments = (bytes: number) => Math.ceil(Math.max(0, bytes) / Math.max(1, tcb.mss))
  const { rto, congestion, chrono } = tcb
  return {
    state: tcb.state,
    congestionControl: congestion.name,
    congestionState: congestionState(tcb),
    timestamps: tcb.timestamps,
    sack: tcb.sack,
    windowScaling: tcb.windowScaling,
    ecn: tcb.ecn || tcb.accurate !== null,
    accurateEcn: tcb.accurate !== null,
    deliveredCe: tcb.accurate?.deliveredCe ?? 0,
    receivedCe: tcb.accurate?.receivedCe ?? 0,
    deliveredEcnOctets: tcb.accurate?.reportedOctets ?? { ect1: 0, ce: 0, ect0: 0 },
    synData: tcb.fastOpen?.taken ?? false,
    synDataSent: tcb.fastOpen?.sent ?? 0,
    sndWscale: tcb.sndScale,
    rcvWscale: tcb.rcvScale,
    retransmits: tcb.retransmits,
    timeouts: tcb.timeouts,
    probes: tcb.probes,
    backoff: rto.backoff,
    rto: rto.rto,
    ato: tcb.config.delayedAck,
    rtt: rto.srtt,
    rttvar: rto.rttvar,
    lastRtt: rto.latest,
    minRtt: rto.min === Number.POSITIVE_INFINITY ? -1 : rto.min,
    sndMss: tcb.mss,
    rcvMss: tcb.rcvMss,
    advMss: tcb.announcedMss,
    pmtuSegment: tcb.maxSegment,
    cwnd: Math.floor(tcb.recovery.cwnd(tcb)),
    ssthresh: congestion.ssthresh,
    reordering: tcb.recovery.reordering(tcb),
    sndWnd: tcb.sndWnd,
    rcvWnd: isSynchronized(tcb.state) || tcb.state === 'SYN_RECEIVED' ? tcb.rcvWnd : 0,
    rcvSpace: tcb.receiveBuffer,
    unackedSegments: segments(tcb.flight),
    sackedSegments: segments(tcb.scoreboard.sacked),
    lostSegments: segments(tcb.scoreboard.lost),
    retransmittedOut: segments(tcb.scoreboard.resent),
    flight: tcb.flight,
    notSent: Math.max(0, tcb.unsent),
    unread: tcb.receiveQueue.length,
    urgentRemaining: urgentRemaining(tcb),
    outOfOrderBytes: tcb.reassembly?.bytes ?? 0,
    outOfOrderBlocks: tcb.reassembly?.count ?? 0,
    openFor: age(tcb.openedAt),
    lastDataSent: age(tcb.lastDataSentAt),
    lastSent: age(tcb.lastSentAt),
    lastDataReceived: age(tcb.lastDataReceivedAt),
    lastReceived: age(tcb.lastReceivedAt),
    segmentsIn: tcb.segmentsIn,
    segmentsOut: tcb.segmentsOut,
    dataSegmentsIn: tcb.dataSegmentsIn,
    dataSegmentsOut: tcb.dataSegmentsOut,
    bytesReceived: tcb.bytesReceived,
    bytesSent: tcb.bytesSent,
    bytesAcked: tcb.bytesAcked,
    bytesRetransmitted: tcb.bytesRetransmitted,
    segmentsRetransmitted: tcb.segmentsRetransmitted,
    outOfOrderIn: tcb.outOfOrderIn,
    refusedIn: tcb.refusedIn,
    duplicateIn: tcb.duplicateIn,
    duplicatesReported: tcb.duplicatesReported,
    spuriousRecoveries: tcb.spuriousRecoveries,
    deliveryRate: tcb.deliveryRate,
    busyTime: chrono.busy(now),
    rwndLimited: chrono.waitedForReceiver(now),
    sndbufLimited: chrono.waitedForBuffer(now),
    limitedBy: chrono.current,
  }
}

function congestionState(tcb: Tcb): TcpStatus['congestionState'] {
  if (tcb.retransmits > 0) return 'loss'
  return tcb.recovery.state
}
