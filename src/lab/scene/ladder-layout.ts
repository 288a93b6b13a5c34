import type { NoteEvent, SegmentEvent, StateEvent, TimerEvent, TraceEvent } from '../../trace/events.js'

/** What stands beside a host's line. */
export type Mark = (StateEvent | NoteEvent | TimerEvent) & { readonly side: 0 | 1; readonly y: number }

/** A segment as a slanted line: from its sender's line at `y1` to the other at `y2`, of which a lost one reaches half. */
export interface Slant {
  readonly index: number
  readonly event: SegmentEvent
  /** Where it comes from. */
  readonly side: 0 | 1
  readonly y1: number
  readonly y2: number
  readonly lost: boolean
}

/** An instant at which something happened, and the rows it takes. */
interface Block {
  readonly t: number
  readonly y: number
  readonly height: number
}

/** Sizes in CSS pixels. */
const ROW = 22
const PER_MS = 2.2
const LEAST_GAP = 8
const MOST_GAP = 66
const TOP = 12

/**
 * Where everything stands on a ladder: time goes downwards, evenly, except that a silence takes no more room than
 * `MOST_GAP`, and that what happens at one instant stands in rows. `hosts` are the left and the right one; `delay` is how
 * long a lost segment would have taken, ms.
 */
export class LadderLayout {
  readonly slants: readonly Slant[]
  readonly marks: readonly Mark[]
  /** Silences that were shortened: where, and how long they last, ms. */
  readonly silences: readonly { readonly y: number; readonly ms: number }[]
  readonly height: number
  private readonly blocks: Block[] = []
  /** The lowest end of the slants up to each, so that those in view are found quickly. */
  private readonly lowest: Float64Array

  constructor(hosts: readonly string[], events: readonly TraceEvent[], delay: number) {
    const rows = new Rows(hosts)
    for (const event of events) rows.count(event)
    const silences: { y: number; ms: number }[] = []
    let y = TOP
    let before: number | undefined
    for (const t of rows.times()) {
      if (before !== undefined) {
        const gap = (t - before) * PER_MS
        if (gap > MOST_GAP) silences.push({ y: y + MOST_GAP / 2, ms: t - before })
        y += Math.min(MOST_GAP, Math.max(LEAST_GAP, gap))
      }
      const height = rows.at(t) * ROW
      this.blocks.push({ t, y, height })
      y += height
      before = t
    }
    this.silences = silences
    this.height = y + ROW
    this.slants = this.slant(events, hosts, delay)
    this.marks = this.mark(events, hosts)
    this.lowest = new Float64Array(this.slants.length)
    let lowest = 0
    this.slants.forEach((s, i) => {
      this.lowest[i] = lowest = Math.max(lowest, s.y1, s.y2)
    })
  }

  /** The instants at which something happened. */
  get times(): number[] {
    return this.blocks.map(block => block.t)
  }

  /** Where an instant ends: everything that happened at it stands above. */
  yOf(t: number): number {
    const i = this.before(b => b.t <= t)
    if (i < 0) return 0
    const block = this.blocks[i]!
    const next = this.blocks[i + 1]
    const end = block.y + block.height
    if (!next || t === block.t) return end + (next ? 0 : Math.min(ROW, (t - block.t) * PER_MS))
    return end + ((t - block.t) / (next.t - block.t)) * (next.y - end)
  }

  tOf(y: number): number {
    const i = this.before(b => b.y <= y)
    if (i < 0) return this.blocks[0]?.t ?? 0
    const block = this.blocks[i]!
    const next = this.blocks[i + 1]
    const end = block.y + block.height
    if (y <= end || !next) return block.t
    return block.t + ((y - end) / (next.y - end)) * (next.t - block.t)
  }

  /** The slants that are to be seen between two heights: a range of indices. */
  inView(top: number, bottom: number): [number, number] {
    const { slants, lowest } = this
    return [first(lowest.length, i => lowest[i]! >= top), first(slants.length, i => slants[i]!.y1 > bottom)]
  }

  marksInView(top: number, bottom: number): readonly Mark[] {
    const { marks } = this
    return marks.slice(
      first(marks.length, i => marks[i]!.y >= top - ROW),
      first(marks.length, i => marks[i]!.y > bottom),
    )
  }

  private before(holds: (block: Block) => boolean): number {
    return first(this.blocks.length, i => !holds(this.blocks[i]!)) - 1
  }

  private blockAt(t: number): Block | undefined {
    const block = this.blocks[this.before(b => b.t <= t)]
    return block?.t === t ? block : undefined
  }

  private slant(events: readonly TraceEvent[], hosts: readonly string[], delay: number): Slant[] {
    const slants: Slant[] = []
    const taken = new Map<string, number>()
    const row = (t: number, at: string) => {
      const n = taken.get(at) ?? 0
      taken.set(at, n + 1)
      const block = this.blockAt(t)
      return block ? block.y + (n + 0.5) * ROW : this.yOf(t)
    }
    let index = 0
    for (const event of events) {
      if (event.kind !== 'segment') continue
      const side = event.from === hosts[0] ? 0 : 1
      const flat = isFlat(event)
      const y1 = row(event.t, `${event.t} ${flat ? 'flat' : `${side} out`}`)
      const lost = event.fate === 'lost'
      const y2 = lost
        ? y1 + Math.max(ROW / 2, this.yOf(event.t + delay) - this.yOf(event.t))
        : flat
          ? y1 + 6
          : row(event.arrives!, `${event.arrives} ${side} in`)
      slants.push({ index: index++, event, side, y1, y2, lost })
    }
    return slants.sort((a, b) => a.y1 - b.y1)
  }

  private mark(events: readonly TraceEvent[], hosts: readonly string[]): Mark[] {
    const marks: Mark[] = []
    const taken = new Map<string, number>()
    for (const event of events) {
      if (event.kind !== 'state' && event.kind !== 'note' && event.kind !== 'timer') continue
      const side = event.host === hosts[0] ? 0 : 1
      const key = `${event.t} ${side}`
      const n = taken.get(key) ?? 0
      taken.set(key, n + 1)
      const block = this.blockAt(event.t)
      marks.push({ ...event, side, y: (block?.y ?? 0) + (n + 0.5) * ROW })
    }
    return marks.sort((a, b) => a.y - b.y)
  }
}

/** How many rows each instant needs: as many as the most crowded of its columns. */
class Rows {
  private readonly counts = new Map<number, number[]>()

  constructor(private readonly hosts: readonly string[]) {}

  /** Columns: sent and received on each side, what stands beside each line, and what goes straight across. */
  count(event: TraceEvent): void {
    if (event.kind === 'congestion') return
    if (event.kind === 'segment') {
      const side = event.from === this.hosts[0] ? 0 : 1
      if (isFlat(event)) return this.add(event.t, 6)
      this.add(event.t, side)
      if (event.arrives !== undefined) this.add(event.arrives, 2 + side)
    } else this.add(event.t, event.host === this.hosts[0] ? 4 : 5)
  }

  private add(t: number, column: number): void {
    let counts = this.counts.get(t)
    if (!counts) this.counts.set(t, (counts = [0, 0, 0, 0, 0, 0, 0]))
    counts[column]!++
  }

  times(): number[] {
    return [...this.counts.keys()].sort((a, b) => a - b)
  }

  at(t: number): number {
    return Math.max(...this.counts.get(t)!)
  }
}

/** Seen at one end only, or on a loopback: it is told at one instant, and rows of both directions are one list. */
const isFlat = (event: SegmentEvent): boolean =>
  event.fate !== 'lost' && (event.arrives === undefined || event.arrives === event.t)

/** The first index below `n` for which `holds`, which it does for all behind; `n` if for none. */
function first(n: number, holds: (i: number) => boolean): number {
  let low = 0
  let high = n
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
