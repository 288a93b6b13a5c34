// One end of the benchmark of peers in several threads, each with a stack and a queue of the TUN of its own.
import { once } from 'node:events'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { createRing, type SeatTicket } from '../src/links/ring.js'
import type { Outcome } from './peers-list.js'

/** In a thread: its seat; undefined where there is only one. */
export const ticket = (workerData as { ticket?: SeatTicket } | null)?.ticket

/** In a thread: says that it has come so far, and resolves when all have. */
export async function meet(): Promise<void> {
  parentPort!.postMessage('here')
  await once(parentPort!, 'message')
}

/** In a thread: hands in what it measured. */
export const handIn = (what: object): void => parentPort!.postMessage(what)

/**
 * Runs `file` in `count` threads, with the arguments of this process, and resolves to what all of them did together. They
 * meet twice: `open` is awaited when all have a queue, and they begin together when all connections are open.
 */
export async function inThreads(file: URL, count: number, open: () => Promise<void>): Promise<Outcome> {
  const threads = createRing(count).map(
    seat =>
      new Worker(file, {
        argv: process.argv.slice(2),
        workerData: { ticket: seat },
        transferList: seat.ports,
      }),
  )
  // One that failed has said why.
  for (const thread of threads) thread.on('exit', code => code !== 0 && process.exit(code))
  const all = () => Promise.all(threads.map(async thread => (await once(thread, 'message'))[0] as Outcome))
  const go = () => {
    for (const thread of threads) thread.postMessage('go')
  }
  await all()
  await open()
  let outcomes = all()
  go()
  await outcomes
  outcomes = all()
  go()
  const [first, ...others] = await outcomes
  // The processor's time is the process's, whoever asks.
  return { ...first!, bytes: others.reduce((sum, { bytes = 0 }) => sum + bytes, first!.bytes ?? 0) }
}
