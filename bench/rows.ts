/** A line of the page of `npm run bench`. */
export interface Row {
  what: string
  unit: string
  value: number
  /** Smallest and largest of the runs. */
  low: number
  high: number
}
