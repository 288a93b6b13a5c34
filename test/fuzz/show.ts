import { readFileSync } from 'node:fs'
import { actionText, parseWorld } from './actions.js'
import { Coverage } from './coverage.js'
import { play, STEPS, worldOf } from './run.js'
void readFileSync; void parseWorld
const seed = Number(process.argv[2])
const opt = worldOf(seed, process.env.MODE ? { mode: process.env.MODE as 'scripted' } : {})
console.log(JSON.stringify(opt))
try { play(opt, STEPS, [], new Coverage(), true) } catch (e) {
  const r = (e as { record: Parameters<typeof actionText>[0][] }).record
  for (const a of r.slice(-Number(process.argv[3] ?? 12))) console.log(actionText(a).slice(0, 300))
  console.log((e as Error).message, (e as { cause: Error }).cause?.stack)
}
