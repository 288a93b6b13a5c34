import { Chrono } from './chrono.js'
import type { TcpConfig } from './config.js'
import type { ControllerChoice } from './controllers.js'
import { Cubic } from './cubic.js'
import { ReceiveQueue } from './receive-queue.js'
import { Reno } from './reno.js'
import { RtoEstimator } from './rto.js'
import { Scoreboard } from './scoreboard.js'
import { SendQueue } from './send-queue.js'
import { Tcb } from './tcb.js'

/** Where a value belongs: a field of the TCB, or of one of its parts. */
interface Place {
  readonly part: string | null
  readonly field: string
}

/**
 * In what a connection differs from a new one. Very many have that in common: only the numbers are their own. Flags and
 * names are of the shape.
 */
interface Shape {
  readonly numbers: Place[]
  readonly objects: Place[]
  readonly constants: (Place & { readonly value: unknown })[]
}

/** An open connection on which nothing is under way, as what sets it apart from a new one. */
export interface FoldedTcb {
  readonly config: TcpConfig
  readonly controller: ControllerChoice
  readonly shape: Shape
  readonly numbers: readonly number[]
  /** What few have, as it is; null for most. */
  readonly objects: readonly unknown[] | null
}

type Fields = Record<string, unknown>

/** Parts that hide nothing (no `#private`), so that they too are kept number by number. Others are kept as they are. */
const OPEN_PARTS: ReadonlySet<unknown> = new Set([
  Chrono,
  Cubic,
  ReceiveQueue,
  Reno,
  RtoEstimator,
  Scoreboard,
  SendQueue,
])

/** Shapes that are shared; what comes after is right as well, only larger. */
const MOST_SHAPES = 256

/**
 * Folds up connections that are open and quiet: a TCB and its parts take more than two kilobytes, what sets them apart from
 * new ones some hundred bytes. Nothing is forgotten: whatever of the connection differs is kept, whichever field it is.
 */
export class TcbFolder {
  private readonly shapes = new Map<string, Shape>()
  private template: Tcb | null = null

  /** `tcb` must be quiet, and is of no use afterwards. */
  fold(tcb: Tcb): FoldedTcb {
    const { config, controller } = tcb
    if (tcb.reassembly?.isEmpty) tcb.reassembly = null
    let { template } = this
    if (template?.config !== config || template.controller !== controller)
      this.template = template = blank(config, controller)
    const found = new Differences()
    found.between(tcb as unknown as Fields, template as unknown as Fields, null)
    return {
      config,
      controller,
      shape: this.shared(found),
      // An array of just its own size.
      numbers: found.values.slice(),
      objects: found.kept.length > 0 ? found.kept : null,
    }
  }

  private shared({ key, numbers, objects, constants }: Differences): Shape {
    const known = this.shapes.get(key)
    if (known) return known
    const shape = { numbers, objects, constants }
    if (this.shapes.size < MOST_SHAPES) this.shapes.set(key, shape)
    return shape
  }
}

/** The connection as it was. */
export function unfold({ config, controller, shape, numbers, objects }: FoldedTcb): Tcb {
  const tcb = blank(config, controller)
  const put = ({ part, field }: Place, value: unknown) => {
    const owner = tcb as unknown as Fields
    ;(part === null ? owner : (owner[part] as Fields))[field] = value
  }
  // Objects first: a part may be one of them.
  for (const [i, place] of shape.objects.entries()) put(place, objects![i])
  for (const place of shape.constants) put(place, place.value)
  for (const [i, place] of shape.numbers.entries()) put(place, numbers[i])
  return tcb
}

/** True if nothing is under way on an open connection, nor has been after `since`, in ms; timers far away are no matter. */
export const isQuiet = (tcb: Tcb, since: number): boolean =>
  tcb.state === 'ESTABLISHED' &&
  tcb.lastReceivedAt <= since &&
  tcb.lastSentAt <= since &&
  tcb.owed === 0 &&
  tcb.events === 0 &&
  tcb.flight === 0 &&
  tcb.sendQueue.length === 0 &&
  tcb.receiveQueue.length === 0 &&
  tcb.scoreboard.isEmpty &&
  (tcb.reassembly?.isEmpty ?? true) &&
  tcb.fastOpen === null &&
  // A controller of somebody's own is made by code of his, which is not called to no purpose.
  typeof tcb.controller === 'string'

/** What the others are compared with. */
const blank = (config: TcpConfig, congestion: ControllerChoice): Tcb =>
  new Tcb({ config, congestion, iss: 0, tsOffset: 0, maxSegment: 0, announcedMss: 0, defaultMss: 0 })

/** What is different in one connection. */
class Differences {
  key = ''
  readonly numbers: Place[] = []
  readonly values: number[] = []
  readonly objects: Place[] = []
  readonly kept: unknown[] = []
  readonly constants: (Place & { readonly value: unknown })[] = []

  between(now: Fields, then: Fields, part: string | null): void {
    for (const field of Object.keys(now)) {
      const value = now[field]
      const before = then[field]
      if (!Object.is(value, before)) this.add({ part, field }, value, before)
    }
  }

  private add(place: Place, value: unknown, before: unknown): void {
    const { part, field } = place
    if (typeof value === 'number') {
      this.key += `${part}.${field} `
      this.numbers.push(place)
      this.values.push(value)
    } else if (typeof value !== 'object' || value === null) {
      this.key += `${part}.${field}=${String(value)} `
      this.constants.push({ ...place, value })
    } else if (part === null && areOpen(value, before)) {
      this.between(value as Fields, before as Fields, field)
    } else if (!bothEmpty(value, before)) {
      this.key += `${part}.${field}* `
      this.objects.push(place)
      this.kept.push(value)
    }
  }
}

const bothEmpty = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) && a.length === 0 && b.length === 0

const areOpen = (a: object, b: unknown): boolean =>
  b !== null && a.constructor === (b as object).constructor && OPEN_PARTS.has(a.constructor)
