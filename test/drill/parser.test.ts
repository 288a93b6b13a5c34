import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { expressionText } from '../../src/drill/expression.js'
import {
  type Action,
  parseScript,
  type ScriptEvent,
  ScriptSyntaxError,
  type TcpSpec,
} from '../../src/drill/index.js'
import { ACK, CWR, ECE, FIN, PSH, SYN, URG } from '../../src/wire/tcp.js'

const event = (text: string, definitions?: [string, string][]): ScriptEvent =>
  parseScript('t.pkt', text, new Map(definitions)).events[0]!

const action = <K extends Action['kind']>(text: string, kind: K): Extract<Action, { kind: K }> => {
  const { action: found } = event(text)
  assert.equal(found.kind, kind)
  return found as Extract<Action, { kind: K }>
}

const segment = (text: string): TcpSpec => {
  const found = action(text, 'packet').segment
  assert.equal(found.kind, 'tcp')
  return found as TcpSpec
}

function fails(text: string, line: number, column: number, message: RegExp): void {
  assert.throws(
    () => parseScript('t.pkt', text),
    (error: unknown) => {
      assert.ok(error instanceof ScriptSyntaxError, String(error))
      assert.match(error.message, message)
      assert.deepEqual([error.line, error.column], [line, column], error.message)
      return true
    },
  )
}

describe('times', () => {
  for (const [text, time] of [
    ['0 close(3) = 0', { kind: 'absolute', at: 0 }],
    ['1.5 close(3) = 0', { kind: 'absolute', at: 1_500_000 }],
    ['+.1 close(3) = 0', { kind: 'relative', at: 100_000 }],
    ['+ 0.02 close(3) = 0', { kind: 'relative', at: 20_000 }],
    ['+0 > . 1:1(0) ack 1', { kind: 'relative', at: 0 }],
    ['+.1~+.15 > . 1:1(0) ack 1', { kind: 'relative-range', at: 100_000, end: 150_000 }],
    ['1~1.5 > . 1:1(0) ack 1', { kind: 'absolute-range', at: 1_000_000, end: 1_500_000 }],
    ['* > . 1:1(0) ack 1', { kind: 'any' }],
  ] as const)
    it(text, () => assert.deepEqual(event(text).time, time))

  it('a blocking call says when it returns', () => {
    assert.equal(action('+0...0.2 accept(3, ..., ...) = 4', 'call').returns, 200_000)
    assert.equal(action('1.00...6.00 connect(3, ..., ...) = -1 ETIMEDOUT (x)', 'call').returns, 6_000_000)
    assert.equal(action('+.002 ... 0.004 connect(3, ..., ...) = 0', 'call').returns, 4000)
  })

  it('only packets of the stack come at any time or in a range', () => {
    fails('* < . 1:1(0) ack 1', 1, 3, /only a packet from the stack/)
    fails('+0~+1 close(3) = 0', 1, 7, /only a packet from the stack/)
    fails('+2~+1 > . 1:1(0)', 1, 7, /ends before it begins/)
    fails('+2~3 > . 1:1(0)', 1, 4, /both ends/)
  })
})

describe('segments', () => {
  it('everything at once', () => {
    const text =
      '+0 < [ect0] SEW 4294967295:9(10) ack 7 win 257 urg 3 <mss 1460,nop,wscale 7,sackOK,TS val 1 ecr 2,eol>'
    const spec = segment(text)
    assert.equal(spec.flags, SYN | ECE | CWR)
    assert.deepEqual([spec.seq, spec.length, spec.ack, spec.window, spec.urgent], [0xffffffff, 10, 7, 257, 3])
    assert.deepEqual(spec.options === 'any' ? [] : spec.options.map(o => o.kind), [
      'mss',
      'nop',
      'wscale',
      'sackOK',
      'TS',
      'eol',
    ])
    assert.equal(action(text, 'packet').ip.ecn, 2)
  })

  it('flags in any order, a dot for ACK, a dash for none', () => {
    assert.equal(segment('+0 > FP. 1:1(0) ack 1').flags, FIN | PSH | ACK)
    assert.equal(segment('+0 > .FP 1:1(0) ack 1').flags, FIN | PSH | ACK)
    assert.equal(segment('+0 < F  . 1:1(0) ack 1').flags, FIN | ACK)
    assert.equal(segment('+0 < - 1:1(0)').flags, 0)
    assert.equal(segment('+0 < U. 1:2(1) ack 1 urg 1').flags, URG | ACK)
  })

  it('what is not said is not checked', () => {
    const spec = segment('+0 > . 1:1(0) ack 1 <...>')
    assert.equal(spec.window, undefined)
    assert.equal(spec.options, 'any')
    assert.equal(segment('+0 > R ...(0)').sequence, 'any')
    assert.equal(segment('+0 > R. 0:0(0)! ack 1').sequence, 'absolute')
  })

  it('SACK blocks, and options by number', () => {
    const spec = segment('+0 < . 1:1(0) ack 1 win 1 <nop,nop,sack 5:9 11:12,gen-34 0a0b>')
    assert.deepEqual(spec.options, [
      { kind: 'nop' },
      { kind: 'nop' },
      {
        kind: 'sack',
        blocks: [
          [5, 9],
          [11, 12],
        ],
      },
      { kind: 'generic', code: 34, data: Uint8Array.of(10, 11) },
    ])
  })

  it('the IP header, in round or square brackets', () => {
    assert.deepEqual(action('+0 < (tos 0x29, ttl 3) . 1:1(0) ack 1', 'packet').ip, {
      dscp: 10,
      ecn: 1,
      ttl: 3,
      flowLabel: undefined,
    })
    assert.equal(action('+0 > [dscp cs1, noecn] . 1:1(0) ack 1', 'packet').ip.dscp, 8)
    assert.equal(action('+0 > (hlim 4) . 1:1(0) ack 1', 'packet').ip.ttl, 4)
    assert.equal(action('+0 > [ect01] . 1:1(0) ack 1', 'packet').ip.ecn, 'ect01')
  })

  it('ICMP errors that quote a segment, in both ways to write it', () => {
    for (const text of [
      '+0 < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]',
      '+0 < [1:1461(1460)] icmp unreachable frag_needed mtu 1200',
    ]) {
      const spec = action(text, 'packet').segment
      assert.ok(spec.kind === 'icmp')
      assert.deepEqual(
        [spec.type, spec.code, spec.mtu, spec.quotedSeq, spec.quotedLength],
        ['unreachable', 'frag_needed', 1200, 1, 1460],
      )
    }
  })

  it('what is wrong, and where', () => {
    fails('+0 < . 1:3(1) ack 1', 1, 8, /1:3 is not 1 bytes long/)
    fails('+0 < X 1:1(0)', 1, 6, /expected TCP flags/)
    fails('0 close(3) = 0\n+0 < . 1:1(0) ack 99999999999', 2, 19, /more than 4294967295/)
    fails('+0 < . 1:1(0) ack 1 <mss>', 1, 25, /expected an MSS, found ">"/)
    fails('+0 < . 1:1(0) ack 1 <...>', 1, 26, /says nothing/)
    fails('+0 < . 1:1(0) ack 1 <bogus 1>', 1, 28, /no TCP option bogus/)
  })
})

describe('calls', () => {
  it('arguments of every shape', () => {
    const call = action(
      '+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 40}, {"a" "b\\n", 4}], msg_flags=0}, MSG_MORE|MSG_DONTWAIT) = 44',
      'call',
    )
    assert.equal(
      call.args.map(expressionText).join(', '),
      '4, {msg_name=..., msg_iov=[{..., 40}, {"ab\\n", 4}], msg_flags=0}, MSG_MORE|MSG_DONTWAIT',
    )
    assert.equal(expressionText(call.result), '44')
  })

  it('errno, and the note after it', () => {
    const call = action('+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)', 'call')
    assert.equal(call.errno, 'EINPROGRESS')
    assert.equal(action('+0 fcntl(3, F_GETFL) = 0x02 (flags O_RDWR)', 'call').errno, undefined)
  })

  it('nesting is bounded', () => {
    fails(`+0 f(${'['.repeat(100)}`, 1, 70, /nested too deeply/)
  })
})

describe('the script', () => {
  it('options, commands without a time, code, comments', () => {
    const script = parseScript(
      't.pkt',
      [
        '// a comment',
        '--ip_version=ipv6',
        '--tolerance_usecs=10000 /* two',
        'lines */ --strict_segments',
        '`sysctl -q net.ipv4.tcp_sack=0`',
        '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
        '+0 %{ assert tcpi_state == 7 }%',
        '`true`',
      ].join('\n'),
    )
    assert.deepEqual(
      script.options.map(o => [o.line, o.name, o.value]),
      [
        [2, 'ip_version', 'ipv6'],
        [3, 'tolerance_usecs', '10000'],
        [4, 'strict_segments', ''],
      ],
    )
    assert.deepEqual(
      script.events.map(e => [e.line, e.action.kind]),
      [
        [5, 'command'],
        [6, 'call'],
        [7, 'code'],
        [8, 'command'],
      ],
    )
  })

  it('#ifdef takes or leaves lines and keeps their numbers', () => {
    const text = '0 f() = 0\n#ifdef A\n+0 g() = 0\n#else\n+0 h() = 0\n#endif\n+0 i() = 0'
    const names = (definitions: [string, string][]) =>
      parseScript('t.pkt', text, new Map(definitions)).events.map(e => [
        e.line,
        e.action.kind === 'call' ? e.action.name : '',
      ])
    assert.deepEqual(names([['A', '']]), [
      [1, 'f'],
      [3, 'g'],
      [7, 'i'],
    ])
    assert.deepEqual(names([]), [
      [1, 'f'],
      [5, 'h'],
      [7, 'i'],
    ])
  })

  it('a name that has a value stands for it; the script may define one itself', () => {
    const { action: given } = event('+0 f(N) = 0', [['N', '7']])
    assert.ok(given.kind === 'call')
    assert.equal(expressionText(given.args[0]!), '7')
    const text = '--define=SIZE=9\n+0 read(3, ..., SIZE) = 0'
    assert.equal(expressionText(action(text, 'call').args[2]!), '9')
  })

  it('what is wrong, and where', () => {
    fails('', 1, 1, /no event/)
    fails('0 socket(3', 1, 11, /expected "\)", found the end/)
    fails('0 f() = 0\n\n  +0 %{ assert 1', 3, 6, /this block of code does not end/)
    fails('0 f() = 0 /* for ever', 1, 11, /this comment does not end/)
    fails('#ifdef A\n0 f() = 0', 1, 1, /no #endif/)
    fails('#endif', 1, 1, /without #ifdef/)
    fails('hello', 1, 1, /expected the time of an event/)
  })

  it('any text is read or refused with a position, and nothing else happens', () => {
    const pieces = [
      '+0 ',
      '0 ',
      '< ',
      '> ',
      '. ',
      'S ',
      '1:1(0) ',
      'ack 1 ',
      '<',
      '>',
      'mss 1,',
      '`',
      '%{',
      '}%',
      '\n',
      '(',
      ')',
      '[',
      '{',
      '"',
      '//',
      '/*',
      '...',
      '= 0',
      'read',
      '#ifdef X',
      '-',
      '~',
      '*',
    ]
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 30 }), parts => {
        try {
          parseScript('t.pkt', parts.join(''))
        } catch (error) {
          assert.ok(error instanceof ScriptSyntaxError, String(error))
          assert.ok(error.line >= 1 && error.column >= 1)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
