import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Row } from './rows.js'

const RUN = path.join(path.dirname(fileURLToPath(import.meta.url)), 'scale-run.js')

/** Each in a process of its own, whose memory nothing else has touched. */
function measure(what: string, count: number): Record<string, number> {
  const text = execFileSync(process.execPath, ['--expose-gc', RUN, what, String(count)], { encoding: 'utf8' })
  return JSON.parse(text) as Record<string, number>
}

const one = (what: string, unit: string, value: number): Row => ({
  what,
  unit,
  value,
  low: value,
  high: value,
})

/** What very many connections cost: memory of each, and time as their number grows. */
export function scale(): Row[] {
  const rows: Row[] = []
  const add = (what: string, unit: string, value: number) => {
    console.error(`${what}: ${value.toPrecision(3)} ${unit}`)
    rows.push(one(what, unit, value))
  }
  for (const [kind, name, count] of [
    ['accepted', 'connection just accepted', 100_000],
    ['connected', 'connection just opened by us', 100_000],
    ['accepted-idle', 'idle connection, accepted', 100_000],
    ['connected-idle', 'idle connection, opened by us', 100_000],
    ['half-open', 'half-open connection', 100_000],
    ['time-wait', 'connection in TIME_WAIT', 1_000_000],
  ] as const) {
    const { heap, rss, micros, endMicros, unfoldMicros } = measure(kind, count)
    const many = count.toLocaleString('en')
    add(`${name}, one of ${many}: heap`, 'bytes', heap!)
    add(`${name}, one of ${many}: RSS`, 'bytes', rss!)
    if (unfoldMicros !== undefined) add('a segment of 100 bytes for one that is idle', 'µs', unfoldMicros)
    if (micros !== undefined) add('from SYN to TIME_WAIT, six segments', 'µs', micros)
    if (endMicros !== undefined) add(`the end of TIME_WAIT, ${many} at once, each`, 'µs', endMicros)
  }
  for (const count of [1, 1000, 100_000]) {
    const of = count === 1 ? 'one connection' : `${count.toLocaleString('en')} connections`
    const { alone, together } = measure('segments', count)
    add(`a segment of 100 bytes in, read, for any of ${of}: alone`, 'ns', alone!)
    add(`the same, 32 in a batch`, 'ns', together!)
    const { each } = measure('touch', count)
    add(`one look at each object that it needs, and nothing else`, 'ns', each!)
    const { lookup, timer } = measure('parts', count)
    add(`lookup of any of ${of}`, 'ns', lookup!)
    add(`a timer set and cancelled among those of ${of}`, 'ns', timer!)
  }
  return rows
}
