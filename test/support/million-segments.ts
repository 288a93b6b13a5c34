/**
 * A million segments, one way or the other: prints how often garbage was collected meanwhile. Run in a process of its own
 * with 16 MB for new objects (test/stack/garbage.test.ts).
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { ACK, PSH } from '../../src/wire/tcp.js'
import { Peers } from './many-peers.js'

const SEGMENTS = 1_000_000

const peers = new Peers(2)
const read = new Uint8Array(65_536)
const chunk = new Uint8Array(65_536)

/** Four segments at a time, the last two as predicted, are acknowledged; what they carry is read at once. */
function receiving(length: number): (segments: number) => void {
  peers.stack.listen({
    port: 80,
    onConnection: socket => {
      socket.handler = {
        readable: () => {
          while (socket.receiveInto(read) > 0);
        },
      }
    },
  })
  peers.open(0)
  return segments => {
    const until = peers.stack.counters.segmentsIn + segments
    while (peers.stack.counters.segmentsIn < until) {
      for (let i = 0; i < 4; i++) peers.give(0, ACK | PSH, length)
      peers.endBatch()
    }
  }
}

/** As much as goes, of what is there anyway; everything is acknowledged. */
function sending(): (segments: number) => void {
  peers.stack.listen({
    port: 80,
    onConnection: socket => {
      const pump = () => {
        while (socket.send(chunk));
      }
      socket.handler = { writable: pump }
      pump()
    },
  })
  peers.open(0)
  return segments => {
    const until = peers.heard + segments
    while (peers.heard < until) {
      peers.env.time += 0.01
      peers.give(0, ACK)
      peers.endBatch()
    }
  }
}

const what = process.argv[2]
const run = what === 'send' ? sending() : receiving(Number(what))
// Everything is compiled before it counts, which takes as long as the machine has other things to do.
for (let tries = 0, calm = 0; tries < 60 && calm < 3; tries++) {
  const { heapUsed } = process.memoryUsage()
  run(50_000)
  const grown = process.memoryUsage().heapUsed - heapUsed
  calm = grown >= 0 && grown < (what === 'send' ? 8e6 : 400_000) ? calm + 1 : 0
}
const before = peers.stack.counters.segmentsIn
let collections = 0
const observer = new PerformanceObserver(list => {
  collections += list.getEntries().length
})
observer.observe({ entryTypes: ['gc'] })
run(SEGMENTS)
// Entries come a little later.
setTimeout(() => {
  const segments = peers.stack.counters.segmentsIn - before
  const { bytesReceived, dataSegmentsIn } = peers.stack.sockets[0]!.status()
  console.log(JSON.stringify({ collections, segments, each: bytesReceived / dataSegmentsIn }))
}, 50)
