// Header prediction makes no difference but in speed (docs/decisions/0011-header-prediction.md), and so tests run twice:
// as they are, with it, and once more without it. What runs again, how, and whether header prediction was truly on the
// one time and off the other.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Long ones in which no segment is predicted, as long as that is so: the second run would be the first again. A run of
 * segments ends with the batch, and most of these have one packet in each.
 */
const LONG = [
  'attacks/floods',
  'fuzz/fuzz',
  'lab/congestion',
  'sim/bbr',
  'sim/bbr1',
  'sim/fairness',
  'sim/lossy',
  'sim/reordering',
  'sim/right-sizing',
  'sim/theory',
  'stack/tcp-cookies',
]
/** What they are about is in a browser; the scenes that they prepare beside it are played by others as well. */
const IN_BROWSER = ['lab/page', 'lab/page-congestion', 'lab/page-file']
/** Those whose stacks are in processes of their own, of which the first run knows nothing. */
const STARTS_OTHERS = ['stack/garbage']
/** Of those against the kernel, which take their time, the ones that receive most of the data. */
const KERNEL = ['kernel/loss', 'kernel/transfer']
/** Those that are about header prediction ask for it themselves. */
const ASKS = ['sim/random-worlds', 'stack/header-prediction']

const fileOf = test => path.join('dist/test', `${test}.test.js`)
const isOneOf = (tests, file) => tests.some(test => fileOf(test) === file)
const isAgainstKernel = file => file.startsWith(path.join('dist/test/kernel', path.sep))

export class Prediction {
  /** The files that have run without it. */
  #without = []

  constructor(root, scratch) {
    this.root = root
    this.scratch = scratch
    this.counter = pathToFileURL(path.join(root, 'dist/test/support/header-prediction.js')).href
  }

  /** Arguments for Node and its environment, for a run with header prediction (`on`) or without (`off`). */
  settings(prediction) {
    const env = { ESTAB_PREDICTED: this.#report(prediction) }
    // What tests start in the ordinary run is left as it is; in the other it has to do without as well.
    if (prediction === 'on') return { args: [`--import=${this.counter}`], env }
    const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import=${this.counter}`
    return { args: [], env: { ...env, NODE_OPTIONS, ESTAB_PREDICTION: 'off' } }
  }

  /** Those of `files`, which have run with header prediction, that are to run without it. */
  again(files) {
    const counted = this.#counted('on')
    const again = files.filter(file => {
      if ((isAgainstKernel(file) && !isOneOf(KERNEL, file)) || isOneOf(IN_BROWSER, file)) return false
      const { interfaces = 0, predicted = 0 } = counted.get(file) ?? {}
      return predicted > 0 || (interfaces > 0 && !isOneOf(LONG, file)) || isOneOf(STARTS_OTHERS, file)
    })
    this.#without.push(...again)
    return again
  }

  /** Says what was counted; returns what is wrong with it, in words. */
  check({ everything }) {
    const on = this.#counted('on')
    const off = this.#counted('off')
    const problems = []
    const mayBeLeftOut = [...LONG, ...IN_BROWSER]
    for (const test of [...mayBeLeftOut, ...STARTS_OTHERS, ...KERNEL, ...ASKS]) {
      const file = fileOf(test)
      if (!existsSync(path.join(this.root, file)))
        problems.push(`${file} is named in scripts/prediction.mjs, and is no test`)
      else if (on.has(file) && !mayBeLeftOut.includes(test) && !this.#without.includes(file))
        problems.push(`${file} has not run without header prediction`)
    }
    let interfaces = 0
    for (const file of this.#without) {
      const counts = off.get(file)
      if (!counts) problems.push(`${file} has run without header prediction, and without a stack`)
      interfaces += counts?.interfaces ?? 0
    }
    for (const [file, { predicted }] of off) {
      const asks = isOneOf(ASKS, file)
      if (predicted > 0 && !asks)
        problems.push(`${file}: ${predicted} segments predicted without header prediction`)
      if (predicted === 0 && asks) problems.push(`${file} asked for header prediction and did not get it`)
    }
    const unasked = [...on].filter(([file, { predicted }]) => predicted > 0 && !isOneOf(ASKS, file))
    const segments = unasked.reduce((sum, [, { predicted }]) => sum + predicted, 0)
    if (everything && segments === 0) problems.push('nothing was predicted with header prediction')
    if (interfaces > 0)
      console.log(
        `\nHeader prediction\nwith: ${segments} segments predicted in ${unasked.length} files` +
          `\nwithout: ${interfaces} interfaces in ${this.#without.length} files`,
      )
    return problems
  }

  #report(prediction) {
    return path.join(this.scratch, `predicted-${prediction}.jsonl`)
  }

  /** Interfaces and predicted segments of each test file, as the runs until now have left them. */
  #counted(prediction) {
    const counted = new Map()
    const report = this.#report(prediction)
    if (!existsSync(report)) return counted
    for (const line of readFileSync(report, 'utf8').trim().split('\n')) {
      const { file, interfaces, predicted } = JSON.parse(line)
      const name = path.relative(this.root, file)
      const sum = counted.get(name) ?? { interfaces: 0, predicted: 0 }
      counted.set(name, sum)
      sum.interfaces += interfaces
      sum.predicted += predicted
    }
    return counted
  }
}
