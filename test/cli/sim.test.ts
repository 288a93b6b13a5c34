import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CONTROLLERS } from '../../src/sim/index.js'
import { wellFormed } from '../support/svg.js'
import { skipWithoutTshark, tsharkComplaints, tsharkFields } from '../support/tshark.js'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'estab-sim-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

function sim(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'sim', ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    maxBuffer: 1 << 26,
    timeout: 120_000,
  })
  return { status, stdout, stderr }
}

const at = (name: string) => join(scratch, name)
function file(name: string, content: unknown): string {
  writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content))
  return at(name)
}

interface Result {
  seed: number
  duration: number
  fairness: number | null
  t: number[]
  flows: {
    name: string
    goodput: number
    received: number
    finished: number | null
    series: { cwnd: (number | null)[] }
  }[]
  hops: { carried: number; marked: number; lost: number }[]
  cross: { kind: string; received: number }[]
}

function json(...args: string[]): Result {
  const { status, stdout, stderr } = sim(...args, '--json')
  assert.deepEqual([status, stderr], [0, ''])
  return JSON.parse(stdout) as Result
}

const SHORT = ['--duration', '2s', '--flows', 'reno']

describe('estab sim', () => {
  it('prints the world, a line for each flow, fairness and the bottleneck', () => {
    const { status, stdout, stderr } = sim(
      '--rtt',
      '40ms',
      '--rate',
      '8mbit',
      '--flows',
      'reno,reno@500ms:50kb',
      '--duration',
      '3s',
    )
    assert.deepEqual([status, stderr], [0, ''], 'no bar where there is no terminal')
    const lines = stdout.split('\n')
    assert.equal(lines[0], '3 s · 8.0 Mbit/s · RTT 40 ms · drop-tail 40.0 kB · seed 1')
    assert.match(lines[2]!, /^flow +goodput +received +done +resent +RTOs +RTT min +p50 +p95 +p99 +max$/)
    assert.match(lines[3]!, /^reno-1 .*Mbit\/s .* – /)
    assert.match(lines[4]!, /^reno-2 .* 50\.0 kB +\d\.\d\d s /)
    assert.match(stdout, /^fairness \(Jain, while all were active\): [01]\.\d{3}$/m)
    assert.match(stdout, /^hop 1 .* % /m)
  })

  it('prints the same as JSON, byte for byte with the same seed', () => {
    const args = [
      ...SHORT,
      '--queue',
      'codel',
      '--ecn',
      '--loss',
      'ge:1%,50%',
      '--jitter',
      '3ms',
      '--cross',
      'poisson:1mbit,web:1mbit',
    ]
    const first = sim(...args, '--json').stdout
    assert.equal(sim(...args, '--json').stdout, first)
    assert.notEqual(sim(...args, '--seed', '2', '--json').stdout, first)
    const result = JSON.parse(first) as Result
    assert.deepEqual([result.seed, result.duration, result.t.length], [1, 2000, 301])
    assert(result.flows[0]!.goodput > 1e5 && result.hops[0]!.lost > 0)
    assert.deepEqual(
      result.cross.map(({ kind }) => kind),
      ['poisson', 'web'],
    )
  })

  it('takes a world file, which options change', () => {
    file('line.trace', Array.from({ length: 100 }, (_, i) => i + 1).join('\n'))
    const world = file('world.json', {
      rtt: '30ms',
      trace: 'line.trace',
      duration: '2s',
      seed: 5,
      flows: [{ controller: 'reno', size: '100kb' }],
      back: { rate: '1mbit' },
    })
    const there = json(world)
    assert.equal(there.seed, 5)
    assert.equal(there.flows[0]!.received, 100_000)
    assert.equal(json(world, '--seed', '6').seed, 6)
    const slow = json(world, '--rate', '1mbit', '--queue', '20kb', '--back-loss', '1%')
    assert(slow.flows[0]!.finished! > there.flows[0]!.finished! * 1.5)
    const other = file('other.json', { duration: '1s', back: { trace: 'line.trace' } })
    assert.match(sim(other, '--back-rate', '1mbit').stdout, /^1 s · 10\.0 Mbit\/s · back 1\.0 Mbit\/s/)
    assert.match(sim(world).stdout, /^2 s · trace of 12\.0 Mbit\/s · back 1\.0 Mbit\/s · RTT 30 ms/)
  })

  it('draws a plot', () => {
    const { status } = sim(...SHORT, '--plot', at('out.svg'))
    assert.equal(status, 0)
    const svg = readFileSync(at('out.svg'), 'utf8')
    wellFormed(svg)
    assert(svg.includes('Time–sequence: reno'))
  })

  it('writes a capture', { skip: skipWithoutTshark() }, () => {
    assert.equal(
      sim(...SHORT, '--flows', 'reno,reno', '--pcap', at('out.pcapng'), '--snaplen', '80').status,
      0,
    )
    const rows = tsharkFields(at('out.pcapng'), ['frame.interface_name', 'frame.len', 'frame.cap_len'])
    assert.deepEqual([...new Set(rows.map(row => row[0]))].sort(), ['1-reno-1-sender', '2-reno-2-sender'])
    assert(rows.some(row => row[1] === '1500' && row[2] === '80'))
    assert.equal(sim(...SHORT, '--pcap', at('whole.pcapng')).status, 0)
    assert.deepEqual(tsharkComplaints(at('whole.pcapng')), [])
  })

  it('says in one line what is wrong, and where', () => {
    const names = Object.keys(CONTROLLERS).join(', ')
    const wrong = file('wrong.json', { flows: ['reno', { controller: 'reno', start: '5' }] })
    const nested = file('nested.json', { back: { queue: 'x' } })
    for (const [args, message] of [
      [['--flows', 'nobody'], `--flows: number 1: no controller named nobody; there are: ${names}`],
      [['--rtt', '5'], '--rtt: "5" is not a time such as 100ms (units: us, ms, s, min, h)'],
      [['--rate', '5mb'], '--rate: "5mb" is not a rate such as 50mbit (units: bit, kbit, mbit, gbit)'],
      [['--loss', '150%'], '--loss: "150%" is not a probability: it is more than 1'],
      [['--queue', 'fq'], '--queue: there is no queue "fq"; there are droptail, codel, red'],
      [['--back-loss', 'x'], '--back-loss: "x" is not a probability such as 1% or 0.01'],
      [
        ['--reorder-delay', 'x'],
        '--reorder-delay: "x" is not a time such as 100ms (units: us, ms, s, min, h)',
      ],
      [['--trace', at('none')], `cannot read ${at('none')}: ENOENT`],
      [
        ['--trace', wrong],
        `--trace: ${wrong}: line 1 is "{\\"flows\\":[\\"reno\\",{\\"controller\\":\\"reno\\",\\"s", not a time in whole ms`,
      ],
      [['--rate', '1mbit', '--trace', at('line.trace')], '--trace: a line has a rate or a trace, not both'],
      [['--hops', '3'], '--hops: a dumbbell has one hop; a parking-lot has several'],
      [['--snaplen', '80'], '--snaplen says how much --pcap keeps: give both'],
      [[at('none.json')], `cannot read ${at('none.json')}: ENOENT`],
      [[wrong], `${wrong}: flows[1].start: "5" is not a time such as 100ms (units: us, ms, s, min, h)`],
      [[nested], `${nested}: back.queue: there is no queue "x"; there are droptail, codel, red`],
      [[file('list.json', [])], `${at('list.json')}: a world file is a JSON object`],
    ] as [string[], string][]) {
      const { status, stdout, stderr } = sim(...args)
      assert.equal(stderr, `estab: ${message}\n`)
      assert.deepEqual([status, stdout], [2, ''])
    }
    const broken = sim(file('broken.json', '{'))
    assert.match(broken.stderr, /^estab: .*broken\.json is not JSON: [^\n]+\n$/)
    assert.equal(broken.status, 2)
    assert.equal(sim('--topology', 'ring').status, 2)
    assert.equal(sim('--seed', '-1').status, 2)
    for (const option of ['--plot', '--pcap']) {
      const { status, stderr } = sim(...SHORT, option, join(scratch, 'no', 'x'))
      assert.match(stderr, /^estab: cannot write .*: ENOENT\n$/)
      assert.equal(status, 1)
    }
  })
})
