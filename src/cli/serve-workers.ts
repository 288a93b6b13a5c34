import { Worker } from 'node:worker_threads'
import { createRing, type SeatTicket } from '../links/ring.js'
import { onInterrupt } from './attachment.js'
import { type ServeFlags, sayClosing } from './serve-services.js'
import { UsageError } from './usage.js'

/** What a worker of `estab serve` begins with. */
export interface WorkerSettings {
  readonly flags: ServeFlags
  readonly ticket: SeatTicket
}

/** What a worker did, at the end. */
export interface Done {
  readonly kind: 'done'
  readonly connections: number
  readonly handedOn: number
  readonly dropped: number
}

/** What the main thread says: how many signals to stop there have been; and that all are done. */
export type Order = number | 'close'

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: 'serving'; readonly port: number; readonly lines: readonly string[] }
  | { readonly kind: 'closing'; readonly open: number }
  | { readonly kind: 'failed'; readonly message: string; readonly usage: boolean }
  | Done

const WORKER = new URL('serve-worker.js', import.meta.url)

/** Throws a UsageError for what several workers cannot do. */
export function checkWorkers(flags: ServeFlags): void {
  if (flags.workers === 1) return
  const watching = (['trace', 'pcap', 'lab'] as const).find(name => flags[name])
  if (watching) throw new UsageError(`--${watching} watches one stack: leave out --workers`)
  if (flags.readiness === 'loop')
    throw new UsageError('--readiness loop is for one stack: leave out --workers')
  // Files are read on the same threads: one has to be left.
  const pool = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4)
  if (flags.workers >= pool)
    throw new UsageError(
      `--workers ${flags.workers} needs UV_THREADPOOL_SIZE=${flags.workers + 1} or more in the environment: ` +
        `each waits for packets on a thread of that pool, which has ${pool}`,
    )
  if (flags.tap)
    throw new UsageError('--workers needs a TUN: what neighbours answer on a TAP reaches one of them only')
}

/**
 * Serves from several threads until a signal to stop, and then says what they did. Rejects with what one of them failed of;
 * the others are ended then.
 */
export async function serveInWorkers(flags: ServeFlags): Promise<void> {
  const crew = new Crew()
  try {
    const [first, ...others] = createRing(flags.workers)
    // It makes the interface, and takes a port that is free where any will do.
    const { port, lines } = await crew.start(flags, first!)
    const found: ServeFlags = { ...flags, port, create: false }
    delete found.kernelAddress
    await Promise.all(others.map(ticket => crew.start(found, ticket)))
    for (const line of lines) console.log(`serving ${line}`)
    const off = onInterrupt(count => crew.interrupt(count))
    try {
      console.log(summary(await crew.finish()))
    } finally {
      off()
    }
  } finally {
    await crew.end()
  }
}

function summary(done: readonly Done[]): string {
  const sum = (of: (one: Done) => number) => done.reduce((n, one) => n + of(one), 0)
  const each = done.map(({ connections }) => connections).join(' + ')
  return (
    `connections of the workers: ${each} = ${sum(one => one.connections)}; ` +
    `packets handed on: ${sum(one => one.handedOn)}, dropped for lack of room: ${sum(one => one.dropped)}`
  )
}

/** All threads. Whatever is waited for, it rejects if one of them fails. */
class Crew {
  private readonly workers: Worker[] = []
  private readonly exits: Promise<unknown>[] = []
  private readonly done: Promise<Done>[] = []
  private readonly closing: number[] = []
  private hasFailed = false
  private fail!: (error: Error) => void
  private readonly failed = new Promise<never>((_resolve, reject) => {
    this.fail = error => {
      this.hasFailed = true
      reject(error)
    }
  })

  constructor() {
    // Whoever waits hears of it.
    this.failed.catch(() => {})
  }

  /** Starts one more; resolves when it serves. */
  start(flags: ServeFlags, ticket: SeatTicket): Promise<Extract<WorkerMessage, { kind: 'serving' }>> {
    const workerData: WorkerSettings = { flags, ticket }
    const worker = new Worker(WORKER, { workerData, transferList: ticket.ports })
    this.workers.push(worker)
    const hears = <K extends WorkerMessage['kind']>(kind: K) =>
      new Promise<Extract<WorkerMessage, { kind: K }>>(resolve => {
        worker.on('message', (message: WorkerMessage) => {
          if (message.kind === kind) resolve(message as Extract<WorkerMessage, { kind: K }>)
        })
      })
    const done = hears('done')
    let isDone = false
    void done.then(() => {
      isDone = true
    })
    this.done.push(done)
    void hears('closing').then(({ open }) => this.isClosing(open))
    void hears('failed').then(({ message, usage }) =>
      this.fail(usage ? new UsageError(message) : new Error(message)),
    )
    this.exits.push(new Promise(resolve => worker.on('exit', resolve)))
    worker.on('error', error => this.fail(new Error(`worker ${ticket.index} failed: ${error.message}`)))
    worker.on('exit', () => {
      if (!isDone)
        this.fail(new Error(`worker ${ticket.index} has ended, and the others cannot do without it`))
    })
    return Promise.race([hears('serving'), this.failed])
  }

  /** Tells all of them of a signal. */
  interrupt(count: number): void {
    this.tell(count)
  }

  private tell(order: Order): void {
    for (const worker of this.workers) worker.postMessage(order)
  }

  /** When all have counted what they have open it is said, in one line. */
  private isClosing(open: number): void {
    this.closing.push(open)
    if (this.closing.length === this.workers.length) sayClosing(this.closing.reduce((a, b) => a + b))
  }

  /** Resolves to what each did, in their order, when all are done. */
  finish(): Promise<Done[]> {
    return Promise.race([Promise.all(this.done), this.failed])
  }

  /** Ends all together: who closes before the others leaves a gap in the ring. */
  async end(): Promise<void> {
    if (this.hasFailed) for (const worker of this.workers) void worker.terminate()
    else this.tell('close')
    await Promise.all(this.exits)
  }
}
