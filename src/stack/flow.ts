import type { IpAddress } from '../wire/address.js'

/** Whatever owns a 4-tuple: a connection, or what is shown of a half-open one or one in TIME_WAIT. */
export abstract class Flow {
  /** Keyed hash of the tuple, and what stands for the flow in the table; both are the table's. */
  hash = 0
  ref = 0
  /** DSCP of every packet (MUST-48), in the upper six bits, and its TTL or hop limit (MUST-49). */
  trafficClass = 0
  hopLimit = 64

  constructor(
    readonly local: IpAddress,
    readonly localPort: number,
    readonly remote: IpAddress,
    readonly remotePort: number,
  ) {}

  /** Local and remote port in one int32, as the table's hash takes them. */
  get ports(): number {
    return (this.localPort << 16) | this.remotePort
  }
}
