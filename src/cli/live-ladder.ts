import type { FlowName, StackObserver } from '../stack/observe.js'
import type { State } from '../tcp/states.js'
import { Ladder, type Language, Recorder, type TraceEvent } from '../trace/index.js'
import { IpAddress } from '../wire/address.js'
import { IpView, PROTO_TCP, parseIp } from '../wire/ip.js'
import { SegmentView } from '../wire/tcp.js'

const PEER = 'peer'
const OWN = 'estab'

/** Connections whose numbers and states are remembered; the one longest silent is forgotten first. */
const MOST = 1024

interface Connection {
  readonly name: string
  readonly recorder: Recorder
  readonly observer: StackObserver
  readonly ladder: Ladder
}

/**
 * Prints the ladder of each connection of a live stack as it happens: the peer on the left, the stack on the right.
 * What the peer's state is only the peer knows, so none is shown. Times count from the first event, in ms.
 */
export class LiveLadder {
  readonly observer: StackObserver
  private readonly connections = new Map<string, Connection>()
  private readonly listening = new Set<number>()
  private readonly ip = new IpView()
  private readonly seg = new SegmentView()
  /** Of the packet that came in last. */
  private arrived: Connection | undefined
  private shown: Connection | undefined
  private begun: number | undefined

  constructor(
    private readonly write: (text: string) => void,
    private readonly options: { language: Language; colour: boolean },
    /** Told each event that is shown. */
    private readonly told: (event: TraceEvent) => void = () => {},
  ) {
    this.observer = {
      packet: (direction, iface, bytes, offset, length, now) => {
        const connection = this.packet(direction, bytes, offset, length)
        if (direction === 'in') this.arrived = connection
        if (!connection || (iface.isLoopback && direction === 'in')) return
        const { recorder, observer } = connection
        const t = this.time(now)
        const copy = bytes.slice(offset, offset + length)
        if (direction === 'out') recorder.segment(OWN, PEER, copy, 'delivered', t, Number.NaN)
        else {
          recorder.segment(PEER, OWN, copy, 'delivered', t, t)
          observer.packet?.('in', iface, bytes, offset, length, t)
        }
      },
      reaction: (flow, reaction, now) => {
        const { arrived } = this
        const event = arrived?.recorder.segments.at(-1)?.event
        if (!arrived || !event || event.from !== PEER) return
        arrived.observer.reaction?.(flow, reaction, this.time(now))
        this.show(arrived, arrived.ladder.verdict(event))
      },
      state: (flow, from, to, id, now) => {
        if (flow.remote === undefined) {
          if (to === 'LISTEN') this.listening.add(flow.localPort)
          else this.listening.delete(flow.localPort)
        }
        this.of(flow).observer.state?.(flow, from, to, id, this.time(now))
      },
      timer: (flow, name, now) => this.of(flow).observer.timer?.(flow, name, this.time(now)),
    }
  }

  private time(now: number): number {
    this.begun ??= now
    return now - this.begun
  }

  /** The connection of a segment; undefined for any other packet. */
  private packet(
    direction: 'in' | 'out',
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): Connection | undefined {
    const { ip, seg } = this
    const whole = !parseIp(ip, bytes, offset, length) && !ip.isFragment
    if (!whole || ip.protocol !== PROTO_TCP || seg.parse(ip, true)) return undefined
    const source = IpAddress.fromWords(ip.version, ip.src0, ip.src1, ip.src2, ip.src3).toString()
    const destination = IpAddress.fromWords(ip.version, ip.dst0, ip.dst1, ip.dst2, ip.dst3).toString()
    return direction === 'in'
      ? this.of({
          local: destination,
          localPort: seg.dstPort,
          remote: source,
          remotePort: seg.srcPort,
        })
      : this.of({
          local: source,
          localPort: seg.srcPort,
          remote: destination,
          remotePort: seg.dstPort,
        })
  }

  private of(flow: FlowName): Connection {
    const { connections } = this
    const name = nameOf(flow)
    const known = connections.get(name)
    connections.delete(name)
    const connection = known ?? this.begin(name, flow)
    connections.set(name, connection)
    if (connections.size > MOST) {
      const [oldest] = connections.keys()
      connections.delete(oldest!)
    }
    return connection
  }

  private begin(name: string, flow: FlowName): Connection {
    const { language, colour } = this.options
    const recorder = new Recorder()
    const ladder = new Ladder({ hosts: [PEER, OWN], language, colour })
    const assume = (host: string, state: string) =>
      ladder.line({
        t: 0,
        kind: 'state',
        host,
        from: 'CLOSED',
        to: state as State,
        cause: '',
        id: 'T01',
        flow: '',
      })
    assume(PEER, '')
    if (flow.remote !== undefined && this.listening.has(flow.localPort)) assume(OWN, 'LISTEN')
    const connection = { name, recorder, observer: recorder.observer(OWN), ladder }
    recorder.onEvent = event => {
      this.show(connection, ladder.line(event))
      this.told(event)
      // A recorder keeps everything; here only the segment that is being dealt with still matters.
      recorder.events.length = 0
      if (recorder.segments.length > 1) recorder.segments.splice(0, recorder.segments.length - 1)
    }
    return connection
  }

  private show(connection: Connection, text: string): void {
    if (text === '') return
    if (this.shown === undefined) this.write(connection.ladder.header())
    if (this.shown !== connection && connection.name !== '') this.write(`── ${connection.name} ──`)
    this.shown = connection
    this.write(text)
  }
}

/** A listener is nobody's connection. */
function nameOf({ local, localPort, remote, remotePort }: FlowName): string {
  if (remote === undefined) return ''
  return `${endpoint(remote, remotePort!)} ⇄ ${endpoint(local, localPort)}`
}

/** `10.0.0.1:80`, `[fd00::1]:80` */
export const endpoint = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
