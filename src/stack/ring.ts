import type { IpView } from '../wire/ip.js'
import type { Context } from './context.js'
import type { Interface } from './interface.js'
import type { IpLayer } from './ip-layer.js'
import type { Seat } from './seat.js'

/**
 * What a stack hands on to the next in the ring: segments, ICMP errors and datagrams for which it has nobody. Each looks for
 * itself and hands on in its turn; a packet that has been everywhere is back where it came in, and is refused there as a
 * stack alone would refuse it. So nothing is answered with a RST that another could have taken.
 */
export class Ring {
  private iface: Interface | undefined
  private hops = 0

  constructor(
    private readonly seat: Seat | undefined,
    private readonly context: Context,
    private readonly ip: IpLayer,
  ) {}

  /** What the stack receives from here on came by this interface, and was handed on so often. */
  arrives(iface: Interface, hops: number): void {
    this.iface = iface
    this.hops = hops
  }

  /**
   * Hands on the packet that is being received. True if that is the end of it here, also where the ring is full: it is
   * dropped then, since whoever it is for may be elsewhere. False if there are no others, or they have all seen it.
   */
  handOn({ bytes, offset, totalLength, vouched, segmentSize }: IpView): boolean {
    const { seat, iface, hops } = this
    // What a stack sends to itself is no business of others'.
    if (!seat || seat.count < 2 || hops >= seat.count || iface!.isLoopback) return false
    const arrival = { vouched, segmentSize, iface: iface!.index, hops: hops + 1 }
    if (seat.handOn(bytes, offset, totalLength, arrival)) this.context.counters.handedOn++
    else this.ip.drop('ring-full')
    return true
  }
}
