import { lt } from './sequence.js'
import type { Tcb } from './tcb.js'

/**
 * Whether what a recovery sent again was needed at all. Two witnesses can say that it was not: timestamps (Eifel, RFC
 * 3522: the echo is older than the first copy sent again) and D-SACK (RFC 3708: every copy arrived twice).
 */
export class Undo {
  /** SND.UNA when the recovery began; null when there is nothing that could be taken back. */
  private marker: number | null = null
  /** Octets sent again since, less those reported to have arrived twice; -1 before the first. */
  private again = -1
  /** When the first of the copies went that may be answered still. */
  private firstAgainAt = -1

  /** Copies of an earlier recovery may be on their way: their echoes and reports say nothing against this one. */
  begin(tcb: Tcb): void {
    const { resent } = tcb.scoreboard
    this.marker = tcb.sndUna
    this.again = resent > 0 ? resent : -1
    if (resent === 0) this.firstAgainAt = -1
  }

  forget(): void {
    this.marker = null
  }

  /** `length` octets went out again. */
  onSentAgain(length: number, now: number): void {
    if (this.firstAgainAt < 0) this.firstAgainAt = now
    if (this.marker !== null) this.again = Math.max(0, this.again) + length
  }

  /** A D-SACK reported `start .. end`. */
  onDuplicate(start: number, end: number): void {
    if (this.marker === null || this.again <= 0 || lt(end, this.marker)) return
    this.again = Math.max(0, this.again - ((end - start) | 0))
  }

  /** Every copy sent again has been reported as a duplicate. */
  get allDuplicates(): boolean {
    return this.marker !== null && this.again === 0
  }

  /** What is acknowledged was sent before the first copy, says its echo (sent at `echoedAt`; -1 without one). */
  wasDelayed(echoedAt: number): boolean {
    return (
      this.marker !== null &&
      this.firstAgainAt >= 0 &&
      echoedAt >= 0 &&
      echoedAt < Math.floor(this.firstAgainAt)
    )
  }
}
