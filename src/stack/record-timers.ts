import { type RecordPool, UNLISTED } from './record-pool.js'
import { TimerNode, type TimerWheel } from './wheel.js'

/** The records that are due at one tick, in the order in which they were set: one timer of the wheel for all of them. */
export class Bucket extends TimerNode {
  head = -1
  tail = -1

  constructor(
    readonly id: number,
    readonly tick: number,
    private readonly timers: RecordTimers,
  ) {
    super()
  }

  /** The wheel's: its time has come. */
  fire(): void {
    this.timers.fire(this)
  }
}

/** Timers of the records of a pool. Setting and cancelling are O(1), and a timer takes no memory but the record's links. */
export class RecordTimers {
  /** By tick, in the order in which they were made. */
  private readonly buckets = new Map<number, Bucket>()
  private readonly byId: (Bucket | null)[] = []
  private readonly freeIds: number[] = []

  constructor(
    private readonly pool: RecordPool,
    private readonly wheel: TimerWheel,
    /** `slot` is due, or was when it was set; it is set no more. */
    private readonly due: (slot: number) => void,
  ) {}

  /** As `TimerWheel.schedule`: a record that is set for an earlier time is left there. */
  schedule(slot: number, at: number): void {
    if (at === Number.POSITIVE_INFINITY) return
    const { pool, wheel } = this
    const tick = wheel.tickFor(at)
    const before = this.dueTick(slot)
    if (before >= 0) {
      if (before <= tick) return
      this.cancel(slot)
    }
    const bucket = this.buckets.get(tick) ?? this.open(tick)
    pool.setBucket(slot, bucket.id)
    pool.setNext(slot, -1)
    pool.setPrev(slot, bucket.tail)
    if (bucket.tail >= 0) pool.setNext(bucket.tail, slot)
    else bucket.head = slot
    bucket.tail = slot
  }

  cancel(slot: number): void {
    if (this.pool.next(slot) === UNLISTED) return
    const bucket = this.byId[this.pool.bucket(slot)]!
    this.unlink(bucket, slot)
    // One that is firing is set no more, and ends by itself.
    if (bucket.head >= 0 || bucket.timerDue < 0) return
    this.wheel.cancel(bucket)
    this.close(bucket)
  }

  /** The record that was set first of those that are set; -1 if there is none. */
  get oldest(): number {
    // One that is firing may be empty.
    for (const { head } of this.buckets.values()) if (head >= 0) return head
    return -1
  }

  /** The tick for which it is set; -1 if it is not. */
  dueTick(slot: number): number {
    return this.pool.next(slot) === UNLISTED ? -1 : this.byId[this.pool.bucket(slot)]!.tick
  }

  fire(bucket: Bucket): void {
    // One by one from the head: what is done about one may take others away. None comes to this one: it is the present.
    while (bucket.head >= 0) {
      const slot = bucket.head
      this.unlink(bucket, slot)
      this.due(slot)
    }
    this.close(bucket)
  }

  private open(tick: number): Bucket {
    const id = this.freeIds.pop() ?? this.byId.length
    const bucket = new Bucket(id, tick, this)
    this.byId[id] = bucket
    this.buckets.set(tick, bucket)
    this.wheel.schedule(bucket, tick)
    return bucket
  }

  private close(bucket: Bucket): void {
    this.buckets.delete(bucket.tick)
    this.byId[bucket.id] = null
    this.freeIds.push(bucket.id)
  }

  private unlink(bucket: Bucket, slot: number): void {
    const { pool } = this
    const next = pool.next(slot)
    const prev = pool.prev(slot)
    if (prev >= 0) pool.setNext(prev, next)
    else bucket.head = next
    if (next >= 0) pool.setPrev(next, prev)
    else bucket.tail = prev
    pool.setNext(slot, UNLISTED)
  }
}
