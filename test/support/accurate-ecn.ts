/** Accurate ECN (RFC 9768) with a Linux: what each side says that arrived marked is what the gate between them has marked. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { TcpConfig } from '../../src/tcp/config.js'
import type { TcpStatus } from '../../src/tcp/status.js'
import type { HostOptions, Version } from './estab-host.js'
import { Content, KiB } from './kernel-content.js'
import {
  ACCURATE_ECN,
  CE,
  ECT0,
  ecnField,
  type KernelMarks,
  kernelMarks,
  markAs,
  NO_ECN,
  NOT_ECT,
  RFC_3168,
} from './kernel-ecn.js'
import { type Direction, type Gate, has } from './kernel-gate.js'
import type { LinuxConnection } from './linux-connection.js'

/** `net.ipv4.tcp_ecn`: it asks for accurate ECN, and agrees to it. */
export const ACCURATE = 3
/** RFC 3168 only. */
const CLASSIC = 1

export const openers = ['estab asks', 'Linux asks'] as const
export type Opener = (typeof openers)[number]

/** What estab is set to where it asks, and where it is asked. */
export const willing: Record<Opener, Partial<TcpConfig>> = {
  'estab asks': { ecn: 'request', accurateEcn: 'request' },
  'Linux asks': {},
}

/** A Linux, and what these tests need of it. */
export interface Linux {
  sysctl(t: TestContext, name: string, value: number): void | Promise<void>
  /** A connection that the one who asks opens. */
  open: Record<Opener, (t: TestContext, version: Version, options: HostOptions) => Promise<LinuxConnection>>
}

/** Tests by their names. */
type Tests<More extends unknown[] = []> = Record<
  string,
  (t: TestContext, linux: Linux, version: Version, ...more: More) => Promise<void>
>

/** What passed a gate and what the two ends say of it. */
export interface Seen {
  marked: { packets: number; octets: number }
  estab: TcpStatus
  linux: KernelMarks
}

/** Marks every `n`-th packet with text on it, as a congested router would; returns how many, and their octets. */
function congest(c: LinuxConnection, direction: Direction, n: number): Seen['marked'] {
  const marked = { packets: 0, octets: 0 }
  let seen = 0
  c.pair.gate.alter(
    direction,
    p => p.length > 0 && ecnField(p) === ECT0 && ++seen % n === 0,
    p => {
      markAs(p, CE)
      marked.packets++
      marked.octets += p.length
    },
  )
  return marked
}

const MARKED = 512 * KiB
const EVERY = 7

/** estab sends through congestion. */
export async function congestedOut(c: LinuxConnection): Promise<Seen> {
  const marked = congest(c, 'out', EVERY)
  const content = new Content(MARKED)
  const drained = c.python.run('drain(c)')
  await c.end.pour(content)
  c.end.socket.close()
  assert.deepEqual(await drained, [content.length, content.digest])
  await c.untilEstab('FIN_WAIT_2')
  assert.ok(marked.packets > 40)
  return { marked, estab: c.end.socket.status(), linux: await kernelMarks(c.python) }
}

/** Linux sends through congestion. */
export async function congestedIn(c: LinuxConnection): Promise<Seen> {
  const marked = congest(c, 'in', EVERY)
  const poured = c.python.run(`pour(c, ${MARKED})`)
  await c.end.hashing().until(() => c.end.receivedBytes === MARKED, 'what Linux sends')
  assert.equal(await poured, c.end.digest)
  // The last acknowledgment may have been on its way.
  c.end.write('!')
  assert.equal(await c.python.run('c.recv(1)'), '!')
  assert.ok(marked.packets > 40)
  return { marked, estab: c.end.socket.status(), linux: await kernelMarks(c.python) }
}

/**
 * Three bits count segments: where one acknowledgment covers eight or more, as on a busy machine, Linux may take it for
 * eight marks more than there were (docs/ecn.md). Octets are right.
 */
export function linuxCounts(delivered: number, marked: number): void {
  assert.ok(delivered >= marked, `${delivered} of ${marked}`)
  assert.equal((delivered - marked) % 8, 0, `${delivered} of ${marked}`)
}

/** Of a Linux that speaks it, whoever opens. */
export const accurate: Tests<[Opener]> = {
  async 'agreed, and nothing is marked on a clean path [RFC 9768]'(t, linux, version, who) {
    await linux.sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
    const c = await linux.open[who](t, version, { tcp: willing[who] })
    assert.equal(c.end.socket.status().accurateEcn, true)
    const outward = c.pair.gate.watch('out', p => p.length > 0)
    const inward = c.pair.gate.watch('in', p => p.length > 0)
    const content = new Content(256 * KiB)
    const drained = c.python.run(`[drain(c), pour(c, ${256 * KiB})]`)
    await c.end.hashing().pour(content)
    c.end.socket.close()
    const [[length, digest], poured] = (await drained) as [[number, string], string]
    assert.deepEqual([length, digest], [content.length, content.digest])
    await c.end.until(() => c.end.receivedBytes === 256 * KiB, 'what Linux sends')
    assert.equal(c.end.digest, poured)
    const marks = await kernelMarks(c.python)
    const info = await c.kernelInfo()
    const status = c.end.socket.status()
    assert.equal(marks.mode, ACCURATE_ECN)
    assert.deepEqual([info['ecn'], info['ecnseen']], ['yes', 'yes'], 'what ss says')
    assert.deepEqual([status.deliveredCe, status.receivedCe], [0, 0])
    assert.equal(marks.received_ce, 0)
    linuxCounts(marks.delivered_ce, 0)
    assert.equal(marks.delivered_ce_bytes, 0)
    // Each got all of the other's marked ECT(0), and has told it so.
    assert.equal(marks.received_e0_bytes, 256 * KiB)
    assert.equal(status.deliveredEcnOctets.ect0, 256 * KiB)
    for (const p of [...outward, ...inward]) assert.equal(ecnField(p), ECT0)
  },

  async 'marks on what estab sends are counted by Linux, told, and answered [RFC 9768]'(
    t,
    linux,
    version,
    who,
  ) {
    await linux.sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
    const {
      marked,
      estab,
      linux: marks,
    } = await congestedOut(await linux.open[who](t, version, { tcp: willing[who] }))
    assert.deepEqual([marks.received_ce, marks.received_ce_bytes], [marked.packets, marked.octets])
    assert.deepEqual([estab.deliveredCe, estab.deliveredEcnOctets.ce], [marked.packets, marked.octets])
    // Answered, though nothing was lost.
    assert.ok(estab.ssthresh < 1 << 30, String(estab.ssthresh))
    assert.equal(estab.segmentsRetransmitted, 0)
  },

  async 'marks on what Linux sends are counted by estab, and told [RFC 9768]'(t, linux, version, who) {
    await linux.sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
    const {
      marked,
      estab,
      linux: marks,
    } = await congestedIn(await linux.open[who](t, version, { tcp: willing[who] }))
    assert.equal(estab.receivedCe, marked.packets)
    linuxCounts(marks.delivered_ce, marked.packets)
    assert.equal(marks.delivered_ce_bytes, marked.octets)
  },
}

/** A SYN or SYN,ACK was marked on this way, though it was sent without a mark; resolves to what each then marks data with. */
async function marksMadeUp(
  t: TestContext,
  linux: Linux,
  version: Version,
  who: Opener,
  way: Direction,
): Promise<{ estabs: number; linuxs: number }> {
  await linux.sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
  const gate = (g: Gate) => g.alter(way, has('SYN'), p => markAs(p, CE))
  const c = await linux.open[who](t, version, { tcp: willing[who], gate })
  assert.equal(c.end.socket.status().accurateEcn, true)
  assert.equal((await kernelMarks(c.python)).mode, ACCURATE_ECN)
  const outward = c.pair.gate.watch('out', p => p.length > 0)
  const inward = c.pair.gate.watch('in', p => p.length > 0)
  c.end.write('ping')
  assert.equal(await c.python.run('c.recv(4)'), 'ping')
  await c.python.run("c.sendall(b'pong')")
  await c.end.untilReceived(4)
  return { estabs: ecnField(outward[0]!), linuxs: ecnField(inward[0]!) }
}

/**
 * Of a Linux that speaks it, on a path that marks what was sent without a mark: whose mark it was is told so, and trusts
 * that way no more. (Linux 7.3 does not look where its own SYN was marked.)
 */
export const distrusted: Tests = {
  async "estab's SYN was marked on the way: it marks nothing more [RFC 9768]"(t, linux, version) {
    const seen = await marksMadeUp(t, linux, version, 'estab asks', 'out')
    assert.deepEqual(seen, { estabs: NOT_ECT, linuxs: ECT0 })
  },

  async "estab's SYN,ACK was marked on the way: it marks nothing more [RFC 9768]"(t, linux, version) {
    const seen = await marksMadeUp(t, linux, version, 'Linux asks', 'out')
    assert.deepEqual(seen, { estabs: NOT_ECT, linuxs: ECT0 })
  },

  async "Linux's SYN,ACK was marked on the way: estab says so, and Linux marks nothing more [RFC 9768]"(
    t,
    linux,
    version,
  ) {
    const seen = await marksMadeUp(t, linux, version, 'estab asks', 'in')
    assert.deepEqual(seen, { estabs: ECT0, linuxs: NOT_ECT })
  },
}

/** Of a Linux that speaks it, with an estab that does not. */
export const declined: Tests = {
  async 'Linux asks, and estab only knows RFC 3168: that is agreed on'(t, linux, version) {
    await linux.sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
    const c = await linux.open['Linux asks'](t, version, { tcp: { accurateEcn: 'off' } })
    const { ecn, accurateEcn } = c.end.socket.status()
    assert.deepEqual([ecn, accurateEcn], [true, false])
    assert.equal((await kernelMarks(c.python)).mode, RFC_3168)
  },

  async 'Linux asks, and estab will not: no ECN at all'(t, linux, version) {
    await linux.sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
    const c = await linux.open['Linux asks'](t, version, { tcp: { ecn: 'off' } })
    const { ecn, accurateEcn } = c.end.socket.status()
    assert.deepEqual([ecn, accurateEcn], [false, false])
    assert.equal((await kernelMarks(c.python)).mode, NO_ECN)
  },
}

/** What any Linux can do: not to speak it. */
export const fallbacks: Tests = {
  async 'estab asks, and Linux only knows RFC 3168: that is agreed on'(t, linux, version) {
    await linux.sysctl(t, 'ipv4/tcp_ecn', CLASSIC)
    const c = await linux.open['estab asks'](t, version, { tcp: willing['estab asks'] })
    const { ecn, accurateEcn } = c.end.socket.status()
    assert.deepEqual([ecn, accurateEcn], [true, false])
    assert.equal((await c.kernelInfo())['ecn'], 'yes')
  },

  async 'estab asks, and Linux will not: no ECN at all'(t, linux, version) {
    await linux.sysctl(t, 'ipv4/tcp_ecn', 0)
    const c = await linux.open['estab asks'](t, version, { tcp: willing['estab asks'] })
    const data = c.pair.gate.watch('out', p => p.length > 0)
    c.end.write('plain')
    assert.equal(await c.python.run('c.recv(5)'), 'plain')
    assert.equal(c.end.socket.status().ecn, false)
    assert.equal((await c.kernelInfo())['ecn'], undefined)
    assert.equal(ecnField(data[0]!), NOT_ECT)
    assert.ok(!has('AE')(data[0]!))
  },
}
