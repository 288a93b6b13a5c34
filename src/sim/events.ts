/** One thing that will happen in a world. */
export interface Scheduled {
  readonly at: number
  readonly order: number
  readonly run: () => void
  cancelled: boolean
}

/** What will happen, soonest first; things at the same instant happen in the order they were asked for. */
export class EventQueue {
  private heap: Scheduled[] = []
  private count = 0

  add(at: number, run: () => void): Scheduled {
    const event: Scheduled = { at, order: this.count++, run, cancelled: false }
    const heap = this.heap
    let i = heap.length
    heap.push(event)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (before(heap[parent]!, event)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = event
    return event
  }

  /** The time of the next event; Infinity if there is none. */
  get next(): number {
    this.dropCancelled()
    return this.heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  take(): Scheduled | undefined {
    this.dropCancelled()
    return this.heap.length > 0 ? this.pop() : undefined
  }

  private dropCancelled(): void {
    while (this.heap[0]?.cancelled) this.pop()
  }

  private pop(): Scheduled {
    const heap = this.heap
    const top = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (before(last, heap[child]!)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return top
  }
}

const before = (a: Scheduled, b: Scheduled): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
