import type { HalfOpenRecord, TimeWaitRecord } from '../tcp/records.js'
import type { Tcb } from '../tcp/tcb.js'
import type { IpAddress } from '../wire/address.js'
import { Flow } from './flow.js'
import type { Listener } from './listener.js'
import type { RecordPool } from './record-pool.js'
import { Records } from './records.js'
import type { FlowTable } from './table.js'
import type { TimerWheel } from './wheel.js'

/** A connection in SYN_RECEIVED, as it is seen while something happens to it; `tcb` only if the SYN carried text. */
export class HalfOpen extends Flow {
  tcb: Tcb | null = null
  record: HalfOpenRecord | null = null

  constructor(
    readonly listener: Listener,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
  ) {
    super(local, localPort, remote, remotePort)
    this.trafficClass = listener.trafficClass
    this.hopLimit = listener.hopLimit
  }

  /** The earliest timer, in ms. */
  get deadline(): number {
    return this.tcb ? this.tcb.deadline : Math.min(this.record!.retransmitAt, this.record!.userTimeoutAt)
  }
}

/** What few half-open connections have. */
interface Rare {
  tcb: Tcb | null
  displaced: TimeWaitRecord | null
  challengeWindowAt: number
  challengesSent: number
}

// int32
const ISS = 0
const IRS = 1
const TS_OFFSET = 2
const TS_RECENT = 3
const RCV_ADV = 4
/** The peer's MSS, and the options: 16 bits each. */
const OPTIONS = 5
/** The peer's window, 16 bits; retransmissions and doublings of the RTO, 8 bits each. */
const COUNTS = 6
/** In whole seconds, which is enough for a rule about 24 days. */
const TS_RECENT_AT = 7
const LISTENER = 8
// doubles
const RETRANSMIT_AT = 0
const TIMED_AT = 1
const USER_TIMEOUT_AT = 2

/** Half-open connections, as records: a SYN flood is the one time when there are many. */
export class HalfOpens extends Records<HalfOpen> {
  private readonly rare = new Map<number, Rare>()
  private readonly listeners: (Listener | null)[] = []
  private readonly places = new Map<Listener, number>()

  constructor(table: FlowTable, wheel: TimerWheel, due: (flow: HalfOpen) => void) {
    super(table, wheel, 9, 3, due)
  }

  override allot(flow: HalfOpen): void {
    super.allot(flow)
    flow.listener.halfOpen++
  }

  override free(flow: HalfOpen): void {
    super.free(flow)
    this.rare.delete(flow.ref)
    const { listener } = flow
    if (--listener.halfOpen > 0) return
    this.listeners[this.placeOf(listener)] = null
    this.places.delete(listener)
  }

  protected store(flow: HalfOpen, pool: RecordPool, slot: number): void {
    const { record, tcb, ref } = flow
    pool.setInt(slot, LISTENER, this.placeOf(flow.listener))
    if (tcb) this.rare.set(ref, { ...NOTHING_RARE, tcb })
    if (!record) return
    const { displaced, challengesSent, challengeWindowAt } = record
    if (displaced || challengesSent > 0)
      this.rare.set(ref, { tcb: null, displaced, challengesSent, challengeWindowAt })
    else this.rare.delete(ref)
    pool.setInt(slot, ISS, record.iss)
    pool.setInt(slot, IRS, record.irs)
    pool.setInt(slot, TS_OFFSET, record.tsOffset)
    pool.setInt(slot, TS_RECENT, record.tsRecent)
    pool.setInt(slot, RCV_ADV, record.rcvAdv)
    pool.setInt(slot, OPTIONS, (record.peerMss << 16) | record.options)
    pool.setInt(slot, COUNTS, (record.window << 16) | (record.retransmits << 8) | record.backoff)
    pool.setInt(slot, TS_RECENT_AT, Math.floor(record.tsRecentAt / 1000))
    pool.setDouble(slot, RETRANSMIT_AT, record.retransmitAt)
    pool.setDouble(slot, TIMED_AT, record.timedAt)
    pool.setDouble(slot, USER_TIMEOUT_AT, record.userTimeoutAt)
  }

  protected load(pool: RecordPool, slot: number, ref: number): HalfOpen {
    const listener = this.listeners[pool.int(slot, LISTENER)]!
    const flow = new HalfOpen(
      listener,
      pool.local(slot),
      pool.localPort(slot),
      pool.remote(slot),
      pool.remotePort(slot),
    )
    const { tcb, displaced, challengeWindowAt, challengesSent } = this.rare.get(ref) ?? NOTHING_RARE
    const counts = pool.int(slot, COUNTS)
    const options = pool.int(slot, OPTIONS)
    const seconds = pool.int(slot, TS_RECENT_AT)
    if (tcb) flow.tcb = tcb
    else
      flow.record = {
        iss: pool.int(slot, ISS),
        irs: pool.int(slot, IRS),
        tsOffset: pool.int(slot, TS_OFFSET),
        tsRecent: pool.int(slot, TS_RECENT),
        tsRecentAt: seconds < 0 ? -1 : seconds * 1000,
        peerMss: options >>> 16,
        window: counts >>> 16,
        rcvAdv: pool.int(slot, RCV_ADV),
        options: options & 0xffff,
        retransmits: (counts >>> 8) & 0xff,
        backoff: counts & 0xff,
        retransmitAt: pool.double(slot, RETRANSMIT_AT),
        timedAt: pool.double(slot, TIMED_AT),
        userTimeoutAt: pool.double(slot, USER_TIMEOUT_AT),
        challengeWindowAt,
        challengesSent,
        displaced,
      }
    return flow
  }

  private placeOf(listener: Listener): number {
    let place = this.places.get(listener)
    if (place === undefined) {
      place = this.listeners.indexOf(null)
      if (place < 0) place = this.listeners.length
      this.listeners[place] = listener
      this.places.set(listener, place)
    }
    return place
  }
}

const NOTHING_RARE: Rare = {
  tcb: null,
  displaced: null,
  challengeWindowAt: Number.NEGATIVE_INFINITY,
  challengesSent: 0,
}
