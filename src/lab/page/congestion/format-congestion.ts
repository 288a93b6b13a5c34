/** Numbers of this page; null for what is not known. */

const DASH = '–'

/** With a prefix of 1000, three digits or so. */
export function quantity(value: number | null, unit: string): string {
  if (value === null) return DASH
  const [factor, prefix] =
    value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : value >= 1e3 ? [1e3, 'k'] : [1, '']
  return `${(value / factor).toFixed(factor === 1 ? 0 : 1)} ${prefix}${unit}`
}

export const decimals = (value: number | null, digits: number, unit = ''): string =>
  value === null ? DASH : `${value.toFixed(digits)}${unit}`

export const count = (value: number | null): string => (value === null ? DASH : value.toLocaleString('en'))

/** The variable that has the colour of a flow, counted from 0. */
export const colourOfFlow = (i: number): string => `--flow-${(i % 8) + 1}`
