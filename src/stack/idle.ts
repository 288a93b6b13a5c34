import { isQuiet, TcbFolder } from '../tcp/fold.js'
import type { Context } from './context.js'
import { Socket } from './socket.js'
import type { FlowTable } from './table.js'
import { TimerNode } from './wheel.js'

/** When connections on which nothing happens are folded up. */
export interface IdleOptions {
  /** Not before there are more connections than this, half-open ones and those in TIME_WAIT included. Default 1,000. */
  readonly above: number
  /** After so many ms without a segment in or out. Default 10,000. */
  readonly after: number
}

/** Fills in the defaults. Throws a RangeError that names a value out of range. */
export function idleOptions(overrides: Partial<IdleOptions> = {}): IdleOptions {
  const options: IdleOptions = { above: 1000, after: 10_000, ...overrides }
  for (const [name, value] of Object.entries(options))
    if (!(value >= 0)) throw new RangeError(`foldIdle.${name} must be 0 or more, not ${value}`)
  return options
}

/** A step of a walk, at most: what it takes, a millisecond or two, is what a packet may have to wait. */
const LOOKS = 1000
const FOLDS = 50
/** Between steps, in ms. */
const PAUSE = 50

/**
 * Folds up idle connections where there are many: walks over all of them in small steps, and rests between walks. A folded
 * one unfolds when a segment, a timer or its user comes.
 */
export class IdleWalk extends TimerNode {
  private readonly folder = new TcbFolder()
  private place = 0

  constructor(
    private readonly context: Context,
    private readonly table: FlowTable,
    private readonly options: IdleOptions,
  ) {
    super()
  }

  /** There may be more connections than before. */
  joined(): void {
    if (this.timerDue < 0 && this.table.size > this.options.above) this.rest(this.options.after)
  }

  /** The time for the next step has come. */
  step(): void {
    const { table, options } = this
    if (table.size <= options.above) {
      this.place = 0
      return
    }
    const since = this.context.now - options.after
    const end = Math.min(table.objectPlaces, this.place + LOOKS)
    for (let folds = 0; this.place < end && folds < FOLDS; this.place++) {
      const flow = table.objectAt(this.place)
      if (!(flow instanceof Socket) || flow.isFolded || flow.dirty || !isQuiet(flow.tcb, since)) continue
      if (flow.tcb.deadline === Number.POSITIVE_INFINITY) this.context.wheel.cancel(flow)
      flow.fold(this.folder)
      this.context.counters.connectionsFolded++
      folds++
    }
    if (this.place < table.objectPlaces) this.rest(PAUSE)
    else {
      this.place = 0
      this.rest(Math.max(options.after, PAUSE))
    }
  }

  private rest(ms: number): void {
    this.context.wheel.schedule(this, this.context.now + ms)
  }
}
