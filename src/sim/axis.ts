/** The numbers on an axis: round ones, about as many as wanted. */
export function ticks(low: number, high: number, about: number): number[] {
  if (!(high > low)) return [low]
  const step = roundStep((high - low) / about)
  const found: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step + 0) // never -0
  return found
}

/** The smallest of 1, 2, 5 × 10^n that is not below `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  for (const digit of [1, 2, 5]) if (digit * power >= least * (1 - 1e-9)) return digit * power
  return 10 * power
}

/** A number as short as it can be, with as many decimals as `step` needs. */
export function tickLabel(value: number, step: number): string {
  const decimals = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
  return value.toFixed(decimals)
}

/** A unit in which numbers up to `most` are neither long nor tiny. */
export function scaled(most: number, unit: string): { factor: number; unit: string } {
  for (const [factor, prefix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (most >= 2 * factor) return { factor, unit: prefix + unit }
  return { factor: 1, unit }
}
