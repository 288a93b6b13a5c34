import type { IpAddress } from '../wire/address.js'
import { TimerNode } from './wheel.js'

/** Whatever owns a 4-tuple: an open connection, a half-open record, a TIME_WAIT record. Has one timer. */
export abstract class Flow extends TimerNode {
  /** Keyed hash of the tuple; set by the table. */
  hash = 0
  /** DSCP of every packet (MUST-48), in the upper six bits, and its TTL or hop limit (MUST-49). */
  trafficClass = 0
  hopLimit = 64

  constructor(
    readonly local: IpAddress,
    readonly localPort: number,
    readonly remote: IpAddress,
    readonly remotePort: number,
  ) {
    super()
  }

  /** Local and remote port in one int32, as the table's hash takes them. */
  get ports(): number {
    return (this.localPort << 16) | this.remotePort
  }
}
