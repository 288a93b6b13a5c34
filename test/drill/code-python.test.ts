import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { CodeContext, CodeError } from '../../src/drill/code.js'

/** Code blocks against Python itself: random expressions must come to the same text, or fail in both. */

const PYTHON = `
import sys, json, warnings
warnings.simplefilter('ignore')
def value(source):
    try:
        result = eval(source, {'x': 9, 'y': -7, 'big': 2**64 - 1, 'z': 2.5})
        return None if isinstance(result, complex) else str(result)
    except Exception as error:
        return None
json.dump([value(source) for source in json.load(sys.stdin)], sys.stdout)
`
const hasPython = spawnSync('python3', ['-c', 'import json']).status === 0
const skip = hasPython ? false : 'python3 is not installed'

function python(sources: readonly string[]): (string | null)[] {
  const run = spawnSync('python3', ['-c', PYTHON], {
    input: JSON.stringify(sources),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  assert.equal(run.status, 0, run.stderr)
  return JSON.parse(run.stdout)
}

/** What the evaluator makes of an expression; undefined if it is over a limit that Python does not have. */
function ours(source: string): string | null | undefined {
  const fields = new Map<string, number | bigint>([
    ['x', 9],
    ['y', -7],
    ['big', 2n ** 64n - 1n],
    ['z', 2.5],
  ])
  try {
    return new CodeContext(new Map()).run(`print(${source})`, fields).printed[0]
  } catch (error) {
    assert.ok(error instanceof CodeError, `${source}: ${error}`)
    return /more than|is not supported/.test(error.message) ? undefined : null
  }
}

const { expression } = fc.letrec<Record<'expression' | 'small' | 'string', string>>(tie => {
  const within = { maxDepth: 5, withCrossShrink: true }
  const small = fc.oneof(
    fc.integer({ min: -3, max: 12 }).map(String),
    fc.constantFrom('0.5', '-1.5', 'True', 'x'),
  )
  const atom = fc.oneof(
    fc.integer({ min: -40, max: 40 }).map(n => `(${n})`),
    fc.bigInt({ min: 0n, max: 2n ** 70n }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }).map(n => `(${n})`),
    fc.constantFrom(
      'x',
      'y',
      'z',
      'big',
      'True',
      'False',
      'None',
      '0xff',
      '1e3',
      '0.1',
      '2.5',
      '-0.0',
      '1_000',
      '0b11',
    ),
  )
  const string = fc.constantFrom(
    "'cwnd'",
    '"it\'s"',
    "''",
    "'a\\tb' 'c'",
    "'\\\\'",
    "f'{x}'",
    "f'{z!r:>5}={y}'",
    "f'{{{x:04d}}}'",
  )
  const format = fc.tuple(
    fc.constantFrom('', '-', '0', '+', ' ', '#', '-0', '+0'),
    fc.constantFrom('', '1', '6'),
    fc.constantFrom('', '.0', '.2', '.7', '.'),
    fc.constantFrom('d', 'i', 's', 'r', 'x', 'X', 'o', 'f', 'e', 'g', 'G', 'u', 'c'),
  )
  const specification = fc.tuple(
    fc.constantFrom('', '<', '>', '^', '=', '*^', '0='),
    fc.constantFrom('', '+', ' '),
    fc.constantFrom('', '0', '4', '07', '12'),
    fc.constantFrom('', '.0', '.1', '.3'),
    fc.constantFrom('', 'd', 'f', 'e', 'g', 'x', 'b', '%', 's', 'X', 'o'),
  )
  const e = tie('expression')
  return {
    small,
    string,
    expression: fc.oneof(
      within,
      { arbitrary: atom, weight: 4 },
      { arbitrary: string, weight: 1 },
      {
        arbitrary: fc
          .tuple(e, fc.constantFrom('+', '-', '*', '/', '//', '%', '&', '|', '^'), e)
          .map(([a, o, b]) => `(${a} ${o} ${b})`),
        weight: 5,
      },
      // Without parentheses, so that it is seen which operator binds first.
      {
        arbitrary: fc
          .array(
            fc.tuple(
              fc.constantFrom(
                '+',
                '-',
                '*',
                '//',
                '%',
                '&',
                '|',
                '^',
                '<',
                '==',
                'and',
                'or',
                'in',
                '!=',
                'and not',
              ),
              fc.constantFrom('x', 'y', '3', '-2', '~x', '(1, 9)', '2**-1', '-x**2'),
            ),
            { minLength: 2, maxLength: 5 },
          )
          .map(list => `(y ${list.map(pair => pair.join(' ')).join(' ')})`),
        weight: 3,
      },
      {
        arbitrary: fc.tuple(e, fc.constantFrom('<<', '>>'), small).map(([a, o, b]) => `(${a}) ${o} (${b})`),
        weight: 2,
      },
      {
        arbitrary: fc
          .tuple(
            e,
            fc.constantFrom('<', '<=', '==', '!=', '>', '>=', 'in', 'not in'),
            e,
            fc.constantFrom('<', '>=', '=='),
            e,
          )
          .map(([a, o, b, p, c]) => `((${a}) ${o} (${b}) ${p} (${c}))`),
        weight: 2,
      },
      {
        arbitrary: fc.tuple(e, fc.constantFrom('and', 'or'), e).map(([a, o, b]) => `(${a} ${o} not ${b})`),
        weight: 1,
      },
      { arbitrary: fc.tuple(e, e, e).map(([a, b, c]) => `(${a} if ${b} else ${c})`), weight: 1 },
      // Powers of integers only: the last digit of a float's is not the same everywhere.
      {
        arbitrary: fc
          .tuple(fc.constantFrom('x', 'y', '(3)', 'big', 'True', '0'), fc.integer({ min: 0, max: 12 }))
          .map(([a, n]) => `(${a} ** ${n}, pow(${a}, ${n}))`),
        weight: 1,
      },
      { arbitrary: fc.tuple(fc.constantFrom('-', '+', '~'), e).map(([o, a]) => `${o}(${a})`), weight: 1 },
      { arbitrary: fc.array(e, { maxLength: 3 }).map(list => `[${list.join(', ')}]`), weight: 1 },
      {
        arbitrary: fc.array(e, { minLength: 1, maxLength: 3 }).map(list => `(${list.join(', ')},)`),
        weight: 1,
      },
      {
        arbitrary: fc
          .tuple(
            fc.constantFrom(
              'abs',
              'int',
              'float',
              'str',
              'hex',
              'round',
              'sum',
              'any',
              'all',
              'len',
              'min',
              'max',
              'bool',
              'repr',
            ),
            e,
          )
          .map(([f, a]) => `${f}(${a})`),
        weight: 2,
      },
      {
        arbitrary: fc
          .tuple(fc.constantFrom('min', 'max', 'round'), e, small)
          .map(([f, a, b]) => `${f}(${a}, ${b})`),
        weight: 2,
      },
      { arbitrary: fc.tuple(format, e).map(([f, a]) => `('%${f.join('')}' % (${a},))`), weight: 2 },
      {
        arbitrary: fc
          .tuple(specification, e)
          .map(([s, a]) => (/["'{}\\!:\n]/.test(a) ? a : `f'{${a}:${s.join('')}}'`)),
        weight: 2,
      },
      { arbitrary: fc.tuple(e, fc.integer({ min: -2, max: 2 })).map(([a, i]) => `(${a})[${i}]`), weight: 1 },
    ),
  }
})

suite('code blocks against Python', { skip }, () => {
  test('random expressions', () => {
    const seed = Number(process.env['ESTAB_SEED'] ?? 20_260_801)
    const sources = fc.sample(expression, { seed, numRuns: Number(process.env['ESTAB_RUNS'] ?? 3000) })
    const expected = python(sources)
    let compared = 0
    sources.forEach((source, i) => {
      const got = ours(source)
      if (got === undefined) return
      assert.equal(got, expected[i], `seed ${seed}: ${source}`)
      if (got !== null) compared++
    })
    assert.ok(compared > sources.length / 4, `only ${compared} of ${sources.length} had a value`)
  })
})
