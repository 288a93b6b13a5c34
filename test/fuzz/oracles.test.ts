import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Tcb } from '../../src/tcp/tcb.js'
import {
  ACK,
  bytesOf,
  icmpMessage,
  ipPacket,
  mend,
  OWN4,
  PEER_TEXT,
  RST,
  SYN,
  set16,
  tcpSegment,
} from './bytes.js'
import { Coverage } from './coverage.js'
import { Failure, play, worldOf } from './run.js'
import type { User } from './user.js'
import { FuzzWorld } from './world.js'

/** Oracles that cannot fail find nothing: every one of these worlds has a fault in it, and must be found out. */

const PEER4 = bytesOf('10.0.0.2')
const NOTHING: Uint8Array = new Uint8Array(0)

const segment = (flags: number, options: number[] = [], text = NOTHING, ack = 5, urgent = 0) =>
  mend(ipPacket(OWN4, PEER4, 6, tcpSegment(80, 4000, 1, ack, flags, 0, options, text, urgent)))

describe('what the stack must not send', () => {
  const spoiled = (b: Uint8Array, at: number): Uint8Array => {
    b[at]! ^= 1
    return b
  }
  const errorAbout = (inner: Uint8Array) => mend(ipPacket(OWN4, PEER4, 1, icmpMessage(3, 3, 0, inner)))
  const wrong: [string, Uint8Array, RegExp][] = [
    ['a wrong TCP checksum', spoiled(segment(ACK), 36), /checksum/],
    ['a wrong IP checksum', spoiled(segment(ACK), 10), /drop|checksum/],
    ['a wrong length', segment(ACK).subarray(0, 39), /drop|length/],
    ['more than the MTU', mend(ipPacket(OWN4, PEER4, 17, new Uint8Array(1481))), /1501 bytes/],
    ['another’s address', mend(ipPacket(PEER4, OWN4, 6, segment(ACK).subarray(20))), /not ours/],
    ['MSS on what is no SYN', segment(ACK, [2, 4, 5, 0xb4]), /no SYN/],
    ['a SYN without MSS', segment(SYN, [], NOTHING, 0), /without MSS/],
    ['a SYN with text', segment(SYN, [2, 4, 5, 0xb4], PEER_TEXT.subarray(0, 1), 0), /text or FIN/],
    ['a RST with text', segment(RST, [], PEER_TEXT.subarray(0, 1), 0), /company/],
    ['no ACK', segment(0, [], NOTHING, 0), /without ACK/],
    ['an acknowledgment number and no ACK', segment(RST), /without ACK/],
    ['an urgent pointer and no URG', segment(ACK, [], NOTHING, 5, 9), /urgent/],
    ['options that end in the middle', segment(ACK, [8, 12, 0, 0]), /well formed/],
    ['reserved bits', mend(segment(ACK).map((octet, i) => (i === 32 ? octet | 2 : octet))), /reserved/],
    ['text of no connection', segment(ACK, [], PEER_TEXT.subarray(0, 4)), /no connection/],
    ['a protocol of others', mend(ipPacket(OWN4, PEER4, 132, NOTHING)), /not spoken/],
    ['an ICMP error about one', errorAbout(errorAbout(segment(ACK))), /about an error/],
    ['a long ICMP error', errorAbout(mend(ipPacket(PEER4, OWN4, 17, new Uint8Array(600)))), /too long/],
  ]
  const world = () => {
    const w = new FuzzWorld({ ...worldOf(1, { kind: 'ip' }), mtu: 1500 }, new Coverage())
    w.output.begin(false)
    return w
  }
  for (const [name, bytes, message] of wrong)
    it(name, () => assert.throws(() => world().output.made(bytes), message))

  it('a RST in answer to a RST', () => {
    const { output } = world()
    output.made(segment(RST, [], NOTHING, 0))
    output.begin(true)
    assert.throws(() => output.made(segment(RST, [], NOTHING, 0)), /answer to a RST/)
  })

  it('too many ICMP errors', () => {
    const { output } = world()
    const error = errorAbout(segment(ACK))
    for (let i = 0; i < 100; i++) output.made(error)
    assert.throws(() => output.made(error), /too many/)
  })

  it('a frame that is not ours', () => {
    const w = new FuzzWorld(worldOf(1, { kind: 'ethernet' }), new Coverage())
    const frame = new Uint8Array(54)
    set16(frame, 12, 0x0800)
    assert.throws(() => w.output.sent(frame), /not from us/)
  })
})

/** A fault put into a connection that is open and has been used. */
type Sabotage = (tcb: Tcb, user: User, world: FuzzWorld) => void

const faults: [string, Sabotage, RegExp][] = [
  ['RCV.NXT goes back', tcb => void tcb.rcvNxt--, /RCV\.NXT went back/],
  ['SND.UNA goes back', tcb => void tcb.sndUna--, /SND\.UNA went back/],
  ['the right edge goes back', tcb => void (tcb.rcvAdv -= 9), /the right edge went back/],
  ['received bytes are forgotten', (_, user) => void user.read--, /lost, or made up/],
  ['RCV.NXT skips a byte', tcb => void tcb.rcvNxt++, /not where the bytes end/],
  ['more is promised than there is room for', tcb => void (tcb.rcvAdv += 1 << 22), /promised/],
  ['an ACK is never sent', tcb => void (tcb.unackedBytes = 1), /nobody will acknowledge/],
  [
    'the retransmission timer is lost',
    tcb => {
      tcb.sndNxt++
      tcb.retransmitAt = Number.POSITIVE_INFINITY
    },
    /nothing watches it/,
  ],
  ['something is owed and not sent', tcb => void (tcb.owed = 1), /owed/],
  [
    'the alarm is lost',
    (_tcb, _user, world) => {
      world.env.wakeAt = () => {}
      world.env.cancelWake()
    },
    /nobody will be woken|nobody will/,
  ],
  [
    'the alarm comes again and again',
    (_tcb, _user, world) => {
      world.stack['context'].wheel.next = () => world.env.time
    },
    /wakes/,
  ],
  [
    'a packet is answered far too often',
    (_tcb, _user, world) => {
      const tcp = world.stack['tcp']
      const receive = tcp.receive.bind(tcp)
      world.stack['ip'].upper.tcp = view => {
        for (let i = 0; i < 20; i++) receive(view)
      }
    },
    /bare|bytes in answer|went|more|the FIN|twice|wakes/,
  ],
  [
    'received bytes are changed on the way up',
    tcb => {
      const { receiveQueue } = tcb
      const append = receiveQueue.append.bind(receiveQueue)
      receiveQueue.append = (source, offset, length) =>
        append(
          source.map(byte => byte ^ 1),
          offset,
          length,
        )
    },
    /not what the peer sent/,
  ],
  [
    'sent bytes are changed on the way down',
    tcb => {
      const { sendQueue } = tcb
      const copy = sendQueue.copy.bind(sendQueue)
      sendQueue.copy = (position, length, target, at) => {
        copy(position, length, target, at)
        target[at]! ^= 1
      }
    },
    /not what the user sent/,
  ],
  [
    'user code throws',
    (_tcb, user) => {
      user.socket.handler = {
        readable: () => {
          throw new TypeError('oh')
        },
      }
    },
    /oh/,
  ],
  [
    'half-open connections are not bounded',
    (_tcb, _user, world) => {
      for (const listener of world.listeners.values()) Object.assign(listener, { synBacklog: 0 })
    },
    /half open/,
  ],
]

describe('what must not happen to a connection', () => {
  for (const [name, sabotage, message] of faults)
    it(name, () => {
      let failures = 0
      // Not every connection lives long enough to show it.
      for (let seed = 1; seed <= 40 && failures === 0; seed++) {
        let done = false
        const stop = (world: FuzzWorld): boolean => {
          const user = [...world.users.values()].find(
            ({ socket, read, sent }) =>
              socket.state === 'ESTABLISHED' &&
              socket.tcb.flight === 0 &&
              read > 0 &&
              (sent > 0 || world.actions > 200),
          )
          if (!user || done) return false
          done = true
          sabotage(user.socket.tcb, user, world)
          return false
        }
        try {
          play(worldOf(seed, { mode: 'consistent', kind: 'ip' }), new Coverage(), { stop })
        } catch (error) {
          assert.ok(error instanceof Failure)
          assert.match(String(error.cause), message)
          failures++
        }
      }
      assert.equal(failures, 1, 'nobody noticed')
    })

  it('a stream that is not delivered to its end', () => {
    // Every fifth segment with text is taken for an old one.
    let failed = false
    for (let seed = 1; seed <= 10 && !failed; seed++) {
      const stop = (world: FuzzWorld): boolean => {
        for (const { socket } of world.users.values())
          if (socket.tcb.bytesReceived > 100) socket.tcb.rcvAdv = socket.tcb.rcvNxt
        return false
      }
      try {
        play(worldOf(seed, { mode: 'scripted', kind: 'ip' }), new Coverage(), { stop })
      } catch (error) {
        failed = true
        assert.ok(error instanceof Failure)
      }
    }
    assert.ok(failed)
  })
})
