import {
  DescriptionError,
  type ExperimentResult,
  type FlowResult,
  readDescription,
  resultAsJson,
  runExperiment,
  type SequencePoints,
} from '../../../sim/index.js'
import { CONTROLLERS } from '../../../tcp/controllers.js'
import type { Description } from './setup.js'
import { type Drawn, thin } from './thin.js'

/** A value as JSON has it: null for numbers that are not known. */
export type Known<T> = T extends number
  ? number | null
  : T extends readonly (infer Item)[]
    ? readonly Known<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Known<T[Key]> }
      : T

/** What `estab sim --json` prints. */
export type Result = Known<
  Omit<ExperimentResult, 'flows'> & { readonly flows: readonly Omit<FlowResult, 'sequence'>[] }
>

/** Of each kind of point of a time–sequence graph those that can be told apart. */
export type Sequence = { readonly [Kind in keyof SequencePoints]: Drawn }

/** What an experiment gave, small enough to be sent to the page. */
export interface Outcome {
  readonly result: Result
  readonly sequences: readonly Sequence[]
}

/** Plays a description. Throws a DescriptionError if it cannot be read. */
export function play(description: Description, progress: (now: number) => void): Outcome {
  const plan = readDescription(description, {
    controllers: Object.keys(CONTROLLERS),
    loadTrace: () => {
      throw new SyntaxError('there are no files here')
    },
  })
  const result = runExperiment(plan, { controllers: CONTROLLERS, progress })
  return {
    result: resultAsJson(result) as Result,
    sequences: result.flows.map(({ sequence }) => thinSequence(sequence, plan.window)),
  }
}

export { DescriptionError }

function thinSequence(points: SequencePoints, window: readonly [number, number]): Sequence {
  let low = Number.POSITIVE_INFINITY
  let high = 0
  for (const { y } of Object.values(points))
    for (const value of y) {
      if (value < low) low = value
      if (value > high) high = value
    }
  const frame = { t: window, y: [Math.min(low, high), high] } as const
  const drawn = ({ t, y }: SequencePoints['sent']): Drawn => thin(t, y, frame)
  return {
    sent: drawn(points.sent),
    retransmitted: drawn(points.retransmitted),
    acked: drawn(points.acked),
    sacked: drawn(points.sacked),
    received: drawn(points.received),
  }
}

// ---- between the page and its worker ----

export interface Order {
  readonly description: Description
}

export type Report =
  | { readonly kind: 'progress'; readonly now: number }
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly message: string }
