import type { TcpConfig } from './config.js'
import type { IcmpPolicy } from './icmp-policy.js'

/**
 * What makes a host look like another: its choices as data, to be spread into a stack's configuration
 * (`new Stack({ env, tcp: PROFILES.linux.tcp })`). `rfc` is estab's own: what RFC 9293 and its kin say.
 */
export interface Profile {
  readonly about: string
  readonly tcp: Partial<TcpConfig>
  /** How the socket calls of such a host behave where POSIX leaves it open. */
  readonly sockets: 'linux' | 'freebsd'
  /** A connection that does not open is given up after this many ms; 0 if only the number of SYNs decides. */
  readonly openTimeout: number
  /** Bytes of payload that its interface takes at once and cuts up itself; 0 for one segment. */
  readonly segmentation: number
}

/** Linux ends an attempt to connect on any error. */
const LINUX_ICMP: IcmpPolicy = {
  network: { code: 'ENETUNREACH', hard: true },
  host: { code: 'EHOSTUNREACH', hard: true },
  protocol: { code: 'ENOPROTOOPT', hard: true },
  port: { code: 'ECONNREFUSED', hard: true },
  'prohibited-network': { code: 'ENETUNREACH', hard: true },
  prohibited: { code: 'EHOSTUNREACH', hard: true },
  'time-exceeded': { code: 'EHOSTUNREACH', hard: true },
  reassembly: { code: 'EHOSTUNREACH', hard: true },
  parameter: { code: 'EPROTO', hard: true },
  'next-header': { code: 'EPROTO', hard: true },
}

const FREEBSD_ICMP: IcmpPolicy = {
  network: { code: 'ENETUNREACH', hard: false },
  host: { code: 'EHOSTUNREACH', hard: false },
  protocol: { code: 'ECONNREFUSED', hard: true },
  port: { code: 'ECONNREFUSED', hard: true },
  'prohibited-network': { code: 'ECONNREFUSED', hard: true },
  prohibited: { code: 'ECONNREFUSED', hard: true },
  'time-exceeded': { code: 'EHOSTUNREACH', hard: true },
  reassembly: { code: 'EHOSTUNREACH', hard: false },
  parameter: { code: 'EPROTO', hard: false },
  'next-header': { code: 'ECONNREFUSED', hard: true },
}

const rfc: Profile = {
  about:
    'RFC 9293 and what belongs to it, where a choice is left the one that estab makes; buffers do not grow',
  tcp: { maxReceiveBuffer: 0, maxSendBuffer: 0 },
  sockets: 'linux',
  openTimeout: 0,
  segmentation: 0,
}

const linux: Profile = {
  about: 'Linux 6',
  sockets: 'linux',
  openTimeout: 0,
  segmentation: 65_535,
  tcp: {
    receiveBuffer: 131_072,
    maxReceiveBuffer: 6_291_456,
    sendBuffer: 87_040,
    maxSendBuffer: 4_194_304,
    synOptions: ['sack', 'timestamps', 'scale'],
    synOptionFill: 'front',
    initialRto: 1000,
    minRto: 200,
    minRtoBounds: 'variance',
    maxRto: 120_000,
    initialWindow: 10,
    reduceFrom: 'cwnd',
    capIncrease: false,
    delayedAck: 40,
    quickAcks: 16,
    quickAcksInSlowStart: 0,
    quickAcksAfterLoss: 0,
    msl: 30_000,
    finWait2Timeout: 60_000,
    r2: 15,
    // Four retransmissions of a SYN a second apart, then six more, the last of which waits 64 s.
    synLinearTimeouts: 4,
    synR2: 127_000,
    userTimeout: Number.POSITIVE_INFINITY,
    persistMax: 120_000,
    windowProbe: 'empty',
    ackBeyondNext: 'ignore',
    keepSynData: false,
    dropSynFin: 'listen',
    icmpErrors: LINUX_ICMP,
    abcLimit: 1000,
    resetWithAck: true,
    // Both until a sysctl says otherwise: tcp_ecn is 2.
    accurateEcn: 'off',
    accurateEcnOption: 'always',
    ecnOnAll: true,
    pathMtuProbing: false,
    announcePathMss: 'always',
    keepResetInQueue: true,
    tolerateMissingTimestamps: true,
    rfc1337: false,
  },
}

const freebsd: Profile = {
  about: 'FreeBSD 15',
  sockets: 'freebsd',
  openTimeout: 75_000,
  segmentation: 0,
  tcp: {
    receiveBuffer: 65_536,
    maxReceiveBuffer: 2_097_152,
    sendBuffer: 32_768,
    maxSendBuffer: 2_097_152,
    wholeSegmentBuffer: true,
    windowAdvance: 'floor',
    acceptedWindow: 'buffer',
    windowRounding: 'up',
    synOptions: ['scale', 'sack', 'timestamps'],
    synOptionFill: 'behind',
    initialRto: 1000,
    minRto: 30,
    maxRto: 64_000,
    rtoSlop: 200,
    lossDetection: 'count',
    tailLossProbe: false,
    frto: false,
    delayedAck: 40,
    ackSecondSegment: true,
    quickAcksInSlowStart: 0,
    quickAcksAfterLoss: 0,
    msl: 30_000,
    finWait2Timeout: 60_000,
    r2: 12,
    synR2: Number.POSITIVE_INFINITY,
    userTimeout: Number.POSITIVE_INFINITY,
    keepAliveProbes: 8,
    synAckInListen: 'ignore',
    resetWithAck: true,
    resetOnUnread: false,
    repeatFinInClosing: true,
    rfc1337: true,
    lateResetIsError: true,
    icmpErrors: FREEBSD_ICMP,
    pathMtuProbing: false,
    announcePathMss: 'ipv6',
    timeWait: 'terse',
    windowUpdate: 'quarter',
  },
}

export const PROFILES = { rfc, linux, freebsd } as const

export type ProfileName = keyof typeof PROFILES
