import type { Row } from './capture.js'

export type SortKey =
  | 'client'
  | 'server'
  | 'start'
  | 'duration'
  | 'segments'
  | 'up'
  | 'down'
  | 'states'
  | 'remarks'

const VALUE: Record<SortKey, (row: Row) => number | string> = {
  client: row => row.client,
  server: row => row.server,
  start: row => row.start,
  duration: row => row.duration,
  segments: row => row.segments,
  up: row => row.bytes[0],
  down: row => row.bytes[1],
  states: row => row.states.join(' '),
  remarks: row => row.remarks,
}

const names = new Intl.Collator('en', { numeric: true })

/** The rows that have every word of `filter` in their names and states, in the order that was asked for. */
export function choose(rows: readonly Row[], filter: string, key: SortKey, down: boolean): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const found = rows.filter(({ client, server, states }) => {
    const text = `${client} ${server} ${states.join(' ')}`.toLowerCase()
    return words.every(word => text.includes(word))
  })
  const value = VALUE[key]
  const compare = (a: Row, b: Row): number => {
    const [x, y] = [value(a), value(b)]
    const order = typeof x === 'string' ? names.compare(x, y as string) : x - (y as number)
    return order || a.index - b.index
  }
  return found.sort((a, b) => (down ? compare(b, a) : compare(a, b)))
}
