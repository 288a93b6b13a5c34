import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { findStory, play } from '../../src/stories/index.js'
import type { TcpConfig } from '../../src/tcp/config.js'
import { LiveCapture, writeSegments } from '../../src/trace/capture.js'
import { combine } from '../../src/trace/combine.js'
import { PcapngWriter } from '../../src/trace/pcapng.js'
import { IpAddress } from '../../src/wire/address.js'
import { skipWithoutTshark, tsharkComplaints, tsharkFields } from '../support/tshark.js'
import { B6, connect, listen, type Pair, PORT, pair } from '../support/worlds-pair.js'

const scratch = mkdtempSync(join(tmpdir(), 'estab-capture-'))
after(() => rmSync(scratch, { recursive: true }))
const skip = skipWithoutTshark()
/** 2025-01-01 in UTC. */
const EPOCH = 1_735_689_600_000
const COMMENT = 'frame.comment'

let files = 0
function capture(write: (writer: PcapngWriter) => void): string {
  const blocks: Uint8Array[] = []
  write(new PcapngWriter(block => blocks.push(block)))
  const file = join(scratch, `${files++}.pcapng`)
  writeFileSync(file, Buffer.concat(blocks))
  return file
}

/** A story's capture; tshark must find nothing wrong in it. */
function storyFile(name: string): string {
  const file = capture(writer => writeSegments(writer, play(findStory(name)!).recorder.segments, EPOCH))
  assert.deepEqual(tsharkComplaints(file), [])
  return file
}

/** What a live capture of `a` saw of a conversation. */
function live(run: (p: Pair) => void, tcp: Partial<TcpConfig> = {}): string {
  return capture(writer => {
    const capturing = new LiveCapture(writer, 'a', EPOCH)
    const p = pair({ a: { observer: combine(capturing.observer), tcp } })
    run(p)
    p.world.runSync()
    capturing.flush()
  })
}

describe('a capture of a story', { skip }, () => {
  it('has each segment once, with the changes of state it came from and led to', () => {
    const rows = tsharkFields(storyFile('close'), ['ip.src', 'tcp.flags.str', 'tcp.len', COMMENT])
    assert.deepEqual(
      rows.map(([src, flags, length, comment]) => [src!.at(-1), flags!.replace(/·/g, ''), length, comment]),
      [
        [
          '1',
          'S',
          '0',
          'client: CLOSED → SYN_SENT (active OPEN); server: LISTEN → SYN_RECEIVED (receive SYN)',
        ],
        ['2', 'AS', '0', 'client: SYN_SENT → ESTABLISHED (receive SYN,ACK)'],
        ['1', 'A', '0', 'server: SYN_RECEIVED → ESTABLISHED (receive ACK of SYN)'],
        ['1', 'AP', '300', ''],
        ['2', 'A', '0', ''],
        [
          '1',
          'AF',
          '0',
          'client: ESTABLISHED → FIN_WAIT_1 (CLOSE); server: ESTABLISHED → CLOSE_WAIT (receive FIN)',
        ],
        ['2', 'A', '0', 'client: FIN_WAIT_1 → FIN_WAIT_2 (receive ACK of FIN)'],
        [
          '2',
          'AF',
          '0',
          'server: CLOSE_WAIT → LAST_ACK (CLOSE); client: FIN_WAIT_2 → TIME_WAIT (receive FIN)',
        ],
        ['1', 'A', '0', 'server: LAST_ACK → CLOSED (receive ACK of FIN)'],
      ],
    )
  })

  it('is in order of time, on the clock of the wall', () => {
    const rows = tsharkFields(storyFile('close'), ['frame.time_epoch'])
    const times = rows.map(([time]) => Number(time) * 1000 - EPOCH)
    assert.deepEqual(
      times.map(t => Math.round(t)),
      [0, 20, 40, 100, 120, 200, 220, 250, 270],
    )
  })

  it('shows a retransmission to whoever analyses it, and says what was lost', () => {
    const file = storyFile('retransmit')
    const lost = tsharkFields(file, [COMMENT, 'tcp.seq'], 'frame.comment contains "lost"')
    assert.deepEqual(
      lost.map(([comment, seq]) => [comment, seq]),
      [
        ['lost on the way', '1449'],
        ['lost on the way', '11585'],
        ['lost on the way', '11585'],
      ],
    )
    const again = tsharkFields(
      file,
      ['tcp.seq'],
      'tcp.analysis.retransmission or tcp.analysis.fast_retransmission',
    )
    assert.deepEqual(
      again.map(([seq]) => seq),
      ['1449', '11585', '11585'],
    )
  })

  it('is fine with every story', () => {
    for (const name of [
      'simultaneous-open',
      'time-wait-reuse',
      'old-duplicate-syn',
      'zero-window',
      'self-connect',
    ])
      assert(tsharkFields(storyFile(name), ['tcp.seq']).length > 0, name)
    const copies = tsharkFields(storyFile('time-wait'), ['tcp.len'], 'frame.comment contains "duplicated"')
    assert.deepEqual(copies, [['200']])
  })

  it('leaves corrupted packets out', () => {
    const { recorder } = play(findStory('handshake')!)
    const broken = recorder.segments.map(s => ({ ...s, event: { ...s.event, fate: 'corrupted' as const } }))
    const file = capture(writer => writeSegments(writer, [recorder.segments[0]!, ...broken]))
    assert.equal(tsharkFields(file, ['tcp.seq']).length, 1)
  })
})

describe('a live capture', { skip }, () => {
  it('has what went out and came in, with directions, and changes of state on their packets', () => {
    const file = live(p => {
      const accepted = listen(p)
      const client = connect(p)
      p.world.at(100, () => client.socket.send(new Uint8Array(10)))
      p.world.at(200, () => client.socket.close())
      p.world.at(300, () => accepted[0]!.socket.close())
    })
    assert.deepEqual(tsharkComplaints(file), [])
    const rows = tsharkFields(file, ['frame.packet_flags_direction', 'tcp.flags.str', COMMENT])
    const directions = { '0x00000001': 'in', '0x00000002': 'out' } as Record<string, string>
    assert.deepEqual(
      rows.map(([direction, flags, comment]) => [directions[direction!], flags!.replace(/·/g, ''), comment]),
      [
        ['out', 'S', 'a: CLOSED → SYN_SENT (active OPEN)'],
        ['in', 'AS', 'a: SYN_SENT → ESTABLISHED (receive SYN,ACK)'],
        ['out', 'A', ''],
        ['out', 'AP', ''],
        ['in', 'A', ''],
        ['out', 'AF', 'a: ESTABLISHED → FIN_WAIT_1 (CLOSE)'],
        ['in', 'A', 'a: FIN_WAIT_1 → FIN_WAIT_2 (receive ACK of FIN)'],
        ['in', 'AF', 'a: FIN_WAIT_2 → TIME_WAIT (receive FIN)'],
        ['out', 'A', ''],
      ],
    )
  })

  it('has an interface for each of the stack, IPv6 too, and what the stack tells itself once', () => {
    const file = live(p => {
      listen(p)
      connect(p, { remote: B6 })
      p.a.stack.listen({ port: PORT, onConnection: () => {} })
      p.world.at(100, () => p.a.stack.connect({ remote: IpAddress.loopback4, port: PORT }))
      p.world.at(200, () => p.a.stack.close())
    })
    assert.deepEqual(tsharkComplaints(file), [])
    const rows = tsharkFields(
      file,
      ['frame.interface_name', 'ipv6.dst', 'ip.dst', 'tcp.flags.str'],
      'tcp.flags.syn == 1',
    )
    assert.deepEqual(
      rows.map(([name, v6, v4]) => [name, v6 || v4]),
      [
        ['to-b', 'fd00::2'],
        ['to-b', 'fd00::1'],
        ['lo', '127.0.0.1'],
        ['lo', '127.0.0.1'],
      ],
    )
  })
})

describe('what tshark makes of younger options', { skip }, () => {
  it('Fast Open: it sees a cookie asked for, given, and used, and the data taken [RFC 7413]', () => {
    const file = live(p => {
      const accepted = listen(p, { fastOpen: 4 })
      for (const text of ['first', 'second']) {
        const { socket } = connect(p, { fastOpen: true, data: new TextEncoder().encode(text) })
        p.world.runSync(p.world.now + 100)
        socket.close()
        accepted.at(-1)!.socket.close()
        p.world.runSync(p.world.now + 100)
      }
    })
    assert.deepEqual(tsharkComplaints(file), [])
    const cookies = (filter: string) => tsharkFields(file, ['tcp.options.tfo.cookie'], filter).flat()
    assert.equal(tsharkFields(file, ['tcp.seq'], 'tcp.options.tfo.request').length, 1)
    const given = cookies('tcp.flags.syn == 1 and tcp.flags.ack == 1 and tcp.options.tfo')
    assert.equal(given.length, 1)
    assert.deepEqual(cookies('tcp.analysis.tfo_syn'), given)
    assert.equal(tsharkFields(file, ['tcp.seq'], 'tcp.analysis.tfo_ack').length, 1)
  })

  it('accurate ECN: the counter and the octets it reads are those that were told [RFC 9768]', () => {
    const file = live(
      p => {
        const accepted = listen(p)
        const { socket } = connect(p, { data: new Uint8Array(5000) })
        p.world.runSync(p.world.now + 1000)
        socket.close()
        accepted[0]!.socket.close()
      },
      { ecn: 'request', accurateEcn: 'request' },
    )
    assert.deepEqual(tsharkComplaints(file), [])
    // Asked for by all three, answered "not marked".
    const flags = tsharkFields(file, ['tcp.flags.ae', 'tcp.flags.cwr', 'tcp.flags.ece'], 'tcp.flags.syn == 1')
    assert.deepEqual(
      flags.map(row => row.map(Number)),
      [
        [1, 1, 1],
        [0, 1, 0],
      ],
    )
    const told = tsharkFields(
      file,
      ['tcp.options.acc_ecn.ee0b', 'tcp.options.acc_ecn.eceb', 'tcp.options.acc_ecn.ee1b'],
      `tcp.srcport == ${PORT} and tcp.options.acc_ecn`,
    )
    assert.deepEqual(told[0]!.map(Number), [1, 0, 1])
    assert.deepEqual(told.at(-1)!.map(Number), [5001, 0, 1])
  })
})
