/**
 * Runs random worlds, many or one. Options: `--worlds N` (10000), `--from SEED` (1), `--minutes M` (no limit);
 * `--seed N` for a single world, with `--verbose` to see it. Exit status 1 if any promise was broken.
 */
import { parseArgs } from 'node:util'
import { drawLadder } from '../../src/trace/ladder.js'
import { Recorder } from '../../src/trace/recorder.js'
import { type Result, reproduce, runWorld, type Scene } from '../support/worlds.js'
import { planOf } from '../support/worlds-plan.js'
import { perLost, perMissing, type Spread, spread } from '../support/worlds-resent.js'

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})

function number(name: 'worlds' | 'from' | 'minutes' | 'seed'): number {
  const value = Number(values[name])
  if (!(value >= 0)) {
    console.error(`soak: --${name} wants a number, not ${values[name]}`)
    process.exit(2)
  }
  return value
}

function one(seed: number): boolean {
  const { verbose } = values
  if (verbose) console.dir(planOf(seed), { depth: null })
  const recorder = new Recorder({ congestion: true })
  const prepare = ({ cable }: Scene) => {
    cable.forward.tap = (...args) => recorder.segment('first', 'second', ...args)
    cable.backward.tap = (...args) => recorder.segment('second', 'first', ...args)
  }
  const observers: [ReturnType<Recorder['observer']>, ReturnType<Recorder['observer']>] = [
    recorder.observer('first'),
    recorder.observer('second'),
  ]
  try {
    const result = runWorld(seed, verbose ? { observers, prepare } : {})
    if (verbose) console.log(drawLadder(recorder.events, { hosts: ['first', 'second'], width: 76 }))
    const { plan: _, ...numbers } = result
    console.log(numbers)
    return true
  } catch (error) {
    if (verbose) console.log(drawLadder(recorder.events, { hosts: ['first', 'second'], width: 76 }))
    console.error(`world ${seed}:`, error)
    return false
  }
}

function many(): boolean {
  const worlds = number('worlds')
  const from = number('from')
  const until =
    values.minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + number('minutes') * 60_000
  const begun = Date.now()
  const total = {
    connections: 0,
    proper: 0,
    bytes: 0,
    events: 0,
    sent: 0,
    lost: 0,
    retransmitted: 0,
    time: 0,
  }
  const results: Result[] = []
  const failed: { seed: number; why: string }[] = []
  let done = 0
  let shownAt = 0
  const show = (end: string) =>
    process.stdout.write(
      `${process.stdout.isTTY ? '\r' : ''}${done} of ${worlds} worlds, ${(total.bytes / 1e6).toFixed(0)} MB, ` +
        `${failed.length} failed, ${((Date.now() - begun) / 1000).toFixed(0)} s${end}`,
    )
  const count = (result: Result) => {
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += result[key]
    results.push(result)
  }
  for (let seed = from; seed < from + worlds && Date.now() < until; seed++) {
    try {
      count(runWorld(seed))
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0]! : String(error)
      failed.push({ seed, why })
      console.error(`\nworld ${seed} failed: ${why}\n  ${reproduce(seed)}`)
    }
    done++
    if (Date.now() - shownAt < (process.stdout.isTTY ? 500 : 10_000)) continue
    shownAt = Date.now()
    show(process.stdout.isTTY ? '' : '\n')
  }
  show('\n')
  console.log(
    `${done} worlds, ${total.connections} connections (${total.proper} closed properly by both), ` +
      `${total.bytes} bytes, ${total.sent} packets, ${total.lost} lost, ${total.retransmitted} sent again, ` +
      `${total.events} events, ` +
      `${(total.time / 86_400_000).toFixed(1)} days, ${failed.length} failed`,
  )
  const losses = spread(results, perLost)
  console.log(`${losses.worlds} worlds lost ten segments of data or more. Bytes sent again for each byte`)
  console.log(`  lost: ${asText(losses)}`)
  console.log(`  lost, or never heard to have arrived: ${asText(spread(results, perMissing))}`)
  for (const { seed, why } of failed) console.log(`  ${seed}: ${why}`)
  return failed.length === 0 && done > 0
}

const asText = ({ median, p90, most, seed }: Spread): string =>
  `median ${median.toFixed(2)}, p90 ${p90.toFixed(2)}, most ${most.toFixed(2)} (seed ${seed})`

process.exitCode = (values.seed === undefined ? many() : one(number('seed'))) ? 0 : 1
