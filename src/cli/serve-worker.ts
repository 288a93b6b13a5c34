import { parentPort, workerData } from 'node:worker_threads'
import { takeSeat } from '../links/ring.js'
import { attach } from './attachment.js'
import { type ServeContext, startServices } from './serve-services.js'
import type { Order, WorkerMessage, WorkerSettings } from './serve-workers.js'
import { UsageError } from './usage.js'

// One of several threads of `estab serve`, with a stack of its own, on a queue of the interface.

const say = (message: WorkerMessage): void => parentPort!.postMessage(message)

/** Signals reach the main thread only, which passes them on. */
const context: ServeContext = {
  onInterrupt: callback => {
    const listener = (order: Order) => order !== 'close' && callback(order)
    parentPort!.on('message', listener)
    return () => parentPort!.off('message', listener)
  },
  closing: open => say({ kind: 'closing', open }),
}

const closing = new Promise<void>(resolve => {
  parentPort!.on('message', (order: Order) => order === 'close' && resolve())
})

async function run({ flags, ticket }: WorkerSettings): Promise<void> {
  const attachment = await attach(flags, process.stdout, takeSeat(ticket))
  try {
    const { services, port, lines, stopped } = await startServices(attachment, flags, context)
    say({ kind: 'serving', port, lines })
    await Promise.race([stopped, attachment.failed])
    const { handedOn, drops } = attachment.stack.counters
    say({ kind: 'done', connections: services.served, handedOn, dropped: drops['ring-full'] })
    // Until all are done the others may need us to hand on.
    await closing
  } finally {
    attachment.close()
  }
}

try {
  await run(workerData as WorkerSettings)
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  say({ kind: 'failed', message, usage: error instanceof UsageError })
} finally {
  parentPort!.close()
}
