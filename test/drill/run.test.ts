import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DrillOptions, type DrillResult, drill, sysctl } from '../../src/drill/index.js'

// What the judge says of scripts that hold, and of those that do not.

const SERVER = `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 10000 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
+.01 < . 1:1(0) ack 1 win 10000
+0 accept(3, ..., ...) = 4
`

const run = (text: string, options: DrillOptions = {}): DrillResult => drill('t.pkt', text, options)

function passes(text: string, options?: DrillOptions): void {
  const { verdict, line, message } = run(text, options)
  assert.equal(verdict, 'pass', `line ${line}: ${message}`)
}

function fails(text: string, message: RegExp, line?: number): DrillResult {
  const result = run(text)
  assert.equal(result.verdict, 'fail')
  assert.match(result.message, message)
  if (line !== undefined) assert.equal(result.line, line)
  return result
}

describe('outbound packets', () => {
  it('each field that the script gives is compared', () => {
    const write = `${SERVER}+0 write(4, ..., 100) = 100\n`
    passes(`${write}+0 > P. 1:101(100) ack 1 win 65535`)
    for (const [packet, message] of [
      ['+0 > . 1:101(100) ack 1', /^flags: expected \., actual P\./],
      ['+0 > P. 2:102(100) ack 1', /^sequence number: expected 2, actual 1/],
      ['+0 > P. 1:100(99) ack 1', /^payload length: expected 99, actual 100/],
      ['+0 > P. 1:101(100) ack 2', /^acknowledgment number: expected 2, actual 1/],
      ['+0 > P. 1:101(100) ack 1 win 7', /^window: expected 7, actual 65535/],
      ['+0 > P. 1:101(100) ack 1 <nop,nop,TS val 1 ecr 2>', /^TCP options: expected <nop,nop,TS/],
      ['+0 > [ect0] P. 1:101(100) ack 1', /^ECN: expected ect0, actual noecn/],
      ['+0 > (ttl 9) P. 1:101(100) ack 1', /^TTL: expected 9, actual 64/],
      ['+0 > (dscp cs1) P. 1:101(100) ack 1', /^DSCP: expected 8, actual 0/],
      [
        '+.1 > P. 1:101(100) ack 1',
        /^timing error: expected the packet at 0\.110000 s, it came at 0\.010000 s/,
      ],
    ] as const)
      fails(write + packet, message, 10)
  })

  it('a failure shows both packets and what went before', () => {
    const { message, trace } = fails(`${SERVER}+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 9`, /./)
    assert.equal(
      message.split('\n').slice(1).join('\n'),
      'script packet:  0.010000 > P. 1:101(100) ack 9\nactual packet:  0.010000 > P. 1:101(100) ack 1 win 65535',
    )
    assert.ok(trace.includes('0.000000 < S 0:0(0) win 10000 <mss 1000>'))
    assert.equal(trace.at(-2), '0.010000 write(4, ..., 100)')
  })

  it('a packet nobody expected is an error at the next one that is', () => {
    fails(
      `${SERVER}+0 write(4, ..., 100) = 100\n+0 write(4, ..., 100) = 100\n+0 > P. 101:201(100) ack 1`,
      /sequence/,
      11,
    )
    // At the end of a script nothing is expected.
    passes(`${SERVER}+0 write(4, ..., 100) = 100`)
  })

  it('a packet that does not come is an error, and time is not waited for', () => {
    fails(`${SERVER}+0 > . 1:1(0) ack 1`, /^expected a packet, none came/, 9)
    fails(`${SERVER}* > . 1:1(0) ack 1`, /^expected a packet, none came/, 9)
  })

  it('equal segments that follow each other are one, unless segments are strict', () => {
    const write = `${SERVER}+0 write(4, ..., 2500) = 2500\n`
    passes(`${write}+0 > P. 1:2501(2500) ack 1`)
    passes(
      `--strict_segments\n${write}+0 > . 1:1001(1000) ack 1\n+0 > . 1001:2001(1000) ack 1\n+0 > P. 2001:2501(500) ack 1`,
    )
    fails(
      `--strict_segments\n${write}+0 > P. 1:2501(2500) ack 1`,
      /^payload length: expected 2500, actual 1000/,
    )
    fails(`${write}+0 > P. 1:2502(2501) ack 1`, /^payload length: expected 2501, actual 2000/)
  })

  it('ranges of times, and any time', () => {
    const lost = `${SERVER}+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 1\n`
    passes(`${lost}+.19~+.21 > P. 1:101(100) ack 1`)
    passes(`${lost}* > P. 1:101(100) ack 1`)
    fails(
      `${lost}+.1~+.15 > P. 1:101(100) ack 1`,
      /timing error: expected the packet at 0\.110000 to 0\.160000 s/,
    )
  })

  it('tolerance is what the script says, or a part of the time that has passed', () => {
    const lost = `${SERVER}+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 1\n`
    fails(`${lost}+.22 > P. 1:101(100) ack 1`, /tolerance 0\.004000 s/)
    passes(`--tolerance_usecs=20000\n${lost}+.22 > P. 1:101(100) ack 1`)
    passes(`--tolerance_percent=10\n${lost}+.22 > P. 1:101(100) ack 1`)
  })
})

describe('numbers', () => {
  it('are absolute in SYNs and count from the ISN of their side in all others', () => {
    passes(`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 777000:777000(0) win 10000
+0 > S. 1234:1234(0) ack 777001 <mss 1460>
+0 < . 1:1(0) ack 1 win 10000
+0 < . 11:21(10) ack 1 win 10000
+0 > . 1:1(0) ack 1`)
  })

  const HALF_OPEN = `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 500:500(0) win 10000
+0 > S. 0:0(0) ack 501 <mss 1460>`

  it('count anew when the stack answers another SYN', () => {
    passes(`${HALF_OPEN}
+.1 < R 1:1(0)
+.1 < S 90000:90000(0) win 10000
+0 > S. 700:700(0) ack 90001 <mss 1460>
+0 < . 1:1(0) ack 1 win 10000
+0 < . 11:21(10) ack 1 win 10000
+0 > . 1:1(0) ack 1`)
  })

  it('do not when it answers the SYN with anything but a SYN,ACK for it', () => {
    passes(`${HALF_OPEN}
+.1 < S 90000:90000(0) win 10000
+0 > . 1:1(0) ack 1
+0 < S 500:500(0) win 10000
+0 > S. 0:0(0) ack 501 <mss 1460>`)
  })

  it('SACK edges are shifted, echoes are mapped to what was really sent', () => {
    passes(`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 500:500(0) win 10000 <sackOK,TS val 70 ecr 0>
+0 > S. 0:0(0) ack 501 <mss 1460,sackOK,TS val 9000 ecr 70>
+.25 < . 1:1(0) ack 1 win 10000 <nop,nop,TS val 80 ecr 9000>
+0 < . 11:21(10) ack 1 win 10000 <nop,nop,TS val 81 ecr 9000>
+0 > . 1:1(0) ack 1 <nop,nop,TS val 9250 ecr 80,nop,nop,sack 11:21>
+0 accept(3, ..., ...) = 4
+0 %{ assert 249000 <= tcpi_rtt <= 251000, tcpi_rtt }%`)
  })

  it('TSval is checked when a tick is given', () => {
    const script = (tick: string, val: number) => `${tick}
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 10000 <TS val 70 ecr 0>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 100 ecr 70>
+.5 < . 2:3(1) ack 1 win 10000 <nop,nop,TS val 80 ecr 100>
+0 > . 1:1(0) ack 1 <nop,nop,TS val ${val} ecr 70>`
    passes(script('', 12345))
    passes(script('--tcp_ts_tick_usecs=1000', 600))
    fails(script('--tcp_ts_tick_usecs=1000', 650), /^TSval: expected 650, actual 600/)
    fails(script('--tcp_ts_tick_usecs=1000', 600).replace(/70>$/, '80>'), /^TSecr: expected 80, actual 70/)
  })

  it('an echo of what was never sent cannot be mapped', () => {
    fails(`${SERVER}+0 < . 1:1(0) ack 1 win 9 <nop,nop,TS val 1 ecr 77>`, /ecr 77 echoes no TSval/)
  })
})

describe('system calls', () => {
  it('results and errno are compared', () => {
    fails(`${SERVER}+0 write(4, ..., 100) = 99`, /^write\(\): expected 99, actual 100/, 9)
    fails(`${SERVER}+0 read(3, ..., 100) = -1 EAGAIN (x)`, /expected -1 EAGAIN, actual -1 ENOTCONN/)
    passes(`--non_fatal=syscall\n${SERVER}+0 write(4, ..., 100) = 99`)
  })

  it('a call that blocks returns when the script says', () => {
    passes(`${SERVER}+0...0.1 read(4, ..., 10) = 5\n+.1 < . 1:6(5) ack 1 win 9`)
    fails(
      `${SERVER}+0...0.2 read(4, ..., 10) = 5\n+.1 < . 1:6(5) ack 1 win 9`,
      /return of read\(\) at 0\.210000 s, it came at 0\.110000/,
    )
    fails(`${SERVER}+0...0.2 read(4, ..., 10) = 5`, /read\(\) has not returned/)
    fails(`${SERVER}+0 read(4, ..., 10) = 5`, /blocks/)
  })

  it('poll times out in virtual time', () => {
    passes(`${SERVER}+0...5 poll([{fd=4, events=POLLIN, revents=0}], 1, 5000) = 0`)
    passes(
      `${SERVER}+0...0.1 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 5000) = 1\n+.1 < . 1:6(5) ack 1 win 9`,
    )
    fails(`${SERVER}+0 poll([{fd=4, events=POLLOUT, revents=POLLIN}], 1, 0) = 1`, /revents: expected POLLIN/)
  })

  it('epoll, level and edge', () => {
    const epoll = (flags: string) => `${SERVER}+0 epoll_create(1) = 5
+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN${flags}, fd=4}) = 0
+0 < . 1:6(5) ack 1 win 9
+0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1
+0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = `
    passes(`${epoll('')}1`)
    passes(`${epoll('|EPOLLET')}0`)
    passes(`${epoll('|EPOLLONESHOT')}0`)
  })

  it('sockets of another kind, and calls and options that are not there, are unsupported by name', () => {
    for (const [text, feature] of [
      ['0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3', 'SOCK_DGRAM sockets'],
      ['0 splice(4, NULL, 6, NULL, 99, 0) = 99', 'splice()'],
      ['0 frobnicate(4) = 0', 'the call frobnicate()'],
      ['0 setsockopt(3, SOL_TCP, TCP_REPAIR, [1], 4) = 0', 'TCP_REPAIR'],
      ['0 setsockopt(3, SOL_TCP, TCP_NONSUCH, [1], 4) = 0', 'the socket option TCP_NONSUCH'],
      ['0 send(4, ..., 1, MSG_ZEROCOPY) = 1', 'zero-copy sending (MSG_ZEROCOPY)'],
      ['0 < S 0:0(0) win 1 <md5>', 'TCP MD5 signatures'],
      ['0 < udp (100)', 'UDP packets in scripts'],
      ['0 `sysctl -w net.ipv4.no_such_thing=1`', 'the sysctl net.ipv4.no_such_thing'],
      ['0 %{ assert tcpi_nonsense == 1 }%', 'the field tcpi_nonsense of TCP_INFO'],
      ['--udp_encapsulation=tcp\n0 f() = 0', 'TCP over UDP'],
    ] as const) {
      const result = run(`${text}\n`)
      assert.deepEqual([result.verdict, result.message], ['unsupported', feature], text)
    }
  })

  it('what is missing is found before anything runs, wherever it stands', () => {
    const result = run(`${SERVER}+0 write(4, ..., 100) = 99\n+0 splice(4) = 0`)
    assert.deepEqual([result.verdict, result.line], ['unsupported', 10])
  })
})

describe('code and commands', () => {
  it('an assertion says what did not hold', () => {
    const { line } = fails(
      `${SERVER}+0 %{ assert tcpi_snd_cwnd == 11, 'cwnd=%d' % tcpi_snd_cwnd }%`,
      /cwnd=10/,
    )
    assert.equal(line, 9)
    passes(
      `${SERVER}+0 %{\ncwnd = tcpi_snd_cwnd\nassert cwnd == 10\n}%\n+0 %{ assert cwnd == 10 and tcpi_state == TCP_ESTABLISHED }%`,
    )
  })

  it('sysctls of both systems become settings', () => {
    for (const name of ['net.ipv4.tcp_sack', 'net.inet.tcp.sack.enable'])
      passes(`\`sysctl -w ${name}=0\`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (x)
+0 > S 0:0(0) <mss 1460,nop,nop,TS val 1 ecr 0,nop,wscale 5>`)
    assert.equal(sysctl('net.ipv4.tcp_rmem', '4096').kind, 'bad')
    assert.equal(sysctl('net.inet.tcp.msl', 'x').kind, 'bad')
    assert.equal(sysctl('net.ipv4.tcp_fack', '1').kind, 'inert')
  })

  it('a script beside it is read, and what it sets is set', () => {
    const text =
      '`../common/defaults.sh`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [540000], [4]) = 0'
    const readFile = (path: string) =>
      path === '../common/defaults.sh'
        ? 'sysctl -q net.ipv4.tcp_rmem="4096 540000 $((15*1024*1024))"\n'
        : undefined
    passes(text, { readFile })
    assert.match(run(text).message, /defaults\.sh, which is not there/)
  })

  it('sockstat counts, tcpdrop drops', () => {
    passes(`${SERVER}
+0 \`sockstat -4 -P tcp -s | grep -c ESTABLISHED | grep 1\`
+0 \`tcpdrop -s ESTABLISHED\`
+0 > R 1:1(0)
+0 \`sockstat -4 -P tcp -s | grep -c ESTABLISHED | grep 0\``)
    fails(`${SERVER}+0 \`sockstat -4 -P tcp -s | grep -c TIME_WAIT | grep 1\``, /expected 1, there are 0/)
  })
})

describe('IP versions', () => {
  it('the same script runs in all three; sockets are what they are', () => {
    const script = `${SERVER}+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 1`
    for (const ip of ['ipv4', 'ipv6', 'ipv4-mapped'] as const) {
      const result = run(script, { ip })
      assert.deepEqual([result.verdict, result.ip], ['pass', ip], result.message)
    }
  })

  it('a script that asks for a version gets it, with its MSS', () => {
    const result = run(
      '--ip_version=ipv6\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 fcntl(3, F_SETFL, O_NONBLOCK) = 0\n+0 connect(3, ..., ...) = -1 EINPROGRESS (x)\n+0 > S 0:0(0) <mss 1440,sackOK,TS val 1 ecr 0,nop,wscale 5>',
    )
    assert.deepEqual([result.verdict, result.ip], ['pass', 'ipv6'], result.message)
  })
})

describe('profiles', () => {
  const syn = (profile: string) => `--profile=${profile}
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (x)
+0 > S 0:0(0) <`
  it('give the SYN its shape', () => {
    passes(`${syn('rfc')}mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 5>`)
    passes(`${syn('linux')}mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>`)
    passes(`${syn('freebsd')}mss 1460,nop,wscale 6,sackOK,TS val 1 ecr 0>`)
  })
})

describe('who watches a run', () => {
  it('is told of each event in order, of what calls return when they do, and where the run stops', () => {
    const told: string[] = []
    const watched = `${SERVER}+0...0.5 read(4, ..., 100) = 10
+.2 < P. 1:6(5) ack 1 win 10000
+.3 close(4) = 0
`
    const result = run(watched, {
      watcher: {
        returned: (event, { value }, at) => told.push(`${event.line} returned ${value} at ${at - 1_000_000}`),
        ran: (event, _, subject) => told.push(`${event.line} ran, ${subject?.socket?.state ?? 'no socket'}`),
        stopped: event => told.push(`${event.line} stopped`),
      },
    })
    assert.deepEqual([result.verdict, result.line], ['fail', 9])
    assert.deepEqual(told, [
      '2 returned 3 at 0',
      '2 ran, no socket',
      '3 returned 0 at 0',
      '3 ran, no socket',
      '4 returned 0 at 0',
      '4 ran, no socket',
      '5 ran, no socket',
      '6 ran, no socket',
      '7 ran, no socket',
      '8 returned 4 at 10',
      '8 ran, ESTABLISHED',
      '9 ran, ESTABLISHED',
      '10 ran, ESTABLISHED',
      '9 returned 5 at 210',
      '9 stopped',
    ])
  })

  it('is told of differences that are not fatal', () => {
    const told: string[] = []
    const warned = (event: { line: number }, message: string) => told.push(`${event.line} ${message}`)
    run(`--non_fatal=syscall\n${SERVER}+0 write(4, ..., 100) = 99\n`, { watcher: { warned } })
    assert.deepEqual(told, ['10 write(): expected 99, actual 100'])
  })
})
