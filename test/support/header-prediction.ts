// Loaded in front of a test (node --import): counts what header prediction takes in this process or thread, for
// scripts/test.mjs, and with ESTAB_PREDICTION=off leaves it out of every interface whose test does not ask for it. The
// core reads no environment, and need not know.
import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import type { Counters } from '../../src/stack/counters.js'
import { Stack } from '../../src/stack/stack.js'

const { env } = process
const off = env.ESTAB_PREDICTION === 'off'
const { addInterface } = Stack.prototype
/** Not the stacks, which nobody should keep in memory that tests measure. */
const counters = new Set<Counters>()
let interfaces = 0

// What a test starts in other processes is counted as the test's.
if (env.NODE_TEST_CONTEXT) env.ESTAB_TEST_FILE ??= process.argv[1]

Stack.prototype.addInterface = function (link, options) {
  const iface = addInterface.call(this, link, off ? { headerPrediction: false, ...options } : options)
  // Otherwise the one run would only say the same as the other.
  assert.equal(iface.headerPrediction, options.headerPrediction ?? !off, 'header prediction')
  counters.add(this.counters)
  interfaces++
  return iface
}

process.on('exit', () => {
  if (!env.ESTAB_PREDICTED || interfaces === 0) return
  let predicted = 0
  for (const { segmentsPredicted } of counters) predicted += segmentsPredicted
  appendFileSync(
    env.ESTAB_PREDICTED,
    `${JSON.stringify({ file: env.ESTAB_TEST_FILE, interfaces, predicted })}\n`,
  )
})
