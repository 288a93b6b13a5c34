import * as calls from '../tcp/calls.js'
import { TcpError } from '../tcp/errors.js'
import type { IpAddress } from '../wire/address.js'
import type { Context } from './context.js'
import type { Listener } from './listener.js'
import { Quota } from './quota.js'
import type { Socket } from './socket.js'

/**
 * What others may take of a stack. RFC 9293 keeps a connection open for as long as the peer answers (MUST-37), and
 * leaves it to policy what happens when there are too many of them (RFC 6429): this is the policy. It acts only when
 * a limit is reached, and everything it does is counted.
 */
export interface Limits {
  /** Connections that others have opened and that are not over, TIME_WAIT not counted. */
  readonly connections: number
  /** Of those, from one IPv4 address, or one IPv6 /64, which is what one host can have. */
  readonly connectionsPerPeer: number
  /** Bytes for connections that were released and still have data or a FIN to deliver. */
  readonly orphanMemory: number
  /**
   * A connection that has had something to send for `stallTime` ms, and got less than `stallRate` bytes of it
   * acknowledged in each second, may be reset for a new one once a limit is reached; the slowest first.
   */
  readonly stallTime: number
  readonly stallRate: number
}

/** Fills in the defaults. Throws a RangeError that names a value out of range. */
export function limitsOf(overrides: Partial<Limits> = {}): Limits {
  const connections = overrides.connections ?? 65_536
  const limits: Limits = {
    connections,
    // No host can take all of it.
    connectionsPerPeer: Math.ceil(connections / 4),
    orphanMemory: 128 << 20,
    stallTime: 30_000,
    stallRate: 100,
    ...overrides,
  }
  for (const [name, value] of Object.entries(limits))
    if (!(value >= 0)) throw new RangeError(`${name} must be 0 or more, not ${value}`)
  return limits
}

/** What a released connection is charged besides the bytes it still has to send: its state. */
const ORPHAN_STATE = 4096

/** Admits connections that others open, and makes room for them and for orphans where that is allowed. */
export class Limiter {
  private readonly all: Quota
  /** What counts the connections of each peer, and those quotas that do where the listener has none of its own. */
  private readonly peers = new Map<string, readonly [Quota, Quota]>()
  private readonly listeners = new WeakMap<Listener, Quota>()
  private readonly orphans: Quota

  constructor(
    private readonly limits: Limits,
    private readonly context: Context,
    /** `socket` has just been aborted and has a RST to send. */
    private readonly aborted: (socket: Socket) => void,
  ) {
    this.all = this.connections(limits.connections)
    this.orphans = new Quota(limits.orphanMemory, worthOfOrphan)
  }

  /** A handshake is complete. False if there is no room for the connection; it is the caller's to end. */
  admit(socket: Socket, listener: Listener): boolean {
    const { counters } = this.context
    const key = peerKey(socket.remote)
    const usual = this.peers.get(key) ?? [this.connections(this.limits.connectionsPerPeer), this.all]
    const own = this.quotaOf(listener)
    const quotas = own ? [own, ...usual] : usual
    for (const quota of quotas)
      while (!quota.fits(1)) {
        const victim = quota.victim(this.context.now)
        if (!victim) {
          counters.connectionsRefused++
          return false
        }
        counters.connectionsReclaimed++
        this.reclaim(victim, 'had made no progress, and others wanted its place')
      }
    for (const quota of quotas) quota.join(socket, 1)
    // Only now: a peer that has no connection costs nothing.
    this.peers.set(key, usual)
    socket.quotas = quotas
    return true
  }

  /** Looked at before each time it may send: once nobody holds it any more, it is counted among the orphans. */
  orphaned(socket: Socket): void {
    const { orphans } = this
    const { tcb } = socket
    if (orphans.has(socket) || tcb.state === 'CLOSED' || tcb.state === 'TIME_WAIT') return
    const charge = ORPHAN_STATE + tcb.sendQueue.length
    orphans.join(socket, charge)
    while (!orphans.fits(0)) {
      // If the others were all looked at within the second it is the new one that goes.
      const victim = orphans.victim(this.context.now) ?? socket
      this.context.counters.orphansReclaimed++
      this.reclaim(victim, 'was left behind by its user, as too many others were')
      if (victim === socket) return
    }
  }

  /** It is over, or in TIME_WAIT and read out. */
  left(socket: Socket): void {
    this.orphans.leave(socket)
    const { quotas } = socket
    if (!quotas) return
    socket.quotas = null
    for (const quota of quotas) quota.leave(socket)
    const key = peerKey(socket.remote)
    if (this.peers.get(key)?.[0].isEmpty) this.peers.delete(key)
  }

  private reclaim(socket: Socket, why: string): void {
    this.left(socket)
    calls.abort(socket.tcb, this.context.now)
    socket.tcb.error = new TcpError('ECONNABORTED', `the connection ${why}`)
    this.aborted(socket)
  }

  private connections(most: number): Quota {
    return new Quota(most, (socket, now) => worth(socket, now, this.limits))
  }

  /** What a listener has for itself, if it has a limit. */
  private quotaOf(listener: Listener): Quota | undefined {
    let quota = this.listeners.get(listener)
    if (!quota && listener.maxConnections !== Number.POSITIVE_INFINITY)
      this.listeners.set(listener, (quota = this.connections(listener.maxConnections)))
    return quota
  }
}

/** Not a number's name: V8 hashed those without a seed (CVE-2026-21717). */
const peerKey = (a: IpAddress): string => (a.version === 4 ? `4:${a.w3}` : `6:${a.w0}:${a.w1}`)

/** Bytes acknowledged in each second in which there was anything to send. */
function rate({ tcb }: Socket, now: number): number {
  return (tcb.bytesAcked / Math.max(tcb.chrono.busy(now), 1)) * 1000
}

/** All of ours has arrived, nobody reads theirs, and only their FIN is missing: less than any other, the oldest first. */
function worthOfWaiting({ tcb }: Socket, now: number): number | undefined {
  return tcb.orphaned && tcb.state === 'FIN_WAIT_2' ? -1 / (1 + tcb.lingerAt - now) : undefined
}

const worthOfOrphan = (socket: Socket, now: number): number =>
  worthOfWaiting(socket, now) ?? rate(socket, now)

function worth(socket: Socket, now: number, { stallTime, stallRate }: Limits): number | undefined {
  if (socket.isFolded) return undefined
  const waiting = worthOfWaiting(socket, now)
  if (waiting !== undefined) return waiting
  const { chrono } = socket.tcb
  if (chrono.current === 'idle' || chrono.busy(now) < stallTime) return undefined
  const value = rate(socket, now)
  return value < stallRate ? value : undefined
}
