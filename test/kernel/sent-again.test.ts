// What was sent again, and whether that was needed: the kernel's account (`ss -ti`, `nstat`) and estab's are held
// against each other, and against what the test did to the packets between them.
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { TcpConfig } from '../../src/tcp/config.js'
import { add, lt } from '../../src/tcp/sequence.js'
import { PROTO_UDP } from '../../src/wire/ip.js'
import { kernelTest, type PairOptions, type Version } from '../support/kernel.js'
import { type Connection, fromEstab, fromKernel } from '../support/kernel-connection.js'
import { Content, KiB, MiB } from '../support/kernel-content.js'
import { kernelCounters } from '../support/kernel-counters.js'
import {
  type Direction,
  type Gate,
  isPureAck,
  reportsDuplicate,
  type Wanted,
} from '../support/kernel-gate.js'
import { loseEvery, queueEverything } from '../support/kernel-loss.js'
import { sysctl } from '../support/kernel-sysctl.js'

/** Both ends have Reno: no ssthresh before there is a loss, nor after one that is taken back. */
const tcp: Partial<TcpConfig> = { congestion: 'reno' }
const RENO = `setsockopt(IPPROTO_TCP, TCP_CONGESTION, b'reno')`

const flavours: [name: string, tcp: Partial<TcpConfig>][] = [
  ['timestamps', tcp],
  ['no timestamps', { ...tcp, timestamps: false }],
]

const openers = {
  estab: (t: TestContext, version: Version, options: PairOptions = { tcp }) => {
    holdsEverything(t)
    return fromEstab(t, version, { ...options, prepare: `l.${RENO}` }).then(undisturbed)
  },
  'the kernel': (t: TestContext, version: Version, options: PairOptions = { tcp }) => {
    holdsEverything(t)
    return fromKernel(t, version, { ...options, prepare: `c.${RENO}` }).then(undisturbed)
  },
}

/** Where Python is held up the kernel's window would close, and the octets that probe it would be sent again. */
const holdsEverything = (t: TestContext) => sysctl(t, 'ipv4/tcp_rmem', `4096 ${32 * MiB} ${32 * MiB}`)

/** What the kernel would drop of itself, where estab has not read for a while, would be in every account. */
function undisturbed(c: Connection): Connection {
  queueEverything(c.pair.tun.name)
  c.end.hashing()
  return c
}

async function kernelSends(c: Connection, size: number): Promise<void> {
  const goal = c.end.receivedBytes + size
  const poured = c.python.run(`pour(c, ${size})`)
  await c.end.untilReceived(goal)
  await poured
}

async function estabSends(c: Connection, size: number): Promise<void> {
  const taken = c.python.run(`take(c, ${size})`)
  await c.end.pour(new Content(size))
  await taken
}

/** What `ss -ti` says of it, once all that the two have sent is acknowledged and has come; what is not there is 0. */
async function settled(c: Connection) {
  const { socket } = c.end
  await c.end.until(() => socket.sendQueued === 0 && socket.status().flight === 0, 'all acknowledged')
  for (let looks = 0; ; looks++) {
    const { unacked, notsent } = await c.kernelInfo()
    if (unacked === undefined && notsent === undefined) break
    assert.ok(looks < 200, `still ${unacked} unacknowledged`)
    await c.pair.signal.next(20)
  }
  await allHasCome(c)
  const info = await c.kernelInfo()
  const number = (name: string) => Number(info[name] ?? 0)
  return {
    info,
    retransmitted: Number((info['retrans'] ?? '0/0').split('/')[1]),
    duplicates: number('dsack_dups'),
    reorderings: number('reord_seen'),
    outOfOrder: number('rcv_ooopack'),
  }
}

/** A copy of what was acknowledged meanwhile may still wait to be read: a datagram that the kernel sends now comes last. */
async function allHasCome(c: Connection): Promise<void> {
  const last = c.pair.gate.watch('in', p => p.protocol === PROTO_UDP)
  const host = await c.python.run<string>('c.getpeername()[0]')
  await c.python.run(`socket(c.family, SOCK_DGRAM).sendto(b'', ('${host}', 9))`)
  await c.pair.signal.until(() => last.length > 0, 'a datagram')
}

/** Segments with data that are sent again: they begin below what their sender had come to. */
function isCopy(): Wanted {
  let next: number | undefined
  return ({ seq, length }) => {
    if (length === 0) return false
    const end = add(seq, length)
    const copy = next !== undefined && lt(seq, next)
    if (next === undefined || lt(next, end)) next = end
    return copy
  }
}

/** How many of them there were. */
function again(gate: Gate, direction: Direction): () => number {
  const copies = isCopy()
  let count = 0
  gate.intercept(direction, packet => {
    if (copies(packet)) count++
    return false
  })
  return () => count
}

const ROUNDS = 20

/** Holds back the twentieth segment with data, and each copy of it. */
function holdOne(gate: Gate, direction: Direction) {
  let before = 20
  let held = -1
  const wanted: Wanted = ({ seq, length }) => {
    if (length > 0 && --before === 0) held = seq
    return before <= 0 && length > 0 && seq === held
  }
  return gate.hold(direction, wanted)
}

/** The D-SACKs that the kernel sent, by its own account. */
const reportsOf = (counters: Record<string, number>) =>
  (counters['TCPDSACKOldSent'] ?? 0) + (counters['TCPDSACKOfoSent'] ?? 0)

for (const version of [4, 6] as const) {
  describe(`nothing is sent again on a clean path, IPv${version}`, kernelTest, () => {
    for (const [opener, open] of Object.entries(openers))
      for (const [name, tcp] of flavours)
        it(`8 MiB each way, ${opener} opens, ${name}`, async t => {
          const c = await open(t, version, { tcp, patient: true })
          const since = kernelCounters()
          await kernelSends(c, 8 * MiB)
          await estabSends(c, 8 * MiB)
          const { info } = await settled(c)
          for (const no of ['retrans', 'bytes_retrans', 'dsack_dups', 'reord_seen', 'rcv_ooopack', 'lost'])
            assert.equal(info[no], undefined, no)
          const counters = since()
          // Not TCPTimeouts: an orphan that an earlier test left in this namespace goes on trying for minutes.
          for (const no of ['TCPDSACKRecv', 'TCPFastRetrans']) assert.equal(counters[no], undefined, no)
          assert.equal(reportsOf(counters), 0)
          const status = c.end.socket.status()
          for (const no of [
            'segmentsRetransmitted',
            'bytesRetransmitted',
            'timeouts',
            'outOfOrderIn',
            'duplicateIn',
          ] as const)
            assert.equal(status[no], 0, no)
          assert.equal(c.end.socket.status().spuriousRecoveries, 0)
          // What one has sent is what the other got; a SYN that opens counts as an octet to the kernel.
          assert.equal(Number(info['data_segs_out']), status.dataSegmentsIn)
          assert.equal(Number(info['data_segs_in']), status.dataSegmentsOut)
          assert.equal(Number(info['bytes_acked']), status.bytesReceived + (opener === 'estab' ? 0 : 1))
          assert.equal(Number(info['bytes_received']), status.bytesAcked)
        })
  })

  describe(`segments that come twice, IPv${version}`, kernelTest, () => {
    // One by one: what the answer to a copy says is said of it alone.
    for (const [name, tcp] of flavours)
      it(`estab's: the kernel tells it so, and nothing comes of it, ${name}`, async t => {
        const c = await openers.estab(t, version, { tcp, patient: true })
        const { socket } = c.end
        const since = kernelCounters()
        const data = c.pair.gate.watch('out', p => p.length > 0)
        const reports = c.pair.gate.watch('in', reportsDuplicate)
        const { ssthresh } = socket.status()
        for (let round = 1; round <= ROUNDS; round++) {
          await estabSends(c, 1000)
          await c.end.until(() => socket.status().flight === 0, 'an acknowledgment')
          c.pair.gate.slip('out', data[round - 1])
          await c.end.until(() => reports.length === round, 'a report')
        }
        assert.equal(data.length, ROUNDS)
        assert.equal(reportsOf(since()), ROUNDS)
        assert.equal(socket.status().segmentsRetransmitted, 0)
        assert.equal(socket.status().ssthresh, ssthresh)
        assert.equal(socket.status().spuriousRecoveries, 0)
      })

    const choices: [name: string, tcp: Partial<TcpConfig>, told: boolean][] = [
      ...flavours.map(([name, tcp]): [string, Partial<TcpConfig>, boolean] => [name, tcp, true]),
      ['no D-SACK', { ...tcp, dsack: false }, false],
      ['no SACK', { ...tcp, sack: false }, false],
    ]
    for (const [name, tcp, told] of choices)
      it(`the kernel's: estab ${told ? 'tells it so' : 'keeps it to itself'}, ${name}`, async t => {
        const c = await openers['the kernel'](t, version, { tcp, patient: true })
        const since = kernelCounters()
        const data = c.pair.gate.watch('in', p => p.length > 0)
        const acks = c.pair.gate.watch('out', isPureAck)
        const reports = c.pair.gate.watch('out', reportsDuplicate)
        for (let round = 1; round <= ROUNDS; round++) {
          await c.python.run(`c.sendall(bytes(1000))`)
          await c.end.untilReceived(1000 * round)
          const answered = acks.length
          c.pair.gate.slip('in', data[round - 1])
          await c.end.until(() => acks.length > answered, 'an answer')
        }
        const kernel = await settled(c)
        assert.equal(data.length, ROUNDS)
        assert.equal(kernel.info['retrans'], undefined)
        assert.equal(c.end.socket.status().duplicateIn, ROUNDS)
        assert.equal(reports.length, told ? ROUNDS : 0)
        assert.equal(kernel.duplicates, told ? ROUNDS : 0)
        const counters = since()
        assert.equal(counters['TCPDSACKRecv'], told ? ROUNDS : undefined)
        // It sent nothing twice, and knows that.
        assert.equal(counters['TCPDSACKIgnoredDubious'], told ? ROUNDS : undefined)
      })
  })

  describe(`segments that come late, IPv${version}`, kernelTest, () => {
    for (const [name, tcp] of flavours) {
      it(`the kernel's, by two: it sees that they were reordered, ${name}`, async t => {
        const c = await openers['the kernel'](t, version, { tcp })
        await c.python.run('c.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)')
        const copies = again(c.pair.gate, 'in')
        let kernel = await settled(c)
        for (let round = 1; kernel.reorderings === 0; round++) {
          // A kernel that has no patience left before estab had its turn has sent it again: the next may be seen.
          assert.ok(round <= 50, 'no reordering seen')
          const passed = c.pair.gate.watch('in', p => p.length > 0)
          const told = c.pair.gate.watch('out', p => p.sack.length > 0)
          const [first] = passed
          assert.equal(first, undefined)
          const held = c.pair.gate.hold('in', p => p.length > 0 && p.seq === passed[0].seq)
          await c.python.run('for _ in range(3): c.sendall(bytes(1000))')
          await c.pair.signal.until(() => told.length > 0 && passed.length >= 3, 'what came early')
          held.release()
          await c.end.untilReceived(3000 * round)
          kernel = await settled(c)
        }
        assert.equal(kernel.retransmitted, copies())
        assert.ok(c.end.socket.status().outOfOrderIn >= 2)
        assert.equal(c.end.socket.status().segmentsRetransmitted, 0)
      })

      it(`estab's, by eight: it sees that they were reordered, ${name}`, async t => {
        const c = await openers.estab(t, version, { tcp })
        const since = kernelCounters()
        const copies = again(c.pair.gate, 'out')
        const usual = c.end.socket.status().reordering
        for (let round = 1; c.end.socket.status().reordering === usual; round++) {
          assert.ok(round <= 50, 'no reordering seen')
          const held = holdOne(c.pair.gate, 'out')
          const passed = c.pair.gate.watch('out', p => p.length > 0)
          const sent = estabSends(c, 256 * KiB)
          await c.pair.signal.until(() => passed.length >= 19 + 8, 'eight that pass it')
          held.release()
          await sent
          await settled(c)
        }
        const kernel = await settled(c)
        assert.ok(kernel.outOfOrder >= 8)
        assert.equal(c.end.socket.status().segmentsRetransmitted, copies())
        // Nothing was lost: each copy was one too many, and the kernel says so.
        assert.equal(reportsOf(since()), copies())
      })

      it(`one of the kernel's, until it is sent again: it takes that back, ${name}`, async t => {
        const c = await openers['the kernel'](t, version, { tcp })
        const since = kernelCounters()
        const copies = again(c.pair.gate, 'in')
        const reports = c.pair.gate.watch('out', reportsDuplicate)
        const held = holdOne(c.pair.gate, 'in')
        const sent = kernelSends(c, 512 * KiB)
        await held.until(2)
        held.release()
        await sent
        const kernel = await settled(c)
        assert.ok(copies() >= 1)
        assert.equal(kernel.retransmitted, copies())
        assert.equal(kernel.duplicates, copies())
        assert.equal(reports.length, copies())
        assert.equal(c.end.socket.status().duplicateIn, copies())
        const counters = since()
        // By the echo, and by the report where there is none.
        const undone = ['TCPFullUndo', 'TCPPartialUndo', 'TCPLossUndo', 'TCPDSACKUndo']
        assert.ok(
          undone.some(undo => counters[undo] > 0),
          JSON.stringify(counters),
        )
        assert.equal(kernel.info['ssthresh'], undefined)
      })

      it(`one of estab's, until it is sent again: it takes that back, ${name}`, async t => {
        const c = await openers.estab(t, version, { tcp })
        const { socket } = c.end
        const { ssthresh } = socket.status()
        const since = kernelCounters()
        const copies = again(c.pair.gate, 'out')
        const reports = c.pair.gate.watch('in', reportsDuplicate)
        const held = holdOne(c.pair.gate, 'out')
        const sent = estabSends(c, 512 * KiB)
        await held.until(2)
        assert.ok(socket.status().ssthresh < ssthresh)
        held.release()
        await sent
        await c.end.until(() => reports.length >= copies(), 'every report')
        await settled(c)
        assert.ok(copies() >= 1)
        assert.equal(socket.status().segmentsRetransmitted, copies())
        assert.equal(reportsOf(since()), copies())
        assert.ok(socket.status().spuriousRecoveries >= 1)
        assert.equal(socket.status().ssthresh, ssthresh)
      })
    }
  })

  describe(`acknowledgments that come too late, IPv${version}`, kernelTest, () => {
    for (const [name, tcp] of flavours) {
      it(`estab's: the kernel's timeout was needless, and it knows, ${name}`, async t => {
        const c = await openers['the kernel'](t, version, { tcp })
        const copies = again(c.pair.gate, 'in')
        const reports = c.pair.gate.watch('out', reportsDuplicate)
        await kernelSends(c, 256 * KiB)
        await settled(c)
        const since = kernelCounters()
        const before = copies()
        const held = c.pair.gate.hold('out', isPureAck)
        // The report of a copy would say as much as the acknowledgments do, and is to come after them.
        const late = c.pair.gate.hold('in', isCopy())
        const sent = kernelSends(c, 256 * KiB)
        await c.pair.signal.until(() => copies() > before && since()['TCPTimeouts'] > 0, 'a timeout')
        held.release()
        late.release()
        await sent
        const kernel = await settled(c)
        const counters = since()
        assert.ok(counters['TCPLossUndo'] >= 1, JSON.stringify(counters))
        // F-RTO finds out where there is no echo that would, if the first acknowledgment is of more than was sent again:
        // not if a copy came before, after which estab acknowledges one by one.
        if (tcp.timestamps === false && before === 0) assert.ok(counters['TCPSpuriousRTOs'] >= 1)
        assert.equal(kernel.retransmitted, copies())
        assert.equal(kernel.duplicates, copies())
        assert.equal(c.end.socket.status().duplicateIn, copies())
        assert.ok(reports.length <= copies())
        assert.equal(kernel.info['ssthresh'], undefined)
      })

      it(`the kernel's: estab's timeout was needless, and it knows, ${name}`, async t => {
        const c = await openers.estab(t, version, { tcp })
        const { socket } = c.end
        const { ssthresh } = socket.status()
        const since = kernelCounters()
        const copies = again(c.pair.gate, 'out')
        await estabSends(c, 256 * KiB)
        await settled(c)
        const { timeouts } = socket.status()
        const held = c.pair.gate.hold('in', isPureAck)
        const sent = estabSends(c, 256 * KiB)
        await c.end.until(() => socket.status().timeouts > timeouts && copies() > 0, 'a timeout')
        held.release()
        await sent
        await settled(c)
        assert.equal(socket.status().segmentsRetransmitted, copies())
        assert.equal(reportsOf(since()), copies())
        assert.ok(socket.status().spuriousRecoveries >= 1)
        assert.equal(socket.status().ssthresh, ssthresh)
      })
    }
  })

  describe(`segments that are lost, IPv${version}`, kernelTest, () => {
    for (const [name, tcp] of flavours) {
      it(`the kernel's: it sends as many again, ${name}`, async t => {
        const c = await openers['the kernel'](t, version, { tcp })
        const copies = again(c.pair.gate, 'in')
        const lost = loseEvery(c.pair.gate, 'in', 100)
        await kernelSends(c, 4 * MiB)
        const kernel = await settled(c)
        assert.ok(lost() > 20)
        assert.equal(kernel.retransmitted, copies())
        const needless = copies() - lost()
        assert.ok(needless >= 0 && needless <= lost() / 4, `${needless} needlessly, ${lost()} lost`)
        assert.ok(kernel.duplicates <= needless)
      })

      it(`estab's: it sends as many again, ${name}`, async t => {
        const c = await openers.estab(t, version, { tcp })
        const since = kernelCounters()
        const copies = again(c.pair.gate, 'out')
        const lost = loseEvery(c.pair.gate, 'out', 100)
        await estabSends(c, 4 * MiB)
        const kernel = await settled(c)
        assert.ok(lost() > 20)
        assert.equal(c.end.socket.status().segmentsRetransmitted, copies())
        const needless = copies() - lost()
        assert.ok(needless >= 0 && needless <= lost() / 4, `${needless} needlessly, ${lost()} lost`)
        assert.equal(reportsOf(since()), needless)
        assert.ok(kernel.outOfOrder > 0)
      })
    }
  })
}
