import type { SegmentView } from '../wire/tcp.js'
import type { Tcb } from './tcb.js'

/** Where loss recovery stands, in Linux's words (`tcpi_ca_state`). */
export type RecoveryState = 'open' | 'disorder' | 'cwr' | 'recovery' | 'loss'

/**
 * Finds out what was lost, decides when it is sent again, and how much may be in flight meanwhile. It marks segments
 * of `tcb.scoreboard` as lost; what is lost is sent again before anything new.
 */
export interface LossRecovery {
  readonly state: RecoveryState
  /** Duplicate acknowledgments, or segments reported, that count as a loss. */
  reordering(tcb: Tcb): number
  /** Consecutive duplicate acknowledgments; where the peer sends SACK, segments that it reports. */
  duplicates(tcb: Tcb): number
  /** How many octets may fill the path: cwnd, or what recovery makes of it. */
  window(tcb: Tcb): number
  /** cwnd as a status tells it. */
  cwnd(tcb: Tcb): number
  /** The first lost segment goes out whatever the window says. */
  readonly urgesFirst: boolean
  /** New data goes before what is lost, for the moment (RFC 5682). */
  readonly prefersNew: boolean
  /**
   * An acceptable acknowledgment, after SND.UNA has moved by `acked` octets (0 if it has not). `duplicate`: as RFC 5681
   * section 2 defines it. Returns how many octets are news to the congestion controller, by which cwnd may grow.
   */
  onAck(tcb: Tcb, seg: SegmentView, acked: number, duplicate: boolean, now: number): number
  /** `length` octets of data went out, for the first time or again. */
  onSent(tcb: Tcb, length: number, again: boolean, now: number): void
  /** A tail loss probe went out: new data, or the last segment again. */
  onProbe(tcb: Tcb, again: boolean, now: number): void
  /** The peer echoes congestion (RFC 3168). */
  onEcho(tcb: Tcb, now: number): void
  /** The retransmission timer expired. */
  onTimeout(tcb: Tcb, now: number): void
  /** The timer at `tcb.lossTimerAt` expired. */
  onTimer(tcb: Tcb, now: number): void
  /** Everything from `from` on goes out again though the network lost nothing: too big, or sent into a closed window. */
  resend(tcb: Tcb, from: number): void
  /** What is lost was only too big for the path: the window is what it was before (RFC 4821 section 7.7). */
  forgive(tcb: Tcb, now: number): void
}
