import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import {
  CodeContext,
  CodeError,
  type CodeErrorKind,
  checkCode,
  TCP_INFO_CONSTANTS,
  tcpInfoConstants,
  type Value,
} from '../../src/drill/code.js'

const FIELDS: Record<string, Value> = {
  tcpi_state: 1,
  tcpi_snd_cwnd: 9,
  tcpi_rtt: 12_345,
  tcpi_options: 7,
  tcpi_pacing_rate: 2n ** 64n - 1n,
}

function run(text: string, fields = FIELDS, context = new CodeContext(TCP_INFO_CONSTANTS)): string[] {
  return context.run(text, new Map(Object.entries(fields))).printed
}

function refusal(action: () => unknown): CodeError {
  try {
    action()
  } catch (error) {
    assert.ok(error instanceof CodeError, `not a CodeError: ${error}`)
    return error
  }
  return assert.fail('nothing was thrown')
}

suite('code blocks: values', () => {
  const VALUES: [expression: string, printed: string][] = [
    // Integers are exact at any size a counter has.
    ['tcpi_pacing_rate == 0xffffffffffffffff', 'True'],
    ['tcpi_pacing_rate == 0xfffffffffffffffe', 'False'],
    ['0xffffffffffffffff - 1', '18446744073709551614'],
    ['2**53 + 1', '9007199254740993'],
    ['2**53 + 1 == 2.0**53', 'False'],
    ['0X1F, 0o17, 0b101, 1_000', '(31, 15, 5, 1000)'],
    // Division and remainder round down.
    ['7 / 2', '3.5'],
    ['6 / 2', '3.0'],
    ['-7 // 2', '-4'],
    ['-7 % 3, 7 % -3', '(2, -2)'],
    ['-7.5 // 2, -7.5 % 2', '(-4.0, 0.5)'],
    // What binds first.
    ['-2 ** 2', '-4'],
    ['2 ** 3 ** 2', '512'],
    ['2 ** -1', '0.5'],
    ['not 1 == 2', 'True'],
    ['1 | 2 == 2', 'False'],
    ['1 + 2 << 3', '24'],
    ['~5 & 0xff', '250'],
    ['10 - 4 - 3', '3'],
    ['1 or 1 / 0', '1'],
    ['0 and 1 / 0', '0'],
    ["'' or 'last'", 'last'],
    ['1 if 0 else 2 if 0 else 3', '3'],
    // Comparisons.
    ['1 < 2 < 3, 1 < 3 < 2', '(True, False)'],
    ['5000 <= tcpi_rtt <= 20000', 'True'],
    ['3 > 2 > 1 == 1', 'True'],
    ['1 == True, 1 is True, None is None', '(True, False, True)'],
    ['3 in (1, 2), 3 not in [1, 2]', '(False, True)'],
    ["'wnd' in 'cwnd', 'a' < 'b'", '(True, True)'],
    ['(1, 2) < (1, 3), [1] == (1,)', '(True, False)'],
    ["'1' == 1", 'False'],
    // Text.
    ["'cwnd=%d' % tcpi_snd_cwnd", 'cwnd=9'],
    ["'%d of %s, %.2f%%' % (1, 'two', 2.675)", '1 of two, 2.67%'],
    ["'%5d|%-5d|%05d|%+d|%x' % (1, 2, 3, 4, 255)", '    1|2    |00003|+4|ff'],
    ["'a' 'b' + \"c\" * 2", 'abcc'],
    ["'it\\'s' + '\\x41\\n'", "it's" + 'A\n'],
    ["r'\\n'", '\\n'],
    [
      'f"cwnd={tcpi_snd_cwnd} {tcpi_rtt:>8d} {1/3:.3f} {tcpi_state=} {{}}"',
      'cwnd=9    12345 0.333 tcpi_state=1 {}',
    ],
    ["f'{tcpi_rtt == 12345}'", 'True'],
    ["(1, 'a', None, 1.0, [True], ())", "(1, 'a', None, 1.0, [True], ())"],
    ['(1,)', '(1,)'],
    ['1e16, 1e15, 0.0001, 0.00001, 1e22', '(1e+16, 1000000000000000.0, 0.0001, 1e-05, 1e+22)'],
    // Functions.
    ['abs(-3), min(3, 1), max((2, 5)), sum([1, 2]), len("abc")', '(3, 1, 5, 3, 3)'],
    ["int('0x1f', 16), int(-2.9), float('1e3'), hex(255), str(5) + '!'", "(31, -2, 1000.0, '0xff', '5!')"],
    ['round(2.5), round(3.5), round(0.125, 2), round(1234, -2)', '(2, 4, 0.12, 1200)'],
    ['any((0, 1)), all((0, 1)), pow(2, 10)', '(True, False, 1024)'],
    ['range(3)', '[0, 1, 2]'],
    ['(10, 20, 30)[1], [1, 2][-1]', '(20, 2)'],
  ]
  for (const [expression, printed] of VALUES) {
    test(expression, () => assert.deepEqual(run(`v = ${expression}\nprint(v)`), [printed]))
  }
})

suite('code blocks: statements', () => {
  const BLOCKS: [name: string, text: string, printed: string[]][] = [
    ['several on a line', 'a = 1; b = a + 1; print(b);', ['2']],
    [
      'comments, blank lines, continuations',
      '\n# one\na = 1 + \\\n  2\n\n  # two\nprint(a) # three\n',
      ['3'],
    ],
    ['a continuation after a semicolon', ' a = 1; \\\n   print(a);\\\n', ['1']],
    ['lines joined by parentheses', 'print((1 +\n      2))', ['3']],
    ['windows line ends', 'a = 1\r\nprint(a)\r\n', ['1']],
    [
      'augmented assignments',
      'a = 7\na += 3; a -= 1; a *= 2; a //= 5; a **= 2; a |= 16; a <<= 1; print(a)',
      ['50'],
    ],
    ['several targets', 'a = b = 3; c, d = 4, 5; print(a, b, c, d)', ['3 3 4 5']],
    ['if on one line', 'if tcpi_snd_cwnd > 5: print("big"); print("yes")', ['big', 'yes']],
    [
      'if, elif, else',
      'for x in (1, 2, 3):\n  if x == 1:\n    print("one")\n  elif x == 2: print("two")\n  else:\n    print("more")\nprint("end")',
      ['one', 'two', 'more', 'end'],
    ],
    ['a branch not taken', 'if False:\n  print(1)\nprint(2)', ['2']],
    ['a loop over pairs', 'for a, b in ((1, 2), (3, 4)): print(a * b)', ['2', '12']],
    [
      'print of Python 2',
      'print tcpi_snd_cwnd\nprint "cwnd", 1 + 1,\nprint ("%d" % 3)\nprint ("%d") % 4\nprint',
      ['9', 'cwnd 2', '3', '4', ''],
    ],
    ['nothing at all', ' \n # nothing\n', []],
    ['assertions that hold', 'assert True\nassert(tcpi_snd_cwnd == 9), 1 / 0\nassert (0, 0)', []],
  ]
  for (const [name, text, printed] of BLOCKS) test(name, () => assert.deepEqual(run(text), printed))

  test('variables live on from block to block, and a field is what the last block saw', () => {
    const context = new CodeContext(TCP_INFO_CONSTANTS)
    run('cwnd = tcpi_snd_cwnd', { tcpi_snd_cwnd: 10 }, context)
    assert.deepEqual(run('cwnd += 1; print(cwnd, tcpi_snd_cwnd)', { tcpi_snd_cwnd: 12 }, context), ['11 12'])
    assert.deepEqual(run('print(cwnd, tcpi_snd_cwnd)', {}, context), ['11 12'])
  })

  test('a constant may be assigned', () => {
    const context = new CodeContext(TCP_INFO_CONSTANTS)
    run('TCP_INFINITE_SSTHRESH = 5', {}, context)
    assert.deepEqual(run('print(TCP_INFINITE_SSTHRESH)', {}, context), ['5'])
  })

  test('values from outside: whole numbers are integers, arrays tuples', () => {
    assert.deepEqual(run('print(a, b, c, d)', { a: 3, b: 0.5, c: [1, 'x', [null]], d: false }), [
      "3 0.5 (1, 'x', (None,)) False",
    ])
  })
})

suite('code blocks: assertions that fail', () => {
  test('the message has the source, the value of the message, and the names with their values', () => {
    const error = refusal(() => run("x = 1\nassert tcpi_snd_cwnd == 10, 'cwnd=%d' % tcpi_snd_cwnd"))
    assert.equal(error.kind, 'assertion')
    assert.equal(error.line, 1)
    assert.equal(error.message, 'assertion failed: tcpi_snd_cwnd == 10: cwnd=9 (tcpi_snd_cwnd = 9)')
  })

  test('each name once, constants too; a line break in the source is a space', () => {
    const error = refusal(() => run('assert (tcpi_options & TCPI_OPT_SYN_DATA and\n   tcpi_options)'))
    assert.equal(
      error.message,
      'assertion failed: (tcpi_options & TCPI_OPT_SYN_DATA and tcpi_options) (tcpi_options = 7, TCPI_OPT_SYN_DATA = 32)',
    )
  })

  test('what was printed before is kept', () => {
    assert.deepEqual(refusal(() => run('print(1); assert 0; print(2)')).printed, ['1'])
  })
})

suite('code blocks: errors', () => {
  const ERRORS: [text: string, kind: CodeErrorKind, message: RegExp, line?: number][] = [
    ['a = 1\nprint(nowhere)', 'runtime', /name 'nowhere' is not defined/, 1],
    ['\nassert tcpi_no_such_field == 0', 'unsupported', /tcpi_no_such_field/, 1],
    ['assert tcpi_state == TCPI_NO_STATE', 'unsupported', /TCPI_NO_STATE/],
    ['1 / 0', 'runtime', /division by zero/],
    ['1 % 0', 'runtime', /by zero/],
    ["1 + 'a'", 'runtime', /unsupported operand types for \+: 'int' and 'str'/],
    ["1 < 'a'", 'runtime', /'<' not supported/],
    ["'%d %d' % 1", 'runtime', /not enough arguments/],
    ["'%d' % (1, 2)", 'runtime', /not all arguments/],
    ['(1, 2)[2]', 'runtime', /out of range/],
    ['a, b = 1, 2, 3', 'runtime', /unpack/],
    ['max()', 'runtime', /max/],
    ['min = 3; min(1, 2)', 'runtime', /not callable/],
    ['import os', 'unsupported', /'import'/],
    ['a = 1\nfrom os import path', 'unsupported', /'from'/, 1],
    ['def f(): pass', 'unsupported', /'def'/],
    ['while True: pass', 'unsupported', /'while'/],
    ['while (1): pass', 'unsupported', /'while'/],
    ["'a'.upper()", 'unsupported', /attribute '.upper'/],
    ['tcpi_rtt.real', 'unsupported', /attribute 'tcpi_rtt.real'/],
    ['open("/etc/passwd")', 'unsupported', /open\(\)/],
    ['__import__("os")', 'unsupported', /__import__\(\)/],
    ['constructor()', 'unsupported', /constructor\(\)/],
    ['print(1, end="")', 'unsupported', /'end='/],
    ['[x for x in (1, 2)]', 'unsupported', /comprehension/],
    ['all(x > 0 for x in (1, 2))', 'unsupported', /comprehension/],
    ['lambda: 1', 'unsupported', /lambda/],
    ['{1: 2}', 'unsupported', /dictionary/],
    ['a = [1]; a[0] = 2', 'unsupported', /part of a value/],
    ['(1, 2)[0:1]', 'unsupported', /slice/],
    ['print >>f, 1', 'unsupported', /print >>/],
    ['x = min', 'unsupported', /function min/],
    ['assert', 'syntax', /too early/],
    ['assert tcpi_rtt ==\n', 'syntax', /too early/],
    ['a = 1 2', 'syntax', /unexpected/],
    ['a = (1', 'syntax', /never closed/],
    ['a = 1)', 'syntax', /unmatched/],
    ['a = (1]', 'syntax', /does not match/],
    ["a = 'b", 'syntax', /unterminated/],
    ['a = 1\n  b = 2', 'syntax', /unexpected indent/, 1],
    ['if 1:\n    a = 1\n  b = 2', 'syntax', /unindent/, 2],
    ['if 1:\nb = 2', 'syntax', /indented block/],
    ['a = 012', 'syntax', /leading zeros/],
    ['a = 1x', 'syntax', /invalid number/],
    ['1 = a', 'syntax', /cannot assign/],
    ['True = 1', 'syntax', /cannot assign/],
    ['a = $b', 'syntax', /invalid character/],
    ['1 + not 2', 'syntax', /unexpected/],
    ['a = f"{b"', 'syntax', /f-string/],
    ['a \\ b', 'syntax', /continuation/],
    [`${'('.repeat(5000)}1${')'.repeat(5000)}`, 'syntax', /nested/],
    [`${'-'.repeat(5000)}1`, 'syntax', /nested/],
    [`1${'+1'.repeat(5000)}`, 'syntax', /nested/],
    [`1${' if 1 else 1'.repeat(5000)}`, 'syntax', /nested/],
  ]
  for (const [text, kind, message, line] of ERRORS) {
    test(`${kind}: ${JSON.stringify(text.slice(0, 40))}`, () => {
      const error = refusal(() => run(text))
      assert.equal(error.kind, kind, error.message)
      assert.match(error.message, message)
      if (line !== undefined) assert.equal(error.line, line)
      // What can be told from the text is told before anything runs.
      const early =
        kind === 'syntax' || (kind === 'unsupported' && !/known here|as a value/.test(error.message))
      if (early) assert.equal(refusal(() => checkCode(text)).message, error.message)
      else checkCode(text)
    })
  }

  const ENDLESS: [name: string, text: string][] = [
    ['loops in loops', 'for a in range(1000):\n  for b in range(1000):\n    for c in range(1000): a + b'],
    ['a tower of powers', 'a = 10 ** 10 ** 10'],
    ['a power of one bit', 'a = 2 ** 10000000'],
    ['a shift', 'a = 1 << 10**9'],
    ['squares', 'a = 3\nfor i in range(100): a *= a'],
    ['a long range', 'range(10**12)'],
    ['a long string', "a = 'a' * 10**9"],
    ['a doubled string', "a = 'a'\nfor i in range(100): a += a"],
    ['a wide format', "a = '%999999999d' % 1"],
    ['a precise format', "a = '%.999999999f' % 1"],
    ['a wide f-string', "a = f'{1:999999999d}'"],
    ['a long list', 'a = [0] * 10**9'],
    ['a list of lists of lists', 'a = (1, 1)\nfor i in range(100): a = (a, a)'],
    ['a list deeper and deeper', 'a = ()\nfor i in range(1000): a = (a,)\nprint(a)'],
  ]
  for (const [name, text] of ENDLESS) {
    test(`no end of work: ${name}`, () => {
      const error = refusal(() => run(text))
      assert.equal(error.kind, 'runtime')
      assert.match(error.message, /more than|stopped after/)
    })
  }
})

suite('code blocks: checkCode', () => {
  test('tells which names a block reads', () => {
    const text =
      'cwnd = tcpi_snd_cwnd\nassert min(cwnd, 3) == 3, f"{tcpi_rtt} {other!r}"\nlimit += 1\nfor i in (x,): print(i)'
    assert.deepEqual([...checkCode(text).reads].sort(), [
      'cwnd',
      'i',
      'limit',
      'other',
      'tcpi_rtt',
      'tcpi_snd_cwnd',
      'x',
    ])
  })
})

suite('code blocks: constants', () => {
  const linux = tcpInfoConstants('linux')
  const freebsd = tcpInfoConstants('freebsd')
  const TABLE: [name: string, linux: Value | undefined, freebsd: Value | undefined][] = [
    ['TCP_ESTABLISHED', 1, 4],
    ['TCPI_ESTABLISHED', 1, 4],
    ['TCPS_ESTABLISHED', 1, 4],
    ['TCP_SYN_RECV', 3, 3],
    ['TCPI_SYN_RECEIVED', 3, 3],
    ['TCP_FIN_WAIT1', 4, 6],
    ['TCPI_FIN_WAIT_1', 4, 6],
    ['TCPI_FIN_WAIT_2', 5, 9],
    ['TCP_TIME_WAIT', 6, 10],
    ['TCP_CLOSE', 7, 0],
    ['TCPI_CLOSED', 7, 0],
    ['TCP_CLOSE_WAIT', 8, 5],
    ['TCP_LAST_ACK', 9, 8],
    ['TCP_LISTEN', 10, 1],
    ['TCP_CLOSING', 11, 7],
    ['TCP_CA_Open', 0, 0],
    ['TCP_CA_CWR', 2, 2],
    ['TCP_CA_Loss', 4, 4],
    ['TCPI_OPT_TIMESTAMPS', 1, 1],
    ['TCPI_OPT_SACK', 2, 2],
    ['TCPI_OPT_WSCALE', 4, 4],
    ['TCPI_OPT_ECN', 8, 8],
    ['TCPI_OPT_SYN_DATA', 32, 32],
    ['TCPI_OPT_ECN_SEEN', 16, undefined],
    ['TCPI_OPT_TOE', undefined, 16],
    ['TCP_INFINITE_SSTHRESH', 0x7fffffff, 0x7fffffff],
  ]
  for (const [name, onLinux, onFreebsd] of TABLE) {
    test(name, () => {
      assert.equal(linux.get(name), onLinux)
      assert.equal(freebsd.get(name), onFreebsd)
    })
  }
  test('every state has a number of its own in each dialect', () => {
    for (const constants of [linux, freebsd]) {
      const numbers = [...constants].filter(([name]) => /^TCPS_/.test(name)).map(([, number]) => number)
      assert.equal(new Set(numbers).size, 11)
    }
  })
})

suite('code blocks: random', () => {
  /** An expression in Python's words, and what it comes to. */
  const arithmetic = fc.letrec<{ e: { text: string; value: bigint } }>(tie => ({
    e: fc.oneof(
      { maxDepth: 6 },
      fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(value => ({ text: `(${value})`, value })),
      fc
        .tuple(tie('e'), fc.constantFrom('+', '-', '*', '//', '%', '&', '|', '^', '>>'), tie('e'))
        .map(([a, operator, b]) => {
          const floor = (x: bigint, y: bigint) => (x - (((x % y) + y) % y)) / y
          const divisor = b.value === 0n ? 1n : b.value
          const right =
            operator === '//' || operator === '%' ? { text: `(${b.text} or 1)`, value: divisor } : b
          const bits = BigInt.asUintN(6, b.value)
          const value = {
            '+': a.value + b.value,
            '-': a.value - b.value,
            '*': a.value * b.value,
            '//': floor(a.value, divisor),
            '%': a.value - floor(a.value, divisor) * divisor,
            '&': a.value & b.value,
            '|': a.value | b.value,
            '^': a.value ^ b.value,
            '>>': a.value >> bits,
          }[operator] as bigint
          return {
            text: `(${a.text} ${operator} ${operator === '>>' ? `(${b.text} & 63)` : right.text})`,
            value,
          }
        }),
    ),
  })).e

  test('integer arithmetic is that of whole numbers', () => {
    fc.assert(
      fc.property(arithmetic, ({ text, value }) => {
        assert.deepEqual(run(`print(${text})`), [String(value)])
        run(`assert ${text} == ${value}`)
      }),
      { seed: 11, numRuns: 400 },
    )
  })

  const WORDS =
    `a b 1 0x7 2.5 'c' "d" f'{a}' ( ) [ ] { } , : ; = == != < <= + - * / // % ** << >> & | ^ ~ . += if elif else
    for in not and or is assert print import lambda def True None range min len # \\ @ := ...`.split(/\s+/)
  const soup = fc
    .array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(' ', '\n', '\n  ', '\t', '\\\n')), {
      maxLength: 25,
    })
    .map(words => words.join(' ').replaceAll('\n ', '\n'))
  const text = fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }))

  test('any text is refused with a CodeError or runs', () => {
    fc.assert(
      fc.property(text, source => {
        let checked: CodeError | undefined
        try {
          checkCode(source)
        } catch (error) {
          assert.ok(error instanceof CodeError, `${JSON.stringify(source)}: ${error}`)
          assert.ok(error.kind === 'syntax' || error.kind === 'unsupported', error.kind)
          assert.ok(error.line >= 0 && error.line <= source.split(/\r\n|\r|\n/).length)
          checked = error
        }
        try {
          run(source, { a: 3, b: -2 })
        } catch (error) {
          assert.ok(error instanceof CodeError, `${JSON.stringify(source)}: ${error}`)
          if (checked) assert.equal(error.message, checked.message)
          else assert.notEqual(error.kind, 'syntax')
          return
        }
        assert.equal(checked, undefined, `${JSON.stringify(source)} was refused, yet runs`)
      }),
      { seed: 12, numRuns: 5000 },
    )
  })
})
