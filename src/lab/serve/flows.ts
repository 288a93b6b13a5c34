import type { Stack } from '../../stack/stack.js'
import { isSynchronized } from '../../tcp/states.js'
import { textOf } from '../../trace/fields.js'
import { IpAddress } from '../../wire/address.js'
import type { IpView } from '../../wire/ip.js'
import { type SegmentView, SYN } from '../../wire/tcp.js'

/** One side of a connection, as its SYN told. */
interface Side {
  isn: number | undefined
  /** -1 if it offered none. */
  scale: number
}

/** What must be known of a connection to tell of its segments. */
export interface SeenFlow {
  /** `local:port remote:port` */
  readonly name: string
  /** The peer's address. */
  readonly remote: string
  readonly own: Side
  readonly peer: Side
}

/** The connections whose segments are seen, at most `most`; the one longest silent is forgotten first. */
export class Flows {
  private readonly flows = new Map<string, SeenFlow>()
  private lastKey = ''
  private last: SeenFlow | undefined

  constructor(private readonly most: number) {}

  /** Those that are open already: nobody sees their SYNs any more. */
  learn(stack: Stack): void {
    for (const { tcb, local, localPort, remote, remotePort } of stack.sockets) {
      if (this.flows.size >= this.most) return
      if (!isSynchronized(tcb.state)) continue
      const scale = (agreed: number) => (tcb.windowScaling ? agreed : -1)
      this.begin(local, localPort, remote, remotePort, {
        own: { isn: tcb.iss, scale: scale(tcb.rcvScale) },
        peer: { isn: tcb.irs, scale: scale(tcb.sndScale) },
      })
    }
  }

  /** The connection of a segment, which tells about its sender if it is a SYN. */
  of(direction: 'in' | 'out', ip: IpView, seg: SegmentView): SeenFlow {
    const out = direction === 'out'
    const { src0, src1, src2, src3, dst0, dst1, dst2, dst3 } = ip
    const source = `${src0},${src1},${src2},${src3},${seg.srcPort}`
    const destination = `${dst0},${dst1},${dst2},${dst3},${seg.dstPort}`
    const key = out ? `${source} ${destination}` : `${destination} ${source}`
    const flow = this.find(key) ?? this.make(out, ip, seg)
    if (seg.flags & SYN) {
      const side = out ? flow.own : flow.peer
      side.isn = seg.seq
      side.scale = seg.windowScale
    }
    return flow
  }

  private find(key: string): SeenFlow | undefined {
    if (key === this.lastKey) return this.last
    const flow = this.flows.get(key)
    if (!flow) return undefined
    this.flows.delete(key)
    this.remember(key, flow)
    return flow
  }

  private make(out: boolean, ip: IpView, seg: SegmentView): SeenFlow {
    const source = IpAddress.fromWords(ip.version, ip.src0, ip.src1, ip.src2, ip.src3)
    const destination = IpAddress.fromWords(ip.version, ip.dst0, ip.dst1, ip.dst2, ip.dst3)
    return out
      ? this.begin(source, seg.srcPort, destination, seg.dstPort)
      : this.begin(destination, seg.dstPort, source, seg.srcPort)
  }

  private begin(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    sides = { own: nothingKnown(), peer: nothingKnown() },
  ): SeenFlow {
    const peer = remote.toString()
    const name = textOf({ local: local.toString(), localPort, remote: peer, remotePort })
    const [here, there] = [keyOf(local, localPort), keyOf(remote, remotePort)]
    // A stack that speaks to itself has both ends: what one is the other's peer is.
    const twin = this.flows.get(`${there} ${here}`)
    const flow = { name, remote: peer, own: twin?.peer ?? sides.own, peer: twin?.own ?? sides.peer }
    this.remember(`${here} ${there}`, flow)
    return flow
  }

  private remember(key: string, flow: SeenFlow): void {
    this.flows.set(key, flow)
    this.lastKey = key
    this.last = flow
    if (this.flows.size <= this.most) return
    const [oldest] = this.flows.keys()
    this.flows.delete(oldest!)
  }
}

const nothingKnown = (): Side => ({ isn: undefined, scale: -1 })

/** Addresses are compared for each packet, and written out only for the first. */
const keyOf = ({ w0, w1, w2, w3 }: IpAddress, port: number): string => `${w0},${w1},${w2},${w3},${port}`
