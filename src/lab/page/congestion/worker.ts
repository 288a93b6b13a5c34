import { type Order, play, type Report } from './outcome.js'

/** Plays one experiment, off the page's thread. */

/** Progress is told no more often than this, ms. */
const APART = 60

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Order>) => void) | null
  postMessage(report: Report, transfer?: Transferable[]): void
}

scope.onmessage = ({ data: { description } }) => {
  let told = performance.now()
  try {
    const outcome = play(description, now => {
      if (performance.now() - told < APART) return
      told = performance.now()
      scope.postMessage({ kind: 'progress', now })
    })
    const buffers = outcome.sequences.flatMap(sequence =>
      Object.values(sequence).flatMap(({ t, y }) => [t.buffer as ArrayBuffer, y.buffer as ArrayBuffer]),
    )
    scope.postMessage({ kind: 'done', outcome }, buffers)
  } catch (error) {
    scope.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}
