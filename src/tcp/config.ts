import { type ControllerChoice, controllerNamed } from './controllers.js'
import { ICMP_ERRORS, type IcmpPolicy } from './icmp-policy.js'

/**
 * Everything about a connection that is a choice. A profile (to look like another host) is an object of this shape.
 * Times are in ms, sizes in bytes.
 */
export interface TcpConfig {
  /** Most received bytes held for the user; the window never promises more. 2048 .. 2^30. */
  readonly receiveBuffer: number
  /** The most the receive buffer may grow to, by what the user reads; the window scale is chosen for it. 0: it does not grow. */
  readonly maxReceiveBuffer: number
  /** Once the connection's MSS is known the receive buffer is rounded up to a multiple of it. */
  readonly wholeSegmentBuffer: boolean
  /**
   * Receiver-side silly-window avoidance (MUST-39): 'steps' moves the right edge by segments only, 'floor' says all
   * there is and nothing when that is less than a segment.
   */
  readonly windowAdvance: 'steps' | 'floor'
  /** What is accepted: what was promised, or all the buffer has room for. */
  readonly acceptedWindow: 'promised' | 'buffer'
  /** When a reader has made room, the peer is told: once the window has doubled, or once it is a quarter of the buffer. */
  readonly windowUpdate: 'doubled' | 'quarter'
  /** How a window is said that is no multiple of the scale's unit. */
  readonly windowRounding: 'down' | 'up'
  /** Bytes the user may queue before `send` says that it is enough. */
  readonly sendBuffer: number
  /** The most that may grow to, as the congestion window does. 0: it does not grow. */
  readonly maxSendBuffer: number
  /** RFC 7323 window scaling, RFC 7323 timestamps, RFC 2018 SACK: offered, and accepted when offered. */
  readonly windowScaling: boolean
  readonly timestamps: boolean
  readonly sack: boolean
  /** RFC 2883: duplicates are reported in the first SACK block. */
  readonly dsack: boolean
  /** The order of a SYN's options, and where filling goes: NOPs in front of each, or end-of-list behind all. */
  readonly synOptions: readonly SynOption[]
  readonly synOptionFill: 'front' | 'behind'
  /** SYNs carry no option at all, and what the peer offers is not looked at. */
  readonly noOptions: boolean
  /** Retransmissions of a SYN after which it is sent without options but MSS, for what cannot bear them. */
  readonly plainSynAfter: number
  /** The largest MSS to announce and to use, whatever the interface and the peer say. */
  readonly maxMss: number
  /** RFC 3168: never, if the peer asks for it, or asked for by us; and how many SYNs ask before one does not. */
  readonly ecn: 'off' | 'accept' | 'request'
  readonly ecnSynRetries: number
  /**
   * RFC 9768, where `ecn` allows any: never, if the peer asks for it, or asked for by us where `ecn` has us ask. Its option:
   * never, when one of its counters has changed, or on every segment.
   */
  readonly accurateEcn: 'off' | 'accept' | 'request'
  readonly accurateEcnOption: 'never' | 'changed' | 'always'
  /** With it acknowledgments, FINs and what is sent again are ECN-capable too (draft-ietf-tcpm-generalized-ecn). */
  readonly ecnOnAll: boolean
  /** RFC 8511: an echo comes from a short queue, and takes less of the window than a loss. */
  readonly abe: boolean
  /** A segment without the timestamp that was agreed on is taken all the same (RFC 7323 section 3.2 wants it dropped). */
  readonly tolerateMissingTimestamps: boolean
  /** RFC 6298: the first RTO, the bounds of later ones, and the clock's granularity G. */
  readonly initialRto: number
  readonly minRto: number
  readonly maxRto: number
  readonly clockGranularity: number
  /** Whether `minRto` bounds the RTO, or the part of it that stands for variance. */
  readonly minRtoBounds: 'rto' | 'variance'
  /** Added to every RTO but the first. */
  readonly rtoSlop: number
  /** RFC 9040: a new connection starts from the round-trip time and ssthresh of others to the same host. */
  readonly shareState: boolean
  /** How cwnd grows and falls: a controller's name, or what makes one. */
  readonly congestion: ControllerChoice
  /**
   * Whether what goes out is spread over time: by a controller that gives a rate (BBR), or always: then a window takes most
   * of a round trip, or half of one in slow start.
   */
  readonly pacing: 'controller' | 'always'
  /** What ssthresh is a part of after a loss: what was in flight (RFC 5681), or cwnd. */
  readonly reduceFrom: 'flight' | 'cwnd'
  /** RFC 6928: the initial window in segments. */
  readonly initialWindow: number
  /** Segments that a link which segments itself gets at once, at least, if there are so many. */
  readonly minBurst: number
  /** cwnd grows only as far as it was used; otherwise by all that is acknowledged, once more than half of it was. */
  readonly capIncrease: boolean
  /**
   * What becomes of a window that is not used: the initial one after an idle RTO (RFC 5681 section 4.1), half of it after
   * each five minutes (RFC 7661), or nothing.
   */
  readonly unusedWindow: 'restart' | 'halve' | 'keep'
  /** RFC 3465: the most segments' worth of growth one ACK may bring in slow start. */
  readonly abcLimit: number
  /** RFC 5681: duplicate acknowledgments that count as a loss. */
  readonly duplicateAckThreshold: number
  /** What is lost: what was sent long enough before something that arrived (RFC 8985), or has enough reported above it (RFC 6675). */
  readonly lossDetection: 'time' | 'count'
  /** RFC 5682: after a timeout new data finds out whether anything was lost. */
  readonly frto: boolean
  /** RFC 8985 section 7: a probe when an acknowledgment is overdue, later if only one segment waits for it. */
  readonly tailLossProbe: boolean
  readonly tailLossAckDelay: number
  /** How long an ACK may wait for company; below 500 (MUST-40). */
  readonly delayedAck: number
  /** Every second segment is acknowledged, whatever its size; otherwise more than a full segment's worth (SHLD-19). */
  readonly ackSecondSegment: boolean
  /** Data segments acknowledged at once while a connection is new and its peer in slow start. */
  readonly quickAcks: number
  /**
   * The same once two full segments of a peer's first window, or of its first after an idle time, have come: it sends in bulk,
   * and where its window is odd the last ACK of each round trip would wait for company.
   */
  readonly quickAcksInSlowStart: number
  /**
   * The same after something was missing, or came again: the window of a sender that repairs a loss is a segment or two for
   * a while, and each acknowledgment that waits for company costs it the delay.
   */
  readonly quickAcksAfterLoss: number
  /** Nagle's algorithm, in Minshall's variant (RFC 9293 appendix A.3), until the user turns it off. */
  readonly nagle: boolean
  /** How long sender-side silly-window avoidance may hold data back; 100 .. 1000 (RFC 9293 section 3.8.6.2.1). */
  readonly swsOverride: number
  /** Maximum segment lifetime; TIME_WAIT lasts two. The RFC says 2 minutes, deployed stacks 30 s. */
  readonly msl: number
  /** How long FIN_WAIT_2 is kept when nobody is left to read. */
  readonly finWait2Timeout: number
  /** Retransmissions after which the user and IP are warned (SHLD-10), and after which the connection ends. */
  readonly r1: number
  readonly r2: number
  /** R2 for SYN; at least 3 minutes (MUST-23) unless the user asks for less. */
  readonly synR2: number
  /** Retransmissions of a SYN after which its timer begins to double; R2 counts from there. */
  readonly synLinearTimeouts: number
  /** Retransmissions of a SYN,ACK before a half-open connection is forgotten. */
  readonly synAckRetries: number
  /** RFC 9293 section 3.9.1.1: how long sent data may stay unacknowledged. Infinity turns it off. */
  readonly userTimeout: number
  /** RFC 9293 section 3.8.4. Keep-alive is off until the user turns it on. */
  readonly keepAliveIdle: number
  readonly keepAliveInterval: number
  readonly keepAliveProbes: number
  /** The longest pause between zero-window probes. */
  readonly persistMax: number
  /** What probes a closed window: the next octet, or nothing at a number already acknowledged. */
  readonly windowProbe: 'octet' | 'empty'
  /** The smallest MSS a peer is believed to mean (a smaller one multiplies our cost: CVE-2019-11479). */
  readonly minMss: number
  /** Challenge and out-of-window ACKs each connection sends in a second, at most (RFC 5961 section 7). */
  readonly challengeAckLimit: number
  /**
   * Protection against blind attacks (RFC 5961): only an exact RST resets (section 3), a SYN on an open connection is
   * challenged (section 4), what acknowledges too little is not taken (section 5). Without it RFC 793's rules hold.
   */
  readonly strictReset: boolean
  readonly strictSyn: boolean
  readonly strictAck: boolean
  /** An acknowledgment of what was never sent: answered with an ACK (RFC 9293), or not at all. */
  readonly ackBeyondNext: 'acknowledge' | 'ignore'
  /** A SYN,ACK that comes to a listener: reset its sender (RFC 9293), or not at all. */
  readonly synAckInListen: 'reset' | 'ignore'
  /** Text that rides on a SYN is kept for the connection; otherwise its sender has to send it again. */
  readonly keepSynData: boolean
  /** What has SYN and FIN is dropped: nowhere, by listeners, or everywhere. */
  readonly dropSynFin: 'nowhere' | 'listen' | 'everywhere'
  /** Segments for ports where nobody is: answered with RST (RFC 9293), or not at all. */
  readonly closedPort: 'reset' | 'ignore'
  /**
   * A RST that ends a connection acknowledges, and carries a timestamp if they were agreed on; one that answers data for
   * which nobody is left stands at the number that the data acknowledges.
   */
  readonly resetWithAck: boolean
  /** Closing for good with data unread resets the connection at once (SHLD-3); otherwise only data that still comes. */
  readonly resetOnUnread: boolean
  /** On entering CLOSING the FIN is sent again with the acknowledgment of the peer's. */
  readonly repeatFinInClosing: boolean
  /** A connection that is reset before anybody has accepted it stays in the queue, with what it has brought. */
  readonly keepResetInQueue: boolean
  /** A RST at the end of a close, when only the last acknowledgment is missing, is an error like any other. */
  readonly lateResetIsError: boolean
  /** A hard ICMP error ends a connection that is still opening (SHLD-26); which ones are, and what the user is told. */
  readonly hardIcmpErrors: boolean
  readonly icmpErrors: IcmpPolicy
  /** RFC 4821: where large segments vanish without a word, smaller ones are sent, and larger ones tried again. */
  readonly pathMtuProbing: boolean
  /** MSS is announced by what is known of the path, not by the interface alone: never, over IPv6, or always. */
  readonly announcePathMss: 'never' | 'ipv6' | 'always'
  /**
   * TIME_WAIT: RFC 9293's steps, or: what does not acknowledge is dropped, all else is acknowledged unless it is
   * nothing but what is expected.
   */
  readonly timeWait: 'rfc9293' | 'terse'
  /** TIME_WAIT assassination (RFC 1337), TIME_WAIT reuse (RFC 6191). */
  readonly rfc1337: boolean
  readonly rfc6191: boolean
  /** Out-of-order blocks held for reassembly, at most. Their bytes are bounded by the window. */
  readonly reassemblyBlocks: number
}

/** An option of a SYN besides MSS, which is always first. */
export type SynOption = 'sack' | 'timestamps' | 'scale'

export const DEFAULT_CONFIG: TcpConfig = {
  receiveBuffer: 1 << 20,
  maxReceiveBuffer: 65_535 << 8,
  wholeSegmentBuffer: false,
  windowAdvance: 'steps',
  acceptedWindow: 'promised',
  windowUpdate: 'doubled',
  windowRounding: 'down',
  sendBuffer: 1 << 19,
  maxSendBuffer: 16 << 20,
  windowScaling: true,
  timestamps: true,
  sack: true,
  dsack: true,
  synOptions: ['sack', 'timestamps', 'scale'],
  synOptionFill: 'front',
  noOptions: false,
  plainSynAfter: Number.POSITIVE_INFINITY,
  maxMss: 65535,
  ecn: 'accept',
  ecnSynRetries: 1,
  accurateEcn: 'accept',
  accurateEcnOption: 'changed',
  ecnOnAll: false,
  abe: false,
  tolerateMissingTimestamps: false,
  initialRto: 1000,
  minRto: 200,
  maxRto: 60_000,
  clockGranularity: 1,
  minRtoBounds: 'rto',
  rtoSlop: 0,
  shareState: false,
  congestion: 'cubic',
  pacing: 'controller',
  reduceFrom: 'flight',
  initialWindow: 10,
  minBurst: 2,
  capIncrease: true,
  unusedWindow: 'restart',
  abcLimit: 2,
  duplicateAckThreshold: 3,
  lossDetection: 'time',
  frto: true,
  tailLossProbe: true,
  tailLossAckDelay: 200,
  delayedAck: 40,
  ackSecondSegment: false,
  quickAcks: 0,
  quickAcksInSlowStart: 16,
  quickAcksAfterLoss: 16,
  nagle: true,
  swsOverride: 200,
  msl: 30_000,
  finWait2Timeout: 60_000,
  r1: 3,
  r2: 15,
  synR2: 180_000,
  synLinearTimeouts: 0,
  synAckRetries: 5,
  userTimeout: 300_000,
  keepAliveIdle: 7_200_000,
  keepAliveInterval: 75_000,
  keepAliveProbes: 9,
  persistMax: 60_000,
  windowProbe: 'octet',
  minMss: 48,
  challengeAckLimit: 10,
  strictReset: true,
  strictSyn: true,
  strictAck: true,
  ackBeyondNext: 'acknowledge',
  synAckInListen: 'reset',
  keepSynData: true,
  dropSynFin: 'nowhere',
  closedPort: 'reset',
  resetWithAck: false,
  resetOnUnread: true,
  repeatFinInClosing: false,
  keepResetInQueue: false,
  lateResetIsError: false,
  hardIcmpErrors: true,
  icmpErrors: ICMP_ERRORS,
  pathMtuProbing: true,
  announcePathMss: 'never',
  timeWait: 'rfc9293',
  rfc1337: true,
  rfc6191: true,
  reassemblyBlocks: 1024,
}

/** Changes `base`, the defaults if it is not given. A buffer that is given does not grow, unless it is said how far. Throws a RangeError that names a value out of range. */
export function tcpConfig(overrides: Partial<TcpConfig> = {}, base = DEFAULT_CONFIG): TcpConfig {
  const config: { -readonly [K in keyof TcpConfig]: TcpConfig[K] } = { ...base, ...overrides }
  // Who says how large a buffer is does not want another.
  if (overrides.receiveBuffer !== undefined && overrides.maxReceiveBuffer === undefined)
    config.maxReceiveBuffer = 0
  if (overrides.sendBuffer !== undefined && overrides.maxSendBuffer === undefined) config.maxSendBuffer = 0
  const check = (name: keyof TcpConfig, low: number, high: number) => {
    const value = config[name] as number
    if (!(value >= low && value <= high))
      throw new RangeError(`${name} must be ${low} .. ${high}, not ${value}`)
  }
  if (typeof config.congestion === 'string') controllerNamed(config.congestion)
  check('receiveBuffer', 2048, 2 ** 30)
  check('maxReceiveBuffer', 0, 2 ** 30)
  check('sendBuffer', 1, 2 ** 30)
  check('maxSendBuffer', 0, 2 ** 30)
  check('plainSynAfter', 0, Number.POSITIVE_INFINITY)
  check('maxMss', 1, 65535)
  check('ecnSynRetries', 0, 255)
  check('rtoSlop', 0, 10_000)
  check('quickAcks', 0, 1000)
  check('quickAcksInSlowStart', 0, 1000)
  check('quickAcksAfterLoss', 0, 1000)
  check('minBurst', 1, 1000)
  check('initialRto', 1, 60_000)
  check('minRto', 1, 60_000)
  check('maxRto', config.minRto, 3_600_000)
  check('clockGranularity', 0, 1000)
  check('initialWindow', 1, 1000)
  check('abcLimit', 1, 1000)
  check('duplicateAckThreshold', 1, 1000)
  check('tailLossAckDelay', 0, 10_000)
  check('delayedAck', 0, 499)
  check('swsOverride', 100, 1000)
  check('msl', 1, 600_000)
  check('finWait2Timeout', 1, Number.POSITIVE_INFINITY)
  check('r1', 0, Number.POSITIVE_INFINITY)
  check('r2', 1, Number.POSITIVE_INFINITY)
  check('synR2', 1, Number.POSITIVE_INFINITY)
  check('synLinearTimeouts', 0, 255)
  check('synAckRetries', 0, 255)
  check('userTimeout', 1, Number.POSITIVE_INFINITY)
  check('keepAliveIdle', 1, Number.POSITIVE_INFINITY)
  check('keepAliveInterval', 1, Number.POSITIVE_INFINITY)
  check('keepAliveProbes', 1, 1000)
  check('persistMax', 1, 3_600_000)
  check('minMss', 1, 536)
  check('challengeAckLimit', 1, 1_000_000)
  check('reassemblyBlocks', 1, 1_000_000)
  return config
}
