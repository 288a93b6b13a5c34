import { segmentArrives } from '../tcp/arrives.js'
import { foldTimeWait, type TimeWaitRecord, unfoldTimeWait } from '../tcp/records.js'
import { gt } from '../tcp/sequence.js'
import type { Tcb } from '../tcp/tcb.js'
import { timeout } from '../tcp/timeouts.js'
import type { SegmentView } from '../wire/tcp.js'
import type { Flow } from './flow.js'
import { type Listener, TimeWait } from './listener.js'
import type { Path } from './path.js'
import type { TcpShared } from './tcp-shared.js'
import { watch } from './watch.js'

/** Connections in TIME_WAIT, as records, of which there may be very many. */
export class TimeWaits {
  /** In the order in which they began, so that the oldest goes first when there are too many. */
  private readonly records = new Set<TimeWait>()

  constructor(
    private readonly shared: TcpShared,
    private readonly most: number,
    /** A SYN has opened a new incarnation in the place of `flow` (T24). */
    private readonly reopened: (listener: Listener, flow: TimeWait, tcb: Tcb) => void,
  ) {}

  get count(): number {
    return this.records.size
  }

  /** Folds a connection in TIME_WAIT into a record, in the place of `flow`. */
  rest(flow: Flow, tcb: Tcb, path: Path): TimeWait {
    return this.wait(flow, foldTimeWait(tcb), path)
  }

  /** A record in the place of `flow`. */
  wait(flow: Flow, folded: TimeWaitRecord, path: Path): TimeWait {
    const { context, table } = this.shared
    const record = new TimeWait(folded, path, flow.local, flow.localPort, flow.remote, flow.remotePort)
    record.trafficClass = flow.trafficClass
    record.hopLimit = flow.hopLimit
    record.observer = watch(context, record)
    table.replace(flow, record)
    this.records.add(record)
    context.wheel.schedule(record, folded.lingerAt)
    if (this.records.size > this.most) {
      context.counters.timeWaitEvicted++
      this.forget(this.records.values().next().value!)
    }
    return record
  }

  forget(flow: TimeWait): void {
    this.release(flow)
    this.shared.table.remove(flow)
  }

  /** No record any more; what is at its place in the table is the caller's to say. */
  private release(flow: TimeWait): void {
    flow.over = true
    this.records.delete(flow)
    this.shared.context.wheel.cancel(flow)
  }

  private unfold(flow: TimeWait): Tcb {
    const tcb = unfoldTimeWait(flow.record, this.shared.parameters(flow.path, flow))
    tcb.observer = flow.observer
    return tcb
  }

  /** `listener` is who would take a new incarnation, if anybody. */
  arrives(flow: TimeWait, seg: SegmentView, listener: Listener | undefined): void {
    const { context, output } = this.shared
    const tcb = this.unfold(flow)
    if (seg.isSyn && listener?.hasRoom) {
      const { local, localPort, remote, remotePort } = flow
      const iss = context.secrets.isn(local, localPort, remote, remotePort, context.now)
      // Larger than anything the old incarnation used (MAY-2 (1)).
      tcb.reopenIss = gt(iss, tcb.sndNxt) ? iss : (tcb.sndNxt + 65536) | 0
    }
    segmentArrives(tcb, seg, context.now)
    this.shared.observeReaction(flow, tcb)
    if (tcb.state === 'SYN_RECEIVED' && listener) {
      context.counters.timeWaitReused++
      this.release(flow)
      this.reopened(listener, flow, tcb)
      return
    }
    output.send(tcb, flow.path, flow)
    this.settle(flow, tcb)
  }

  timer(flow: TimeWait): void {
    const { context } = this.shared
    if (flow.record.lingerAt > context.now) {
      context.wheel.schedule(flow, flow.record.lingerAt)
      return
    }
    const tcb = this.unfold(flow)
    timeout(tcb, context.now)
    this.settle(flow, tcb)
  }

  private settle(flow: TimeWait, tcb: Tcb): void {
    if (tcb.state === 'CLOSED') {
      this.forget(flow)
      return
    }
    flow.record = foldTimeWait(tcb)
    this.shared.context.wheel.schedule(flow, tcb.lingerAt)
  }
}
