import type { IpAddress } from '../wire/address.js'
import type { Flow } from './flow.js'
import type { Secrets } from './secrets.js'

/**
 * The connection table: 4-tuple to flow. Open addressing with linear probing over a keyed hash, so that nobody
 * outside can choose colliding tuples (Crosby and Wallach 2003). Never more than half full.
 */
export class FlowTable {
  private hashes: Int32Array = new Int32Array(64)
  private flows: (Flow | null)[] = new Array(64).fill(null)
  size = 0
  /** The last flow that was found: bulk data comes in runs. */
  private recent: Flow | null = null

  constructor(private readonly secrets: Secrets) {}

  /** Looks up by the words of a received packet: its destination is our local end. */
  find(
    l0: number,
    l1: number,
    l2: number,
    l3: number,
    r0: number,
    r1: number,
    r2: number,
    r3: number,
    localPort: number,
    remotePort: number,
  ): Flow | null {
    const { recent } = this
    if (
      recent !== null &&
      recent.localPort === localPort &&
      recent.remotePort === remotePort &&
      same(recent, l0, l1, l2, l3, r0, r1, r2, r3)
    )
      return recent
    const hash = this.secrets.tableHash(l0, l1, l2, l3, r0, r1, r2, r3, (localPort << 16) | remotePort)
    const mask = this.flows.length - 1
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const flow = this.flows[i]!
      if (flow === null) return null
      if (this.hashes[i] !== hash || flow.localPort !== localPort || flow.remotePort !== remotePort) continue
      if (same(flow, l0, l1, l2, l3, r0, r1, r2, r3)) return (this.recent = flow)
    }
  }

  get(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): Flow | null {
    return this.find(
      local.w0,
      local.w1,
      local.w2,
      local.w3,
      remote.w0,
      remote.w1,
      remote.w2,
      remote.w3,
      localPort,
      remotePort,
    )
  }

  /** The tuple must be free. */
  add(flow: Flow): void {
    if ((this.size + 1) * 2 > this.flows.length) this.resize(this.flows.length * 2)
    const { local: l, remote: r } = flow
    flow.hash = this.secrets.tableHash(l.w0, l.w1, l.w2, l.w3, r.w0, r.w1, r.w2, r.w3, flow.ports)
    this.place(flow)
    this.size++
  }

  /** Puts `next` where `flow` is; they have the same tuple. */
  replace(flow: Flow, next: Flow): void {
    next.hash = flow.hash
    this.recent = null
    this.flows[this.indexOf(flow)] = next
  }

  remove(flow: Flow): void {
    let hole = this.indexOf(flow)
    if (hole < 0) return
    this.recent = null
    this.size--
    const mask = this.flows.length - 1
    // Backward-shift deletion: no tombstones, so the table never grows slow with churn.
    for (let i = (hole + 1) & mask; ; i = (i + 1) & mask) {
      const other = this.flows[i]!
      if (other === null) break
      const home = this.hashes[i]! & mask
      if (((i - home) & mask) < ((i - hole) & mask)) continue
      this.flows[hole] = other
      this.hashes[hole] = this.hashes[i]!
      hole = i
    }
    this.flows[hole] = null
    if (this.flows.length > 64 && this.size * 8 < this.flows.length) this.resize(this.flows.length / 2)
  }

  *[Symbol.iterator](): Generator<Flow> {
    for (const flow of this.flows.slice()) if (flow !== null) yield flow
  }

  private indexOf(flow: Flow): number {
    const mask = this.flows.length - 1
    for (let i = flow.hash & mask; ; i = (i + 1) & mask) {
      if (this.flows[i] === flow) return i
      if (this.flows[i] === null) return -1
    }
  }

  private place(flow: Flow): void {
    const mask = this.flows.length - 1
    let i = flow.hash & mask
    while (this.flows[i] !== null) i = (i + 1) & mask
    this.flows[i] = flow
    this.hashes[i] = flow.hash
  }

  private resize(length: number): void {
    const old = this.flows
    this.flows = new Array(length).fill(null)
    this.hashes = new Int32Array(length)
    for (const flow of old) if (flow !== null) this.place(flow)
  }
}

function same(
  { local, remote }: Flow,
  l0: number,
  l1: number,
  l2: number,
  l3: number,
  r0: number,
  r1: number,
  r2: number,
  r3: number,
): boolean {
  return (
    remote.w3 === r3 &&
    local.w3 === l3 &&
    remote.w2 === r2 &&
    local.w2 === l2 &&
    remote.w1 === r1 &&
    local.w1 === l1 &&
    remote.w0 === r0 &&
    local.w0 === l0
  )
}
