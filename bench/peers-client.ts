// What the clients of the benchmark of peers that run in Node share: the pattern that travels, counting, and the line of JSON.
import { once } from 'node:events'
import type { Outcome } from './peers-list.js'
import { handIn, ticket } from './peers-threads.js'

const WARM_UP = 500
const WARM_UP_ECHOES = 1000

/** Seconds of processor time, of this process and of the kernel's for it. */
export const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
const after = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
export const say = (what: object): void => (ticket ? handIn(what) : console.log(JSON.stringify(what)))

export function failed(error: Error): never {
  console.error(error.message)
  process.exit(1)
}

/** The driver configures the kernel's side of the TUN. */
export async function up(): Promise<void> {
  console.log('up')
  await once(process.stdin, 'data')
}

/** What travels: 0, 1, 2, … in eight bytes each, from the beginning again after a mebibyte. */
export const PERIOD = 1 << 20
export const PATTERN = Buffer.alloc(PERIOD)
for (let at = 0; at < PERIOD; at += 8) PATTERN.writeUInt32LE(at / 8, at)

/** Checks the first and the last whole integer of a chunk of it: `bytes[from .. from + length)`. */
export function check(bytes: Buffer, position: number, from = 0, length = bytes.length): void {
  if (length < 8) return
  // Not by bits: streams are longer than 32 of them can count.
  const first = (8 - (position % 8)) % 8
  const last = length - ((position + length) % 8) - 8
  if (first + 8 > length) return
  checkInteger(bytes, from + first, position + first)
  checkInteger(bytes, from + last, position + last)
}

function checkInteger(bytes: Buffer, at: number, position: number): void {
  if (bytes.readUInt32LE(at) !== (position % PERIOD) / 8 || bytes.readUInt32LE(at + 4) !== 0)
    failed(new Error(`corrupt at ${position}`))
}

/** Counts what `total` grows by in `seconds`, after the warm-up. */
export async function count(
  what: 'bytes' | 'connections',
  seconds: number,
  total: () => number,
): Promise<Outcome> {
  await after(WARM_UP)
  const [before, from, used] = [total(), performance.now(), cpu()]
  await after(seconds * 1000)
  const took = (performance.now() - from) / 1000
  const counted = total() - before
  if (counted === 0) failed(new Error(`nothing was counted in ${took.toFixed(1)} s`))
  return { [what]: counted, seconds: took, cpu: cpu() - used }
}

/** Bytes there and back, one after the other: `send` sends the next, `back` is told what came. */
export class Echoes {
  /** When all of them have come. */
  readonly outcome: Promise<Outcome>
  readonly #send: (byte: number) => void
  readonly #took: Float64Array
  #resolve!: (outcome: Outcome) => void
  #n = -WARM_UP_ECHOES
  #at = 0
  #from = 0
  #used = 0

  constructor(times: number, send: (byte: number) => void) {
    this.#took = new Float64Array(times)
    this.#send = send
    this.outcome = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  next(): void {
    if (this.#n === 0) [this.#from, this.#used] = [performance.now(), cpu()]
    this.#at = performance.now()
    this.#send(this.#n & 255)
  }

  back(length: number, byte: number): void {
    if (length !== 1 || byte !== (this.#n & 255)) failed(new Error('the echo is not what was sent'))
    if (this.#n >= 0) this.#took[this.#n] = (performance.now() - this.#at) * 1000
    if (++this.#n < this.#took.length) this.next()
    else this.#resolve(this.#sum())
  }

  #sum(): Outcome {
    const seconds = (performance.now() - this.#from) / 1000
    const times = this.#took.length
    const sorted = this.#took.toSorted()
    const percentile = (p: number) => sorted[Math.min(times - 1, Math.floor(times * p))]
    return {
      p50: percentile(0.5),
      p99: percentile(0.99),
      perSecond: times / seconds,
      cpu: cpu() - this.#used,
    }
  }
}
