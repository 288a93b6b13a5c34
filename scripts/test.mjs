// Runs the tests: first those that need nothing but Node, then those that talk to the kernel, in a network namespace
// of their own. What a machine does not have is skipped by name; with ESTAB_REQUIRE=1 (CI) it is a failure.
// Tests with a stack run once more without header prediction (prediction.mjs).
// Arguments restrict the run to files whose path contains one of them. A run of everything is also held against what
// RFC 9293 asks for (conformance.mjs); with --conformance it writes the page instead.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkConformance, writeConformance } from './conformance.mjs'
import { Prediction } from './prediction.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const wanted = process.argv.slice(2).filter(arg => arg !== '--conformance')
const writes = process.argv.includes('--conformance')
const required = process.env.ESTAB_REQUIRE === '1'
const scratch = mkdtempSync(path.join(os.tmpdir(), 'estab-test-'))
const reporter = path.join(root, 'scripts/reporter.mjs')
const headerPrediction = new Prediction(root, scratch)

const files = readdirSync(path.join(root, 'dist/test'), { recursive: true })
  .filter(name => name.endsWith('.test.js'))
  // What a deleted test left in dist/ is not one.
  .filter(name => existsSync(path.join(root, 'test', name.replace(/\.js$/, '.ts'))))
  .map(name => path.join('dist/test', name))
  .filter(name => wanted.length === 0 || wanted.some(part => name.includes(part)))
  .sort()
const kernel = files.filter(name => name.includes(`${path.sep}kernel${path.sep}`))
const plain = files.filter(name => !kernel.includes(name))
/** Those run once more with segmentation offload; in others what a packet is, and how many there are, is the point. */
const OFFLOAD = ['agreement', 'icmp', 'resets', 'states', 'transfer', 'windows']
/** Those that depend most on what Node does run with other versions of it, too, whose binaries ESTAB_NODES names (a:b). */
const NODES = (process.env.ESTAB_NODES ?? '').split(':').filter(name => name !== '')
const VERSIONED = ['tun', 'offload', 'net-api', 'net-http', 'net-like-node', 'web', 'memory', 'garbage']
const versioned = files.filter(name => VERSIONED.includes(path.basename(name, '.test.js')))
const offloaded = kernel.filter(name => OFFLOAD.includes(path.basename(name, '.test.js')))

/** How to get a namespace: as root, or in a user namespace; undefined if neither can be had. */
function namespace() {
  for (const command of [
    ['unshare', '-n'],
    ['unshare', '-Urn'],
  ]) {
    const [program, ...args] = command
    const probe = spawnSync(
      program,
      [...args, 'sh', '-c', 'ip tuntap add dev estabprobe mode tun && ip link set lo up'],
      {
        stdio: 'ignore',
      },
    )
    if (probe.status === 0) return command
  }
  return undefined
}

let runs = 0
/** How each test ended. */
const results = []
function run(
  what,
  names,
  { prefix = [], env = {}, concurrency = 2, node = process.execPath, prediction } = {},
) {
  if (names.length === 0) return { pass: 0, fail: 0, skip: 0 }
  console.log(`\n${what}`)
  const counts = path.join(scratch, `counts-${++runs}.json`)
  const ends = path.join(scratch, `results-${runs}.json`)
  const settings = prediction && headerPrediction.settings(prediction)
  const args = [
    ...(settings?.args ?? []),
    '--enable-source-maps',
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-reporter=${reporter}`,
  ]
  const [program, ...rest] = [...prefix, node, ...args, '--test-reporter-destination=stdout', ...names]
  const result = spawnSync(program, rest, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env, ...settings?.env, ESTAB_COUNTS: counts, ESTAB_RESULTS: ends },
  })
  try {
    const read = JSON.parse(readFileSync(counts, 'utf8'))
    results.push(...JSON.parse(readFileSync(ends, 'utf8')))
    // A runner that failed without naming a failed test has still failed.
    if (result.status !== 0 && read.fail === 0) read.fail = 1
    return read
  } catch {
    return { pass: 0, fail: 1, skip: 0 }
  }
}

const total = { pass: 0, fail: 0, skip: 0 }
const add = counts => {
  for (const key of Object.keys(total)) total[key] += counts[key]
}

add(run('Tests that need nothing but Node', plain, { prediction: 'on' }))
add(
  run('Tests that need nothing but Node, without header prediction', headerPrediction.again(plain), {
    prediction: 'off',
  }),
)
if (kernel.length > 0) {
  const prefix = process.platform === 'linux' ? namespace() : undefined
  if (prefix) {
    const enter = [...prefix, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
    // One at a time: they share the namespace.
    add(
      run(`Tests against the kernel (${prefix.join(' ')})`, kernel, {
        prefix: enter,
        env: { ESTAB_KERNEL: '1' },
        concurrency: 1,
        prediction: 'on',
      }),
    )
    add(
      run('Tests against the kernel, without header prediction', headerPrediction.again(kernel), {
        prefix: enter,
        env: { ESTAB_KERNEL: '1' },
        concurrency: 1,
        prediction: 'off',
      }),
    )
    add(
      run('Tests against the kernel, with segmentation offload', offloaded, {
        prefix: enter,
        env: { ESTAB_KERNEL: '1', ESTAB_OFFLOAD: '1' },
        concurrency: 1,
      }),
    )
    for (const node of NODES)
      add(
        run(`Links and faces with another Node: ${node}`, versioned, {
          prefix: enter,
          env: { ESTAB_KERNEL: '1' },
          concurrency: 1,
          node,
        }),
      )
  } else {
    const why = 'no network namespace with a TUN can be made here (needs Linux and root, or user namespaces)'
    console.log(`\nskipped: ${kernel.length} files of tests against the kernel: ${why}`)
    if (required) total.fail++
    else total.skip += kernel.length
  }
}
for (const problem of headerPrediction.check({ everything: wanted.length === 0 })) {
  console.log(`✗ ${problem}`)
  total.fail++
}
rmSync(scratch, { recursive: true, force: true })
if (wanted.length === 0) {
  const problems = await (writes ? writeConformance : checkConformance)(root, results, files, required)
  if (problems.length > 0) console.log('\nConformance')
  for (const problem of problems) console.log(`✗ ${problem}`)
  total.fail += problems.length
}
console.log(`\n${total.pass} passed, ${total.fail} failed${total.skip ? `, ${total.skip} skipped` : ''}`)
process.exitCode = total.fail > 0 || total.pass === 0 ? 1 : 0
