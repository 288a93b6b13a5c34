import { median } from './paths-page.js'
import type { Result } from './peers.js'
import type { Contender, Measure } from './peers-list.js'

interface About {
  date: string
  estab: string
  machine: string
  seconds: number
  rounds: number
}

const figure = (n: number): string => (n >= 1000 ? Math.round(n).toLocaleString('en-US') : n.toPrecision(3))

/**
 * A table for each measure. Ratios are of one round each, to the estab of the same kind of link: their median, and the
 * smallest and largest.
 */
export function peersPage(
  about: About,
  measures: readonly Measure[],
  contenders: readonly Contender[],
  results: readonly Result[],
): string {
  const lines = [
    `- ${about.date}, estab ${about.estab}, ${about.machine}: ${about.rounds} rounds, ${about.seconds} s each.`,
  ]
  for (const measure of measures) {
    const of = (contender: string) =>
      results.filter(r => r.measure === measure.name && r.contender === contender)
    lines.push('', `### ${measure.title[0]!.toUpperCase()}${measure.title.slice(1)}`, '')
    const bulk = measure.unit === 'Gbit/s'
    lines.push(`| | ${measure.unit} | range | estab to it |${bulk ? ' CPU s/GB |' : ''}`)
    lines.push(`|---|--:|--:|--:|${bulk ? '--:|' : ''}`)
    for (const { name, offload } of contenders) {
      const own = of(name)
      if (own.length === 0) continue
      const values = own.map(r => r.value)
      const home = of(offload ? 'estab' : 'estab (plain)')
      const ratios = own.flatMap(r => {
        const mine = home.find(h => h.round === r.round)
        return mine ? [measure.least ? r.value / mine.value : mine.value / r.value] : []
      })
      const ratio =
        ratios.length === 0 || home.some(h => h.contender === name)
          ? ''
          : `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)})`
      const cpu = bulk
        ? ` ${median(own.map(r => (r.outcome.cpu / (r.outcome.bytes ?? 1)) * 1e9)).toFixed(2)} |`
        : ''
      lines.push(
        `| ${name} | ${figure(median(values))} | ${figure(Math.min(...values))} – ${figure(Math.max(...values))} | ${ratio} |${cpu}`,
      )
    }
  }
  return `${lines.join('\n')}\n`
}
