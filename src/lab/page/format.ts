import { language } from './settings.js'

/** Times and sizes as people read them. */

/** A time in ms. */
export function time(ms: number): string {
  if (!Number.isFinite(ms)) return '∞'
  if (Math.abs(ms) < 1000) return `${trim(ms, 3)} ms`
  if (Math.abs(ms) < 120_000) return `${trim(ms / 1000, 3)} s`
  return `${trim(ms / 60_000, 2)} min`
}

/** An instant of a scene, ms from its beginning: always with the same unit, so that a column of them can be compared. */
export const instant = (ms: number): string =>
  `${(ms / 1000).toLocaleString('en', { minimumFractionDigits: 3, maximumFractionDigits: 3 })} s`

export function size(bytes: number): string {
  if (!Number.isFinite(bytes)) return '∞'
  if (bytes < 10_000) return bytes.toLocaleString(language.value)
  if (bytes < 1 << 20) return `${trim(bytes / 1024, 1)} KiB`
  return `${trim(bytes / (1 << 20), 1)} MiB`
}

export const trim = (value: number, digits: number): string => String(Number(value.toFixed(digits)))
