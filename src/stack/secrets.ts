import { SipHash } from '../tcp/siphash.js'
import type { IpAddress } from '../wire/address.js'
import type { Environment } from './environment.js'

/**
 * Keyed functions of the stack, each with 128 secret bits of its own (CVE-2024-10026): what one of them gives away
 * says nothing about another.
 */
export class Secrets {
  private readonly isnKey: SipHash
  private readonly timestampKey: SipHash
  private readonly portKey: SipHash
  private readonly portTableKey: SipHash
  private readonly cookieKey: SipHash
  private readonly tableKey: SipHash
  private readonly words = new Int32Array(12)

  constructor(env: Environment) {
    const key = () => {
      const bytes = new Uint8Array(16)
      env.fillRandom(bytes)
      return new SipHash(bytes)
    }
    this.isnKey = key()
    this.timestampKey = key()
    this.portKey = key()
    this.portTableKey = key()
    this.cookieKey = key()
    this.tableKey = key()
  }

  /** ISN = M + F(connection, secret), M one tick each 4 microseconds (RFC 6528, MUST-8, SHLD-1). */
  isn(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number, now: number): number {
    return (Math.floor(now * 250) + this.tuple(this.isnKey, local, localPort, remote, remotePort)) | 0
  }

  /** The same for one pair of hosts, so that TSval grows from one connection to the next (RFC 7323 5.4, 6191). */
  timestampOffset(local: IpAddress, remote: IpAddress): number {
    return this.tuple(this.timestampKey, local, 0, remote, 0)
  }

  /** RFC 6056 section 3.3.4: F and G of the double-hash port selection, non-negative. */
  portOffset(local: IpAddress, remote: IpAddress, remotePort: number): number {
    return this.tuple(this.portKey, local, 0, remote, remotePort) >>> 0
  }

  portTableIndex(local: IpAddress, remote: IpAddress, remotePort: number): number {
    return this.tuple(this.portTableKey, local, 0, remote, remotePort) >>> 0
  }

  /** For SYN cookies: a MAC over the tuple and two more words. */
  cookie(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    a: number,
    b: number,
  ): number {
    this.words[10] = a
    this.words[11] = b
    return this.tuple(this.cookieKey, local, localPort, remote, remotePort, 12)
  }

  /** For the connection table. The words are those of `IpView`. */
  tableHash(
    l0: number,
    l1: number,
    l2: number,
    l3: number,
    r0: number,
    r1: number,
    r2: number,
    r3: number,
    ports: number,
  ): number {
    const w = this.words
    if ((l0 | l1 | r0 | r1) === 0 && l2 === 0xffff && r2 === 0xffff) {
      w[0] = l3
      w[1] = r3
      w[2] = ports
      return this.tableKey.hash(w, 3)
    }
    w[0] = l0
    w[1] = l1
    w[2] = l2
    w[3] = l3
    w[4] = r0
    w[5] = r1
    w[6] = r2
    w[7] = r3
    w[8] = ports
    return this.tableKey.hash(w, 9)
  }

  private tuple(
    key: SipHash,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    count = 10,
  ): number {
    const w = this.words
    w[0] = local.w0
    w[1] = local.w1
    w[2] = local.w2
    w[3] = local.w3
    w[4] = remote.w0
    w[5] = remote.w1
    w[6] = remote.w2
    w[7] = remote.w3
    w[8] = localPort
    w[9] = remotePort
    return key.hash(w, count)
  }
}
