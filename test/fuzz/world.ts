import type { Link, LinkReceiver } from '../../src/stack/link.js'
import type { Listener } from '../../src/stack/listener.js'
import type { FlowName } from '../../src/stack/observe.js'
import type { Socket } from '../../src/stack/socket.js'
import { Stack } from '../../src/stack/stack.js'
import type { UdpPort } from '../../src/stack/udp-layer.js'
import type { ReactionId } from '../../src/tcp/reactions.js'
import { mayTake, type State, TRANSITIONS, type TransitionId } from '../../src/tcp/states.js'
import type { Action, Packet, WorldOptions } from './actions.js'
import { found, frameOf, locate, OWN_MAC, PEER_MAC, RST, sameBytes } from './bytes.js'
import { call } from './calls.js'
import type { Coverage } from './coverage.js'
import { FuzzEnvironment } from './environment.js'
import { annotate, rebase, stateOf } from './flows.js'
import { checkSocket, checkStack } from './invariants.js'
import { Output } from './output.js'
import { User } from './user.js'
import { must } from './violation.js'

/** What lies around a packet in the buffer it is given in. */
const LEAD = 3

/** A stack on a link that only a fuzzer is on, with everything it does looked at. */
export class FuzzWorld {
  readonly env: FuzzEnvironment
  readonly stack: Stack
  readonly output: Output
  readonly users = new Map<Socket, User>()
  readonly byName = new Map<string, User>()
  readonly listeners = new Map<number, Listener>()
  readonly udpPorts = new Map<number, UdpPort>()
  /** Packets given. */
  packets = 0
  actions = 0
  /** Every flow is looked at after so many actions; after each where it is to be found out which one did it. */
  deepEvery = 16
  /** If set, each action is noted as it can be played again. */
  record: Action[] | undefined
  private receiver: LinkReceiver | undefined
  private readonly buffer = new Uint8Array(70_000)
  private droppedNow = 0
  /** The state of each connection as the observer has heard of it. */
  private readonly states = new Map<string, State>()

  constructor(
    readonly options: WorldOptions,
    readonly coverage: Coverage,
  ) {
    this.env = new FuzzEnvironment(options.seed)
    this.output = new Output(options.kind, options.mtu, this.users, () => this.env.time)
    this.stack = new Stack({
      env: this.env,
      tcp: options.tcp,
      maxTimeWait: options.maxTimeWait,
      observer: {
        dropped: reason => {
          this.droppedNow++
          coverage.drop(reason)
        },
        packet: (direction, iface, bytes, offset, length) => {
          if (direction === 'out' && !iface.isLoopback)
            this.watched(() => this.output.made(bytes.subarray(offset, offset + length)))
        },
        reaction: (flow, reaction) => this.reaction(stateOf(flow), reaction),
        state: (name, from, to, id) => this.watched(() => this.moved(name, from, to, id)),
      },
    })
    this.output.stack = this.stack
    this.watchErrors()
    if (options.isn !== undefined) this.forceIsn(options.isn)
    const six = options.mtu >= 1280
    const gateways = six ? ['10.0.0.254', 'fd00::fe'] : ['10.0.0.254']
    const addresses = six ? ['10.0.0.1/24', 'fd00::1/64'] : ['10.0.0.1/24']
    this.stack.addInterface(this.link(), { addresses, gateways })
  }

  /** What is found wrong counts, whoever may catch it on its way. */
  private watched(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.env.reportError(error)
      throw error
    }
  }

  /** Near a wrap is where sequence numbers go wrong. */
  private forceIsn(first: number): void {
    let next = first
    this.stack['context'].secrets.isn = () => {
      next = (next + 70_001) | 0
      return next
    }
  }

  /** What an ICMP error does to a connection is no segment's reaction, and no observer is told of it. */
  private watchErrors(): void {
    const icmp = this.stack['icmp']
    const { onTcpError } = icmp
    icmp.onTcpError = error => {
      const found = onTcpError(error)
      for (const { tcb } of this.stack.sockets) {
        if (tcb.reaction === 'R34') this.reaction(tcb.state, 'R34')
      }
      return found
    }
  }

  private link(): Link {
    const { kind, mtu } = this.options
    return {
      kind,
      mtu,
      hardwareAddress: OWN_MAC,
      attach: receiver => {
        this.receiver = receiver
      },
      send: (bytes, offset, length) => {
        this.watched(() => this.output.sent(bytes.subarray(offset, offset + length)))
        return true
      },
      close: () => {},
    }
  }

  reaction(state: State | 'none', reaction: ReactionId): void {
    this.coverage.reaction(reaction, state)
  }

  private moved(name: FlowName, from: State, to: State, id: TransitionId): void {
    must(mayTake(id, from) && TRANSITIONS[id].to === to, `${id} does not lead from ${from} to ${to}`)
    this.coverage.transition(id, from)
    if (name.remote === undefined) return
    const key = `${name.local} ${name.localPort} ${name.remote} ${name.remotePort}`
    const known = this.states.get(key)
    // A new incarnation begins in CLOSED, as a listener's child in LISTEN, and after a cookie in SYN_RECEIVED.
    const over = known === undefined || known === 'CLOSED' || known === 'LISTEN'
    const begins = from === 'CLOSED' || from === 'LISTEN' || (from === 'SYN_RECEIVED' && over)
    must(begins || known === from, `${key} leaves ${from}, and was in ${known}`)
    this.states.set(key, to)
  }

  /** Takes over a connection that was opened, or accepted. */
  own(socket: Socket, accepted: boolean): User {
    const name = `${socket.remote}/${socket.remotePort}/${socket.localPort}`
    const user = new User(name, socket, this.options.eager, this.options.mode !== 'hostile')
    user.opened = accepted
    socket.handler = user.handler
    this.users.set(socket, user)
    this.byName.set(name, user)
    return user
  }

  perform(action: Action): void {
    this.actions++
    switch (action.type) {
      case 'in':
        this.give(action.packets)
        break
      case 'pass':
        this.record?.push(action)
        this.pass(action.ms)
        break
      case 'call':
        this.record?.push(action)
        this.output.begin(false)
        call(this, action.name, action.on, action.args)
        break
    }
    this.check()
  }

  /** Time goes on. There are only so many timers, and each only so fast. */
  private pass(ms: number): void {
    const things = 8 + this.stack['table'].size + this.stack['context'].wheel.count
    this.output.begin(false)
    this.env.pass(ms, 64 + things * (8 + (ms / 1000) * 24), () => this.raise())
  }

  private wrapped({ frame }: Packet, bytes: Uint8Array): Uint8Array {
    if (frame || this.options.kind === 'ip') return bytes
    return frameOf(OWN_MAC, PEER_MAC, bytes.length > 0 && bytes[0]! >>> 4 === 6 ? 0x86dd : 0x0800, bytes)
  }

  /** A batch of packets, as a link brings them. */
  private give(packets: Packet[]): void {
    const { env, stack, output } = this
    const noted: Packet[] = []
    let asked = 0
    let bytesIn = 0
    this.record?.push({ type: 'in', packets: noted })
    // A call may have left something to tell, which owners answer in this batch.
    const owing = !stack['isQuiet']
    output.begin(packets.length === 1 && isReset(packets[0]!))
    for (const packet of packets) {
      if (this.record) noted.push(annotate(stack, output.heard, packet, env.time))
      const bytes = this.wrapped(packet, rebase(stack, output.heard, packet, env.time))
      const { buffer } = this
      buffer.set(bytes, LEAD)
      const before = this.droppedNow
      this.receiver!.packet(buffer, LEAD, bytes.length)
      must(this.droppedNow - before <= 1, 'a packet that is dropped twice')
      if (bytes.length < 200)
        must(sameBytes(buffer, LEAD, bytes, 0, bytes.length), 'received bytes were changed')
      // Whoever keeps what dies with the call will see it.
      buffer.fill(0xdd, LEAD, LEAD + bytes.length)
      asked += isAnswer(bytes, packet, this.options.kind) ? 1 : 0
      // The last fragment brings all the others with it.
      bytesIn += !packet.frame && locate(packet.bytes) && !found.whole ? 65_535 : bytes.length
      this.packets++
    }
    this.receiver!.batchEnd()
    const n = packets.length
    // What waited for a neighbour leaves when he answers; owners who read announce a window.
    const most = 3 * n + 4 + 17 * asked
    must(
      output.bare + output.other <= most,
      () => `${output.bare} bare, ${output.other} other for ${n} packets`,
    )
    must(output.packets <= 4096, () => `${output.packets} packets for ${n}`)
    // Whoever speaks in another's name must not make us shout at him.
    const loudest = 2 * bytesIn + 64 * n
    if (asked === 0 && !owing)
      must(output.bareBytes <= loudest, () => `${output.bareBytes} bytes in answer to ${bytesIn}`)
  }

  /** What the stack reported, if it did, is thrown. */
  private raise(): void {
    const { error } = this.env
    if (error !== undefined) throw error instanceof Error ? error : new Error(String(error))
  }

  private check(): void {
    const { env, stack, options } = this
    this.raise()
    const done = env.alarmAt <= env.time ? Number.NEGATIVE_INFINITY : env.time
    for (const [socket, user] of this.users) {
      checkSocket(user, done)
      if (user.closed && (socket.state === 'CLOSED' || socket.timeWait) && socket.receiveQueued === 0) {
        this.users.delete(socket)
        if (this.byName.get(user.name) === user) this.byName.delete(user.name)
      }
    }
    checkStack(stack, options.maxTimeWait, this.actions % this.deepEvery === 0)
    // What a call leaves to be told is told in a moment.
    const settled = stack['isQuiet']
    must(settled || env.alarmAt <= env.time, 'something is left to do, and nobody will')
    // Whatever is due next, the stack has asked to be woken for it.
    const next = Math.max(stack['context'].wheel.next(), env.time)
    must(env.alarmAt <= next, 'a timer that nobody will be woken for')
  }

  /** Nobody sends anything any more: in the end everything is forgotten, and nothing is left behind. */
  finish(): void {
    this.perform({ type: 'pass', ms: 3_600_000 })
    const { halfOpen, timeWait } = this.stack.census
    must(halfOpen + timeWait === 0, () => `${halfOpen} half open, ${timeWait} in TIME_WAIT after an hour`)
    this.output.begin(false)
    this.stack.close()
    this.pass(1000)
    this.raise()
    const { size } = this.stack['table']
    must(size === 0, () => `${size} connections after the end`)
    for (const user of this.users.values()) must(user.closed, () => `${user.name} was never told of its end`)
    must(this.stack['ip']['fragments']['bytes'] === 0, 'fragments after an hour')
  }
}

/** A whole RST, nothing else. */
function isReset({ bytes, frame }: Packet): boolean {
  if (frame || !locate(bytes) || !found.whole || found.protocol !== 6 || found.length < 20) return false
  return (bytes[found.at + 13]! & RST) !== 0
}

/** Something that may say where a neighbour is. */
function isAnswer(b: Uint8Array, { frame }: Packet, kind: 'ip' | 'ethernet'): boolean {
  if (kind === 'ip' || b.length < 14) return false
  return frame || (locate(b.subarray(14)) && found.protocol === 58)
}
