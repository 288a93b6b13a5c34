/** A list of points, and how many there were before some were left out because they could not be told apart. */
export interface Drawn {
  readonly t: Float64Array
  readonly y: Float64Array
  readonly of: number
}

/** The area over which points are spread. */
export interface Frame {
  readonly t: readonly [number, number]
  readonly y: readonly [number, number]
}

/** Cells of a frame: about as many as a large plot has dots. */
const COLUMNS = 1000
const ROWS = 500

/**
 * At most `most` of the points, each other one being in the same cell of the frame as one that is kept. Cells are no
 * larger than a dot, unless even so there would be more than `most`: then they are doubled until there are not. Nothing
 * is moved, and the first and the last point of each cell's run are not favoured: the first to come to a cell is kept.
 */
export function thin(t: readonly number[], y: readonly number[], frame: Frame, most = 2000): Drawn {
  const [width, height] = [frame.t[1] - frame.t[0], frame.y[1] - frame.y[0]]
  for (let scale = 1; ; scale *= 2) {
    const [columns, rows] = [Math.max(1, Math.round(COLUMNS / scale)), Math.max(1, Math.round(ROWS / scale))]
    const taken = new Set<number>()
    const kept: number[] = []
    for (let i = 0; i < t.length && kept.length <= most; i++) {
      const column = cell(t[i]! - frame.t[0], width, columns)
      const row = cell(y[i]! - frame.y[0], height, rows)
      const place = row * columns + column
      if (taken.has(place)) continue
      taken.add(place)
      kept.push(i)
    }
    if (kept.length <= most || (columns === 1 && rows === 1))
      return {
        t: Float64Array.from(kept, i => t[i]!),
        y: Float64Array.from(kept, i => y[i]!),
        of: t.length,
      }
  }
}

const cell = (place: number, whole: number, cells: number): number =>
  whole > 0 ? Math.max(0, Math.min(cells - 1, Math.floor((place / whole) * cells))) : 0

/** Means of `group` values at a time, at the time of the last of them; null where none is known. */
export function averaged(
  t: readonly number[],
  values: readonly (number | null)[],
  group: number,
): { readonly t: number[]; readonly values: (number | null)[] } {
  const out: { t: number[]; values: (number | null)[] } = { t: [], values: [] }
  for (let i = 0; i < t.length; i += group) {
    const end = Math.min(t.length, i + group)
    let sum = 0
    let count = 0
    for (let k = i; k < end; k++) {
      const value = values[k]
      if (value === null || value === undefined) continue
      sum += value
      count++
    }
    out.t.push(t[end - 1]!)
    out.values.push(count === 0 ? null : sum / count)
  }
  return out
}

/** Sums from the bottom up: element i is what 0 to i have together. What is not known counts as nothing. */
export function stacked(rows: readonly (readonly (number | null)[])[]): number[][] {
  const sums: number[][] = []
  for (const row of rows) {
    const below = sums.at(-1)
    sums.push(row.map((value, k) => (value ?? 0) + (below?.[k] ?? 0)))
  }
  return sums
}
