import type { TcpConfig } from '../tcp/config.js'
import type { ControllerChoice } from '../tcp/controllers.js'
import type { Tcb, TcbParameters } from '../tcp/tcb.js'
import type { IpAddress } from '../wire/address.js'
import type { Context } from './context.js'
import { FastOpenCache } from './fast-open-cache.js'
import { FastOpenKeys } from './fast-open-keys.js'
import type { Flow } from './flow.js'
import { HostCache } from './host-cache.js'
import type { IpLayer } from './ip-layer.js'
import type { Path } from './path.js'
import type { Ring } from './ring.js'
import type { FlowTable } from './table.js'
import type { TcpOutput } from './tcp-output.js'

/** A 4-tuple. */
export interface Tuple {
  readonly local: IpAddress
  readonly localPort: number
  readonly remote: IpAddress
  readonly remotePort: number
}

/** What the parts of TCP share: connections, handshakes, and those in TIME_WAIT. */
export class TcpShared {
  /** RFC 7413, as a server and as a client. */
  readonly fastOpenKeys: FastOpenKeys
  readonly fastOpenCache = new FastOpenCache()
  readonly hostCache = new HostCache()

  constructor(
    readonly context: Context,
    readonly ip: IpLayer,
    readonly table: FlowTable,
    /** What connections start with from now on. */
    public config: TcpConfig,
    readonly output: TcpOutput,
    readonly ring: Ring,
  ) {
    this.fastOpenKeys = new FastOpenKeys(context.env)
  }

  /** What a new machine for this tuple starts from. */
  parameters(path: Path, tuple: Tuple, config = this.config, congestion?: ControllerChoice): TcbParameters {
    const { secrets, now } = this.context
    const { local, localPort, remote, remotePort } = tuple
    return {
      config,
      iss: secrets.isn(local, localPort, remote, remotePort, now),
      tsOffset: secrets.timestampOffset(local, remote),
      maxSegment: path.maxSegment,
      announcedMss: Math.min(path.iface.mtu - path.ipHeader - 20, config.maxMss),
      defaultMss: local.version === 4 ? 536 : 1220,
      congestion,
    }
  }

  /** The way to whoever sent us something; undefined if there is none (counted as `noRoute`). */
  pathBack(local: IpAddress, remote: IpAddress): Path | undefined {
    try {
      return this.ip.path(remote, local)
    } catch {
      return undefined
    }
  }

  /** Tells whoever watches what became of the segment that just arrived. */
  observeReaction(flow: Flow | null, tcb: Tcb): void {
    const { observer, now } = this.context
    if (observer?.reaction && tcb.reaction !== '') observer.reaction(flow, tcb.reaction, now)
  }
}
