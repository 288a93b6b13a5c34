import { TcpError } from '../tcp/errors.js'
import type { IpAddress } from '../wire/address.js'
import type { Environment } from './environment.js'
import type { Secrets } from './secrets.js'

const TABLE = 4096

/**
 * Ephemeral ports by the double-hash algorithm (RFC 6056 section 3.3.4): unpredictable from outside, yet walking on
 * for each destination, so that a port comes back late.
 */
export class EphemeralPorts {
  private readonly increments: Uint32Array

  constructor(
    private readonly secrets: Secrets,
    env: Environment,
    private readonly low = 32768,
    private readonly high = 60999,
    /** Of several stacks with the same addresses each takes those ports whose remainder is its own. */
    private readonly share: { readonly index: number; readonly count: number } = { index: 0, count: 1 },
  ) {
    this.increments = new Uint32Array(TABLE)
    env.fillRandom(new Uint8Array(this.increments.buffer))
  }

  /** A port for a connection to `remote`; `free` says whether its tuple can be used. */
  pick(local: IpAddress, remote: IpAddress, remotePort: number, free: (port: number) => boolean): number {
    const range = this.high - this.low + 1
    const { index: own, count } = this.share
    const offset = this.secrets.portOffset(local, remote, remotePort)
    const index = this.secrets.portTableIndex(local, remote, remotePort) % TABLE
    for (let tries = 0; tries < range; tries++) {
      const step = this.increments[index]!
      this.increments[index] = (step + 1) % range
      const port = this.low + ((offset + step) % range)
      if (port % count === own && free(port)) return port
    }
    throw new TcpError('EADDRNOTAVAIL', 'every ephemeral port to this destination is in use')
  }
}
