import type { IpAddress } from '../wire/address.js'
import type { Flow } from './flow.js'
import type { RecordPool } from './record-pool.js'
import type { Secrets } from './secrets.js'

/** Where flows live that are records, not objects. */
export interface RecordSource {
  readonly pool: RecordPool
  /** What is shown of a record. */
  view(slot: number): Flow
}

/** Of a reference the low bits are its kind: an object, or one of at most six sources of records. 0 refers to nothing. */
const KIND_BITS = 3
const KINDS = (1 << KIND_BITS) - 1
const OBJECT = 1

/** How full it may be, in eighths. */
const MOST = 5
const LEAST = 1

/**
 * The connection table: 4-tuple to flow. Open addressing with linear probing over a keyed hash, so that nobody
 * outside can choose colliding tuples (Crosby and Wallach 2003); two numbers for each place. A connection is found as itself,
 * a record as a view of it made for the occasion.
 */
export class FlowTable {
  /** Reference and hash of each place, side by side: they are looked at together. */
  private places: Int32Array = new Int32Array(2 * 64)
  private mask = 63
  size = 0
  private readonly objects: (Flow | null)[] = []
  private readonly freeObjects: number[] = []
  private readonly sources: RecordSource[] = []
  /** The last connection that was found: bulk data comes in runs. */
  private recent: Flow | null = null

  constructor(private readonly secrets: Secrets) {}

  /** Bytes of the places, those of objects not counted. */
  get bytes(): number {
    return this.places.byteLength
  }

  /** Slots of `source` can be referred to by what is returned. */
  register(source: RecordSource): (slot: number) => number {
    const kind = OBJECT + this.sources.push(source)
    return slot => (slot << KIND_BITS) | kind
  }

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
    const ports = (localPort << 16) | remotePort
    const hash = this.secrets.tableHash(l0, l1, l2, l3, r0, r1, r2, r3, ports)
    const { places, mask } = this
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const ref = places[2 * i]!
      if (ref === 0) return null
      if (places[2 * i + 1] !== hash) continue
      const slot = ref >> KIND_BITS
      const kind = ref & KINDS
      if (kind === OBJECT) {
        const flow = this.objects[slot]!
        if (flow.ports === ports && same(flow, l0, l1, l2, l3, r0, r1, r2, r3)) return (this.recent = flow)
      } else if (this.sources[kind - OBJECT - 1]!.pool.matches(slot, l0, l1, l2, l3, r0, r1, r2, r3, ports))
        return this.shown(ref)
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

  /** The tuple must be free. A flow whose `ref` is set is that record; any other is kept as an object. */
  add(flow: Flow): void {
    const length = this.mask + 1
    if ((this.size + 1) * 8 > length * MOST) this.resize(length * 2)
    this.name(flow)
    this.keep(flow)
    this.place(flow.ref, flow.hash)
    this.size++
  }

  /** Computes the hash by which a flow is found. */
  name(flow: Flow): void {
    const { local: l, remote: r } = flow
    flow.hash = this.secrets.tableHash(l.w0, l.w1, l.w2, l.w3, r.w0, r.w1, r.w2, r.w3, flow.ports)
  }

  /** The slot of a record. */
  slotOf(flow: Flow): number {
    return flow.ref >> KIND_BITS
  }

  /** Puts `next` where `flow` is; they have the same tuple. */
  replace(flow: Flow, next: Flow): void {
    const i = this.indexOf(flow.ref, flow.hash)
    next.hash = flow.hash
    this.letGo(flow)
    this.keep(next)
    this.places[2 * i] = next.ref
  }

  remove(flow: Flow): void {
    let hole = this.indexOf(flow.ref, flow.hash)
    if (hole < 0) return
    this.letGo(flow)
    this.size--
    const { places, mask } = this
    // Backward-shift deletion: no tombstones, so the table never grows slow with churn.
    for (let i = (hole + 1) & mask; ; i = (i + 1) & mask) {
      const other = places[2 * i]!
      if (other === 0) break
      const home = places[2 * i + 1]! & mask
      if (((i - home) & mask) < ((i - hole) & mask)) continue
      places[2 * hole] = other
      places[2 * hole + 1] = places[2 * i + 1]!
      hole = i
    }
    places[2 * hole] = 0
    const length = mask + 1
    if (length > 64 && this.size * 8 < length * LEAST) this.resize(length / 2)
  }

  /** Every flow that was there when the walk began and is still when its turn comes. */
  [Symbol.iterator](): Generator<Flow> {
    return this.walk(() => true)
  }

  /** The same for those that are objects, without a look at records. */
  connections(): Generator<Flow> {
    return this.walk(ref => (ref & KINDS) === OBJECT)
  }

  /** Places that objects have, or have had; `objectAt` says who has one. For a walk in small steps. */
  get objectPlaces(): number {
    return this.objects.length
  }

  objectAt(place: number): Flow | null {
    return this.objects[place] ?? null
  }

  /** The same for the records whose slots `ref` refers to. */
  records(ref: (slot: number) => number): Generator<Flow> {
    const kind = ref(0) & KINDS
    return this.walk(other => (other & KINDS) === kind)
  }

  private *walk(wanted: (ref: number) => boolean): Generator<Flow> {
    const places = this.places.slice()
    for (let i = 0; i < places.length; i += 2) {
      const ref = places[i]!
      if (ref !== 0 && wanted(ref) && this.indexOf(ref, places[i + 1]!) >= 0) yield this.shown(ref)
    }
  }

  private shown(ref: number): Flow {
    const slot = ref >> KIND_BITS
    const kind = ref & KINDS
    return kind === OBJECT ? this.objects[slot]! : this.sources[kind - OBJECT - 1]!.view(slot)
  }

  private keep(flow: Flow): void {
    if (flow.ref !== 0) return
    const slot = this.freeObjects.pop() ?? this.objects.length
    this.objects[slot] = flow
    flow.ref = (slot << KIND_BITS) | OBJECT
  }

  private letGo(flow: Flow): void {
    this.recent = null
    if ((flow.ref & KINDS) !== OBJECT) return
    const slot = flow.ref >> KIND_BITS
    this.objects[slot] = null
    this.freeObjects.push(slot)
    flow.ref = 0
  }

  private indexOf(ref: number, hash: number): number {
    if (ref === 0) return -1
    const { places, mask } = this
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      if (places[2 * i] === ref) return i
      if (places[2 * i] === 0) return -1
    }
  }

  private place(ref: number, hash: number): void {
    const { places, mask } = this
    let i = hash & mask
    while (places[2 * i] !== 0) i = (i + 1) & mask
    places[2 * i] = ref
    places[2 * i + 1] = hash
  }

  private resize(length: number): void {
    const { places } = this
    this.places = new Int32Array(2 * length)
    this.mask = length - 1
    for (let i = 0; i < places.length; i += 2) if (places[i] !== 0) this.place(places[i]!, places[i + 1]!)
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
