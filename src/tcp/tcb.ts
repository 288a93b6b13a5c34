import type { AccurateEcn } from './accurate-ecn.js'
import { Chrono } from './chrono.js'
import type { TcpConfig } from './config.js'
import type { CongestionController } from './congestion.js'
import { type ControllerChoice, makeController } from './controllers.js'
import type { TcpError } from './errors.js'
import type { FastOpen } from './fast-open.js'
import { NewRenoRecovery } from './newreno.js'
import type { TcpObserver } from './observe.js'
import type { PathProbe } from './path-probe.js'
import { DeliveryRate } from './rate.js'
import type { ReactionId } from './reactions.js'
import { Reassembly } from './reassembly.js'
import { ReceiveQueue } from './receive-queue.js'
import type { TimeWaitRecord } from './records.js'
import type { LossRecovery } from './recovery.js'
import type { RightSizing } from './right-sizing.js'
import { RtoEstimator } from './rto.js'
import { SackRecovery } from './sack-recovery.js'
import { Scoreboard } from './scoreboard.js'
import { SendQueue } from './send-queue.js'
import type { State } from './states.js'

/** What has happened on a connection since its owner last looked: bits of `tcb.events`. */
export const EV = {
  /** ESTABLISHED was reached. */
  OPEN: 1,
  /** In-order data is waiting. */
  READABLE: 2,
  /** Sent data was acknowledged, and the send queue has room. */
  WRITABLE: 4,
  /** The peer's FIN was reached: no data will follow what is waiting. */
  END: 8,
  /** CLOSED was reached; `tcb.error` says why if it was not a proper close. */
  CLOSED: 16,
  /** Urgent data was announced, or its end moved on (MUST-32). */
  URGENT: 32,
  /** A soft error: `tcb.softError` (MUST-47). */
  SOFT_ERROR: 64,
  /** TIME_WAIT was entered. */
  TIME_WAIT: 128,
  /** LISTEN was returned to: a half-open connection is to be forgotten (T30, T35). */
  RETURNED: 256,
  /** Sent data was acknowledged, whether or not that makes room. */
  ACKNOWLEDGED: 512,
} as const

/** What the transmitter owes the peer: bits of `tcb.owed`. */
export const OWE = {
  ACK: 1,
  SYN: 2,
  /** A RST at `tcb.resetSeq`. */
  RESET: 4,
  PROBE: 8,
  KEEP_ALIVE: 16,
  /** A tail loss probe. */
  LOSS_PROBE: 32,
} as const

/** `timedAt` after the timed segment was sent again: only an echoed timestamp can measure now. */
export const UNTIMED = -2

export interface TcbParameters {
  config: TcpConfig
  /** Initial send sequence number (RFC 6528), and the offset of the timestamp clock (RFC 7323 section 5.4). */
  iss: number
  tsOffset: number
  /** MMS_S: the largest TCP segment, header included, that fits the path, in bytes. */
  maxSegment: number
  /** The MSS we announce: what fits our interface, header not included (MUST-67). */
  announcedMss: number
  /** What to send when the peer announces nothing: 536 on IPv4, 1220 on IPv6 (MUST-15). */
  defaultMss: number
  /** In place of the configuration's. */
  congestion?: ControllerChoice | undefined
  /** RFC 7413: what to try, or what to answer. */
  fastOpen?: FastOpen | null | undefined
}

/** In ms. */
const SHORT_RTT = 1

/**
 * The transmission control block: the whole state of one connection (RFC 9293 section 3.3.1), and nothing else. It
 * is plain data; the functions beside it (`segmentArrives`, the calls, `timeout`, `transmit`) are the machine. Time
 * is a number of ms that the caller supplies; sequence numbers are int32.
 */
export class Tcb {
  state: State = 'CLOSED'
  /** Whether SYN_RECEIVED came from LISTEN (MUST-11). */
  passive = false
  /** Shared with other connections that chose the same: replaced, never changed. */
  config: TcpConfig
  observer: TcpObserver | null = null
  /** Bits of `EV`. */
  events = 0
  /** Bits of `OWE`. */
  owed = 0
  error: TcpError | null = null
  softError: TcpError | null = null
  /** What the network last said of segments that are still unacknowledged. */
  icmpError: TcpError | null = null
  /** What was done with the last segment. */
  reaction: ReactionId | '' = ''

  // Send sequence space (Figure 3)
  iss: number
  sndUna: number
  sndNxt: number
  /** Our SYN has been sent, and acknowledged. (SND.UNA may come round to ISS again.) */
  synSent = false
  synAcked = false
  /** SND.WND in bytes, scaled. */
  sndWnd = 0
  sndWl1 = 0
  sndWl2 = 0
  /** The largest window the peer ever offered: MAX.SND.WND. */
  maxSndWnd = 0
  /** SND.UP: the octet after the urgent data; meaningful while `urgentSending`. */
  sndUp = 0
  urgentSending = false
  /** Where the last segment shorter than the MSS ended (Minshall's SND.SML). */
  sndSml: number
  /** Where the data ends that the user wants to be delivered without waiting for more (PUSH). */
  pushedTo: number
  sendQueue = new SendQueue()
  /** Sequence number of the first octet in the send queue. */
  queueSeq: number
  finQueued = false
  finSent = false
  /** What is outstanding, segment by segment: `sndUna .. sndNxt`, without the SYN. */
  scoreboard = new Scoreboard()

  // Receive sequence space (Figure 4)
  irs = 0
  rcvNxt = 0
  /** The right edge of the window promised so far; it never moves left (SHLD-14). */
  rcvAdv = 0
  /** RCV.UP, meaningful while `urgentReceiving`. */
  rcvUp = 0
  urgentReceiving = false
  receiveQueue = new ReceiveQueue()
  reassembly: Reassembly | null = null
  /** The peer's FIN has been seen, and where it stands. */
  finReceived = false
  finSeq = 0
  /** The user will read no more: data that arrives from now on is lost, and the peer is told so (SHLD-3). */
  orphaned = false

  // Options
  peerMss: number
  /** Bytes of payload in a full segment, options of every segment deducted. */
  mss = 0
  maxSegment: number
  /** The path seems to lose what is larger, and is searched (RFC 4821). */
  pathProbe: PathProbe | null = null
  readonly announcedMss: number
  readonly defaultMss: number
  sndScale = 0
  rcvScale = 0
  windowScaling = false
  timestamps = false
  sack = false
  /** RFC 3168 was agreed on. */
  ecn = false
  /** RFC 9768 was agreed on. */
  accurate: AccurateEcn | null = null
  tsOffset: number
  tsRecent = 0
  /** When TS.Recent was taken, for the 24-day rule; -1 before. */
  tsRecentAt = -1
  lastAckSent = 0
  /** RFC 7413 is tried, or was. */
  fastOpen: FastOpen | null

  // Timers: when each is due, Infinity when it is not set
  retransmitAt = Number.POSITIVE_INFINITY
  /** A tail loss probe, or RACK's reordering timer. */
  lossTimerAt = Number.POSITIVE_INFINITY
  delayedAckAt = Number.POSITIVE_INFINITY
  keepAliveAt = Number.POSITIVE_INFINITY
  /** 2MSL, or the limit on FIN_WAIT_2. */
  lingerAt = Number.POSITIVE_INFINITY
  userTimeoutAt = Number.POSITIVE_INFINITY

  // Retransmission
  rto: RtoEstimator
  congestion: CongestionController
  private chosenRecovery: LossRecovery | null = null
  /** Measured for controllers that want it. */
  rate: DeliveryRate | null
  /** When the next segment may go, and when to look again; -1 and Infinity without pacing. */
  paceAt = -1
  paceTimerAt = Number.POSITIVE_INFINITY
  /** Something waits for that time. */
  paceHolds = false
  /** What `congestion` was made from. */
  controller: ControllerChoice
  /** FlightSize after data was last sent: whether the sender was held back by cwnd. */
  flightAtSend = 0
  /** When at least half of cwnd was last in use (RFC 7661); -1 before. */
  validatedAt = -1
  readonly chrono = new Chrono()
  /** `retransmitAt` belongs to the persist timer. */
  persisting = false
  /** Expirations for the oldest unacknowledged octet. */
  retransmits = 0
  /** Zero-window probes sent since an ACK came back, and doublings of the pause between them. */
  probes = 0
  persistBackoff = 0
  firstSentAt = -1
  /**
   * The segment being timed: its end, and when it was sent; -1 when none is, UNTIMED when it was sent again and so
   * measures nothing (Karn).
   */
  timedSeq = 0
  timedAt = -1
  /** Octets acknowledged when it was sent, and the delivery rate of the last one, in bytes per second. */
  timedAcked = 0
  deliveryRate = 0
  synRetransmitted = false
  /** The round trip of the last segment that the acknowledgment at hand says to have arrived, sent once; or -1. */
  ackedRtt = -1
  /** Recoveries that were found not to have been needed. */
  spuriousRecoveries = 0
  /** D-SACKs of the peer's. */
  duplicatesReported = 0

  // Acknowledgments
  /** Bytes received since the last ACK was sent. */
  unackedBytes = 0
  /** Duplicate ACKs owed: one for each out-of-order segment, so that the peer can count them. */
  duplicateAcksOwed = 0
  /** The largest payload seen: an estimate of the peer's segment size. */
  rcvMss = 0
  challengeWindowAt = Number.NEGATIVE_INFINITY
  challengesSent = 0
  /** Data segments still to be acknowledged at once. */
  quickAcks: number
  /** `bytesReceived` when the peer began to send, or began again after an idle time. */
  burstFrom = 0
  /** What was received twice and is still to be reported (RFC 2883): edges, two by two. */
  duplicates: number[] | null = null

  // Explicit congestion notification
  /** CE was seen, and the peer has not said that it slowed down: ECE on every acknowledgment. */
  ecnEcho = false
  /** The window was made smaller: CWR on the next new segment. */
  ecnCwrOwed = false
  /** ECE is answered once for what was outstanding: up to here. */
  ecnRecover: number

  /** SEG.SEQ of a RST that is owed, and whether it acknowledges. */
  resetSeq = 0
  resetAcks = false

  // Per-connection choices of the user
  /** Bytes, as in the configuration, until the user or the connection's MSS changes them. */
  receiveBuffer: number
  sendBuffer: number
  /** How far each may grow by itself; no further than it is once the user has set it. */
  mostReceiveBuffer: number
  mostSendBuffer: number
  rightSizing: RightSizing | null = null
  nagle: boolean
  corked = false
  /** The user has said that more is to come, and nothing was acknowledged since. */
  moreComing = false
  userTimeout: number
  /** How long opening may take, in ms, if less than the user timeout. */
  openTimeout = Number.POSITIVE_INFINITY
  r2: number
  synR2: number
  keepAlive = false
  keepAliveIdle: number
  keepAliveInterval: number
  keepAliveProbes: number
  keepAlivesSent = 0
  /** If set, an acceptable SYN in TIME_WAIT opens a new incarnation with this ISS (RFC 6191). */
  reopenIss: number | null = null
  /** The TIME_WAIT that a reopening SYN took the place of, to go back to if that was an old duplicate (MAY-2). */
  displaced: TimeWaitRecord | null = null

  // Counters for STATUS, and times of last activity
  segmentsIn = 0
  segmentsOut = 0
  dataSegmentsIn = 0
  dataSegmentsOut = 0
  bytesReceived = 0
  bytesSent = 0
  bytesAcked = 0
  bytesRetransmitted = 0
  segmentsRetransmitted = 0
  outOfOrderIn = 0
  /** Bytes out of order that there was no block for. */
  refusedIn = 0
  duplicateIn = 0
  timeouts = 0
  badOptions = 0
  openedAt = -1
  lastSentAt = -1
  lastDataSentAt = -1
  lastReceivedAt = -1
  lastDataReceivedAt = -1

  constructor(p: TcbParameters) {
    const { config } = p
    this.config = config
    this.iss = p.iss | 0
    this.sndUna = this.sndNxt = this.iss
    this.sndSml = this.pushedTo = this.iss
    this.queueSeq = (this.iss + 1) | 0
    this.tsOffset = p.tsOffset | 0
    this.maxSegment = p.maxSegment
    this.announcedMss = p.announcedMss
    this.defaultMss = p.defaultMss
    this.peerMss = p.defaultMss
    this.fastOpen = p.fastOpen ?? null
    this.nagle = config.nagle
    this.receiveBuffer = config.receiveBuffer
    this.sendBuffer = config.sendBuffer
    this.mostReceiveBuffer = Math.max(config.receiveBuffer, config.maxReceiveBuffer)
    this.mostSendBuffer = Math.max(config.sendBuffer, config.maxSendBuffer)
    this.userTimeout = config.userTimeout
    this.r2 = config.r2
    this.synR2 = config.synR2
    this.keepAliveIdle = config.keepAliveIdle
    this.keepAliveInterval = config.keepAliveInterval
    this.keepAliveProbes = config.keepAliveProbes
    this.rto = new RtoEstimator(config)
    this.controller = p.congestion ?? config.congestion
    this.congestion = makeController(this.controller, config)
    this.rate = this.congestion.onSample ? new DeliveryRate() : null
    this.rcvScale = ownScale(config)
    this.quickAcks = config.quickAcks
    this.ecnRecover = this.iss
  }

  /**
   * Begins anew with another peer, or another incarnation of this one (LISTEN again, T24): nothing of the last one is
   * left, and what the user has chosen stays.
   */
  restart(iss: number): void {
    const fresh = new Tcb({
      config: this.config,
      iss,
      tsOffset: this.tsOffset,
      maxSegment: this.maxSegment,
      announcedMss: this.announcedMss,
      defaultMss: this.defaultMss,
      congestion: this.controller,
    })
    const { state, passive, observer, nagle, corked, userTimeout, openTimeout, r2, synR2 } = this
    const { keepAlive, keepAliveIdle, keepAliveInterval, keepAliveProbes, reaction } = this
    Object.assign(this, fresh, {
      state,
      passive,
      observer,
      nagle,
      corked,
      userTimeout,
      openTimeout,
      r2,
      synR2,
    })
    Object.assign(this, { keepAlive, keepAliveIdle, keepAliveInterval, keepAliveProbes, reaction })
  }

  /** By whether the peer reports what arrives. Made when there is something to recover: most connections are idle. */
  get recovery(): LossRecovery {
    this.chosenRecovery ??= this.sack ? new SackRecovery(this.iss) : new NewRenoRecovery(this.iss)
    return this.chosenRecovery
  }

  /** The SYNs have said whether there is SACK. */
  sackIsDecided(): void {
    this.chosenRecovery = null
  }

  /** The earliest timer, in ms; Infinity when none is set. */
  get deadline(): number {
    return Math.min(
      this.retransmitAt,
      this.lossTimerAt,
      this.paceTimerAt,
      this.delayedAckAt,
      this.keepAliveAt,
      this.lingerAt,
      this.userTimeoutAt,
    )
  }

  /** The sequence number after the last octet the user queued; where the FIN goes. */
  get queueEnd(): number {
    return (this.queueSeq + this.sendQueue.length) | 0
  }

  /** FlightSize: octets sent and not acknowledged. */
  get flight(): number {
    return (this.sndNxt - this.sndUna) | 0
  }

  /** Octets queued and never sent. */
  get unsent(): number {
    return this.finSent ? 0 : (this.queueEnd - seqAfterSyn(this)) | 0
  }

  /**
   * What `send` goes by: a window, and what is on its way, so that there is always something to send. What was reported
   * behind a gap is on its way until the gap is filled, which may be more than a window. Where the round trip is short the
   * buffer is as it began: that is enough for it, and more than the processor's cache holds would be slower.
   */
  get sendLimit(): number {
    if (this.rto.min < SHORT_RTT) return this.sendBuffer
    const window = Math.min(this.congestion.cwnd, this.maxSndWnd)
    return Math.max(this.sendBuffer, Math.min(Math.max(this.flight, window) + window, this.mostSendBuffer))
  }

  /** RCV.WND: how much of what was promised is left. */
  get rcvWnd(): number {
    return (this.rcvAdv - this.rcvNxt) | 0
  }

  ensureReassembly(): Reassembly {
    return (this.reassembly ??= new Reassembly(this.config.reassemblyBlocks))
  }
}

/** SND.NXT, or the octet after the SYN while that is still to be sent. */
const seqAfterSyn = (tcb: Tcb): number => (tcb.synSent ? tcb.sndNxt : (tcb.iss + 1) | 0)

const ownScale = (config: TcpConfig): number =>
  config.windowScaling ? scaleFor(Math.max(config.receiveBuffer, config.maxReceiveBuffer)) : 0

/** The smallest shift with which 16 bits can say `buffer` (RFC 7323 section 2.3: at most 14). */
function scaleFor(buffer: number): number {
  let shift = 0
  while (shift < 14 && 65535 * 2 ** shift < buffer) shift++
  return shift
}
