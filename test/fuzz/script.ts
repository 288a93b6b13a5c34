import { Random } from '../../src/sim/random.js'
import type { Action, Packet } from './actions.js'
import { ACK, addressBytes, FIN, ipPacket, mend, PEER_TEXT, RST, SYN, tcpSegment, textAt } from './bytes.js'
import { numbersOf } from './flows.js'
import { flipOneBit } from './mutate.js'
import { icmp, noise, plainAnswer, plainFragments, udp } from './others.js'
import { arrivedOf, Peer } from './peers.js'
import { HOSTS, HOSTS4 } from './places.js'
import type { User } from './user.js'
import { must } from './violation.js'
import type { FuzzWorld } from './world.js'

const PEERS = 3
const LISTENING = 80
/** How long the end may take, in rounds. */
const ROUNDS = 4000

/**
 * Proper peers on a path that loses, delays, repeats and spoils, and a stranger who does not know their numbers. In the
 * end everything has arrived, in order and whole, both ways, and nobody was told of an error.
 */
export class Script {
  private readonly peers: Peer[] = []
  /** What each owner will say. */
  private readonly plans: number[] = []
  private readonly delayed: Packet[] = []
  /** In the end everything comes in fragments. */
  private readonly cuts: boolean
  private nextId = 1

  constructor(private readonly world: FuzzWorld) {
    const random = new Random(world.options.seed + 0.5)
    this.cuts = random.chance(0.3)
    const hosts = world.options.mtu >= 1280 ? HOSTS : HOSTS4
    for (let i = 0; i < PEERS; i++) {
      const active = random.chance(0.6)
      const iss = random.chance(0.5) ? random.next32() : random.pick([-1, -3000, 0x7fffff00])
      const length = random.pick([0, 1, 3000, 20_000])
      this.peers.push(
        new Peer(random.pick(hosts), 4000 + i, active ? LISTENING : 2000 + i, iss, length, !active),
      )
      this.plans.push(random.pick([0, 1, 3000, 20_000]))
    }
    world.output.onSegment = seg => {
      const peer = this.peers[seg.dstPort - 4000]
      if (peer && seg.srcPort === peer.localPort) peer.inbox.push(arrivedOf(seg))
    }
  }

  private user(i: number): User | undefined {
    const { host, remotePort, localPort } = this.peers[i]!
    return this.world.byName.get(`${host.text}/${remotePort}/${localPort}`)
  }

  private connect(i: number): Action {
    const { host, remotePort, localPort } = this.peers[i]!
    return { type: 'call', name: 'connect', on: host.text, args: [remotePort, localPort, 0, 0] }
  }

  private called: boolean[] = []

  next(step: number): Action {
    const random = new Random(this.world.options.seed * 1_000_003 + step)
    const dice = random.next()
    if (dice < 0.12) return { type: 'pass', ms: random.pick([1, 10, 40, 200, 500]) }
    const i = random.integer(0, PEERS - 1)
    const peer = this.peers[i]!
    if (peer.localPort !== LISTENING && !this.called[i]) {
      this.called[i] = true
      return this.connect(i)
    }
    const user = this.user(i)
    if (dice < 0.24 && user) return this.call(random, i, user)
    if (dice < 0.36) return { type: 'in', packets: [this.stranger(random, i)] }
    for (const arrived of peer.inbox.splice(0)) if (random.chance(0.85)) peer.take(arrived)
    const packets: Packet[] = []
    for (let n = random.integer(1, 3); n > 0; n--) this.fromPeer(random, peer, packets)
    while (this.delayed.length > 0 && random.chance(0.3)) packets.push(this.delayed.shift()!)
    for (const { address } of this.world.output.questions.splice(0)) packets.push(plainAnswer(address))
    return { type: 'in', packets }
  }

  private fromPeer(random: Random, peer: Peer, packets: Packet[]): void {
    const now = this.world.env.time
    const opens = peer.localPort === LISTENING ? !peer.isOpen || random.chance(0.03) : random.chance(0.2)
    if (!peer.isOpen && !opens) return
    if (peer.localPort !== LISTENING && !peer.isOpen) return
    if (random.chance(0.02)) peer.mayEnd = true
    const packet = opens ? peer.syn(now) : peer.something(random, now)
    const dice = random.next()
    if (dice < 0.1) return
    if (dice < 0.3) {
      this.delayed.push(packet)
      return
    }
    packets.push(packet)
    if (dice < 0.36) this.delayed.push(packet)
    if (dice < 0.42) packets.push({ bytes: flipOneBit(random, packet.bytes.slice()), frame: false })
  }

  private call(random: Random, i: number, user: User): Action {
    const left = this.plans[i]! - user.sent
    const dice = random.next()
    const call = (name: 'send' | 'receive' | 'close' | 'no-delay' | 'cork', ...args: number[]): Action => ({
      type: 'call',
      name,
      on: user.name,
      args,
    })
    if (dice < 0.4 && left > 0) return call('send', random.integer(1, left))
    if (dice < 0.8) return call('receive', random.pick([1, 100, 5000]))
    if (dice < 0.85 && left === 0 && !user.closing && user.socket.state !== 'SYN_SENT') return call('close')
    return call(random.chance(0.5) ? 'no-delay' : 'cork', random.integer(0, 1))
  }

  /** Somebody on another path, who knows addresses and ports, and not the numbers. */
  private stranger(random: Random, i: number): Packet {
    const { socket } = this.user(i) ?? {}
    const state = socket?.state
    const talks =
      state === 'ESTABLISHED' || state === 'CLOSE_WAIT' || state === 'FIN_WAIT_1' || state === 'FIN_WAIT_2'
    const dice = random.next()
    if (dice < 0.15) return noise(random)
    if (dice < 0.3) return { bytes: mend(udp(random)), frame: false }
    if (!socket || !talks || !socket.tcb.config.strictReset)
      return { bytes: mend(icmp(random, undefined)), frame: false }
    if (dice < 0.45) return { bytes: mend(icmp(random, socket)), frame: false }
    const n = numbersOf(socket)
    const text = textAt(PEER_TEXT, random.integer(0, 65535), random.pick([0, 1, 100]))
    const room = (n.rcvAdv - n.rcvNxt) | 0
    let seq = n.rcvNxt - text.length - random.integer(1, 100_000)
    let ack = n.sndNxt
    let flags = ACK
    if (dice < 0.6) {
      // A RST anywhere but where it would be believed.
      flags = RST | random.pick([0, ACK])
      seq = n.rcvNxt + random.integer(1, Math.max(1, room + 5))
    } else if (dice < 0.75) {
      flags = SYN | random.pick([0, ACK])
      seq = n.rcvNxt + random.integer(-5, room + 5)
    } else if (dice < 0.85) {
      seq = n.rcvNxt
      ack = random.chance(0.5)
        ? n.sndNxt + random.integer(1, 1 << 30)
        : n.sndUna - n.maxSndWnd - random.integer(1, 1 << 30)
    } else if (dice < 0.93) seq = n.rcvAdv + random.integer(1, 100_000)
    if (flags === ACK && random.chance(0.2)) flags |= FIN
    const segment = tcpSegment(socket.remotePort, socket.localPort, seq, ack, flags, 1000, [], text)
    const bytes = ipPacket(addressBytes(socket.remote), addressBytes(socket.local), 6, segment)
    return { bytes: mend(bytes), frame: false }
  }

  // ---- the end ----

  /** The path mends itself, everybody says what is left to say, and closes. */
  finale(): void {
    const { world } = this
    const random = new Random(world.options.seed + 0.25)
    for (let round = 0; round < ROUNDS && !this.isOver; round++) {
      for (let i = 0; i < PEERS; i++) this.finish(random, i)
      for (const { address } of world.output.questions.splice(0))
        world.perform({ type: 'in', packets: [plainAnswer(address)] })
      world.perform({ type: 'pass', ms: 100 })
    }
    for (let i = 0; i < PEERS; i++) this.judge(i)
  }

  private get isOver(): boolean {
    return this.peers.every((peer, i) => peer.isDone && (this.user(i)?.closed ?? true))
  }

  private finish(random: Random, i: number): void {
    const { world } = this
    const peer = this.peers[i]!
    const now = world.env.time
    const fresh = peer.inbox.length > 0
    for (const arrived of peer.inbox.splice(0)) peer.take(arrived)
    if (!peer.isOpen) {
      if (peer.localPort === LISTENING) world.perform({ type: 'in', packets: [peer.syn(now)] })
      else if (!this.called[i]) {
        this.called[i] = true
        world.perform(this.connect(i))
      }
      return
    }
    const user = this.user(i)
    if (user && !user.closed) this.live(i, user)
    peer.mayEnd = true
    if (user?.socket.state === 'SYN_SENT') {
      world.perform({ type: 'in', packets: [peer.syn(now)] })
      return
    }
    if (peer.isDone && !fresh) return
    const packets: Packet[] = []
    for (let n = 0, at = peer.acked; n < 8; n++, at += 1460) {
      packets.push(peer.speak(random, now, Math.min(at, peer.length), 1460, true))
      if (at + 1460 >= peer.length) break
    }
    world.perform({
      type: 'in',
      packets: this.cuts ? packets.flatMap(packet => this.pieces(random, packet)) : packets,
    })
  }

  private pieces(random: Random, { bytes }: Packet): Packet[] {
    return plainFragments(random, bytes, this.nextId++).map(piece => ({ bytes: piece, frame: false }))
  }

  /** The owner reads what is there, says the rest, and closes. */
  private live(i: number, user: User): void {
    const { world } = this
    const left = this.plans[i]! - user.sent
    const on = user.name
    if (user.socket.receiveQueued > 0) world.perform({ type: 'call', name: 'receive', on, args: [1 << 20] })
    if (user.closing || user.socket.state === 'SYN_SENT') return
    world.perform({ type: 'call', name: 'cork', on, args: [0] })
    if (left > 0) world.perform({ type: 'call', name: 'send', on, args: [left] })
    world.perform({ type: 'call', name: 'close', on, args: [] })
  }

  private judge(i: number): void {
    const peer = this.peers[i]!
    const user = this.known.get(i) ?? this.user(i)
    const name = `${peer.host.text} port ${peer.remotePort}`
    must(
      peer.isDone,
      () => `${name}: not done, ${peer.acked} of ${peer.length} acknowledged, ${peer.heard} heard`,
    )
    must(peer.heard === this.plans[i], () => `${name} heard ${peer.heard} of ${this.plans[i]} bytes`)
    must(user !== undefined, `${name}: nobody took the connection`)
    // What came before the end can be read after it.
    if (user.socket.receiveQueued > 0) user.receive()
    const { read, error, ended } = user
    must(read === peer.length, () => `${name}: ${read} of ${peer.length} bytes were read`)
    must(ended, `${name}: the end was not told`)
    must(error === null, () => `${name}: ${error}`)
  }

  /** Owners, also of connections that are over. */
  private readonly known = new Map<number, User>()

  note(): void {
    for (let i = 0; i < PEERS; i++) {
      const user = this.user(i)
      if (user) this.known.set(i, user)
    }
  }
}
