// What the page for files makes of files, without a page.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { drill } from '../../src/drill/drill.js'
import { OpenCapture } from '../../src/lab/page/file/capture.js'
import { choose } from '../../src/lab/page/file/choose-rows.js'
import { kindOf, type Refusal, scriptOf } from '../../src/lab/page/file/kind.js'
import { Player } from '../../src/lab/page/file/player.js'
import { drawnTimes, expectedAndCame, film, type ScriptFilm } from '../../src/lab/page/file/script.js'
import { FILE_WORDS } from '../../src/lab/page/file/words-file.js'
import { dissectCaptured } from '../../src/lab/scene/dissect.js'
import { LadderLayout } from '../../src/lab/scene/ladder-layout.js'
import { conversations } from '../../src/trace/conversations.js'
import { readCapture } from '../../src/trace/read-capture.js'
import { pcap } from '../support/captures.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const examples = path.join(root, 'src/lab/page/file/examples')
const example = (name: string) => readFileSync(path.join(examples, name))
const bytes = (text: string) => new TextEncoder().encode(text)
const run = (text: string, choices = { ip: 'ipv4', profile: 'rfc' } as const): ScriptFilm => {
  const result = film('test.pkt', text, choices)
  assert.equal(result.kind, 'film')
  return result as ScriptFilm
}

describe('what a file is', () => {
  const refused: [string, Uint8Array, Refusal][] = [
    ['an empty file', bytes(''), 'empty'],
    ['blanks', bytes(' \n\n'), 'empty'],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), 'gzip'],
    ['zstd', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0), 'zstd'],
    ['zip', Uint8Array.of(0x50, 0x4b, 3, 4, 0), 'zip'],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0), 'image'],
    ['a PDF', bytes('%PDF-1.4\n'), 'pdf'],
    ['a program', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0), 'program'],
    ['anything binary', Uint8Array.of(1, 2, 0, 4), 'binary'],
    ['what is no UTF-8', Uint8Array.of(0x61, 0xff, 0xfe), 'binary'],
    ['a pcap file that ends in its header', Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0), 'shortPcap'],
    ['a very long text', bytes('+0 < . 1:1(0) ack 1\n'.repeat(60_000)), 'longScript'],
  ]
  for (const [what, file, why] of refused)
    it(`${what} is refused: ${why}`, () => assert.deepEqual(kindOf(file), { kind: 'refused', why }))

  it('captures are told by their first octets, scripts are all other text', () => {
    assert.equal(kindOf(example('curl-nginx.pcapng')).kind, 'capture')
    assert.equal(kindOf(pcap([])).kind, 'capture')
    assert.equal(kindOf(example('fails.pkt')).kind, 'script')
    // A text may begin as a DOS program does.
    assert.equal(kindOf(bytes('MZ is no program\n')).kind, 'script')
    assert.deepEqual(scriptOf(' \n'), { kind: 'refused', why: 'empty' })
  })
})

describe('a capture for the page', () => {
  const file = example('curl-nginx.pcapng')
  const open = new OpenCapture(file)
  const told = conversations(readCapture(file).packets).conversations

  it('its rows are what conversations() tells', () => {
    const { rows, total, skipped, truncated } = open.summary
    assert.deepEqual([total, skipped, truncated, rows.length], [44, [], false, told.length])
    rows.forEach((row, i) => {
      const { client, server, segments, events } = told[i]!
      assert.deepEqual([row.client, row.server, row.segments], [client, server, segments.length])
      const end = (host: string) =>
        events.findLast(event => event.kind === 'state' && event.host === host) as { to: string } | undefined
      assert.deepEqual(row.states, [end(client)?.to ?? 'CLOSED', end(server)?.to ?? 'CLOSED'])
    })
    assert.deepEqual(rows[0]!.bytes, [81, 17_242])
  })

  it('parts of a connection, put together, are the whole of it, and each knows how it began', () => {
    const whole = open.part(0, 0)
    for (const size of [1, 3, 7, 31]) {
      const parts = Array.from({ length: Math.ceil(whole.to / size) }, (_, i) => open.part(0, i * size, size))
      assert.deepEqual(
        parts.flatMap(part => part.events),
        whole.events,
      )
      assert.deepEqual(
        parts.flatMap(part => part.segments),
        whole.segments,
      )
      const path = [whole.walks[0].path[0]!]
      for (const part of parts) {
        assert.deepEqual(part.walks[0].path, path)
        for (const event of part.events)
          if (event.kind === 'state' && event.host === whole.row.client) path.push(event.to)
      }
      assert.equal(path.at(-1), whole.row.states[0])
    }
  })

  it('what is left out is counted, and what is beyond the limit, too', () => {
    const arp = [...new Array(12).fill(2), 8, 6, ...new Array(28).fill(0)]
    const { summary } = new OpenCapture(pcap([{ bytes: arp }], { linkType: 1 }))
    assert.deepEqual([summary.rows, summary.total, summary.skipped], [[], 1, [['not-ip', 1]]])
    const few = new OpenCapture(file, 10).summary
    assert.deepEqual([few.total, few.beyond, few.rows.map(row => row.segments)], [44, 34, [10]])
    const cut = new OpenCapture(file.subarray(0, 5000)).summary
    assert.equal(cut.truncated, true)
  })

  it('a segment that was cut off is shown as far as it goes, without a word on its checksum', () => {
    const octets = open.octets(0, 5)
    const whole = dissectCaptured(octets)
    const cut = dissectCaptured(octets.subarray(0, 70))
    assert.deepEqual(
      cut.map(field => field.name),
      whole.map(field => field.name),
    )
    assert.equal(cut.at(-1)!.value, '1448 B')
    assert.match(cut.find(field => field.name === 'checksum')!.value, /^0x....$/)
  })

  it('rows are chosen by words in names and states, and sorted, numbers as numbers', () => {
    const { rows } = open.summary
    const ports = (filter: string, key: 'start' | 'down' | 'server', down = false) =>
      choose(rows, filter, key, down).map(row => row.index)
    assert.deepEqual(ports('', 'start'), [0, 1, 2])
    assert.deepEqual(ports('', 'down', true), [0, 1, 2])
    assert.deepEqual(ports('', 'down'), [2, 1, 0])
    assert.deepEqual(ports(':81', 'start'), [2])
    assert.deepEqual(ports('time_wait 127.0.0.1:80', 'server', true), [1, 0])
    assert.deepEqual(ports('nothing', 'start'), [])
  })
})

describe('a script for the page', () => {
  const folder = path.join(root, 'test/drill')
  const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name, i) => name.endsWith('.pkt') && i % 9 === 0,
  )

  it(`goes as drill() has it: ${scripts.length} scripts`, () => {
    for (const name of scripts) {
      const text = readFileSync(path.join(folder, name), 'utf8')
      const shown = run(text)
      const { verdict, line, message } = drill(name, text)
      assert.deepEqual([shown.verdict, shown.line, shown.message], [verdict, line, message], name)
      if (verdict === 'unsupported') continue
      assert.deepEqual(
        shown.steps.map(step => step.event),
        shown.written.map((_, i) => i),
        name,
      )
      for (const step of shown.steps) {
        const { kind } = shown.written[step.event]!
        if (kind === 'expect') assert(step.segments.length > 0, `${name}: nothing is shown as expected`)
        for (const i of step.segments) {
          assert.equal(shown.segments[i]!.event.from, kind === 'expect' ? 'tested' : 'script', name)
          assert(shown.segments[i]!.event.t <= step.t, `${name}: a segment out of the future`)
        }
      }
    }
  })

  it('of one that passes each step has its time, its segments, and the state of the connection', () => {
    const shown = run(example('fast-retransmit.pkt').toString())
    assert.equal(shown.verdict, 'pass')
    const at = (line: number) => shown.steps.find(step => shown.written[step.event]!.line === line)!
    assert.deepEqual(at(8).tested.path, ['CLOSED', 'LISTEN'])
    assert.deepEqual(at(10).tested.path, ['CLOSED', 'LISTEN', 'SYN_RECEIVED'])
    assert.equal(at(12).tested.state, 'ESTABLISHED')
    // One event of the script's, ten segments.
    assert.equal(at(16).segments.length, 10)
    assert.equal(at(20).segments.length, 1)
    assert.equal(shown.segments[at(20).segments[0]!]!.event.seq, 1)
    assert.equal(at(20).tested.inside!.recovery, 'recovery')
    assert.equal(shown.written[at(15).event]!.returned!.value, '10000')
  })

  it('a connection that a call opens is shown in SYN_SENT before the script has seen its SYN', () => {
    const shown = run(
      '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0...1 connect(3, ..., ...) = -1 ECONNREFUSED\n+0 > S 0:0(0) <...>\n+.5 < R. 0:0(0) ack 1',
    )
    assert.equal(shown.steps[1]!.tested.state, 'SYN_SENT')
  })

  it('one that fails ends at the event that failed, with what was expected and what came', () => {
    const shown = run(example('fails.pkt').toString())
    assert.deepEqual([shown.verdict, shown.line], ['fail', 18])
    const last = shown.steps.at(-1)!
    assert.equal(last.verdict, 'failed')
    assert.equal(shown.written[last.event]!.line, 18)
    const { expected, came } = expectedAndCame(shown.message)!
    assert.match(expected, /> R\. 1:1\(0\) ack 501$/)
    assert.match(came, /> F\. 1:1\(0\) ack 501/)
    assert.equal(shown.segments[last.segments[0]!]!.event.flags.join(), 'FIN,ACK')
  })

  it('a blocking call returns where it does, and fails where it should not have', () => {
    const head = '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n'
    const rest = '+0 > S 0:0(0) <...>\n+.01 < S. 0:0(0) ack 1 win 32768 <mss 1000>\n+0 > . 1:1(0) ack 1\n'
    const good = run(`${head}+0...0.01 connect(3, ..., ...) = 0\n${rest}`)
    assert.deepEqual(good.written[1]!.returned, { value: '0', at: 10 })
    const bad = run(`${head}+0...0.01 connect(3, ..., ...) = -1 ETIMEDOUT\n${rest}`)
    assert.deepEqual([bad.verdict, bad.line], ['fail', 2])
    assert.deepEqual(expectedAndCame(bad.message), { expected: '-1 ETIMEDOUT', came: '0' })
    // All others have been run before it showed.
    assert.deepEqual(
      bad.steps.map(step => step.event),
      [0, 1, 2, 3, 4, 1],
    )
  })

  it('what cannot be read is told with its line and column', () => {
    const result = film('x', '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 < Q 0:0(0)\n', {
      ip: 'ipv4',
      profile: 'rfc',
    })
    assert.equal(result.kind, 'unreadable')
    assert.equal((result as { line: number }).line, 2)
  })

  it('the IP version and the profile are those asked for, unless the script says', () => {
    const text = example('fast-retransmit.pkt').toString()
    assert.equal(run(text, { ip: 'ipv6', profile: 'rfc' } as never).segments[0]!.bytes[0]! >>> 4, 6)
    const own = run(`--ip_version=ipv6\n${text}`)
    assert.deepEqual([own.ip, own.declared], ['ipv6', true])
  })

  it('files that were opened together with it are read', () => {
    const text = '`../common/defaults.sh`\n+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n'
    const asked: string[] = []
    film('x', text, { ip: 'ipv4', profile: 'rfc' }, name => {
      asked.push(name)
      return 'sysctl -q net.ipv4.tcp_sack=0\n'
    })
    assert(asked.includes('../common/defaults.sh'), asked.join())
  })

  it('on its ladder what happens at one instant has an order, and a step shows nothing that comes later', () => {
    const shown = run(example('fast-retransmit.pkt').toString())
    const drawn = drawnTimes(shown.events, shown.segments)
    const segments = shown.events.flatMap((event, i) => (event.kind === 'segment' ? [drawn[i]!] : []))
    assert.deepEqual(
      segments,
      [...new Set(segments)].sort((a, b) => a - b),
    )
    for (const { events } of shown.steps) {
      const seen = Math.max(-1, ...drawn.slice(0, events))
      const count = segments.filter(t => t <= seen).length
      const happened = shown.events.slice(0, events).filter(event => event.kind === 'segment').length
      assert.equal(count, happened)
    }
    const events = shown.events.map((event, i) =>
      event.kind === 'segment' ? { ...event, t: drawn[i]!, arrives: drawn[i]! } : { ...event, t: drawn[i]! },
    )
    const { slants } = new LadderLayout(['tested', 'script'], events, 0)
    for (let i = 1; i < slants.length; i++) assert(slants[i]!.y1 >= slants[i - 1]!.y1 + 20)
  })
})

describe('a player', () => {
  const stops = [0, 5, 5.5, 90].map(t => ({ t, y: t }))

  it('begins at the end, goes to and fro, and not beyond', () => {
    const player = new Player(stops)
    assert.deepEqual([player.index.value, player.t.value], [3, 90])
    player.step(1)
    assert.equal(player.index.value, 3)
    player.step(-2)
    assert.equal(player.t.value, 5)
    player.go(-7)
    assert.equal(player.index.value, 0)
    player.seek(60)
    assert.equal(player.index.value, 2)
    player.seek(-1)
    assert.equal(player.index.value, 0)
  })

  it('plays to the end and stops there; played again it begins anew', async () => {
    const player = new Player(stops)
    player.speed.value = 1000
    const stop = player.run()
    player.toggle()
    assert.deepEqual([player.index.value, player.playing.value], [0, true])
    await new Promise<void>(resolve => {
      player.playing.subscribe(playing => {
        if (!playing) queueMicrotask(resolve)
      })
    })
    assert.equal(player.index.value, 3)
    stop()
  })
})

it('every word has both languages, and the same places to fill in', () => {
  for (const [name, [en, zh]] of Object.entries(FILE_WORDS)) {
    assert(en.length > 0 && zh.length > 0, name)
    const places = (text: string) => [...text.matchAll(/\{\d\}/g)].map(String).sort()
    assert.deepEqual(places(zh), places(en), name)
  }
})
