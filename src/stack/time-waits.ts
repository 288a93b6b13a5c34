import { segmentArrives } from '../tcp/arrives.js'
import { foldTimeWait, type TimeWaitRecord, unfoldTimeWait } from '../tcp/records.js'
import { gt } from '../tcp/sequence.js'
import type { Tcb } from '../tcp/tcb.js'
import { timeout } from '../tcp/timeouts.js'
import type { SegmentView } from '../wire/tcp.js'
import type { Flow } from './flow.js'
import type { Listener } from './listener.js'
import type { Path } from './path.js'
import type { TcpShared } from './tcp-shared.js'
import { TimeWait, TimeWaitRecords } from './time-wait.js'
import { watch } from './watch.js'

/** What happens to connections in TIME_WAIT. */
export class TimeWaits {
  private readonly records: TimeWaitRecords
  private serial = 0

  constructor(
    private readonly shared: TcpShared,
    private readonly most: number,
    /** A SYN has opened a new incarnation in the place of `flow` (T24). */
    private readonly reopened: (listener: Listener, flow: TimeWait, tcb: Tcb, path: Path) => void,
  ) {
    this.records = new TimeWaitRecords(shared.table, shared.context.wheel, flow => this.timer(flow))
  }

  get count(): number {
    return this.records.count
  }

  /** Folds a connection in TIME_WAIT into a record, in the place of `flow`. Returns the record's serial number. */
  rest(flow: Flow, tcb: Tcb): number {
    return this.wait(flow, foldTimeWait(tcb))
  }

  /** A record in the place of `flow`. */
  wait(flow: Flow, folded: TimeWaitRecord): number {
    const { context, table } = this.shared
    this.serial = (this.serial + 1) | 0 || 1
    const { local, localPort, remote, remotePort } = flow
    const record = new TimeWait(folded, this.serial, local, localPort, remote, remotePort)
    record.trafficClass = flow.trafficClass
    record.hopLimit = flow.hopLimit
    this.records.allot(record)
    table.replace(flow, record)
    this.records.save(record, folded.lingerAt)
    if (this.count > this.most) {
      context.counters.timeWaitEvicted++
      const [a, b] = this.records.oldest
      this.forget(b && b.deadline < a!.deadline ? b : a!)
    }
    return record.serial
  }

  /** The record with this number, if it still stands for `flow`. */
  find({ local, localPort, remote, remotePort }: Flow, serial: number): TimeWait | undefined {
    const flow = this.shared.table.get(local, localPort, remote, remotePort)
    return flow instanceof TimeWait && flow.serial === serial ? flow : undefined
  }

  forget(flow: TimeWait): void {
    this.shared.table.remove(flow)
    this.records.free(flow)
  }

  private unfold(flow: TimeWait, path: Path): Tcb {
    const tcb = unfoldTimeWait(flow.record, this.shared.parameters(path, flow))
    tcb.observer = watch(this.shared.context, flow)
    return tcb
  }

  /** `listener` is who would take a new incarnation, if anybody. */
  arrives(flow: TimeWait, seg: SegmentView, listener: Listener | undefined): void {
    const { context, output } = this.shared
    const path = this.shared.pathBack(flow.local, flow.remote)
    if (!path) return
    const tcb = this.unfold(flow, path)
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
      this.reopened(listener, flow, tcb, path)
      this.records.free(flow)
      return
    }
    output.send(tcb, path, flow)
    this.settle(flow, tcb)
  }

  private timer(flow: TimeWait): void {
    const { context } = this.shared
    if (flow.deadline > context.now) {
      this.records.save(flow, flow.deadline)
      return
    }
    const path = this.shared.pathBack(flow.local, flow.remote)
    if (!path) return this.forget(flow)
    const tcb = this.unfold(flow, path)
    timeout(tcb, context.now)
    this.settle(flow, tcb)
  }

  private settle(flow: TimeWait, tcb: Tcb): void {
    if (tcb.state === 'CLOSED') {
      this.forget(flow)
      return
    }
    flow.record = foldTimeWait(tcb)
    this.records.save(flow, tcb.lingerAt)
  }
}
