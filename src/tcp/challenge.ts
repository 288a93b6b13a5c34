import { OWE, type Tcb } from './tcb.js'

/**
 * ACKs in reply to segments that are not acceptable, limited for each connection (RFC 5961 section 7): an attacker
 * gains no amplifier, two desynchronized ends do not answer each other for ever, and no counter is shared whose
 * state another connection could observe (CVE-2016-5696).
 */
export function challengeAck(tcb: Tcb, now: number): void {
  if (now - tcb.challengeWindowAt >= 1000) {
    tcb.challengeWindowAt = now
    tcb.challengesSent = 0
  }
  if (tcb.challengesSent >= tcb.config.challengeAckLimit) return
  tcb.challengesSent++
  tcb.owed |= OWE.ACK
}
