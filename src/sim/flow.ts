import type { StackObserver } from '../stack/observe.js'
import type { Socket } from '../stack/socket.js'
import type { TcpConfig } from '../tcp/config.js'
import type { CongestionControllerFactory } from '../tcp/congestion.js'
import type { SequenceWatch } from './sequence-watch.js'
import type { Path } from './topology.js'
import type { World } from './world.js'

export interface FlowOptions {
  readonly port: number
  /** When it begins, in ms, and how many bytes it carries; without a size it does not end. */
  readonly start: number
  readonly size?: number | undefined
  readonly congestion: CongestionControllerFactory
  readonly tcp: Partial<TcpConfig>
}

/** What is seen of a flow at one time; NaN for what is not known, or is over. Rates in bits per second, times in ms, sizes in bytes. */
export interface FlowSample {
  /** Received by the user, since the sample before. */
  readonly goodput: number
  readonly cwnd: number
  readonly ssthresh: number
  readonly srtt: number
  /** The smallest and the largest round trip measured since the sample before. */
  readonly rttMin: number
  readonly rttMax: number
  /** Segments sent again so far. */
  readonly retransmissions: number
}

/** The most that is given to TCP at once. */
const CHUNK = new Uint8Array(1 << 16)

/** One connection that carries zeros over a path, as fast as it can, and what it is seen to do. */
export class Flow {
  /** Bytes received by the user at the far end. */
  received = 0
  /** When the last of them came, if there is a last. */
  finishedAt = Number.NaN
  /** Why it ended before its time. */
  error: string | undefined
  socket: Socket | undefined
  private left: number
  private receivedBefore = 0
  private sampledAt: number
  private rttMin = Number.NaN
  private rttMax = Number.NaN

  constructor(
    private readonly world: World,
    private readonly path: Path,
    readonly watch: SequenceWatch,
    private readonly options: FlowOptions,
  ) {
    this.left = options.size ?? Number.POSITIVE_INFINITY
    this.sampledAt = options.start
    watch.onRtt = rtt => {
      if (!(rtt >= this.rttMin)) this.rttMin = rtt
      if (!(rtt <= this.rttMax)) this.rttMax = rtt
    }
    path.receiver.stack.listen({
      port: options.port,
      tcp: options.tcp,
      onConnection: socket => {
        socket.handler = {
          readable: () => {
            while (socket.receiveQueued > 0) this.received += socket.receive()!.length
          },
          end: () => {
            this.finishedAt = world.now
            socket.close()
          },
        }
      },
    })
    world.at(options.start, () => this.connect())
  }

  private connect(): void {
    const { port, congestion, tcp } = this.options
    this.socket = this.path.sender.stack.connect({
      remote: this.path.address,
      port,
      congestion,
      tcp,
      handler: {
        open: () => this.fill(),
        writable: () => this.fill(),
        closed: error => {
          if (error) this.error = error.message
        },
      },
    })
  }

  /**
   * Keeps the send queue full. While a gap is being mended nothing leaves it, and new data is sent all the same: a queue
   * that was only half full would run dry, and the flow burst when the gap is closed.
   */
  private fill(): void {
    const socket = this.socket!
    if (this.left <= 0) return
    while (this.left > 0 && socket.sendQueued + CHUNK.length <= socket.sendLimit) {
      const part = this.left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, this.left)
      this.left -= part.length
      socket.send(part)
    }
    if (this.left <= 0) socket.close()
  }

  /** True from its beginning until its end. */
  get isActive(): boolean {
    return this.world.now >= this.options.start && Number.isNaN(this.finishedAt) && this.error === undefined
  }

  /** How it does now, and did since the last sample. */
  sample(): FlowSample {
    const { now } = this.world
    const seconds = (now - this.sampledAt) / 1000
    const { congestion, rto } = this.socket?.tcb ?? {}
    const isNew = this.isActive || this.received > this.receivedBefore
    const shows = this.isActive && this.socket?.state !== 'SYN_SENT'
    const sample = {
      goodput: isNew && seconds > 0 ? ((this.received - this.receivedBefore) * 8) / seconds : Number.NaN,
      cwnd: shows && congestion ? congestion.cwnd : Number.NaN,
      ssthresh:
        shows && congestion && Number.isFinite(congestion.ssthresh) ? congestion.ssthresh : Number.NaN,
      srtt: shows && rto && rto.srtt >= 0 ? rto.srtt : Number.NaN,
      rttMin: this.rttMin,
      rttMax: this.rttMax,
      retransmissions: this.watch.retransmissions,
    }
    if (now >= this.options.start) this.sampledAt = now
    this.receivedBefore = this.received
    this.rttMin = this.rttMax = Number.NaN
    return sample
  }
}

/** One observer in place of two, either of which may be absent. */
export function both(a: StackObserver, b: StackObserver | undefined): StackObserver {
  if (!b) return a
  return {
    ...b,
    packet: (...packet) => {
      a.packet?.(...packet)
      b.packet?.(...packet)
    },
  }
}
