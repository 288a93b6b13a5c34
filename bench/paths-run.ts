// Runs transfers between two namespaces of our own through `estab emulate`.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { DirectionCounts } from '../src/cli/emulate-direction.js'
import { linuxName } from './paths-controllers.js'
import type { Pairing, PathCell } from './paths-grid.js'
import { COLLECT, LINUX_END, SCATTER } from './paths-linux.js'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const MAIN = path.join(HERE, '../src/cli/main.js')
const ESTAB_END = path.join(HERE, 'paths-estab.js')

const A = '10.77.0.1'
const B = '10.77.0.2'
const PORT = 5001
/** estab's subnet behind the kernel of each end: the kernel is .1, estab .2. */
const BEHIND = { a: '10.78.1', b: '10.78.2' }

/** Seconds after which a transfer of a known size is given up. */
export const PATIENCE = 60

/** A program whose output is lines of JSON. */
class Lines {
  readonly #child: ChildProcess
  readonly #lines: unknown[] = []
  readonly #exited: Promise<unknown>
  #look: (() => void) | undefined
  #ended = false

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#exited = once(this.#child, 'close')
    createInterface({ input: this.#child.stdout! }).on('line', line => {
      this.#lines.push(JSON.parse(line))
      this.#look?.()
    })
    this.#child.on('close', () => {
      this.#ended = true
      this.#look?.()
    })
  }

  /** The next line; undefined after `seconds` without one, or at the end. */
  async next<T>(seconds: number): Promise<T | undefined> {
    const end = performance.now() + seconds * 1000
    while (this.#lines.length === 0 && !this.#ended && performance.now() < end) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        this.#look = resolve
        timer = setTimeout(resolve, Math.max(0, end - performance.now()))
      })
      clearTimeout(timer)
    }
    return this.#lines.shift() as T | undefined
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    if (!this.#ended) this.#child.kill(signal)
    await this.#exited
  }
}

/** A namespace that lives as long as this process. */
class Place {
  readonly #holder = spawn('unshare', ['-n', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] })

  get pid(): string {
    return String(this.#holder.pid)
  }

  get enter(): string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`]
  }

  async prepare(): Promise<void> {
    // What comes back shows that `unshare` has done its work.
    this.#holder.stdin!.write('.\n')
    await once(this.#holder.stdout!, 'data')
    const [program, ...args] = this.enter
    const script = `
      ip link set lo up
      # Each connection is to begin as if it were the first one.
      echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save
      echo 1 > /proc/sys/net/ipv4/ip_forward`
    execFileSync(program!, [...args, 'sh', '-ec', script])
  }

  linux(...args: (string | number)[]): Lines {
    return this.python(LINUX_END, ...args)
  }

  python(program: string, ...args: (string | number)[]): Lines {
    const [enter, ...before] = this.enter
    return new Lines(enter!, [...before, 'python3', '-u', '-c', program, ...args.map(String)])
  }

  /** estab on a TUN of its own, which the kernel here routes to. */
  estab(role: 'send' | 'receive', behind: string, ...args: (string | number)[]): Lines {
    const [program, ...before] = this.enter
    const where = ['estab0', `${behind}.1/24`, `${behind}.2/24`]
    return new Lines(program!, [...before, process.execPath, ESTAB_END, role, ...where, ...args.map(String)])
  }

  run(...command: string[]): string {
    const [program, ...before] = this.enter
    return execFileSync(program!, [...before, ...command], { encoding: 'utf8' })
  }

  close(): void {
    this.#holder.stdin!.end()
  }
}

export interface EmulatorSummary {
  forward: DirectionCounts
  back: DirectionCounts
  lateness: { p50: number; p99: number; p999: number; max: number }
}

/** Two namespaces; the emulator between them is new for each measurement, so that the seed means the same in each. */
export class Paths {
  readonly #a = new Place()
  readonly #b = new Place()

  async prepare(): Promise<void> {
    await Promise.all([this.#a.prepare(), this.#b.prepare()])
  }

  close(): void {
    this.#a.close()
    this.#b.close()
  }

  async #through<T>(
    cell: PathCell,
    seed: number,
    work: () => Promise<T>,
  ): Promise<{ value: T; summary: EmulatorSummary }> {
    const options = {
      rate: `${cell.rate}mbit`,
      delay: `${cell.rtt / 2}ms`,
      loss: `${cell.loss}%`,
      reorder: `${cell.reorder}%`,
      seed,
      'address-a': `${A}/30`,
      'address-b': `${B}/30`,
      'route-a': `${BEHIND.b}.0/24`,
      'route-b': `${BEHIND.a}.0/24`,
    }
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
    const emulator = new Lines(process.execPath, [
      MAIN,
      'emulate',
      '--a',
      this.#a.pid,
      '--b',
      this.#b.pid,
      '--json',
      ...args,
    ])
    try {
      if (!(await emulator.next(10))) throw new Error('the emulator did not start')
      const value = await work()
      await emulator.stop('SIGINT')
      const summary = await emulator.next<EmulatorSummary>(1)
      if (!summary) throw new Error('the emulator gave no summary')
      return { value, summary }
    } finally {
      await emulator.stop('SIGKILL')
    }
  }

  /** The least of some round-trip times that `ping` measures, in ms. */
  async roundTrip(cell: PathCell): Promise<number> {
    const { value } = await this.#through({ ...cell, loss: 0, reorder: 0 }, 1, async () =>
      this.#a.run('ping', '-q', '-c', '5', '-i', '0.2', B),
    )
    return Number(/= ([\d.]+)\//.exec(value)?.[1])
  }

  /** How much later than they should datagrams of 1,500 bytes arrive that are sent at an even pace: ms, sorted. */
  async oneWay(cell: PathCell, perSecond: number, seconds: number): Promise<number[]> {
    const count = perSecond * seconds
    const { value } = await this.#through(cell, 1, async () => {
      const receiver = this.#b.python(COLLECT, B, PORT, count)
      try {
        await receiver.next(10)
        const sender = this.#a.python(SCATTER, B, PORT, count, perSecond)
        try {
          return await receiver.next<number[]>(seconds + 10)
        } finally {
          await sender.stop('SIGKILL')
        }
      } finally {
        await receiver.stop('SIGKILL')
      }
    })
    // A line of this rate takes its time for each packet besides.
    const meant = cell.rtt / 2 + (1500 * 8) / (cell.rate * 1000)
    return (value ?? []).map(ms => ms - meant).toSorted((a, b) => a - b)
  }

  /** Sender in A, receiver in B, always: it is the same direction of the same path. */
  async #transfer<T>(
    pairing: Pairing,
    controller: string,
    plan: { seconds: number; bytes: number; count: number },
    work: (sender: Lines, receiver: Lines) => Promise<T>,
  ): Promise<T> {
    const { seconds, bytes, count } = plan
    const receiver =
      pairing === 'linux-estab'
        ? this.#b.estab('receive', BEHIND.b, PORT, seconds)
        : this.#b.linux('receive', PORT, seconds)
    let sender: Lines | undefined
    try {
      if (!(await receiver.next(20))) throw new Error('the receiver did not start')
      const host = pairing === 'linux-estab' ? `${BEHIND.b}.2` : B
      const what = (name: string) => [host, PORT, name, bytes, count, PATIENCE] as const
      sender =
        pairing === 'estab-linux'
          ? this.#a.estab('send', BEHIND.a, ...what(controller))
          : this.#a.linux('send', ...what(linuxName(controller)))
      return await work(sender, receiver)
    } finally {
      await sender?.stop('SIGKILL')
      await receiver.stop('SIGKILL')
    }
  }

  /** Bits per second that arrive in the last two thirds of `seconds`; null if the connection did not come to be. */
  goodput(
    cell: PathCell,
    pairing: Pairing,
    controller: string,
    seed: number,
    seconds: number,
  ): Promise<{ value: number | null; summary: EmulatorSummary }> {
    return this.#through(cell, seed, () =>
      this.#transfer(pairing, controller, { seconds, bytes: 0, count: 1 }, async (_sender, receiver) => {
        // A lost SYN comes again after a second, and after three more.
        const result = await receiver.next<{ steadyBytes: number; steadySeconds: number }>(seconds + 15)
        return result ? Math.round((result.steadyBytes * 8) / result.steadySeconds) : null
      }),
    )
  }

  /**
   * Milliseconds from connect to the arrival of the last of `bytes`, `count` times after one that is not counted; null
   * for those given up.
   */
  async times(
    cell: PathCell,
    pairing: Pairing,
    controller: string,
    seed: number,
    bytes: number,
    count: number,
  ): Promise<{ value: (number | null)[]; summary: EmulatorSummary }> {
    return this.#through(cell, seed, () =>
      this.#transfer(
        pairing,
        controller,
        { seconds: 0, bytes, count: count + 1 },
        async (sender, receiver) => {
          const times: (number | null)[] = []
          for (let i = 0; i <= count; i++) {
            const sent = await sender.next<{ began: number; failed?: string }>(PATIENCE + 10)
            if (!sent || sent.failed !== undefined) {
              times.push(null)
              // What the receiver would say of it now or later is not of the next one.
              break
            }
            const got = await receiver.next<{ bytes: number; ended: number }>(5)
            if (got?.bytes !== bytes) throw new Error(`${pairing}: ${got?.bytes} bytes arrived of ${bytes}`)
            times.push(Math.round((got.ended - sent.began) * 10_000) / 10)
          }
          // The first one found programs and kernels cold.
          return times.length > 1 ? times.slice(1) : times
        },
      ),
    )
  }
}

/** One on each line. Another file takes the place of the old one, since a run of hours may be ended at any time. */
export function saveLines(file: string, what: readonly unknown[]): void {
  writeFileSync(`${file}.new`, what.map(one => `${JSON.stringify(one)}\n`).join(''))
  renameSync(`${file}.new`, file)
}
