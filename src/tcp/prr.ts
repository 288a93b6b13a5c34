/**
 * Proportional rate reduction, RFC 9937: how much to send on each acknowledgment of a recovery, so that the window
 * comes down to ssthresh by its end without a burst and without a silence. Sizes in bytes.
 */
export class ProportionalRateReduction {
  /** RecoverFS: what was in flight when recovery began. */
  private recoverFlight = 1
  private delivered = 0
  private out = 0
  /** What may be in flight until the next acknowledgment. */
  window = 0

  begin(recoverFlight: number, window: number): void {
    this.recoverFlight = Math.max(1, recoverFlight)
    this.delivered = this.out = 0
    this.window = window
  }

  /**
   * An acknowledgment: `deliveredData` octets arrived, `pipe` are in flight now. `safe` is true if SND.UNA moved and
   * nothing more was found to be lost.
   */
  onAck(deliveredData: number, pipe: number, ssthresh: number, mss: number, safe: boolean): void {
    this.delivered += deliveredData
    let send: number
    // In whole segments: a part of one could not be sent, and the ACK clock would stop.
    if (pipe > ssthresh)
      send = Math.ceil((this.delivered * ssthresh) / this.recoverFlight / mss) * mss - this.out
    else {
      // Conservative bound; slow-start bound while all goes well.
      send = Math.max(this.delivered - this.out, deliveredData)
      if (safe) send += mss
      send = Math.min(ssthresh - pipe, send)
    }
    // The first retransmission is not held back.
    if (this.out === 0 && send <= 0) send = mss
    this.window = pipe + Math.max(0, send)
  }

  onSent(bytes: number): void {
    this.out += bytes
  }
}
