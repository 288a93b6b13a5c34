import type { Flow } from './flow.js'
import { RecordPool } from './record-pool.js'
import { RecordTimers } from './record-timers.js'
import type { FlowTable } from './table.js'
import type { TimerWheel } from './wheel.js'

/** Records of one kind and one IP version. */
interface Shelf {
  readonly pool: RecordPool
  readonly timers: RecordTimers
  readonly ref: (slot: number) => number
}

/**
 * Flows of one kind, of which there may be very many, as records: each is an object only for as long as something happens to
 * it. `load` and `store` say what of it is kept, besides its tuple and how its packets are marked.
 */
export abstract class Records<F extends Flow> {
  private readonly four: Shelf
  private readonly six: Shelf

  /** `ints` and `doubles`: how many numbers a record has. `due`: the time that a flow was set for has come. */
  constructor(
    private readonly table: FlowTable,
    wheel: TimerWheel,
    ints: number,
    doubles: number,
    due: (flow: F) => void,
  ) {
    const shelf = (version: 4 | 6): Shelf => {
      const pool = new RecordPool(version, ints, doubles)
      const ref: Shelf['ref'] = table.register({ pool, view: slot => this.seen(pool, slot, ref(slot)) })
      const timers = new RecordTimers(pool, wheel, slot => due(this.seen(pool, slot, ref(slot))))
      return { pool, timers, ref }
    }
    this.four = shelf(4)
    this.six = shelf(6)
  }

  protected abstract load(pool: RecordPool, slot: number, ref: number): F
  protected abstract store(flow: F, pool: RecordPool, slot: number): void

  get count(): number {
    return this.four.pool.count + this.six.pool.count
  }

  /** Bytes of the records themselves; the table's places come on top. */
  get bytes(): number {
    return this.four.pool.bytes + this.six.pool.bytes
  }

  /** Makes a record for `flow`, which the table does not have yet. */
  allot(flow: F): void {
    const { pool, ref } = this.shelf(flow)
    const slot = pool.add(flow)
    flow.ref = ref(slot)
    this.store(flow, pool, slot)
  }

  /** What happened to it is kept, and it is due at `at` ms, if not before. */
  save(flow: F, at: number): void {
    const { pool, timers } = this.shelf(flow)
    const slot = this.table.slotOf(flow)
    this.store(flow, pool, slot)
    timers.schedule(slot, at)
  }

  /** The record is gone; its place in the table is the caller's to clear. */
  free(flow: F): void {
    const { pool, timers } = this.shelf(flow)
    const slot = this.table.slotOf(flow)
    timers.cancel(slot)
    pool.remove(slot)
  }

  /** The tick at which a flow's timer is to fire; -1 if none is set. */
  dueTick(flow: F): number {
    return this.shelf(flow).timers.dueTick(this.table.slotOf(flow))
  }

  /** All of them, as `FlowTable` walks. */
  *[Symbol.iterator](): Generator<F> {
    for (const { ref } of [this.four, this.six]) yield* this.table.records(ref) as Generator<F>
  }

  /** Those of each version that were set first. */
  get oldest(): F[] {
    return [this.four, this.six]
      .filter(({ timers }) => timers.oldest >= 0)
      .map(({ pool, timers, ref }) => this.seen(pool, timers.oldest, ref(timers.oldest)))
  }

  private seen(pool: RecordPool, slot: number, ref: number): F {
    const flow = this.load(pool, slot, ref)
    flow.trafficClass = pool.trafficClass(slot)
    flow.hopLimit = pool.hopLimit(slot)
    flow.ref = ref
    this.table.name(flow)
    return flow
  }

  private shelf(flow: F): Shelf {
    return flow.local.version === 4 ? this.four : this.six
  }
}
