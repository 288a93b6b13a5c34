/** Something with a timer; links in its slot's circular list. */
export class TimerNode {
  timerPrev: TimerNode | null = null
  timerNext: TimerNode | null = null
  /** When it is due, in ticks; -1 when it is not set. */
  timerDue = -1
}

const BITS = 8
const SLOTS = 1 << BITS
const LEVELS = 4
const SPAN = 2 ** (BITS * LEVELS)

/**
 * A hierarchical timing wheel (Varghese and Lauck): one tick is 1 ms, setting and cancelling are O(1), and a timer
 * moves at most three times before it fires. Due times are rounded up: nothing fires early.
 */
export class TimerWheel {
  private readonly heads: TimerNode[] = []
  private readonly occupied = new Int32Array((LEVELS * SLOTS) / 32)
  private tick: number
  /** Timers set. */
  count = 0

  constructor(now: number) {
    this.tick = Math.floor(now)
    for (let i = 0; i < LEVELS * SLOTS; i++) {
      const head = new TimerNode()
      head.timerPrev = head.timerNext = head
      this.heads.push(head)
    }
  }

  /** The tick at which what is due at `at` fires. */
  tickFor(at: number): number {
    return Math.max(Math.ceil(at), this.tick + 1)
  }

  /**
   * Makes sure `node` fires at or before `at` (ms). A node that is set for an earlier time is left there: whoever
   * it wakes looks at the real deadline and sets it again, so that pushing a timer back costs nothing.
   */
  schedule(node: TimerNode, at: number): void {
    if (at === Number.POSITIVE_INFINITY) return
    const due = this.tickFor(at)
    if (node.timerDue >= 0) {
      if (node.timerDue <= due) return
      this.cancel(node)
    }
    node.timerDue = due
    this.count++
    this.insert(node)
  }

  cancel(node: TimerNode): void {
    if (node.timerDue < 0) return
    node.timerDue = -1
    this.count--
    node.timerPrev!.timerNext = node.timerNext
    node.timerNext!.timerPrev = node.timerPrev
    node.timerPrev = node.timerNext = null
  }

  /** When something may be due next, in ms: never later than the earliest timer. Infinity if none is set. */
  next(): number {
    if (this.count === 0) return Number.POSITIVE_INFINITY
    let earliest = Number.POSITIVE_INFINITY
    for (let level = 0; level < LEVELS; level++) {
      const width = 2 ** (BITS * level)
      const base = Math.floor(this.tick / width)
      // On upper levels the slot of the present has been dealt out already: what is in it is a full turn away.
      const skip = level === 0 ? 0 : 1
      const distance = this.firstOccupied(level, (base + skip) % SLOTS)
      if (distance >= 0) earliest = Math.min(earliest, (base + skip + distance) * width)
    }
    return earliest
  }

  /** Moves time to `now` and hands over every timer that is due, in order of its tick. */
  advance(now: number, fire: (node: TimerNode) => void): void {
    const target = Math.floor(now)
    while (this.tick < target) {
      if (this.count === 0) {
        this.tick = target
        return
      }
      const next = this.next()
      if (next > target) {
        this.jump(target)
        return
      }
      this.jump(next)
      this.fireSlot(fire)
    }
    this.fireSlot(fire)
  }

  /** Time goes to `tick`, before which nothing is due; slots of upper levels that begin there are dealt out. */
  private jump(tick: number): void {
    const before = this.tick
    this.tick = tick
    for (let level = LEVELS - 1; level > 0; level--) {
      const width = 2 ** (BITS * level)
      if (Math.floor(before / width) === Math.floor(tick / width)) continue
      this.deal(level, Math.floor(tick / width) % SLOTS)
    }
  }

  private deal(level: number, slot: number): void {
    const head = this.heads[level * SLOTS + slot]!
    let node = head.timerNext!
    head.timerPrev = head.timerNext = head
    this.mark(level, slot, false)
    while (node !== head) {
      const next = node.timerNext!
      this.insert(node)
      node = next
    }
  }

  private fireSlot(fire: (node: TimerNode) => void): void {
    const slot = this.tick % SLOTS
    const head = this.heads[slot]!
    for (let node = head.timerNext!; node !== head && node.timerDue <= this.tick; node = head.timerNext!) {
      this.cancel(node)
      fire(node)
    }
    if (head.timerNext === head) this.mark(0, slot, false)
  }

  private insert(node: TimerNode): void {
    const ahead = node.timerDue - this.tick
    let level = 0
    while (level < LEVELS - 1 && ahead >= 2 ** (BITS * (level + 1))) level++
    // Further than the wheel reaches: parked at its end, and dealt again when that comes.
    const due = ahead >= SPAN ? this.tick + SPAN - 1 : node.timerDue
    const slot = Math.floor(due / 2 ** (BITS * level)) % SLOTS
    const head = this.heads[level * SLOTS + slot]!
    node.timerPrev = head.timerPrev
    node.timerNext = head
    head.timerPrev!.timerNext = node
    head.timerPrev = node
    this.mark(level, slot, true)
  }

  private mark(level: number, slot: number, on: boolean): void {
    const index = level * SLOTS + slot
    if (on) this.occupied[index >> 5]! |= 1 << (index & 31)
    else this.occupied[index >> 5]! &= ~(1 << (index & 31))
  }

  /** Distance from slot `from` to the first non-empty one of the level, once round; -1 if there is none. */
  private firstOccupied(level: number, from: number): number {
    for (let i = 0; i < SLOTS; ) {
      const slot = (from + i) % SLOTS
      const index = level * SLOTS + slot
      const word = this.occupied[index >> 5]! >>> (index & 31)
      if (word === 0) {
        i += 32 - (index & 31)
        continue
      }
      const found = i + (31 - Math.clz32(word & -word))
      if (found >= SLOTS) return -1
      const head = this.heads[level * SLOTS + ((from + found) % SLOTS)]!
      // A cancelled timer leaves its mark behind; clear it now.
      if (head.timerNext !== head) return found
      this.mark(level, (from + found) % SLOTS, false)
    }
    return -1
  }
}
