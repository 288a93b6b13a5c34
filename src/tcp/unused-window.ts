import type { Tcb } from './tcb.js'

/** How long an unused window stays as it is (RFC 7661 section 4.4). */
export const UNUSED_PERIOD = 300_000

/** The window is not trusted for ever (RFC 5681 section 4.1, RFC 7661). */
export function mindUnusedWindow(tcb: Tcb, now: number): void {
  const { unusedWindow } = tcb.config
  if (tcb.flight === 0 && tcb.lastDataSentAt >= 0) {
    const idle = now - tcb.lastDataSentAt
    tcb.congestion.onResume?.(idle)
    if (unusedWindow === 'restart' && idle > tcb.rto.rto)
      changeWindow(tcb, 'idle restart', now, () => tcb.congestion.onIdle(idle, tcb.rto.rto))
  }
  if (unusedWindow !== 'halve' || tcb.validatedAt < 0) return
  for (; now - tcb.validatedAt >= UNUSED_PERIOD; tcb.validatedAt += UNUSED_PERIOD)
    changeWindow(tcb, 'unused', now, () => tcb.congestion.onUnused?.())
}

function changeWindow(tcb: Tcb, why: string, now: number, change: () => void): void {
  const before = tcb.congestion.cwnd
  change()
  if (tcb.congestion.cwnd !== before)
    tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, why, now)
}
