/**
 * Quantities as people write them: `100ms`, `50mbit`, `256kb`, `64pkts`, `1bdp`, `1%`. A number is taken as ms, bits
 * per second, bytes or a probability; text must say its unit, unless it is 0. Each reader throws a SyntaxError that
 * says what it wants.
 */

const DURATIONS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000 }
const RATES: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 }
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}
/** Bytes of what `pkts` counts. */
export const FULL_PACKET = 1500

function quantity(value: unknown, units: Readonly<Record<string, number>>, wanted: string): number {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value
  if (typeof value === 'string') {
    const [, digits, unit] = /^(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*|%)$/.exec(value.trim().toLowerCase()) ?? []
    const factor = unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined
    if (digits !== undefined && factor !== undefined) return Number(digits) * factor
    if (digits !== undefined && unit === '' && Number(digits) === 0) return 0
  }
  throw new SyntaxError(`${JSON.stringify(value)} is not ${wanted}`)
}

/** In ms. */
export const duration = (value: unknown): number =>
  quantity(value, DURATIONS, 'a time such as 100ms (units: us, ms, s, min, h)')

/** In bits per second. */
export const rate = (value: unknown): number =>
  quantity(
    typeof value === 'string' ? value.replace(/\/s$/i, '') : value,
    RATES,
    'a rate such as 50mbit (units: bit, kbit, mbit, gbit)',
  )

/** In bytes; `bdp` is what "1bdp" stands for, if it stands for anything. */
export function size(value: unknown, bdp?: number): number {
  const units = { ...SIZES, pkt: FULL_PACKET, pkts: FULL_PACKET, ...(bdp === undefined ? {} : { bdp }) }
  return Math.round(
    quantity(
      value,
      units,
      `a size such as 256kb (units: b, kb, mb, gb, kib, mib, gib, pkts${bdp ? ', bdp' : ''})`,
    ),
  )
}

/** 0 .. 1. */
export function probability(value: unknown): number {
  const p = quantity(value, { '': 1, '%': 0.01 }, 'a probability such as 1% or 0.01')
  if (p <= 1) return p
  throw new SyntaxError(`${JSON.stringify(value)} is not a probability: it is more than 1`)
}
