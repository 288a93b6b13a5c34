import type { State } from './states.js'
import type { Tcb } from './tcb.js'
import { urgentRemaining } from './urgent.js'

/**
 * STATUS (RFC 9293 section 3.10.6): what Linux's TCP_INFO tells, under names that say what they are. Times in ms,
 * sizes in bytes unless they say segments. What belongs to a mechanism that is not built yet is not there.
 */
export interface TcpStatus {
  state: State
  congestionControl: string
  congestionState: 'open' | 'disorder' | 'recovery' | 'loss'
  timestamps: boolean
  sack: boolean
  windowScaling: boolean
  sndWscale: number
  rcvWscale: number
  /** Expirations of the retransmission timer for the oldest octet, all of them, and the probes unanswered. */
  retransmits: number
  timeouts: number
  probes: number
  backoff: number
  rto: number
  ato: number
  /** Smoothed, variance, last and smallest round-trip time; -1 before the first sample. */
  rtt: number
  rttvar: number
  lastRtt: number
  minRtt: number
  sndMss: number
  rcvMss: number
  advMss: number
  pmtuSegment: number
  cwnd: number
  ssthresh: number
  sndWnd: number
  rcvWnd: number
  /** Octets sent and not acknowledged, queued and never sent, received and not read. */
  flight: number
  notSent: number
  unread: number
  urgentRemaining: number
  outOfOrderBytes: number
  outOfOrderBlocks: number
  lastDataSent: number
  lastAckSent: number
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
  segmentsRetransmitted: number
  outOfOrderIn: number
  duplicateIn: number
  /** What the sender waits for: nothing to send, the peer's window, cwnd, or the application. */
  limitedBy: 'idle' | 'receiver' | 'congestion' | 'application'
}

/** Ages are measured to `now`; -1 for what never happened. */
export function status(tcb: Tcb, now: number): TcpStatus {
  const age = (at: number) => (at < 0 ? -1 : now - at)
  return {
    state: tcb.state,
    congestionControl: tcb.congestion.name,
    congestionState: congestionState(tcb),
    timestamps: tcb.timestamps,
    sack: tcb.sack,
    windowScaling: tcb.windowScaling,
    sndWscale: tcb.sndScale,
    rcvWscale: tcb.rcvScale,
    retransmits: tcb.retransmits,
    timeouts: tcb.timeouts,
    probes: tcb.probes,
    backoff: tcb.rto.backoff,
    rto: tcb.rto.rto,
    ato: tcb.config.delayedAck,
    rtt: tcb.rto.srtt,
    rttvar: tcb.rto.rttvar,
    lastRtt: tcb.rto.latest,
    minRtt: tcb.rto.min === Number.POSITIVE_INFINITY ? -1 : tcb.rto.min,
    sndMss: tcb.mss,
    rcvMss: tcb.rcvMss,
    advMss: tcb.announcedMss,
    pmtuSegment: tcb.maxSegment,
    cwnd: tcb.congestion.cwnd,
    ssthresh: tcb.congestion.ssthresh,
    sndWnd: tcb.sndWnd,
    rcvWnd: tcb.rcvWnd,
    flight: tcb.flight,
    notSent: Math.max(0, tcb.unsent),
    unread: tcb.receiveQueue.length,
    urgentRemaining: urgentRemaining(tcb),
    outOfOrderBytes: tcb.reassembly?.bytes ?? 0,
    outOfOrderBlocks: tcb.reassembly?.count ?? 0,
    lastDataSent: age(tcb.lastDataSentAt),
    lastAckSent: age(tcb.lastSentAt),
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
    duplicateIn: tcb.duplicateIn,
    limitedBy: limitedBy(tcb),
  }
}

function congestionState(tcb: Tcb): TcpStatus['congestionState'] {
  if (tcb.retransmits > 0) return 'loss'
  if (tcb.recovery.active) return 'recovery'
  return tcb.recovery.duplicates > 0 ? 'disorder' : 'open'
}

function limitedBy(tcb: Tcb): TcpStatus['limitedBy'] {
  if (tcb.unsent <= 0) return tcb.flight > 0 ? 'application' : 'idle'
  if (tcb.flight + tcb.mss > tcb.sndWnd) return 'receiver'
  return tcb.flight + tcb.mss > tcb.congestion.cwnd ? 'congestion' : 'application'
}
