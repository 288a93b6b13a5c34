import type { Environment } from '../stack/environment.js'
import type { IdleOptions } from '../stack/idle.js'
import type { Limits } from '../stack/limits.js'
import type { Link } from '../stack/link.js'
import type { StackObserver } from '../stack/observe.js'
import { type InterfaceOptions, Stack } from '../stack/stack.js'
import type { TcpConfig } from '../tcp/config.js'
import { EventQueue, type Scheduled } from './events.js'
import { Random } from './random.js'
import { Router } from './router.js'
import { type Conditions, Wire, WireLink } from './wire.js'

export interface HostOptions {
  tcp?: Partial<TcpConfig>
  observer?: StackObserver
  maxTimeWait?: number
  limits?: Partial<Limits>
  foldIdle?: Partial<IdleOptions>
}

/** A host in a world: a stack, and the cables that plug it in. */
export class Host {
  stack: Stack
  private readonly plugs: { link: Link; options: InterfaceOptions }[] = []

  constructor(
    readonly name: string,
    private readonly boot: () => Stack,
  ) {
    this.stack = boot()
  }

  plug(link: Link, options: InterfaceOptions): void {
    this.plugs.push({ link, options })
    this.stack.addInterface(link, options)
  }

  /** Loses power and starts again: every connection is forgotten, nobody is told. */
  reboot(): void {
    this.stack.crash()
    this.stack = this.boot()
    for (const { link, options } of this.plugs) this.stack.addInterface(link, options)
  }
}

/** What a cable can be plugged into: a `Host`, a `Router`. */
export interface WorldNode {
  readonly name: string
  plug(link: Link, options: InterfaceOptions): void
}

export interface CableOptions {
  mtu?: number
  /** Addresses of both ends, with prefix lengths. */
  addresses: [string[], string[]]
  /** What each end sends everything else through. */
  gateways?: [string[], string[]]
  /** Conditions of both directions, or of each: first end to second, second to first. */
  conditions?: Conditions | [Conditions, Conditions]
}

/** A cable between two nodes: `forward` carries what the first sends. */
export interface Cable {
  readonly forward: Wire
  readonly backward: Wire
}

export interface WorldOptions {
  /** Everything random comes from it. */
  seed?: number
  /** The time at which the world begins, in ms. */
  start?: number
}

/**
 * A world in virtual time: hosts, cables, and user code that waits for them. Nothing in it depends on the real clock,
 * so that the same seed gives the same world, event for event, and a day passes in milliseconds.
 */
export class World {
  readonly random: Random
  readonly seed: number
  private readonly events = new EventQueue()
  private time: number
  /** Errors thrown by user code inside events; `run` rethrows the first. */
  readonly errors: unknown[] = []
  private wakes = 0
  private handled = 0

  constructor(options: WorldOptions = {}) {
    this.seed = options.seed ?? 1
    this.random = new Random(this.seed)
    this.time = options.start ?? 0
  }

  /** Virtual time, in ms. */
  get now(): number {
    return this.time
  }

  host(name: string, options: HostOptions = {}): Host {
    return new Host(name, () => new Stack({ ...options, env: this.environment() }))
  }

  router(name: string): Router {
    return new Router(name)
  }

  /** Joins two hosts, two routers, or one of each. */
  connect(first: WorldNode, second: WorldNode, options: CableOptions): Cable {
    const conditions = options.conditions ?? {}
    const [there, back] = Array.isArray(conditions) ? conditions : [conditions, conditions]
    const clock = { now: () => this.time, at: (time: number, run: () => void) => void this.at(time, run) }
    const forward = new Wire(clock, this.random.fork(), there)
    const backward = new Wire(clock, this.random.fork(), back)
    const mtu = options.mtu ?? 1500
    const [a, b] = options.addresses
    const [throughA, throughB] = options.gateways ?? [[], []]
    const ofFirst = { name: `to-${second.name}`, addresses: a, gateways: throughA }
    const ofSecond = { name: `to-${first.name}`, addresses: b, gateways: throughB }
    first.plug(new WireLink(mtu, forward, backward), ofFirst)
    second.plug(new WireLink(mtu, backward, forward), ofSecond)
    return { forward, backward }
  }

  /** Does something at a virtual time (now, if that has passed). */
  at(time: number, run: () => void): Scheduled {
    return this.events.add(Math.max(time, this.time), run)
  }

  /** A promise for `ms` of virtual time from now. */
  sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.at(this.time + ms, () => {
        this.wakes++
        resolve()
      })
    })
  }

  /** Says that user code may have been woken, so that it gets to run before time goes on. */
  woke(): void {
    this.wakes++
  }

  /**
   * Lets time pass until `until` (ms), or until nothing will ever happen again; user code that waits runs in
   * between. Returns false if events are left.
   */
  async run(until = Number.POSITIVE_INFINITY): Promise<boolean> {
    await this.letUserCodeRun()
    let steps = 0
    for (;;) {
      if (!this.isDue(until)) {
        // User code that was woken by a callback may have more to do.
        await this.letUserCodeRun()
        if (!this.isDue(until)) break
      }
      this.step()
      if (this.errors.length > 0) throw this.errors[0]
      if (this.wakes !== this.handled || ++steps % PATIENCE === 0) await this.letUserCodeRun()
    }
    if (until !== Number.POSITIVE_INFINITY) this.time = Math.max(this.time, until)
    return this.next === Number.POSITIVE_INFINITY
  }

  /**
   * Runs until `work` is done, and returns what it returns. Throws if everything comes to rest before that, or if
   * `limit` ms of virtual time pass.
   */
  async settle<T>(work: Promise<T> | (() => Promise<T>), limit = Number.POSITIVE_INFINITY): Promise<T> {
    let done = false
    const promise = (typeof work === 'function' ? work() : work).finally(() => {
      done = true
    })
    promise.catch(() => {})
    const end = this.time + limit
    await this.letUserCodeRun()
    let steps = 0
    while (!done) {
      if (!this.isDue(end)) {
        await this.letUserCodeRun()
        if (done || this.isDue(end)) continue
        throw new Error(
          this.next === Number.POSITIVE_INFINITY
            ? `world (seed ${this.seed}) came to rest at ${this.time} ms with work undone`
            : `world (seed ${this.seed}) did not finish within ${limit} ms`,
        )
      }
      this.step()
      if (this.errors.length > 0) throw this.errors[0]
      if (this.wakes !== this.handled || ++steps % PATIENCE === 0) await this.letUserCodeRun()
    }
    return promise
  }

  /** Lets one event happen, without giving user code that awaits a chance to run. False if there is none. */
  step(): boolean {
    const event = this.events.take()
    if (!event) return false
    this.time = Math.max(this.time, event.at)
    event.run()
    return true
  }

  /** Runs events up to and including `until`, synchronously: for users with callbacks only. */
  runSync(until = Number.POSITIVE_INFINITY): void {
    while (this.isDue(until)) {
      this.step()
      if (this.errors.length > 0) throw this.errors[0]
    }
    if (until !== Number.POSITIVE_INFINITY) this.time = Math.max(this.time, until)
  }

  private isDue(until: number): boolean {
    return this.next <= until && this.next !== Number.POSITIVE_INFINITY
  }

  /** The time of the next event; Infinity if there is none. */
  get next(): number {
    return this.events.next
  }

  /** Promises settle and streams move between two virtual instants: real turns of the loop, no virtual time. */
  private async letUserCodeRun(): Promise<void> {
    do {
      this.handled = this.wakes
      await turn()
      await turn()
    } while (this.wakes !== this.handled)
  }

  private environment(): Environment {
    let alarm: Scheduled | undefined
    let wantedAt = Number.POSITIVE_INFINITY
    let wanted: (() => void) | undefined
    const ring = () => {
      alarm = undefined
      if (wantedAt > this.time) {
        alarm = this.at(wantedAt, ring)
        return
      }
      const callback = wanted
      wanted = undefined
      callback?.()
    }
    const random = this.random.fork()
    return {
      now: () => this.time,
      fillRandom: bytes => random.fill(bytes),
      wakeAt: (at, callback) => {
        wantedAt = at
        wanted = callback
        // Each acknowledgment puts the alarm off. Rather than strewing cancelled ones about, it rings early and is set
        // again.
        if (alarm && alarm.at <= at) return
        if (alarm) alarm.cancelled = true
        alarm = this.at(at, ring)
      },
      cancelWake: () => {
        if (alarm) alarm.cancelled = true
        alarm = undefined
      },
      reportError: error => {
        this.errors.push(error)
      },
      userCodeRan: () => this.woke(),
    }
  }
}

type Turn = (callback: () => void) => void

/** A turn of the event loop, whatever it runs on: microtasks are all done when it comes round. */
const scheduleTurn: Turn = (() => {
  const g = globalThis as { setImmediate?: Turn; MessageChannel?: typeof MessageChannel }
  if (g.setImmediate) return g.setImmediate
  if (!g.MessageChannel) return (callback: () => void) => setTimeout(callback, 0)
  const { port1, port2 } = new g.MessageChannel()
  const waiting: (() => void)[] = []
  port1.onmessage = () => waiting.shift()?.()
  return (callback: () => void) => {
    waiting.push(callback)
    port2.postMessage(0)
  }
})()

/** Events after which the real loop gets a turn, so that a world without end can be interrupted. */
const PATIENCE = 1000

const turn = (): Promise<void> => new Promise(resolve => scheduleTurn(resolve))
