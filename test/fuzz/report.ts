import { type Mode, type Packet, worldText } from './actions.js'
import { Coverage } from './coverage.js'
import { Failure, play, worldOf } from './run.js'
import { minimise } from './shrink.js'

/** A failure as a developer wants it: what broke, how to see it again, and the fewest actions that do it. */
export function describeFailure(failure: Failure, pool: readonly Packet[]): string {
  const { options, step } = failure
  const recorded = again(failure, pool)
  const command = `npm run fuzz -- --seed ${options.seed} --steps ${step + 1} --mode ${options.mode} --kind ${options.kind}`
  const lines = [failure.message, `  ${command}`]
  const { cause } = recorded
  if (cause instanceof Error && cause.stack) lines.push(cause.stack)
  const least = recorded.record && minimise(options, recorded.record, cause)
  if (least)
    lines.push(
      `the fewest actions that lead there${least.toTheEnd ? ', when the world ends' : ''} (--replay FILE plays them):`,
      worldText(options, least.actions),
    )
  return lines.join('\n')
}

function again(failure: Failure, pool: readonly Packet[]): Failure {
  try {
    play(failure.options, new Coverage(), { steps: failure.step + 1, pool, record: true })
  } catch (error) {
    if (error instanceof Failure) return error
  }
  return failure
}

export interface Batch {
  from: number
  packets: number
  mode?: Mode
  kind?: 'ip' | 'ethernet'
  pool?: readonly Packet[]
}

/** Plays worlds, from a seed on, until so many packets were given. Throws an Error that says how to see it again. */
export function playMany({ from, packets, pool = [], ...wanted }: Batch): {
  coverage: Coverage
  packets: number
} {
  const coverage = new Coverage()
  let given = 0
  for (let seed = from; given < packets; seed++) {
    try {
      given += play(worldOf(seed, wanted), coverage, { pool }).packets
    } catch (error) {
      throw error instanceof Failure ? new Error(describeFailure(error, pool), { cause: error.cause }) : error
    }
  }
  return { coverage, packets: given }
}
