import type { SegmentView } from '../wire/tcp.js'
import { noteReduction } from './ecn.js'
import { canProbe } from './frto.js'
import { ProportionalRateReduction } from './prr.js'
import { Rack } from './rack.js'
import type { DeliveryRate } from './rate.js'
import type { LossRecovery, RecoveryState } from './recovery.js'
import { readBlocks, type SackReport } from './sack-blocks.js'
import type { SentSegment } from './sent-segment.js'
import { ge, gt, le } from './sequence.js'
import type { Tcb } from './tcb.js'
import { echoedAt } from './timestamps.js'
import { TailLossProbe } from './tlp.js'
import { Undo } from './undo.js'

/**
 * Loss recovery where the peer sends SACK: RACK-TLP (RFC 8985) finds what is lost, PRR (RFC 9937) says how fast to go
 * on, F-RTO (RFC 5682), Eifel (RFC 3522, 4015) and D-SACK (RFC 3708) find out that nothing was.
 *
 * open → disorder (something is reported) → recovery (something is lost) → open, all that was outstanding acknowledged;
 * cwr in place of recovery where congestion was echoed and nothing lost; loss after a retransmission timeout.
 */
export class SackRecovery implements LossRecovery {
  state: RecoveryState = 'open'
  readonly rack: Rack
  readonly tlp = new TailLossProbe()
  private readonly prr = new ProportionalRateReduction()
  private readonly undo = new Undo()
  private readonly report: SackReport = { news: 0, duplicate: false, duplicateStart: 0, duplicateEnd: 0 }
  /** SND.NXT when this episode began: it ends when that is acknowledged. */
  private recover: number
  /** F-RTO: whether the timeout was needed is not known yet; new data is to tell. */
  private doubting = false
  private tests = false
  /** Where the data ended that was sent to find out. */
  private testsEnd: number
  // Of the acknowledgment at hand
  private now = 0
  private echo = -1
  private delivered = 0
  private rate: DeliveryRate | null = null
  private lastRtt = -1
  private originalArrived = false
  private readonly arrived = (segment: SentSegment) => this.onArrived(segment)

  constructor(iss: number) {
    this.rack = new Rack(iss)
    this.recover = this.testsEnd = iss
  }

  get urgesFirst(): boolean {
    return this.state === 'loss'
  }

  get prefersNew(): boolean {
    return this.tests
  }

  reordering(tcb: Tcb): number {
    return this.rack.threshold(tcb)
  }

  duplicates(tcb: Tcb): number {
    return Math.ceil(tcb.scoreboard.sacked / Math.max(1, tcb.mss))
  }

  window(tcb: Tcb): number {
    return this.isReducing && !tcb.congestion.modelsPath ? this.prr.window : tcb.congestion.cwnd
  }

  cwnd(tcb: Tcb): number {
    return this.window(tcb)
  }

  private get isReducing(): boolean {
    return this.state === 'recovery' || this.state === 'cwr'
  }

  onAck(tcb: Tcb, seg: SegmentView, acked: number, duplicate: boolean, now: number): number {
    const { rack, undo, report } = this
    const { scoreboard } = tcb
    this.begin(tcb, seg, now)
    // In the order of sequence numbers: what arrives below something else that has arrived was reordered.
    if (acked > 0) scoreboard.acknowledge(tcb.sndUna, this.arrived)
    readBlocks(tcb, seg, report, this.arrived)
    tcb.ackedRtt = this.lastRtt
    if (report.duplicate) {
      tcb.duplicatesReported++
      rack.duplicateReported(tcb)
      undo.onDuplicate(report.duplicateStart, report.duplicateEnd)
    }
    if (this.tlp.onAck(seg, report, duplicate)) this.repairedByProbe(tcb, now)
    const lostBefore = scoreboard.lost
    if (this.delivered > 0 || this.state === 'loss') this.detect(tcb, now)
    const moreLost = scoreboard.lost > lostBefore
    this.step(tcb, acked, duplicate)
    if (this.isReducing)
      this.prr.onAck(
        this.delivered,
        scoreboard.pipe,
        tcb.congestion.ssthresh,
        tcb.mss,
        acked > 0 && !moreLost,
      )
    // New data acknowledged starts the wait for a probe anew.
    if (acked > 0 || this.delivered > 0) this.tlp.schedule(tcb, this.state, now)
    // Where the path reorders, a report of what came out of order is no sign of a loss, but of something that arrived.
    const grows = acked > 0 || (this.state === 'disorder' && rack.reorderingSeen)
    return grows && !this.isReducing ? this.delivered : 0
  }

  private begin(tcb: Tcb, seg: SegmentView, now: number): void {
    this.now = now
    this.echo = tcb.timestamps ? echoedAt(tcb, seg, now) : -1
    this.delivered = 0
    this.rate = tcb.rate
    this.lastRtt = -1
    this.originalArrived = false
  }

  private onArrived(segment: SentSegment): void {
    this.rate?.onArrived(segment, this.now)
    this.delivered += segment.length
    this.rack.arrived(segment, this.echo, this.now)
    if (!segment.repeated && le(segment.end, this.recover)) this.originalArrived = true
    if (segment.repeated) return
    this.lastRtt = this.now - segment.sentAt
    this.tlp.measured = true
  }

  /** Marks what is lost now, and sets the timer for what may be lost soon. */
  private detect(tcb: Tcb, now: number): void {
    if (tcb.config.lossDetection === 'count') {
      tcb.scoreboard.loseBelowReports(this.rack.threshold(tcb), tcb.mss)
      return
    }
    this.tlp.wait(tcb, this.rack.detect(tcb, this.state === 'recovery' || this.state === 'loss', now))
  }

  /** What the acknowledgment means for the episode. */
  private step(tcb: Tcb, acked: number, duplicate: boolean): void {
    switch (this.state) {
      case 'loss':
        return this.stepInLoss(tcb, acked, duplicate)
      case 'recovery':
        return this.stepInRecovery(tcb, acked)
      case 'cwr':
        if (tcb.scoreboard.hasLost) this.enterRecovery(tcb)
        else if (gt(tcb.sndUna, this.recover)) this.complete(tcb, 'reduced')
        return
      default:
        if (this.undo.allDuplicates) this.takeBack(tcb, 'undone: duplicates')
        if (tcb.scoreboard.hasLost) this.enterRecovery(tcb)
        else this.state = tcb.scoreboard.sacked > 0 ? 'disorder' : 'open'
    }
  }

  private stepInRecovery(tcb: Tcb, acked: number): void {
    const delayed = acked > 0 && this.undo.wasDelayed(this.echo)
    if (ge(tcb.sndUna, this.recover)) {
      // RFC 6675 section 5: everything that was outstanding is acknowledged.
      if (delayed || this.undo.allDuplicates)
        this.takeBack(tcb, delayed ? 'undone: echo' : 'undone: duplicates')
      else this.complete(tcb, 'recovered')
      this.rack.recovered()
      // A loss found by the same acknowledgment begins another.
      if (tcb.scoreboard.hasLost) this.enterRecovery(tcb)
      return
    }
    if (!delayed && !this.undo.allDuplicates) return
    // What was taken for lost was late. What is reported now was not; the rest is waited for.
    tcb.scoreboard.forgetLosses()
    // Nothing that arrived could show it, since all that came late had gone again: only that none of it was lost.
    this.rack.reorderingSeen = true
    this.takeBack(tcb, delayed ? 'undone: echo' : 'undone: duplicates')
  }

  /** RFC 5682 section 3.1, with SACK: was it a loss? */
  private stepInLoss(tcb: Tcb, acked: number, duplicate: boolean): void {
    if ((acked > 0 && this.undo.wasDelayed(this.echo)) || (this.doubting && this.originalArrived)) {
      tcb.scoreboard.forgetLosses()
      this.takeBack(tcb, 'undone: timeout')
      return
    }
    if (this.undo.allDuplicates) {
      tcb.scoreboard.forgetLosses()
      this.takeBack(tcb, 'undone: duplicates')
      return
    }
    if (this.tests) this.testsEnd = tcb.sndNxt
    this.tests = false
    const over = ge(tcb.sndUna, this.recover)
    if (this.doubting) {
      if (gt(tcb.sndNxt, this.recover)) {
        // Step 3 (a): the new data came to others' notice first. It was a loss.
        if (duplicate || this.report.news > 0) this.doubting = false
      } else if (acked > 0 && !over) {
        // Step 2 (b): the answer to new data will tell.
        if (canProbe(tcb)) {
          this.recover = tcb.sndNxt
          this.tests = true
          return
        }
        this.doubting = false
      }
    }
    if (!over) return
    if (tcb.sndUna === this.recover && gt(this.testsEnd, tcb.sndUna) && tcb.scoreboard.sacked === 0) {
      // The answer to what went again afterwards would have covered the new data. A peer that keeps nothing out of order
      // may throw such away, and so may the network.
      tcb.scoreboard.loseRange(tcb.sndUna, this.testsEnd)
      this.recover = this.testsEnd
      this.doubting = false
      return
    }
    this.state = tcb.scoreboard.sacked > 0 ? 'disorder' : 'open'
    this.doubting = false
    this.undo.forget()
    this.rack.recovered()
    tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'recovered', this.now)
  }

  private enterRecovery(tcb: Tcb): void {
    const { congestion, scoreboard, flight } = tcb
    const wasReducing = this.state === 'cwr'
    this.undo.begin(tcb)
    this.recover = tcb.sndNxt
    if (!wasReducing) {
      congestion.onLoss(Math.min(flight + this.delivered, congestion.cwnd), this.now)
      noteReduction(tcb)
    }
    this.state = 'recovery'
    this.prr.begin(flight - scoreboard.sacked + this.delivered, congestion.cwnd)
    this.tlp.forget()
    tcb.observer?.congestion(congestion.cwnd, congestion.ssthresh, 'fast retransmit', this.now)
  }

  /** The end of recovery or cwr: the window is what it was brought down to. */
  private complete(tcb: Tcb, why: string): void {
    tcb.congestion.onRecovered(Number.POSITIVE_INFINITY, this.now)
    this.state = tcb.scoreboard.sacked > 0 ? 'disorder' : 'open'
    tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, why, this.now)
  }

  /** RFC 4015: nothing was lost, and the window is what it was before. */
  private takeBack(tcb: Tcb, why: string): void {
    tcb.congestion.onSpurious?.(this.now)
    tcb.spuriousRecoveries++
    this.undo.forget()
    this.doubting = this.tests = false
    this.state = tcb.scoreboard.sacked > 0 ? 'disorder' : 'open'
    tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, why, this.now)
  }

  /** RFC 8985 section 7.4.2: the probe was needed, so there was a loss, and congestion. */
  private repairedByProbe(tcb: Tcb, now: number): void {
    if (this.state !== 'open' && this.state !== 'disorder') return
    tcb.congestion.onLoss(Math.min(tcb.flight + this.delivered, tcb.congestion.cwnd), now)
    noteReduction(tcb)
    tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'loss repaired by a probe', now)
  }

  onSent(tcb: Tcb, length: number, again: boolean, now: number): void {
    if (this.isReducing) this.prr.onSent(length)
    if (again) this.undo.onSentAgain(length, now)
    else this.tlp.schedule(tcb, this.state, now)
  }

  onProbe(tcb: Tcb, again: boolean): void {
    this.tlp.sent(tcb, again)
  }

  onEcho(tcb: Tcb, now: number): void {
    if (this.state !== 'open' && this.state !== 'disorder') return
    this.undo.forget()
    this.recover = tcb.sndNxt
    const inFlight = tcb.scoreboard.pipe
    tcb.congestion.onLoss(Math.min(tcb.flight, tcb.congestion.cwnd), now, true)
    noteReduction(tcb)
    this.state = 'cwr'
    this.prr.begin(inFlight, tcb.congestion.cwnd)
    tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'congestion echoed', now)
  }

  onTimeout(tcb: Tcb, now: number): void {
    const { scoreboard } = tcb
    const first = tcb.retransmits === 1
    const fresh = this.state === 'open' || this.state === 'disorder'
    if (fresh || !gt(this.recover, tcb.sndUna) || (this.state === 'loss' && first)) {
      tcb.congestion.onTimeout(tcb.flight, now, true)
      this.undo.begin(tcb)
    } else tcb.congestion.onTimeout(tcb.flight, now, false)
    this.doubting = tcb.config.frto && (fresh || !first)
    this.tests = false
    this.testsEnd = tcb.sndUna
    // The peer may have thrown away what it reported (RFC 2018 section 8): only if it waits at SND.UNA is that sure.
    if (scoreboard.head?.sacked) {
      scoreboard.forgetReports()
      scoreboard.loseRange(tcb.sndUna, tcb.sndNxt)
    } else if (tcb.config.lossDetection === 'count') scoreboard.loseRange(tcb.sndUna, tcb.sndNxt)
    else this.rack.timedOut(tcb, now)
    this.recover = tcb.sndNxt
    this.state = 'loss'
    this.tlp.forget()
    tcb.lossTimerAt = Number.POSITIVE_INFINITY
  }

  onTimer(tcb: Tcb, now: number): void {
    tcb.lossTimerAt = Number.POSITIVE_INFINITY
    if (this.tlp.isDue) {
      this.tlp.send(tcb, now)
      return
    }
    tcb.observer?.timer('reordering', now)
    this.now = now
    this.delivered = 0
    this.detect(tcb, now)
    if (!tcb.scoreboard.hasLost) return
    if (this.state === 'open' || this.state === 'disorder' || this.state === 'cwr') this.enterRecovery(tcb)
    if (this.isReducing) this.prr.onAck(0, tcb.scoreboard.pipe, tcb.congestion.ssthresh, tcb.mss, false)
  }

  forgive(tcb: Tcb, now: number): void {
    if (this.state !== 'recovery') return
    tcb.congestion.onSpurious?.(now)
    this.undo.forget()
    this.state = tcb.scoreboard.sacked > 0 ? 'disorder' : 'open'
    tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'undone: too big', now)
  }

  resend(tcb: Tcb, from: number): void {
    tcb.scoreboard.loseRange(from, tcb.sndNxt)
    if (this.state === 'recovery') return
    this.state = 'loss'
    this.recover = tcb.sndNxt
    this.doubting = this.tests = false
    this.undo.forget()
  }
}
