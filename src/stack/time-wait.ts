import type { TimeWaitRecord } from '../tcp/records.js'
import type { IpAddress } from '../wire/address.js'
import { Flow } from './flow.js'
import type { RecordPool } from './record-pool.js'
import { Records } from './records.js'
import type { FlowTable } from './table.js'
import type { TimerWheel } from './wheel.js'

/** A connection in TIME_WAIT, as it is seen while something happens to it. */
export class TimeWait extends Flow {
  constructor(
    public record: TimeWaitRecord,
    /** Tells it from others that had, or will have, the same tuple. Never 0. */
    readonly serial: number,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
  ) {
    super(local, localPort, remote, remotePort)
  }

  /** 2MSL are over, in ms. */
  get deadline(): number {
    return this.record.lingerAt
  }
}

type Challenges = Pick<TimeWaitRecord, 'challengeWindowAt' | 'challengesSent'>

// int32
const SND_NXT = 0
const RCV_NXT = 1
const RCV_ADV = 2
const MAX_SND_WND = 3
const TS_OFFSET = 4
const TS_RECENT = 5
const OPTIONS = 6
const SERIAL = 7
// doubles
const TS_RECENT_AT = 0
const LINGER_AT = 1

/** Connections in TIME_WAIT, as records. */
export class TimeWaitRecords extends Records<TimeWait> {
  /** Of those few that have had to challenge somebody. */
  private readonly challenges = new Map<number, Challenges>()

  constructor(table: FlowTable, wheel: TimerWheel, due: (flow: TimeWait) => void) {
    super(table, wheel, 8, 2, due)
  }

  override free(flow: TimeWait): void {
    super.free(flow)
    this.challenges.delete(flow.ref)
  }

  protected store({ record, serial, ref }: TimeWait, pool: RecordPool, slot: number): void {
    pool.setInt(slot, SND_NXT, record.sndNxt)
    pool.setInt(slot, RCV_NXT, record.rcvNxt)
    pool.setInt(slot, RCV_ADV, record.rcvAdv)
    pool.setInt(slot, MAX_SND_WND, record.maxSndWnd)
    pool.setInt(slot, TS_OFFSET, record.tsOffset)
    pool.setInt(slot, TS_RECENT, record.tsRecent)
    pool.setInt(slot, OPTIONS, record.options)
    pool.setInt(slot, SERIAL, serial)
    pool.setDouble(slot, TS_RECENT_AT, record.tsRecentAt)
    pool.setDouble(slot, LINGER_AT, record.lingerAt)
    const { challengesSent, challengeWindowAt } = record
    if (challengesSent > 0) this.challenges.set(ref, { challengesSent, challengeWindowAt })
  }

  protected load(pool: RecordPool, slot: number, ref: number): TimeWait {
    const { challengesSent, challengeWindowAt } = this.challenges.get(ref) ?? NONE
    const record = {
      sndNxt: pool.int(slot, SND_NXT),
      rcvNxt: pool.int(slot, RCV_NXT),
      rcvAdv: pool.int(slot, RCV_ADV),
      maxSndWnd: pool.int(slot, MAX_SND_WND),
      tsOffset: pool.int(slot, TS_OFFSET),
      tsRecent: pool.int(slot, TS_RECENT),
      tsRecentAt: pool.double(slot, TS_RECENT_AT),
      options: pool.int(slot, OPTIONS),
      lingerAt: pool.double(slot, LINGER_AT),
      challengeWindowAt,
      challengesSent,
    }
    return new TimeWait(
      record,
      pool.int(slot, SERIAL),
      pool.local(slot),
      pool.localPort(slot),
      pool.remote(slot),
      pool.remotePort(slot),
    )
  }
}

const NONE: Challenges = { challengesSent: 0, challengeWindowAt: Number.NEGATIVE_INFINITY }
