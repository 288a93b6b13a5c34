/**
 * Everything about a connection that is a choice. A profile (to look like another host) is an object of this shape.
 * Times are in ms, sizes in bytes.
 */
export interface TcpConfig {
  /** Most received bytes held for the user; the window never promises more. 2048 .. 2^30. */
  readonly receiveBuffer: number
  /** Bytes the user may queue before `send` says that it is enough. */
  readonly sendBuffer: number
  /** RFC 7323 window scaling, RFC 7323 timestamps, RFC 2018 SACK: offered, and accepted when offered. */
  readonly windowScaling: boolean
  readonly timestamps: boolean
  readonly sack: boolean
  /** RFC 6298: the first RTO, the bounds of later ones, and the clock's granularity G. */
  readonly initialRto: number
  readonly minRto: number
  readonly maxRto: number
  readonly clockGranularity: number
  /** RFC 6928: the initial window in segments. */
  readonly initialWindow: number
  /** RFC 3465: the most segments' worth of growth one ACK may bring in slow start. */
  readonly abcLimit: number
  /** RFC 5681: duplicate acknowledgments that count as a loss. */
  readonly duplicateAckThreshold: number
  /** How long an ACK may wait for company; below 500 (MUST-40). */
  readonly delayedAck: number
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
  /** The smallest MSS a peer is believed to mean (a smaller one multiplies our cost: CVE-2019-11479). */
  readonly minMss: number
  /** Challenge and out-of-window ACKs each connection sends in a second, at most (RFC 5961 section 7). */
  readonly challengeAckLimit: number
  /** Blind-attack protection (RFC 5961), TIME_WAIT assassination (RFC 1337), TIME_WAIT reuse (RFC 6191). */
  readonly rfc5961: boolean
  readonly rfc1337: boolean
  readonly rfc6191: boolean
  /** Out-of-order blocks held for reassembly, at most. Their bytes are bounded by the window. */
  readonly reassemblyBlocks: number
}

export const DEFAULT_CONFIG: TcpConfig = {
  receiveBuffer: 1 << 20,
  sendBuffer: 1 << 20,
  windowScaling: true,
  timestamps: true,
  sack: true,
  initialRto: 1000,
  minRto: 200,
  maxRto: 60_000,
  clockGranularity: 1,
  initialWindow: 10,
  abcLimit: 2,
  duplicateAckThreshold: 3,
  delayedAck: 40,
  nagle: true,
  swsOverride: 200,
  msl: 30_000,
  finWait2Timeout: 60_000,
  r1: 3,
  r2: 15,
  synR2: 180_000,
  synAckRetries: 5,
  userTimeout: 300_000,
  keepAliveIdle: 7_200_000,
  keepAliveInterval: 75_000,
  keepAliveProbes: 9,
  persistMax: 60_000,
  minMss: 48,
  challengeAckLimit: 10,
  rfc5961: true,
  rfc1337: true,
  rfc6191: true,
  reassemblyBlocks: 1024,
}

/** Fills in the defaults. Throws a RangeError that names a value out of range. */
export function tcpConfig(overrides: Partial<TcpConfig> = {}): TcpConfig {
  const config = { ...DEFAULT_CONFIG, ...overrides }
  const check = (name: keyof TcpConfig, low: number, high: number) => {
    const value = config[name] as number
    if (!(value >= low && value <= high))
      throw new RangeError(`${name} must be ${low} .. ${high}, not ${value}`)
  }
  check('receiveBuffer', 2048, 2 ** 30)
  check('sendBuffer', 1, 2 ** 30)
  check('initialRto', 1, 60_000)
  check('minRto', 1, 60_000)
  check('maxRto', config.minRto, 3_600_000)
  check('clockGranularity', 0, 1000)
  check('initialWindow', 1, 1000)
  check('abcLimit', 1, 1000)
  check('duplicateAckThreshold', 1, 1000)
  check('delayedAck', 0, 499)
  check('swsOverride', 100, 1000)
  check('msl', 1, 600_000)
  check('finWait2Timeout', 1, Number.POSITIVE_INFINITY)
  check('r1', 0, Number.POSITIVE_INFINITY)
  check('r2', 1, Number.POSITIVE_INFINITY)
  check('synR2', 1, Number.POSITIVE_INFINITY)
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
