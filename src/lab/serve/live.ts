import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Stack } from '../../stack/stack.js'
import { combine } from '../../trace/combine.js'
import { LIVE_VERSION, type LiveEnd, type LiveEvent, type LiveHello } from '../scene/live-messages.js'
import { connectionsOf } from './connections.js'
import { Flows } from './flows.js'
import { type Gathered, Gathering } from './gathering.js'
import type { LiveSource } from './server.js'
import { Tail } from './tail.js'
import { newToken } from './token.js'
import { Viewer, type WrittenBatch } from './viewer.js'
import { rounded, watcher } from './watcher.js'

/** Between two batches, and between two looks at the connections, in ms. */
const BATCH = 50
const STATUS = 250
/** A look may take one part in this many of the time: with very many connections there are fewer. */
const SHARE = 20

const MOST_STATES = 2000
const MOST_TAIL = 2000
const MOST_FLOWS = 4096
const MOST_CONNECTIONS = 200
const MOST_VIEWERS = 16
/** That may wait for a viewer, in bytes. */
const MOST_WAITING = 1 << 20

/** Watches a stack, and tells those who ask. Everything that it holds is bounded. */
export class Live implements LiveSource {
  readonly token = newToken()
  private readonly viewers = new Set<Viewer>()
  private readonly gathering: Gathering
  private readonly tail = new Tail(MOST_TAIL)
  private readonly detach: () => void
  /** When what is being gathered began to, on the stack's clock. */
  private since = Number.NEGATIVE_INFINITY
  private batches: NodeJS.Timeout | undefined
  private looks: NodeJS.Timeout | undefined
  private closed = false

  /** `mostSegments` of each batch. */
  constructor(
    private readonly stack: Stack,
    private readonly name: string,
    mostSegments: number,
  ) {
    this.gathering = new Gathering(mostSegments, MOST_STATES)
    const flows = new Flows(MOST_FLOWS)
    flows.learn(stack)
    const own = watcher(name, flows, this.gathering, now => this.begin(now))
    const before = stack.observer
    const observer = before ? combine(before, own) : own
    stack.observer = observer
    this.detach = () => {
      // Whoever came after us has us inside, and there we stay.
      if (stack.observer === observer) stack.observer = before
    }
  }

  /** A remark of the program's own. */
  note(text: { en: string; zh: string }): void {
    const { now } = this.stack
    this.begin(now)
    this.gathering.add({ t: rounded(now), kind: 'note', host: this.name, text })
  }

  open(request: IncomingMessage, response: ServerResponse): void {
    if (this.closed || this.viewers.size >= MOST_VIEWERS) {
      response.statusCode = 503
      response.end()
      return
    }
    this.flush()
    const viewer = new Viewer(response, MOST_WAITING)
    viewer.say(JSON.stringify(this.hello()))
    viewer.batch(this.written(this.tail.gathered))
    this.viewers.add(viewer)
    request.socket.setNoDelay(true)
    response.on('error', () => {})
    response.on('close', () => {
      this.viewers.delete(viewer)
      if (this.viewers.size === 0) this.rest()
    })
    this.batches ??= setInterval(() => this.flush(), BATCH)
    // A viewer that comes has the connections at once, and the others have them once more.
    clearTimeout(this.looks)
    this.look()
  }

  /** Tells viewers that it is over, and leaves the stack alone. Idempotent. */
  close(): void {
    if (this.closed) return
    this.flush()
    this.closed = true
    this.detach()
    this.rest()
    const end: LiveEnd = { type: 'end', now: rounded(this.stack.now) }
    for (const viewer of this.viewers) viewer.end(JSON.stringify(end))
  }

  private hello(): LiveHello {
    const { stack, name } = this
    const now = rounded(stack.now)
    const addresses = stack.interfaces
      .filter(iface => !iface.isLoopback)
      .flatMap(iface => iface.addresses.map(({ address }) => address.toString()))
    return { type: 'hello', version: LIVE_VERSION, host: name, now, epoch: Date.now() - now, addresses }
  }

  /** Something happens. With no viewer there is no timer either: the next event finds that a batch is full. */
  private begin(now: number): void {
    if (now - this.since < BATCH) return
    if (this.viewers.size === 0) this.flush()
    this.since = now
  }

  private flush(): void {
    const gathered = this.gathering.take()
    this.tail.add(gathered)
    if (this.viewers.size === 0) return
    const written = this.written(gathered)
    // Told of nothing, too: one that was too slow may not be any more.
    for (const viewer of this.viewers) viewer.batch(written)
  }

  private written({ events, left, leftStates }: Gathered): WrittenBatch {
    let segments = 0
    const told: LiveEvent[] = events.map(({ event, header }) => {
      if (event.kind !== 'segment') return event
      segments++
      return header ? { ...event, header: Buffer.from(header).toString('base64') } : event
    })
    const others = events.length - segments
    const now = rounded(this.stack.now)
    return { now, events: JSON.stringify(told), segments, others, left, leftStates }
  }

  private look(): void {
    const began = performance.now()
    const status = JSON.stringify(connectionsOf(this.stack, MOST_CONNECTIONS))
    for (const viewer of this.viewers) viewer.say(status)
    const took = performance.now() - began
    this.looks = setTimeout(() => this.look(), Math.max(STATUS, took * SHARE))
  }

  private rest(): void {
    clearInterval(this.batches)
    clearTimeout(this.looks)
    this.batches = this.looks = undefined
  }
}
