import { Coverage } from './coverage.js'
import { play, worldOf } from './run.js'
const coverage = new Coverage()
let packets = 0
const t = process.cpuUsage()
const fails = new Map<string, number[]>()
const [from, n] = [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 50)]
for (let seed = from; seed < from + n; seed++) {
  try { packets += play(worldOf(seed), coverage).packets } catch (e) {
    const c = (e as Error).cause as Error
    const key = String(c?.message ?? c).replace(/\d+/g, 'N')
    if (!fails.has(key)) console.log((e as Error).message, c?.stack?.split('\n').slice(1, 7).join('\n'))
    fails.set(key, [...(fails.get(key) ?? []), seed])
  }
}
const u = process.cpuUsage(t)
console.log(packets, 'packets', ((u.user + u.system) / packets).toFixed(1), 'us each')
for (const [k, v] of fails) console.log(v.length, k, v.slice(0, 5).join(','))
if (process.argv[4]) console.log(coverage.transitions, coverage.reactions, coverage.drops)
console.log(coverage.missing)
