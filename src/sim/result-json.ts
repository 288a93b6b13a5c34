import type { ExperimentResult } from './experiment.js'

/**
 * A result as JSON has it: everything but the points of time–sequence graphs, numbers to a thousandth of their unit
 * (what is beyond is the noise of doubles), null for what is not known.
 */
export function resultAsJson(result: ExperimentResult): unknown {
  const { flows, ...rest } = result
  return plain({ ...rest, flows: flows.map(({ sequence: _, ...flow }) => flow) })
}

function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
