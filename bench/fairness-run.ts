import {
  CONTROLLERS,
  type ExperimentResult,
  jain,
  type Plan,
  readDescription,
  runExperiment,
} from '../src/sim/index.js'
import type { FairnessWorld } from './fairness-worlds.js'

/** What the flows of one world made of it, once they had begun: the last two thirds of the time in which all were there. */
export interface FairnessResult extends FairnessWorld {
  /** Goodput of each flow, in bits per second. */
  goodput: number[]
  /** The same as parts of what each had if all had the same. */
  shares: number[]
  jain: number
  /** Of the line, over the whole time. */
  utilisation: number
  /** Round trips of all flows from their beginnings, in ms: of each percentile the largest that one of them had. */
  p50: number
  p95: number
  p99: number
  /**
   * Of the flow that began last: after how many seconds it had half, and four fifths, of an equal share over five
   * seconds; null if it never did.
   */
  half: number | null
  mostly: number | null
}

/** Plays a world to its end. */
export function playFairness(world: FairnessWorld): FairnessResult {
  const { group: _, ...description } = world
  const plan = readDescription(
    // Nobody looks at its time–sequence graph.
    { ...description, window: '0ms-1ms' },
    {
      controllers: Object.keys(CONTROLLERS),
      loadTrace: path => {
        throw new Error(`${path}: no world here follows a trace`)
      },
    },
  )
  const result = runExperiment(plan, { controllers: CONTROLLERS })
  const began = Math.max(...plan.flows.map(flow => flow.start))
  const goodput = goodputs(result, began + (plan.duration - began) / 3, plan.duration)
  const sum = goodput.reduce((total, rate) => total + rate, 0)
  const worst = (p: 'p50' | 'p95' | 'p99') => Math.max(...result.flows.map(flow => flow.rtt[p]))
  return {
    ...world,
    goodput,
    shares: goodput.map(rate => (rate * goodput.length) / sum),
    jain: jain(goodput),
    utilisation: result.hops[0]!.utilisation,
    p50: worst('p50'),
    p95: worst('p95'),
    p99: worst('p99'),
    half: began > 0 ? reached(result, plan, began, 0.5) : null,
    mostly: began > 0 ? reached(result, plan, began, 0.8) : null,
  }
}

/** The goodput of each flow in bits per second, from `from` to `to` (ms). */
function goodputs({ t, flows }: ExperimentResult, from: number, to: number): number[] {
  const within = t.flatMap((time, i) => (time > from && time <= to ? [i] : []))
  return flows.map(
    ({ series }) => within.reduce((sum, i) => sum + (series.goodput[i] || 0), 0) / within.length,
  )
}

const OVER = 5000

/** After how many seconds the last flow had this part of an equal share. */
function reached(result: ExperimentResult, plan: Plan, began: number, part: number): number | null {
  for (let to = began + OVER; to <= plan.duration; to += 1000) {
    const rates = goodputs(result, to - OVER, to)
    const equal = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
    if (rates.at(-1)! >= part * equal) return (to - began) / 1000
  }
  return null
}
