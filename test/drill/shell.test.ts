import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import {
  type CountEffect,
  parseShell,
  parseShellFile,
  type ShellEffect,
  statesNamed,
} from '../../src/drill/shell.js'
import { arithmetic } from '../../src/drill/shell-arithmetic.js'

const sysctl = (name: string, value: string): ShellEffect => ({ kind: 'sysctl', name, value })
const count = (effect: Omit<CountEffect, 'kind'>): ShellEffect => ({ kind: 'count', ...effect })
const offload = (feature: string, on: boolean): ShellEffect => ({ kind: 'offload', feature, on })
const script = (path: string, ...args: string[]): ShellEffect => ({ kind: 'script', path, args })
const unsupported = (what: string): ShellEffect => ({ kind: 'unsupported', what })
/** Stands for any effect of the kind 'nothing'. */
const NOTHING = { kind: 'nothing' } as const

function expectEffects(
  found: readonly ShellEffect[],
  expected: readonly (ShellEffect | typeof NOTHING)[],
): void {
  const bare = found.map(effect => (effect.kind === 'nothing' ? NOTHING : effect))
  assert.deepEqual(bare, expected)
  for (const effect of found) if (effect.kind === 'nothing') assert.notEqual(effect.why, '')
}

type Row = [text: string, ...effects: (ShellEffect | typeof NOTHING)[]]

function table(rows: readonly Row[]): void {
  for (const [text, ...effects] of rows)
    test(JSON.stringify(text), () => expectEffects(parseShell(text), effects))
}

suite('shell: settings', () => {
  table([
    ['sysctl -w net.inet.tcp.sack.enable=0', sysctl('net.inet.tcp.sack.enable', '0')],
    ['sysctl net.ipv4.tcp_sack=1', sysctl('net.ipv4.tcp_sack', '1')],
    ['/sbin/sysctl -q -w kern.ipc.maxsockbuf=1048576', sysctl('kern.ipc.maxsockbuf', '1048576')],
    ['sudo sysctl -qw net.ipv4.tcp_ecn=1', sysctl('net.ipv4.tcp_ecn', '1')],
    [
      'sysctl -q net.ipv4.tcp_sack=0 net.ipv4.tcp_dsack=0',
      sysctl('net.ipv4.tcp_sack', '0'),
      sysctl('net.ipv4.tcp_dsack', '0'),
    ],
    ['sysctl -e -q net/ipv4/tcp_reordering=5', sysctl('net.ipv4.tcp_reordering', '5')],
    [
      'sysctl -q net.ipv4.tcp_rmem="4096 $((16 * 1024)) $((6*1024*1024))"',
      sysctl('net.ipv4.tcp_rmem', '4096 16384 6291456'),
    ],
    ["sysctl -q net.ipv4.tcp_wmem='4096\t16384   65536'", sysctl('net.ipv4.tcp_wmem', '4096 16384 65536')],
    ['sysctl -q net.ipv4.tcp_fastopen=0x3 > /dev/null 2>&1', sysctl('net.ipv4.tcp_fastopen', '0x3')],
    ['echo 1 > /proc/sys/net/ipv4/tcp_ecn', sysctl('net.ipv4.tcp_ecn', '1')],
    [
      'echo -n "4096 8192 16384" >/proc/sys/net/ipv4/tcp_rmem',
      sysctl('net.ipv4.tcp_rmem', '4096 8192 16384'),
    ],
    ['echo 2 > /sys/module/tcp_cubic/parameters/hystart', sysctl('module.tcp_cubic.hystart', '2')],
    ['sysctl net.ipv4.tcp_sack', NOTHING],
    ['sysctl -a', NOTHING],
    ['sysctl -w net.inet.tcp.hostcache.purgenow=1', NOTHING],
    ['sysctl -p /etc/sysctl.conf', unsupported('sysctl -p')],
    ['sysctl -w =1', unsupported('sysctl =1')],
    ['sysctl -w sack=1', unsupported('sysctl sack=1')],
    ['sysctl -w net.ipv4.tcp_sack=$VALUE', unsupported('sysctl with $VALUE')],
    ['echo hello', NOTHING],
    ['echo hello 2>/dev/null >&2', NOTHING],
    ['echo hello > /tmp/some-file', unsupported('echo into /tmp/some-file')],
  ])
})

suite('shell: scripts', () => {
  table([
    ['../common/defaults.sh', script('../common/defaults.sh')],
    ['./setup.sh fast "two words"', script('./setup.sh', 'fast', 'two words')],
    ['sh ../lib/setup.sh x', script('../lib/setup.sh', 'x')],
    ['. ../lib/setup.sh', script('../lib/setup.sh')],
    [
      '../common/set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0 \\\n  /proc/sys/net/ipv4/tcp_wmem="1 2 3"',
      {
        kind: 'script',
        path: '../common/set_sysctls.py',
        args: ['/proc/sys/net/ipv4/tcp_sack=0', '/proc/sys/net/ipv4/tcp_wmem=1 2 3'],
        expanded: true,
      },
      sysctl('net.ipv4.tcp_sack', '0'),
      sysctl('net.ipv4.tcp_wmem', '1 2 3'),
    ],
    [`/tmp/sysctl_restore_\${PPID}.sh`, NOTHING],
    ['./$NAME.sh', unsupported('./$NAME.sh with $NAME')],
  ])
})

suite('shell: checks', () => {
  const usual = 'ESTAB|SYN-SENT|FIN-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING'
  table([
    [
      'sockstat -4 -P tcp -s | grep packetdril | grep -c FIN_WAIT_2 | grep 1',
      count({ states: 'FIN_WAIT_2', family: 4, program: 'packetdril', expected: '1' }),
    ],
    [
      'sockstat -6 -P tcp -p 443 -s | grep -c SYN_RCVD | grep 0',
      count({ states: 'SYN_RCVD', family: 6, port: 443, expected: '0' }),
    ],
    [
      'sockstat -s -l | grep -c 8080 | grep -w 2',
      count({ states: 'LISTEN', port: 8080, expected: '\\b2\\b' }),
    ],
    ['sockstat -sP tcp | grep LISTEN', unsupported('sockstat -sP')],
    ['sockstat -s | grep -c TIME_WAIT', count({ states: 'TIME_WAIT', expected: '[1-9]' })],
    ['sockstat -s | grep -q TIME_WAIT', count({ states: 'TIME_WAIT', expected: '[1-9]' })],
    ['! sockstat -s | grep -q TIME_WAIT', count({ states: 'TIME_WAIT', expected: '[1-9]', invert: true })],
    [
      'sockstat -s | grep -c TIME_WAIT | grep -v 1',
      count({ states: 'TIME_WAIT', expected: '1', invert: true }),
    ],
    ['! sockstat -s | grep -c TIME_WAIT | grep -v 1', count({ states: 'TIME_WAIT', expected: '1' })],
    [
      'netstat -an -p tcp -f inet6 | grep -c ESTABLISHED | fgrep 3',
      count({ states: 'ESTABLISHED', family: 6, expected: '3' }),
    ],
    [
      'netstat -ant4 | egrep "CLOSE_WAIT|LAST_ACK" | grep 10.0.0.1.8080',
      count({ states: 'CLOSE_WAIT|LAST_ACK', family: 4, port: 8080, address: '10.0.0.1', expected: '[1-9]' }),
    ],
    [
      'ss -4 -n state time-wait | grep 10.1.2.3:80 > /dev/null',
      count({ states: 'TIME-WAIT', family: 4, port: 80, address: '10.1.2.3', expected: '[1-9]' }),
    ],
    [
      "ss -6 -n --info '( sport = :443 )' src fd00::1/128 | grep fd00::1:443",
      count({ states: usual, family: 6, port: 443, address: 'fd00::1', expected: '[1-9]' }),
    ],
    ['ss -tan | grep -c SYN-RECV | grep 2', count({ states: 'SYN-RECV', expected: '2' })],
    ['ss -tn | grep -c ESTAB | grep 2', count({ states: 'ESTAB', expected: '2' })],
    ['ss -tn | grep -c LISTEN', unsupported(`a check of two states, ${usual} and LISTEN`)],
    [
      'grep " 01 " /proc/net/tcp6 | grep -c ":01BB" | grep 1',
      count({ states: 'ESTABLISHED', port: 443, family: 6, expected: '1' }),
    ],
    ['grep -c " 06 " /proc/net/tcp /proc/net/tcp6', count({ states: 'TIME_WAIT', expected: '[1-9]' })],
    ['sockstat -4', NOTHING],
    ['sockstat -s | grep -v LISTEN', unsupported('sockstat | grep -v')],
    ['sockstat -s | wc -l', unsupported('sockstat | wc')],
    ['sockstat -s | grep -A 3 LISTEN', unsupported('sockstat | grep')],
    ['sockstat -P udp', unsupported('sockstat -P udp')],
    ['sockstat -s | grep nginx', unsupported('grep nginx in a list of sockets')],
    ['sockstat -s -p 80 | grep 443', unsupported('a check of two ports, 80 and 443')],
    ['netstat -s | grep -c TIME_WAIT', unsupported('netstat -s')],
    ['ss -K dst 10.0.0.1', unsupported('ss -K')],
    ['grep processor /proc/cpuinfo', unsupported('grep')],
    // Only the last command's outcome is that of the whole.
    ['sockstat -s | grep TIME_WAIT; true', NOTHING, NOTHING],
    ['true; sockstat -s | grep TIME_WAIT', NOTHING, count({ states: 'TIME_WAIT', expected: '[1-9]' })],
    ['sockstat -s | grep TIME_WAIT && true', count({ states: 'TIME_WAIT', expected: '[1-9]' }), NOTHING],
    ['sockstat -s | grep TIME_WAIT || true', NOTHING],
    ['sockstat -s | grep TIME_WAIT || tcpdrop -a', unsupported('a check with an alternative')],
  ])

  const STATES: [pattern: string, ...states: string[]][] = [
    ['SYN_RCVD', 'SYN_RECEIVED'],
    ['SYN-RECV', 'SYN_RECEIVED'],
    ['ESTAB', 'ESTABLISHED'],
    ['FIN-WAIT-1', 'FIN_WAIT_1'],
    ['CLOSED', 'CLOSED'],
    ['FIN_WAIT', 'FIN_WAIT_1', 'FIN_WAIT_2'],
    ['LISTEN\\|CLOSING', 'LISTEN', 'CLOSING'],
    [' TIME_WAIT ', 'TIME_WAIT'],
  ]
  for (const [pattern, ...states] of STATES) {
    test(`states: ${pattern}`, () => assert.deepEqual(statesNamed(pattern), states))
  }
  for (const pattern of ['', 'packetdrill', '8080', 'NOWHERE', 'ESTAB|', '.*']) {
    test(`no state: ${pattern}`, () => assert.equal(statesNamed(pattern), undefined))
  }
})

suite('shell: other commands', () => {
  table([
    ['tcpdrop -s FIN_WAIT_2', { kind: 'drop', state: 'FIN_WAIT_2' }],
    ['tcpdrop -a', { kind: 'drop', all: true }],
    ['tcpdrop -C cubic', { kind: 'drop', congestion: 'cubic' }],
    ['tcpdrop -S rack', { kind: 'drop', stack: 'rack' }],
    ['tcpdrop -l -a', NOTHING],
    ['tcpdrop 10.0.0.1 80 10.0.0.2 81', unsupported('tcpdrop of one connection')],
    ['ethtool -K tun0 tso off gso on', offload('tso', false), offload('gso', true)],
    ['ethtool -K tun0 tso maybe', unsupported('ethtool -K tso maybe')],
    ['ethtool -G tun0 rx 8', unsupported('ethtool -G')],
    ['sleep 0', NOTHING],
    ['sleep 0.25', { kind: 'sleep', seconds: 0.25 }],
    ['sleep 1m 5s', { kind: 'sleep', seconds: 65 }],
    ['sleep soon', unsupported('sleep soon')],
    ['true', NOTHING],
    [': nothing here', NOTHING],
    ['setkey -F', NOTHING],
    ['echo \'add 10.0.0.1 10.0.0.2 tcp 1 -A tcp-md5 "x" ;\n\' | setkey -c', unsupported('setkey -c')],
    ['ip tcp_metrics flush all &> /dev/null', NOTHING],
    [
      'ip route change 10.0.0.2 via 10.0.0.1 dev tun0 mtu lock 1300 advmss 1200',
      { kind: 'route', destination: '10.0.0.2', metrics: { mtu: '1300', advmss: '1200' }, locked: ['mtu'] },
    ],
    [
      'ip -6 route replace fd00::/64 dev tun0 initcwnd 3',
      { kind: 'route', destination: 'fd00::/64', metrics: { initcwnd: '3' }, locked: [] },
    ],
    ['ip route change 10.0.0.2 mtu', unsupported('ip route mtu')],
    ['ip route del default', unsupported('ip route del')],
    ['ip link set dev tun0 mtu 1400', unsupported('ip link')],
    ['tc qdisc add dev tun0 root pfifo', NOTHING],
    [
      'tc qdisc replace dev tun0 root pfifo limit 0',
      unsupported('tc limit 0: drops every packet that is sent'),
    ],
    ['tc qdisc replace dev tun0 root pfifo limit 2', unsupported('tc limit 2')],
    ['tc qdisc replace dev tun0 root fq', unsupported('tc fq: paces what is sent')],
    ['tc qdisc add dev tun0 root netem loss 10%', unsupported('tc netem')],
    ['tc qdisc del dev tun0 root 2>/dev/null', NOTHING],
    ['iptables -A INPUT -j DROP', unsupported('iptables')],
    ['/sbin/ipfw add deny tcp from any to any', unsupported('ipfw')],
    ['kldload cc_htcp', unsupported('kldload')],
    ['rm -f /tmp/x', NOTHING],
    ['dd if=/dev/zero of=/tmp/x', unsupported('dd')],
    ['nstat | grep TcpRetransSegs', unsupported('nstat | grep')],
    ['exit 1', unsupported('exit 1')],
    ['! true', unsupported("'!' of a command that is no check")],
    ['constructor', unsupported('constructor')],
  ])
})

suite('shell: grammar', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(name => sysctl(`x.${name}`, '1'))
  table([
    [''],
    ['  \n# only a comment\n\n'],
    ['sysctl x.a=1\n  sysctl x.b=1 # why\n\nsysctl x.c=1', a, b, c],
    ['sysctl x.a=1; sysctl x.b=1 && sysctl x.c=1;', a, b, c],
    ['sysctl x.a=1 &&\n sysctl x.b=1', a, b],
    ['sysctl x.a=1 || sysctl x.b=1', a],
    ['sysctl x.a=1 || sysctl x.b=1 && sysctl x.c=1', a, c],
    ['sysctl \\\n  x.a=1 \\\n \\\n\tx.b=1', a, b],
    ['sysctl\r\nsysctl x.a=1\r\n', NOTHING, a],
    ['sysctl x.\'a\'"=1"', a],
    ['sysctl x.a=\\1', a],
    ['sysctl x.a="a \\"b\\" \\$c # d"', sysctl('x.a', 'a "b" $c # d')],
    ["sysctl x.a='$b \\'", sysctl('x.a', '$b \\')],
    ['sysctl x.a=1#2', sysctl('x.a', '1#2')],
    ['>/dev/null sysctl x.a=1 2>&1 </dev/null', a],
    ['sysctl x.a=$((1 << 4 | 0x3))', sysctl('x.a', '19')],
    ['exit 0\nsysctl x.a=1', NOTHING],
    ['A=1', unsupported('the shell variable A')],
    ['A=1 sysctl x.a=1', unsupported('the shell variable A')],
    ['sysctl x.a=$((A + 1))', unsupported('sysctl with $((A + 1))')],
    [`sysctl x.a="\${A}"`, unsupported(`sysctl with \${A}`)],
    // Where the grammar ends, what comes after is not guessed at.
    ['sysctl x.a=1\nif true; then sysctl x.b=1; fi', a, unsupported("the shell's 'if'")],
    ['for i in 1 2; do sysctl x.a=$i; done', unsupported("the shell's 'for'")],
    ['( sysctl x.a=1 )', unsupported("the shell's '('")],
    ['sysctl x.a=$(cat f)', unsupported('a command substitution')],
    ['sysctl x.a=1 & sysctl x.b=1', a, unsupported('a command in the background')],
    ['cat << END\nEND', unsupported("the shell's '<<'")],
    ['sysctl x.a="1', unsupported('a quote " that is not closed')],
    ["sysctl x.a='1", unsupported("a quote ' that is not closed")],
    ['| grep x', unsupported('unexpected |')],
    ['sysctl x.a=1 && && true', unsupported('unexpected &&')],
    ['sysctl x.a=1 >', unsupported('nothing after >')],
  ])
})

suite('shell: files', () => {
  test('a file of defaults', () => {
    const text = `#!/bin/bash
# Settings for all tests.

ip tcp_metrics flush all > /dev/null 2>&1
sysctl -q net.ipv4.tcp_rmem="4096 $((2**17)) $((3*1024*1024))"   # receive
sysctl -q net.ipv4.tcp_notsent_lowat=4294967295 > /dev/null 2>&1; sysctl -q net.ipv4.tcp_sack=1 net.ipv4.tcp_ecn=0
../common/more.sh || true
tc qdisc add dev tun0 root pfifo
`
    expectEffects(parseShellFile(text), [
      NOTHING,
      sysctl('net.ipv4.tcp_rmem', '4096 131072 3145728'),
      sysctl('net.ipv4.tcp_notsent_lowat', '4294967295'),
      sysctl('net.ipv4.tcp_sack', '1'),
      sysctl('net.ipv4.tcp_ecn', '0'),
      script('../common/more.sh'),
      NOTHING,
    ])
  })
})

suite('shell: arithmetic', () => {
  const VALUES: [text: string, value: bigint | undefined][] = [
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['10 - 4 - 3', 3n],
    ['2 ** 3 ** 2', 512n],
    ['-7 / 2', -3n],
    ['-7 % 3', -1n],
    ['1 << 3 | 1', 9n],
    ['~0 & 0xff', 255n],
    ['010', 8n],
    ['0x7fffffffffffffff + 1', -(2n ** 63n)],
    ['1 / 0', undefined],
    ['2 ** -1', undefined],
    ['x', undefined],
    ['1 +', undefined],
    ['(1', undefined],
    ['1 2', undefined],
    ['', undefined],
    ['9 > 8', undefined],
    [`${'('.repeat(10_000)}1`, undefined],
  ]
  for (const [text, value] of VALUES) {
    test(text.slice(0, 30) || 'nothing', () => assert.equal(arithmetic(text), value))
  }
})

suite('shell: random', () => {
  const WORDS =
    `sysctl -w net.a.b=1 echo grep -c ss sockstat -s state tc qdisc limit 0 ip route mtu lock tcpdrop -a
    ethtool -K ' " \\ $ $(( )) $( ) ( { } ! | || & && &> > 2>&1 >> << ; # if fi \${X} $Y * ~ /proc/sys/a/b x.sh x.py
    set_sysctls.py \` exit sleep 1 - -- = :`.split(/\s+/)
  const soup = fc
    .array(
      fc.oneof({ arbitrary: fc.constantFrom(...WORDS), weight: 5 }, fc.constantFrom('\n', '\\\n', '\t', '')),
      { maxLength: 25 },
    )
    .map(words => words.join(' '))
  const text = fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }))

  test('any text has effects, and no empty ones', () => {
    fc.assert(
      fc.property(text, source => {
        for (const parse of [parseShell, parseShellFile]) {
          for (const effect of parse(source)) {
            if (effect.kind === 'unsupported')
              assert.ok(effect.what.trim() !== '' && effect.what !== 'undefined')
            if (effect.kind === 'sysctl') assert.match(effect.name, /^\w+(\.[\w-]+)+$/)
            if (effect.kind === 'sleep') assert.ok(effect.seconds > 0)
          }
        }
      }),
      { seed: 21, numRuns: 5000 },
    )
  })

  test('text that is not blank and not a comment is never passed over in silence', () => {
    fc.assert(
      fc.property(text, source => {
        const meaningful = /^[^\s#\\;]/.test(source)
        if (meaningful) assert.notEqual(parseShell(source).length, 0, JSON.stringify(source))
      }),
      { seed: 22, numRuns: 5000 },
    )
  })
})
