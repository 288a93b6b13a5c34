/**
 * Random worlds: one seed is one world of bad wires and odd users, in which everything that TCP promises must hold.
 * `runWorld` throws at the first promise that is broken.
 */
import assert from 'node:assert/strict'
import type { Random } from '../../src/sim/random.js'
import { type Cable, type Host, World } from '../../src/sim/world.js'
import type { IdleOptions } from '../../src/stack/idle.js'
import type { Listener } from '../../src/stack/listener.js'
import type { StackObserver } from '../../src/stack/observe.js'
import type { Socket } from '../../src/stack/socket.js'
import { TcpError } from '../../src/tcp/errors.js'
import { IpAddress } from '../../src/wire/address.js'
import { Losses } from './worlds-losses.js'
import { type ConnectionPlan, planOf, type WorldPlan } from './worlds-plan.js'
import { User } from './worlds-user.js'
import { checkTcb, WireWatch } from './worlds-watch.js'

const PORT = 80
/** No world lasts longer, in ms and in events. */
const MOST_TIME = 48 * 3600 * 1000
const MOST_EVENTS = 3_000_000

export interface Result {
  plan: WorldPlan
  connections: number
  /** Of those, how many both users saw opened and properly closed. */
  proper: number
  bytes: number
  events: number
  time: number
  sent: number
  lost: number
  retransmitted: number
  /** Of data alone: segments and bytes that the wires lost, and bytes that were sent again. */
  lostData: number
  lostBytes: number
  /** Bytes that arrived out of order at a receiver that had no block for them. */
  refusedBytes: number
  retransmittedBytes: number
  /** Of those, bytes that had arrived and whose every acknowledgment was lost. */
  unheardBytes: number
}

export interface RunOptions {
  /** More watchers, by host. */
  observers?: [StackObserver, StackObserver]
  /** Called when the world is built and nothing has happened. */
  prepare?: (scene: Scene) => void
  /** When idle connections are folded up. */
  foldIdle?: Partial<IdleOptions>
}

interface Connection {
  plan: ConnectionPlan
  key: number
  opener: User
  other: User | undefined
}

/** A world of a plan, with its users. */
export class Scene {
  readonly world: World
  readonly hosts: [Host, Host]
  readonly cable: Cable
  readonly connections: Connection[] = []
  private readonly watches: [WireWatch, WireWatch]
  private readonly losses: Losses
  private readonly addresses: [IpAddress, IpAddress]
  private readonly random: Random
  private keys = 1

  constructor(
    readonly plan: WorldPlan,
    start: number,
    options: RunOptions = {},
  ) {
    const { version, mtu } = plan
    this.world = new World({ seed: plan.seed, start })
    this.random = this.world.random.fork()
    const cookies = plan.synBacklog < 1024
    this.watches = [new WireWatch('first', mtu, cookies), new WireWatch('second', mtu, cookies)]
    const host = (i: 0 | 1) =>
      this.world.host(['first', 'second'][i]!, {
        tcp: plan.tcp[i],
        maxTimeWait: plan.maxTimeWait,
        foldIdle: options.foldIdle ?? {},
        observer: both(this.watches[i], options.observers?.[i]),
      })
    this.hosts = [host(0), host(1)]
    const texts = version === 4 ? ['10.0.0.1', '10.0.0.2'] : ['fd00::1', 'fd00::2']
    const prefix = version === 4 ? '/24' : '/64'
    this.addresses = [IpAddress.parse(texts[0]!), IpAddress.parse(texts[1]!)]
    this.cable = this.world.connect(...this.hosts, {
      mtu,
      addresses: [[texts[0] + prefix], [texts[1] + prefix]],
      conditions: plan.conditions,
    })
    this.setWires()
    this.listen(0)
    this.listen(1)
    for (const c of plan.connections) this.after(c.startsAt, () => this.connect(c, 0))
    options.prepare?.(this)
    this.losses = new Losses([this.cable.forward, this.cable.backward])
  }

  private after(ms: number, run: () => void): void {
    this.world.at(this.world.now + ms, run)
  }

  private setWires(): void {
    const { plan, cable } = this
    for (const wire of [cable.forward, cable.backward])
      if (plan.wandering > 0)
        wire.intercept(() =>
          this.random.chance(plan.wandering) ? { repeat: this.random.next() * plan.wanderFor } : 'pass',
        )
    const { outage, reboot } = plan
    if (outage) {
      const plug = (connected: boolean) => () => {
        cable.forward.connected = cable.backward.connected = connected
      }
      this.after(outage.at, plug(false))
      this.after(outage.at + outage.for, plug(true))
    }
    if (reboot)
      this.after(reboot.at, () => {
        for (const user of this.users) if (this.hostOf(user) === reboot.host) user.forgotten = true
        this.hosts[reboot.host].reboot()
        this.listen(reboot.host)
      })
  }

  get users(): User[] {
    return this.connections.flatMap(c => (c.other ? [c.opener, c.other] : [c.opener]))
  }

  private hostOf(user: User): 0 | 1 {
    const c = this.connections.find(c => c.opener === user || c.other === user)!
    return c.opener === user ? c.plan.opener : other(c.plan.opener)
  }

  // ---- opening ----

  private listen(i: 0 | 1): void {
    const { stack } = this.hosts[i]
    const { backlog, synBacklog, acceptEvery } = this.plan
    const accepted = (socket: Socket) => this.accepted(i, socket)
    const listener = stack.listen({
      port: PORT,
      backlog,
      synBacklog,
      ...(acceptEvery === 0 ? { onConnection: accepted } : {}),
    })
    if (acceptEvery > 0) this.takeFrom(listener, accepted, () => this.hosts[i].stack === stack)
  }

  /** Takes one connection after the other off the accept queue, at leisure. */
  private takeFrom(listener: Listener, accepted: (socket: Socket) => void, isUp: () => boolean): void {
    let busy = false
    const take = () => {
      busy = false
      const socket = isUp() ? listener.accept() : undefined
      if (!socket) return
      accepted(socket)
      listener.onQueued!()
    }
    listener.onQueued = () => {
      if (busy) return
      busy = true
      this.after(this.plan.acceptEvery, take)
    }
  }

  /** The incarnation that the SYN began: ports may be used again, even at once and with the same ISN. */
  private accepted(i: 0 | 1, socket: Socket): void {
    const connection = this.connections.findLast(
      c =>
        c.plan.opener === other(i) &&
        c.plan.localPort === socket.remotePort &&
        c.opener.socket.tcb.iss === socket.tcb.irs,
    )
    assert(connection, 'a connection that nobody opened')
    if (connection.other) {
      // Nobody remembers a cookie: a copy of the segment that brought it back opens another connection, to a ghost.
      assert(this.plan.synBacklog < 1024, 'one SYN made two connections')
      this.after(1000, () => socket.abort())
      return
    }
    connection.other = this.user(connection.plan, connection.key, 1)
    connection.other.attach(socket, true)
  }

  private user(plan: ConnectionPlan, key: number, side: 0 | 1): User {
    const i = side === 0 ? plan.opener : other(plan.opener)
    const keys = side === 0 ? ([key, -key] as const) : ([-key, key] as const)
    const name = `${['first', 'second'][i]} port ${side === 0 || plan.simultaneous ? plan.localPort + 100 * side : PORT}`
    return new User(name, plan.users[side], this.world, this.random.fork(), keys)
  }

  private connect(plan: ConnectionPlan, generation: number): void {
    const key = (this.keys += 77_777_777)
    const connection: Connection = { plan, key, opener: this.user(plan, key, 0), other: undefined }
    if (plan.simultaneous) connection.other = this.user(plan, key, 1)
    try {
      this.open(
        connection.opener,
        plan.opener,
        plan.localPort,
        plan.simultaneous ? plan.localPort + 100 : PORT,
      )
    } catch (error) {
      // Our own TIME_WAIT is in the way: so it should be, without timestamps.
      assert(error instanceof TcpError && error.code === 'EADDRINUSE' && generation > 0, String(error))
      return
    }
    this.connections.push(connection)
    if (connection.other)
      this.open(connection.other, other(plan.opener), plan.localPort + 100, plan.localPort)
    const { again } = plan
    if (again === null || generation > 2 || plan.simultaneous) return
    connection.opener.onClosed = () => {
      // After an error nothing guards against old duplicates but time: 2 MSL of quiet (RFC 9293 section 3.4.3).
      const { tcp } = this.plan
      const quiet = connection.opener.outcome === null ? 0 : 2 * Math.max(tcp[0].msl!, tcp[1].msl!)
      this.after(again + quiet, () => this.connect(plan, generation + 1))
    }
  }

  private open(user: User, from: 0 | 1, localPort: number, port: number): void {
    const remote = this.addresses[other(from)]
    user.attach(this.hosts[from].stack.connect({ remote, port, localPort }), false)
  }

  // ---- running ----

  run(): Result {
    const { world, plan } = this
    const start = world.now
    let events = 0
    while (world.step()) {
      events++
      if (world.errors.length > 0) throw world.errors[0]
      assert(events < MOST_EVENTS, `${events} events, and no end`)
      assert(world.now - start < MOST_TIME, `${world.now - start} ms, and no end`)
      for (const { opener, other } of this.connections) {
        this.check(opener)
        if (other) this.check(other)
      }
    }
    for (const host of this.hosts) {
      const left = { ...host.stack.census, listeners: 0 }
      assert.deepEqual(left, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 0 }, `left on ${host.name}`)
    }
    let proper = 0
    for (const connection of this.connections) if (this.judge(connection)) proper++
    const users = this.users
    const { forward, backward } = this.cable
    return {
      plan,
      connections: this.connections.length,
      proper,
      bytes: users.reduce((n, u) => n + u.received, 0),
      events,
      time: world.now - start,
      sent: forward.sent + backward.sent,
      lost: forward.lost + backward.lost,
      retransmitted: users.reduce((n, u) => n + u.socket.tcb.segmentsRetransmitted, 0),
      lostData: this.losses.segments,
      lostBytes: this.losses.bytes,
      refusedBytes: users.reduce((n, u) => n + u.socket.tcb.refusedIn, 0),
      retransmittedBytes: users.reduce((n, u) => n + u.socket.tcb.bytesRetransmitted, 0),
      unheardBytes: this.losses.unheard,
    }
  }

  private check(user: User): void {
    // Once its record stands for it in the table, the connection is only a memory.
    if (user.forgotten || user.socket.timeWait) return
    const { tcb } = user.socket
    try {
      checkTcb(tcb, this.world.now)
    } catch (error) {
      throw error instanceof Error
        ? Object.assign(error, { message: `${user.name}: ${error.message}` })
        : error
    }
  }

  /** Judges a connection by its end; true if it was all that it should be. */
  private judge({ plan, opener, other }: Connection): boolean {
    for (const user of [opener, other]) {
      if (!user) continue
      assert(user.finished, `${user.name} was told nothing (${user.socket.state})`)
      const peer = user === opener ? other : opener
      this.judgeEnd(user, peer)
    }
    const proper = opener.outcome === null && other?.outcome === null
    // A last ACK that was lost for longer than 2MSL is no loss to anybody.
    const complete = other && opener.received === other.sent && other.received === opener.sent
    const why = `${opener.outcome?.code} and ${other?.outcome?.code}`
    if (this.isGentle(plan)) assert(complete, `${opener.name} failed for no reason: ${why}`)
    return proper
  }

  /** True if nothing is done to a connection for which it may fail. */
  private isGentle({ users }: ConnectionPlan): boolean {
    const { conditions, outage, reboot, maxTimeWait, synBacklog } = this.plan
    const calm = conditions.every(c => (c.loss ?? 0) <= 0.05 && (c.corrupt ?? 0) <= 0.01)
    // An evicted TIME_WAIT answers the repeated FIN with RST; a cookie is not sent again.
    const able = maxTimeWait > 4 && synBacklog > 2
    const polite = users.every(u => u.ending.startsWith('close') && !u.keepAlive)
    return calm && able && polite && !outage && !reboot
  }

  private judgeEnd(user: User, peer: User | undefined): void {
    const say = (what: string) => `${user.name} ${what}`
    const gone = !peer || peer.aborted || peer.forgotten || peer.released || peer.outcome instanceof TcpError
    if (user.gaveUp) {
      assert(
        gone,
        say(`waited for ever in ${user.socket.state}, sent ${user.sent}, received ${user.received}`),
      )
      const armed = user.plan.keepAlive && user.opened
      assert(!armed, say('kept its connection to nobody alive'))
      return
    }
    if (user.aborted || user.forgotten || user.outcome !== null || !user.opened) return
    assert(peer, say('closed properly what nobody had opened'))
    // Told of a proper end: everything it sent has arrived, and everything it was sent it has read.
    if (!peer.forgotten) {
      assert.equal(peer.socket.tcb.bytesReceived, user.sent, say('was promised that all had arrived'))
      if (peer.outcome === null && !peer.released && !peer.aborted)
        assert.equal(peer.received, user.sent, say('was promised that all had been handed over'))
    }
    if (user.released) return
    assert(user.ended, say('closed properly without the end of the other'))
    assert.equal(user.received, peer.sent, say('was told that it had read all'))
  }
}

const other = (i: 0 | 1): 0 | 1 => (i === 0 ? 1 : 0)

function both(watch: WireWatch, more: StackObserver | undefined): StackObserver {
  return {
    ...more,
    packet: (...args) => {
      more?.packet?.(...args)
      const [direction, , bytes, offset, length] = args
      watch.packet(direction, bytes, offset, length)
    },
  }
}

/**
 * When to begin so that the plan's ISN comes about: an ISN is a secret plus 250 for each ms, so one rehearsal tells
 * the secret.
 */
function startFor(plan: WorldPlan): number {
  if (!plan.isn) return 0
  const { side, value } = plan.isn
  const wanted = side === 0 ? plan.connections[0]!.opener : other(plan.connections[0]!.opener)
  const { localPort } = plan.connections[0]!
  const scene = new Scene(plan, 0)
  let seq: number | undefined
  const wire = wanted === 0 ? scene.cable.forward : scene.cable.backward
  wire.intercept(packet => {
    if (
      seq === undefined &&
      packet.has('SYN') &&
      (packet.srcPort === localPort || packet.dstPort === localPort)
    )
      seq = packet.seq
    return 'pass'
  })
  for (let i = 0; i < 10_000 && seq === undefined && scene.world.step(); i++);
  return seq === undefined ? 0 : Math.round(((value - seq) >>> 0) / 250)
}

/** Runs the world of a seed to its end. Throws an AssertionError, or what the stack threw. */
export function runWorld(seed: number, options: RunOptions = {}): Result {
  const plan = planOf(seed)
  return new Scene(plan, startFor(plan), options).run()
}

export const reproduce = (seed: number): string => `node dist/test/sim/soak.js --seed ${seed} --verbose`
