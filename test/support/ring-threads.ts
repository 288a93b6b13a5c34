import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'
import { configureKernelSide } from '../../src/links/kernel-side.js'
import { createRing, type SeatTicket } from '../../src/links/ring.js'
import { atEnd } from './kernel-cleanup.js'

/** What a thread begins with. */
export interface ThreadData {
  ticket: SeatTicket
  name: string
  address: string
  port: number
}

/** What a thread is told; it answers with a report, when it is done. */
export interface Order {
  /** Open so many connections to a server of the kernel's. */
  connect?: { host: string; port: number; count: number }
  /** Reset everything and end. */
  close?: boolean
}

export interface Report {
  /** Connections that came, and bytes that came on those it opened. */
  accepted: number
  received: number
  failures: string[]
  handedOn: number
  handedOver: number
  drops: Record<string, number>
}

const FILE = new URL('ring-thread.js', import.meta.url)

/** Threads with a stack each, in a ring on one TUN; their stacks are `.2` of `subnet` (10.51.n), the kernel is `.1`. */
export class RingThreads {
  private constructor(private readonly workers: readonly Worker[]) {}

  static async start(t: TestContext, count: number, subnet: string, port: number): Promise<RingThreads> {
    const name = `ring${subnet.split('.').at(-1)}`
    const workers: Worker[] = []
    const threads = new RingThreads(workers)
    atEnd(t, () => threads.close())
    for (const ticket of createRing(count)) {
      const workerData: ThreadData = { ticket, name, address: `${subnet}.2`, port }
      const worker = new Worker(FILE, { workerData, transferList: ticket.ports })
      workers.push(worker)
      await once(worker, 'message')
    }
    await configureKernelSide(name, { addresses: [`${subnet}.1/24`] })
    return threads
  }

  /** Gives each the same order. */
  all(order: Order = {}): Promise<Report[]> {
    return Promise.all(
      this.workers.map(async worker => {
        worker.postMessage(order)
        return (await once(worker, 'message'))[0] as Report
      }),
    )
  }

  private async close(): Promise<void> {
    const ended = this.workers.map(worker => once(worker, 'exit'))
    await this.all({ close: true })
    await Promise.all(ended)
  }
}
