// A thread of the kernel's tests of rings: a stack with a seat, on a queue of a TUN. It digests what comes to its port, opens
// connections, and tells what it has seen.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { createNet } from '../../src/faces/net/index.js'
import { realtime } from '../../src/links/realtime.js'
import { takeSeat } from '../../src/links/ring.js'
import { openTun } from '../../src/links/tun.js'
import { Stack } from '../../src/stack/stack.js'
import type { Order, Report, ThreadData } from './ring-threads.js'

const { ticket, name, address, port } = workerData as ThreadData
const stack = new Stack({ env: realtime(), seat: takeSeat(ticket) })
const link = openTun({ name, multiQueue: true })
stack.addInterface(link, { addresses: [`${address}/24`] })
const net = createNet(stack)
const report: Report = { accepted: 0, received: 0, failures: [], handedOn: 0, handedOver: 0, drops: {} }

function fail(error: Error): void {
  report.failures.push(error.message)
}

net
  .createServer({ allowHalfOpen: true }, socket => {
    report.accepted++
    const hash = createHash('sha256')
    socket.on('data', piece => hash.update(piece))
    socket.on('end', () => socket.end(hash.digest('hex')))
    socket.on('error', fail)
  })
  .listen(port, () => parentPort!.postMessage('ready'))

async function open(host: string, to: number, count: number): Promise<void> {
  const sockets = Array.from({ length: count }, () => net.connect(to, host))
  for (const socket of sockets)
    socket.on('error', fail).on('data', piece => (report.received += piece.length))
  await Promise.all(sockets.map(socket => once(socket, 'connect')))
}

parentPort!.on('message', async (order: Order) => {
  if (order.connect) await open(order.connect.host, order.connect.port, order.connect.count)
  const { handedOn, handedOver, drops } = stack.counters
  parentPort!.postMessage({ ...report, handedOn, handedOver, drops: { ...drops } } satisfies Report)
  if (!order.close) return
  stack.close()
  parentPort!.close()
})
