import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { seriesCsv } from '../../src/lab/page/congestion/csv.js'
import { readSetup, SetupError, writeSetup } from '../../src/lab/page/congestion/link.js'
import { play, type Result } from '../../src/lab/page/congestion/outcome.js'
import { PRESETS, presetOf } from '../../src/lab/page/congestion/presets.js'
import { sayBadLink, sayProblem } from '../../src/lab/page/congestion/say.js'
import {
  CONTROLLER_NAMES,
  check,
  commandOf,
  DEFAULT,
  describe as describeSetup,
  QUEUES,
  queueBytes,
  type Setup,
  UNITS,
} from '../../src/lab/page/congestion/setup.js'
import { averaged, stacked, thin } from '../../src/lab/page/congestion/thin.js'
import { CONGESTION_WORDS } from '../../src/lab/page/congestion/words-congestion.js'
import { readDescription } from '../../src/sim/index.js'

const read = (setup: Setup) =>
  readDescription(describeSetup(setup), {
    controllers: CONTROLLER_NAMES,
    loadTrace: () => assert.fail('no file is wanted'),
  })

/** Microseconds, in ms. */
const times = (from: number, to: number) =>
  fc.integer({ min: from * 1000, max: to * 1000 }).map(us => us / 1000)
const probabilities = fc.oneof(
  fc.constant(0),
  fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
  fc.integer({ min: 1, max: 500 }).map(n => n / 1000),
)

const setups: fc.Arbitrary<Setup> = fc
  .record({
    rtt: times(1, 1000),
    rate: fc.oneof(
      fc.integer({ min: 1e5, max: 1e9 }),
      fc.integer({ min: 1, max: 1000 }).map(mbit => mbit * 1e6),
    ),
    queue: fc.record({
      kind: fc.constantFrom(...QUEUES),
      amount: fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 1e-3, max: 100, noNaN: true })),
      unit: fc.constantFrom(...UNITS),
    }),
    ecn: fc.boolean(),
    pacing: fc.boolean(),
    loss: probabilities,
    reorder: probabilities,
    flows: fc.array(
      fc
        .record({
          controller: fc.constantFrom(...CONTROLLER_NAMES),
          start: fc.oneof(fc.constant(0), times(0, 1000)),
          rtt: fc.option(times(1, 1000), { nil: undefined }),
        })
        .map(({ rtt, ...flow }) => ({ ...flow, ...(rtt === undefined ? {} : { rtt }) })),
      { minLength: 1, maxLength: 8 },
    ),
    duration: times(1000, 120_000),
    seed: fc.oneof(fc.nat(), fc.maxSafeNat()),
    window: fc.option(fc.tuple(times(0, 500), times(501, 1000)), { nil: undefined }),
  })
  .map(({ window, queue, ...setup }) => ({
    ...setup,
    queue: { ...queue },
    ...(window === undefined ? {} : { window }),
  }))
  .filter(setup => check(setup).length === 0)

describe('the lab: a setup of the page on congestion', () => {
  it('comes back from its link as it was', () => {
    fc.assert(
      fc.property(setups, setup => {
        const link = writeSetup(setup)
        assert.deepEqual(readSetup(link), setup)
        assert.equal(writeSetup(readSetup(link)), link)
      }),
    )
  })

  it('is what the address bar shows, letter for letter', () => {
    fc.assert(
      fc.property(setups, setup => {
        const link = writeSetup(setup)
        assert.equal(new URL(`http://lab/#/congestion?${link}`).hash, `#/congestion?${link}`)
      }),
    )
  })

  it('is what estab sim understands it to be', () => {
    fc.assert(
      fc.property(setups, setup => {
        const plan = read(setup)
        const { there } = plan
        assert.equal(there.rate, setup.rate)
        assert.equal(there.queue, queueBytes(setup))
        assert.equal(there.aqm?.kind ?? 'droptail', setup.queue.kind)
        assert.equal(there.loss ?? 0, setup.loss)
        assert.equal(there.reorder ?? 0, setup.reorder)
        assert.deepEqual([plan.ecn, plan.pacing, plan.seed], [setup.ecn, setup.pacing, setup.seed])
        assert.equal(plan.duration, setup.duration)
        assert.deepEqual(plan.window, setup.window ?? [0, setup.duration])
        assert.deepEqual(
          plan.flows.map(({ controller, start, rtt }) => ({ controller, start, rtt })),
          setup.flows.map(({ controller, start, rtt }) => ({ controller, start, rtt: rtt ?? setup.rtt })),
        )
        assert.ok(plan.duration / plan.sample <= 1001)
      }),
    )
  })

  it('is read as people write it, too', () => {
    const setup = readSetup('rtt=100&rate=50e6&queue=1bdp&flows=cubic,bbr@5s&loss=1%')
    assert.equal(setup.rtt, 100)
    assert.equal(setup.rate, 50e6)
    assert.equal(setup.loss, 0.01)
    assert.deepEqual(setup.flows, [
      { controller: 'cubic', start: 0 },
      { controller: 'bbr', start: 5000 },
    ])
    assert.equal(setup.duration, DEFAULT.duration)
    assert.deepEqual(readSetup('queue=codel').queue, { kind: 'codel', amount: 1000, unit: 'pkts' })
    assert.deepEqual(readSetup('queue=red:2bdp').queue, { kind: 'red', amount: 2, unit: 'bdp' })
    assert.deepEqual(readSetup('queue=64kib').queue, { kind: 'droptail', amount: 65.536, unit: 'kb' })
    assert.deepEqual(readSetup('queue=250000').queue, { kind: 'droptail', amount: 250, unit: 'kb' })
    assert.deepEqual(readSetup(''), DEFAULT)
  })

  const bad: [link: string, key: string, en: RegExp, zh: RegExp][] = [
    ['speed=5', 'speed', /there is no “speed”/, /没有“speed”/],
    ['rtt=50ms&rtt=60ms', 'rtt', /said twice/, /出现了两次/],
    ['rtt=fast', 'rtt', /“fast” is no value of rtt/, /“fast”不是 rtt 的值/],
    ['rtt=1.2.3', 'rtt', /“1.2.3” is no value/, /不是/],
    ['rtt=-5', 'rtt', /no value/, /不是/],
    ['rtt=5s', 'rtt', /must be 1 ms to 1000 ms/, /须在 1 ms 到 1000 ms 之间/],
    ['rate=5', 'rate', /0.1 Mbit\/s to 1000/, /须在/],
    ['rate=1gbit&rtt=1s', 'rate', /32 MB/, /32 MB/],
    ['queue=big', 'queue', /no value of queue/, /不是 queue 的值/],
    ['queue=10b', 'queue', /one packet/, /一个分组/],
    ['queue=1000bdp', 'queue', /64 MB at most/, /至多 64 MB/],
    ['loss=2', 'loss', /no value of loss/, /不是 loss 的值/],
    ['loss=0.9', 'loss', /0 to 50 %/, /0 到 50 %/],
    ['flows=vegas', 'flows', /cubic, bbr, bbr1, reno/, /cubic, bbr, bbr1, reno/],
    ['flows=', 'flows', /no value/, /不是/],
    [`flows=${Array.from({ length: 9 }, () => 'reno').join()}`, 'flows', /1 to 8 flows/, /1 到 8 条流/],
    ['flows=cubic@90s', 'flows', /flow 1 must start before the end/, /流 1 须在结束之前开始/],
    ['rate=1mbit&flows=cubic,reno~9s', 'flows', /flow 2: RTT/, /流 2：RTT/],
    ['duration=1h', 'duration', /1 s to 120 s/, /1 s 到 120 s/],
    ['seed=1.5', 'seed', /no value of seed/, /不是 seed 的值/],
    ['seed=99999999999999999999', 'seed', /must be 0 to/, /须在 0 到/],
    ['window=5s-2s', 'window', /first before the second/, /先后两个时刻/],
    ['window=5s', 'window', /no value of window/, /不是 window 的值/],
    ['ecn=maybe', 'ecn', /no value of ecn/, /不是 ecn 的值/],
  ]
  for (const [link, key, en, zh] of bad)
    it(`says what is wrong with ${link.slice(0, 40)}`, () => {
      assert.throws(
        () => readSetup(link),
        error => {
          assert.ok(error instanceof SetupError)
          assert.equal(error.key, key)
          assert.match(sayBadLink('en', error), en)
          assert.match(sayBadLink('zh', error), zh)
          return true
        },
      )
    })

  it('never takes anything at all for a setup that cannot be played', () => {
    const keys = [...Object.keys(DEFAULT), 'window', 'x']
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...keys), fc.string())), pairs => {
        try {
          const setup = readSetup(new URLSearchParams(pairs).toString())
          assert.deepEqual(check(setup), [])
          read(setup)
        } catch (error) {
          assert.ok(error instanceof SetupError, String(error))
        }
      }),
    )
  })

  it('has words for all that can be wrong while it is typed', () => {
    const nan = Number.NaN
    const typed: Partial<Setup>[] = [
      { rtt: nan },
      { rate: nan },
      { seed: 1.5 },
      { queue: { kind: 'droptail', amount: nan, unit: 'bdp' } },
      { loss: nan },
      { duration: nan },
      { flows: [] },
      { flows: [{ controller: 'cubic', start: nan }] },
      { window: [nan, 5] },
    ]
    for (const part of typed) {
      const [problem] = check({ ...DEFAULT, ...part })
      assert.ok(problem, JSON.stringify(part))
      for (const language of ['en', 'zh'] as const)
        assert.doesNotMatch(sayProblem(language, problem), /undefined|\{\d\}/)
    }
  })
})

describe('the lab: examples of the page on congestion', () => {
  it('can be played, come back from their links, and are told from each other', () => {
    for (const preset of PRESETS) {
      assert.deepEqual(check(preset.setup), [], preset.name)
      assert.deepEqual(readSetup(writeSetup(preset.setup)), preset.setup)
      assert.equal(presetOf(preset.setup), preset)
      for (const text of [...preset.title, ...preset.about]) assert.ok(text.length > 0)
    }
    assert.equal(presetOf({ ...DEFAULT, seed: 2 }), undefined)
  })

  const flowsOf = (name: string): Result => {
    const { setup } = PRESETS.find(preset => preset.name === name)!
    return play(describeSetup(setup), () => {}).result
  }
  it('show what they say', () => {
    const [bloat, codel] = [flowsOf('bufferbloat'), flowsOf('codel')]
    assert.ok(bloat.flows.every(({ rtt }) => rtt.p50! > 390 && rtt.p50! < 410))
    assert.ok(codel.flows.every(({ rtt }) => rtt.p99! < 57))
    assert.ok(codel.hops[0]!.utilisation! > 0.96)
    const [near, far] = flowsOf('rtt').flows
    assert.ok(Math.abs(near!.goodput! / far!.goodput! - 6.5) < 0.5)
    const ecn = flowsOf('ecn')
    assert.ok(ecn.hops[0]!.dropped === 0 && ecn.flows.every(flow => flow.retransmissions === 0))
    const [cubic, bbr] = flowsOf('bbr').flows
    assert.ok(bbr!.goodput! > cubic!.goodput!)
  })
})

describe('the lab: the command that plays the same', () => {
  const directory = mkdtempSync(join(tmpdir(), 'estab-congestion-'))
  after(() => rmSync(directory, { recursive: true, force: true }))
  const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
  const small = { rate: 5e6, duration: 4000 }
  const cases: [string, Partial<Setup>][] = [
    ['one flow', {}],
    [
      'CoDel, ECN, loss, reordering, pacing, a window',
      {
        queue: { kind: 'codel', amount: 2, unit: 'bdp' },
        ecn: true,
        pacing: true,
        loss: 0.011,
        reorder: 0.007,
        seed: 7,
        window: [500, 1500],
        flows: [
          { controller: 'cubic', start: 0 },
          { controller: 'bbr', start: 750 },
        ],
      },
    ],
    [
      'round trips of their own',
      {
        queue: { kind: 'red', amount: 60, unit: 'kb' },
        flows: [
          { controller: 'reno', start: 0, rtt: 20 },
          { controller: 'cubic', start: 100.5 },
        ],
      },
    ],
  ]
  for (const [title, part] of cases)
    it(`gives the same to the last digit: ${title}`, () => {
      const setup: Setup = { ...DEFAULT, ...small, ...part }
      assert.deepEqual(check(setup), [])
      const command = commandOf(setup).replace('npx estab', `'${process.execPath}' '${main}'`)
      const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', `${command} --json`], {
        cwd: directory,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      })
      assert.equal(status, 0, stderr)
      assert.equal(stdout, `${JSON.stringify(play(describeSetup(setup), () => {}).result)}\n`)
    })
})

describe('the lab: thinning', () => {
  const numbers = fc.array(fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.nat(1e6)), { maxLength: 500 })
  it('keeps points as they are, in their order, and one for each place where there were any', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 300 }), (list, most) => {
        const points = list.toSorted((a, b) => a[0] - b[0])
        const frame = { t: [0, 1000], y: [0, 1e6] } as const
        const kept = thin(
          points.map(p => p[0]),
          points.map(p => p[1]),
          frame,
          most,
        )
        assert.equal(kept.of, points.length)
        assert.ok(kept.t.length <= most)
        assert.equal(kept.t.length === 0, points.length === 0)
        let next = 0
        for (let i = 0; i < kept.t.length; i++) {
          const found = points.findIndex((p, k) => k >= next && p[0] === kept.t[i] && p[1] === kept.y[i])
          assert.ok(found >= next)
          next = found + 1
        }
      }),
    )
  })
  it('leaves out only what lies on a point that is kept', () => {
    const t = Array.from({ length: 5000 }, (_, i) => i / 5)
    const y = t.map(x => 500 + 500 * Math.sin(x))
    const kept = thin(t, y, { t: [0, 1000], y: [0, 1000] }, 10_000)
    for (let i = 0; i < t.length; i++) {
      const near = kept.t.some((x, k) => Math.abs(x - t[i]!) <= 1 && Math.abs(kept.y[k]! - y[i]!) <= 2)
      assert.ok(near, `${t[i]} ${y[i]}`)
    }
  })
  it('bears points that are all in one place', () => {
    const kept = thin([5, 5, 5], [1, 1, 1], { t: [5, 5], y: [1, 1] })
    assert.deepEqual([kept.t.length, kept.of], [1, 3])
  })
  it('averages what is known', () => {
    assert.deepEqual(averaged([1, 2, 3, 4, 5], [null, 4, 6, null, null], 2), {
      t: [2, 4, 5],
      values: [4, 6, null],
    })
  })
  it('stacks', () => {
    assert.deepEqual(
      stacked([
        [1, null, 3],
        [1, 1, null],
      ]),
      [
        [1, 0, 3],
        [2, 1, 3],
      ],
    )
  })
})

describe('the lab: what the page on congestion keeps and sends', () => {
  const { result, sequences } = play(
    describeSetup({ ...DEFAULT, rate: 20e6, loss: 0.02, duration: 20_000 }),
    () => {},
  )
  it('is no larger than can be seen', () => {
    assert.ok(result.t.length <= 1001)
    for (const sequence of sequences)
      for (const { t, y } of Object.values(sequence)) {
        assert.equal(t.length, y.length)
        assert.ok(t.length <= 2000)
      }
    assert.equal(sequences[0]!.retransmitted.of, result.flows[0]!.retransmissions)
  })
  it('is a row for each sample as CSV', () => {
    const [head, ...rows] = seriesCsv(result).trimEnd().split('\n')
    assert.equal(
      head,
      't_ms,flow1_cubic_goodput_bps,flow1_cubic_cwnd_bytes,flow1_cubic_ssthresh_bytes,flow1_cubic_srtt_ms,flow1_cubic_rttMin_ms,flow1_cubic_rttMax_ms,flow1_cubic_retransmissions_segments,hop1_queue_bytes',
    )
    assert.equal(rows.length, result.t.length)
    const last = rows.at(-1)!.split(',')
    assert.equal(last.length, 9)
    assert.equal(last[2], String(result.flows[0]!.series.cwnd.at(-1)))
  })
  it('tells how far it is', () => {
    const told: number[] = []
    play(describeSetup({ ...DEFAULT, rate: 1e6, duration: 2000 }), now => told.push(now))
    assert.equal(told.at(-1), 2000)
    assert.ok(told.length > 100)
  })
})

describe('the lab: words of the page on congestion', () => {
  it('are in both languages, with the same gaps', () => {
    const gaps = (text: string) => [...text.matchAll(/\{\d\}/g)].map(String).sort()
    for (const [name, [en, zh]] of Object.entries(CONGESTION_WORDS)) {
      assert.ok(en.length > 0 && zh.length > 0, name)
      assert.deepEqual(gaps(en), gaps(zh), name)
    }
  })
})
