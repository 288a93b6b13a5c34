/** A line whose rate follows a recording, as mahimahi's `mm-link` plays them. */

/** Bytes that one opportunity carries. */
export const OPPORTUNITY = 1500

/**
 * The times of delivery opportunities in ms, in order, several at one time allowed; the last is also the length of the
 * recording, after which it begins again.
 */
export type DeliveryTrace = readonly number[]

/** Reads a trace: an integer on each line. Throws a SyntaxError that names the line. */
export function parseDeliveryTrace(text: string): DeliveryTrace {
  const times: number[] = []
  const lines = text.split(/\r?\n/)
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue
    const time = Number(line)
    if (!/^\s*\d+\s*$/.test(line) || !Number.isSafeInteger(time))
      throw new SyntaxError(`line ${i + 1} is ${JSON.stringify(line.slice(0, 40))}, not a time in whole ms`)
    if (time < (times.at(-1) ?? 0)) throw new SyntaxError(`line ${i + 1} goes back in time`)
    times.push(time)
  }
  if (times.length === 0) throw new SyntaxError('there is not one delivery opportunity')
  if (times.at(-1) === 0) throw new SyntaxError('the last opportunity, which ends the trace, is at 0 ms')
  return times
}

/** The rate of a trace over its whole length, in bits per second. */
export const meanRate = (trace: DeliveryTrace): number =>
  (trace.length * OPPORTUNITY * 8000) / trace[trace.length - 1]!

/** Where the line is in its trace. What of an opportunity nobody uses at its time is gone. */
export class TraceLine {
  private index = 0
  private left = OPPORTUNITY

  constructor(
    private readonly trace: DeliveryTrace,
    /** When the trace begins, in ms. */
    private readonly start: number,
  ) {}

  /** The first time from `now` on at which something can be sent. */
  ready(now: number): number {
    if (this.left === 0) this.next()
    if (this.timeOf(this.index) < now) {
      this.index = Math.max(this.index + 1, this.firstFrom(now))
      this.left = OPPORTUNITY
    }
    return this.timeOf(this.index)
  }

  /** Sends a packet, from `now` on; returns when its last byte leaves. */
  transmit(now: number, length: number): number {
    this.ready(now)
    for (let rest = length; ; this.next()) {
      const used = Math.min(rest, this.left)
      this.left -= used
      rest -= used
      if (rest === 0) return this.timeOf(this.index)
    }
  }

  private next(): void {
    this.index++
    this.left = OPPORTUNITY
  }

  private timeOf(index: number): number {
    const { trace } = this
    const cycle = Math.floor(index / trace.length)
    return this.start + cycle * trace[trace.length - 1]! + trace[index - cycle * trace.length]!
  }

  /** The first opportunity at or after `now`. */
  private firstFrom(now: number): number {
    const { trace } = this
    const period = trace[trace.length - 1]!
    const cycle = Math.max(0, Math.ceil((now - this.start) / period) - 1)
    const wanted = now - this.start - cycle * period
    let low = 0
    let high = trace.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (trace[middle]! < wanted) low = middle + 1
      else high = middle
    }
    return cycle * trace.length + low
  }
}
