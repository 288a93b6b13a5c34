import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { createLab, type Lab, type LabOptions, type LiveBatch } from '../../src/lab/serve/index.js'
import { Viewer } from '../../src/lab/serve/viewer.js'
import { memoryPair } from '../../src/links/memory.js'
import { realtime } from '../../src/links/realtime.js'
import type { StackObserver } from '../../src/stack/observe.js'
import { Stack } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import { IpView, parseIp } from '../../src/wire/ip.js'
import { SegmentView } from '../../src/wire/tcp.js'
import { ask, page, streamOf, Watching } from '../support/lab.js'
import { B6, connect, listen, open, type Pair, pair } from '../support/worlds-pair.js'

async function watch(t: TestContext, stack: Stack, options: LabOptions = {}): Promise<Lab> {
  const lab = await createLab(stack, { directory: page(t), ...options })
  t.after(() => lab.close())
  return lab
}

/** Counts what a stack tells, as the truth to hold the stream against. */
class Counted {
  packets = 0
  states = 0
  readonly observer: StackObserver = {
    packet: () => void this.packets++,
    state: () => void this.states++,
  }
}

const sum = (batches: readonly LiveBatch[], of: (batch: LiveBatch) => number): number =>
  batches.reduce((total, batch) => total + of(batch), 0)

/** Sends so much that both hosts see more than 20,000 segments. */
function burst(p: Pair, bytes = 40 << 20): void {
  const [socket] = p.a.stack.sockets
  socket!.send(new Uint8Array(bytes))
  p.world.runSync(p.world.now + 600_000)
  assert.equal(socket!.sendQueued, 0)
}

describe('the stream of a live stack', () => {
  it('tells a connection from SYN to TIME_WAIT: segments with their headers, states, and what became of each', async t => {
    const p = pair({ start: 5000, b: { tcp: { timestamps: true } } })
    const lab = await watch(t, p.a.stack, { name: 'client', language: 'zh' })
    assert.match(lab.url, /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{22}&lang=zh#\/live$/)
    assert.equal((await ask(lab.url, '/')).status, 200)
    const watching = await Watching.open(t, lab.url)
    assert.equal(watching.response.headers['content-type'], 'text/event-stream')
    assert.equal(watching.response.headers['cache-control'], 'no-store')

    const accepted = listen(p)
    const client = connect(p)
    p.world.runSync(p.world.now + 500)
    client.socket.send(new Uint8Array(3000))
    p.world.runSync(p.world.now + 500)
    client.socket.close()
    p.world.runSync(p.world.now + 500)
    accepted[0]!.socket.close()
    p.world.runSync(p.world.now + 500)
    const flow = `10.0.0.1:${client.socket.localPort} 10.0.0.2:80`
    await watching.until(w => w.path(flow).at(-1) === 'TIME_WAIT')

    const [hello] = watching.messages
    assert.ok(hello?.type === 'hello')
    assert.deepEqual(
      { ...hello, epoch: Math.abs(hello.epoch + p.a.stack.now - Date.now()) < 60_000 },
      {
        type: 'hello',
        version: 1,
        host: 'client',
        now: 5000,
        epoch: true,
        addresses: ['10.0.0.1', 'fd00::1'],
      },
    )
    assert.deepEqual(watching.path(flow), [
      'CLOSED',
      'SYN_SENT',
      'ESTABLISHED',
      'FIN_WAIT_1',
      'FIN_WAIT_2',
      'TIME_WAIT',
    ])
    const { segments } = watching
    assert.ok(segments.every(segment => segment.flow === flow && segment.fate === 'delivered'))
    const [syn, synAck] = segments
    assert.deepEqual(
      [syn!.direction, syn!.from, syn!.to, syn!.flags, syn!.seq],
      ['out', 'client', '10.0.0.2', ['SYN'], 0],
    )
    assert.equal(syn!.arrives, undefined)
    assert.ok(syn!.options.mss === 1460 && syn!.options.sackOK)
    assert.deepEqual([synAck!.direction, synAck!.from, synAck!.to], ['in', '10.0.0.2', 'client'])
    assert.deepEqual(
      [synAck!.flags, synAck!.seq, synAck!.ack, synAck!.arrives],
      [['SYN', 'ACK'], 0, 1, synAck!.t],
    )
    const data = segments.filter(segment => segment.len > 0)
    assert.deepEqual(
      data.map(({ seq, len }) => [seq, seq + len]),
      data.map(({ seq }, i) => [seq, data[i + 1]?.seq ?? 3001]),
    )
    const last = segments.filter(segment => segment.direction === 'in').find(segment => segment.ack === 3001)
    assert.ok(last && last.win > 65535 && last.seq === 1, 'scaled, relative')
    assert.ok(segments.some(segment => segment.direction === 'in' && segment.reaction !== undefined))

    for (const { header, len, flags } of segments) {
      const bytes = Buffer.from(header, 'base64')
      assert.ok(bytes.length >= 40 && bytes.length <= 120)
      // The payload that is missing counts in the length.
      const whole = Buffer.concat([bytes, new Uint8Array(len)])
      const ip = new IpView()
      const segment = new SegmentView()
      assert.equal(parseIp(ip, whole, 0, whole.length), undefined)
      assert.equal(segment.parse(ip, true), undefined)
      assert.deepEqual([segment.payloadLength, segment.flags & 2], [len, flags.includes('SYN') ? 2 : 0])
      assert.equal(segment.payloadOffset, bytes.length)
    }
    const times = watching.events.map(event => event.t)
    assert.deepEqual(
      times,
      [...times].sort((x, y) => x - y),
    )
    assert.equal(
      sum(watching.batches, batch => batch.left + batch.leftStates),
      0,
    )
  })

  it('tells how the connections are, the newest first, and how many there are in each state', async t => {
    const p = pair({ conditions: { delay: 1 } })
    const lab = await watch(t, p.a.stack)
    listen(p)
    const clients = Array.from({ length: 230 }, () => {
      const client = connect(p)
      p.world.runSync(p.world.now + 10)
      return client
    })
    clients[229]!.socket.send(new Uint8Array(5000))
    p.world.runSync(p.world.now + 100)
    const watching = await Watching.open(t, lab.url)
    const told = await watching.until(w => w.messages.filter(message => message.type === 'status').at(1))
    assert.deepEqual([told.connections.length, told.more, told.states], [200, 30, { ESTABLISHED: 230 }])
    assert.deepEqual(
      told.connections.map(connection => connection.flow),
      clients
        .map(({ socket }) => `10.0.0.1:${socket.localPort} 10.0.0.2:80`)
        .reverse()
        .slice(0, 200),
    )
    const { state, status } = told.connections[0]!
    const real = clients[229]!.socket.status()
    assert.equal(state, 'ESTABLISHED')
    assert.equal(status.ssthresh, null)
    const { ssthresh: _, ...finite } = status
    for (const [field, value] of Object.entries(finite))
      assert.equal(value, real[field as keyof typeof real], field)
    assert.deepEqual(
      [status.bytesAcked, status.congestionControl, Object.keys(status).length],
      [5000, 'cubic', 15],
    )
  })

  it('of many segments tells some, those that begin and end connections first, and how many it left out', async t => {
    const counted = new Counted()
    const p = pair({ conditions: { delay: 1 }, a: { observer: counted.observer } })
    const lab = await watch(t, p.a.stack)
    const watching = await Watching.open(t, lab.url)
    await watching.until(w => w.messages.length > 0)
    const { client } = open(p)
    burst(p)
    client.socket.close()
    p.world.runSync(p.world.now + 1000)
    assert.ok(counted.packets > 20_000)
    const flow = `10.0.0.1:${client.socket.localPort} 10.0.0.2:80`
    await watching.until(w => w.path(flow).at(-1) === 'FIN_WAIT_2')
    const { batches, segments } = watching
    for (const batch of batches)
      assert.ok(batch.events.filter(event => event.kind === 'segment').length <= 400)
    assert.equal(segments.length + sum(batches, batch => batch.left), counted.packets)
    assert.ok(sum(batches, batch => batch.left) > 19_000)
    const marked = segments.filter(({ flags }) => flags.some(flag => flag === 'SYN' || flag === 'FIN'))
    assert.deepEqual(
      marked.map(({ flags }) => flags.join(' ')),
      ['SYN', 'SYN ACK', 'FIN ACK'],
    )
    assert.equal(watching.events.filter(event => event.kind === 'state').length, counted.states)
    // Evenly: no gap in what was sent is much more than its share.
    const sent = segments.filter(segment => segment.len > 0)
    const gaps = sent.slice(1).map((segment, i) => segment.seq - sent[i]!.seq)
    assert.ok(Math.max(...gaps) < (40 << 20) / 20, `${Math.max(...gaps)}`)
    // Growth with every ACK is one event to a batch.
    const grown = watching.events.filter(
      event => event.kind === 'congestion' && event.cause === 'acknowledgment',
    )
    assert.ok(grown.length >= 1 && grown.length <= batches.length)
  })

  it('leaves out states only when there are more than anybody could read, and says so', async t => {
    const p = pair()
    const lab = await watch(t, p.a.stack)
    const watching = await Watching.open(t, lab.url)
    await watching.until(w => w.messages.length > 0)
    for (let i = 0; i < 5000; i++) lab.note({ en: `note ${i}`, zh: `注 ${i}` })
    const batch = await watching.until(w => w.batches[0])
    assert.deepEqual([batch.events.length, batch.left, batch.leftStates], [2000, 0, 3000])
    assert.deepEqual(batch.events[1999], {
      t: 0,
      kind: 'note',
      host: 'estab',
      text: { en: 'note 1999', zh: '注 1999' },
    })
  })

  it('is in at most 20 batches a second', async t => {
    const p = pair()
    const lab = await watch(t, p.a.stack)
    const watching = await Watching.open(t, lab.url)
    const chatter = setInterval(() => lab.note({ en: 'x', zh: 'x' }), 1)
    t.after(() => clearInterval(chatter))
    await watching.until(w => w.batches.length >= 12)
    const times = watching.times.filter((_, i) => watching.messages[i]!.type === 'batch')
    assert.ok(times[11]! - times[0]! > 11 * 50 - 60, `${times[11]! - times[0]!} ms`)
  })
})

describe('a viewer who comes late', () => {
  it('sees the handshake even after a long transfer, in at most 2,000 events, and how many others there were', async t => {
    const counted = new Counted()
    const p = pair({ conditions: { delay: 1 }, a: { observer: counted.observer } })
    const lab = await watch(t, p.a.stack)
    open(p)
    for (let i = 0; i < 12; i++) {
      burst(p, 4 << 20)
      p.world.runSync(p.world.now + 1000)
    }
    const first = await Watching.open(t, lab.url)
    const batch = await first.until(w => w.batches[0])
    assert.ok(batch.events.length <= 2000)
    const segments = batch.events.filter(event => event.kind === 'segment')
    assert.deepEqual(segments[0]!.flags, ['SYN'])
    assert.equal(segments.length + batch.left, counted.packets)
    assert.ok(batch.events.some(event => event.kind === 'state' && event.to === 'ESTABLISHED'))
    assert.ok(segments.length > 900, 'the last are there')
    assert.ok(segments.at(-1)!.seq > 40 << 20 || segments.at(-1)!.ack > 40 << 20)
    // Another sees the same, and both see what comes.
    const second = await Watching.open(t, lab.url)
    assert.deepEqual((await second.until(w => w.batches[0])).events, batch.events)
    lab.note({ en: 'now', zh: '现在' })
    for (const watching of [first, second])
      await watching.until(w => w.events.some(event => event.kind === 'note'))
  })

  it('even if the lab came late too, to a connection that was open', async t => {
    const p = pair()
    const { client, server } = open(p)
    client.socket.send(new Uint8Array(1000))
    p.world.runSync(p.world.now + 1000)
    const lab = await watch(t, p.a.stack)
    server.socket.send(new Uint8Array(10))
    p.world.runSync(p.world.now + 1000)
    client.socket.close()
    p.world.runSync(p.world.now + 1000)
    const watching = await Watching.open(t, lab.url)
    const flow = `10.0.0.1:${client.socket.localPort} 10.0.0.2:80`
    await watching.until(w => w.path(flow).at(-1) === 'FIN_WAIT_2')
    const fin = watching.segments.find(segment => segment.flags.includes('FIN'))!
    assert.deepEqual([fin.seq, fin.ack], [1001, 11])
    assert.ok(fin.win > 65535)
  })
})

describe('who reads too slowly', () => {
  it('is left out, with all that he missed counted, and holds up nobody', async t => {
    const counted = new Counted()
    const p = pair({ conditions: { delay: 1 }, a: { observer: counted.observer } })
    const lab = await watch(t, p.a.stack, { segments: 10_000 })
    const [slow, quick] = [await Watching.open(t, lab.url), await Watching.open(t, lab.url)]
    await slow.until(w => w.messages.length > 0)
    slow.response.pause()
    open(p)
    const told = () => quick.segments.length + sum(quick.batches, batch => batch.left)
    for (let i = 0; i < 9; i++) {
      burst(p, 12 << 20)
      await quick.until(() => told() === counted.packets)
    }
    assert.ok(quick.batches.length >= 9)
    slow.response.resume()
    const all = () => slow.segments.length + sum(slow.batches, batch => batch.left)
    await slow.until(() => all() === counted.packets)
    assert.ok(slow.segments.length < quick.segments.length, 'it missed some')
    const others = (watching: Watching) =>
      watching.events.filter(event => event.kind !== 'segment').length +
      sum(watching.batches, batch => batch.leftStates)
    assert.equal(others(slow), others(quick))
  })

  it('has no more waiting for him than the bound and one batch, and hears how much he missed once he reads', () => {
    // Nobody takes what is written to it.
    const response = new ServerResponse(new IncomingMessage(new Socket()))
    const viewer = new Viewer(response, 100_000)
    const events = JSON.stringify(['x'.repeat(10_000)])
    for (let i = 0; i < 1000; i++) {
      viewer.batch({ now: i, events, segments: 3, others: 2, left: 1, leftStates: 1 })
      viewer.say('{}')
    }
    assert.ok(
      response.writableLength > 100_000 && response.writableLength < 115_000,
      `${response.writableLength}`,
    )
    const told: string[] = []
    Object.defineProperty(response, 'writableLength', { value: 0 })
    response.write = (text: string) => told.push(text) > 0
    viewer.batch({ now: 1001, events: '[]', segments: 0, others: 0, left: 0, leftStates: 0 })
    viewer.batch({ now: 1002, events: '[]', segments: 0, others: 0, left: 0, leftStates: 0 })
    assert.equal(told.length, 1)
    const { left, leftStates, events: none } = JSON.parse(told[0]!.slice(6)) as LiveBatch
    const missed = left / 4
    assert.deepEqual([none, leftStates], [[], 3 * missed])
    assert.ok(missed >= 985 && missed <= 995, `${missed}`)
  })
})

describe('whoever may not watch', () => {
  it('is refused: no token, a wrong one, another method, another name', async t => {
    const p = pair()
    const lab = await watch(t, p.a.stack)
    const right = streamOf(lab.url).slice(new URL(lab.url).origin.length)
    for (const path of [
      '/live',
      '/live?token=',
      `${right}x`,
      right.slice(0, -1),
      '/live?token=AAAAAAAAAAAAAAAAAAAAAA',
    ])
      assert.equal((await ask(lab.url, path)).status, 403, path)
    for (const method of ['POST', 'HEAD', 'PUT']) {
      const { status, headers } = await ask(lab.url, right, { method })
      assert.deepEqual([status, headers.allow], [405, 'GET'])
    }
    assert.equal((await ask(lab.url, right, { headers: { Host: 'evil.example' } })).status, 421)
    const other = await watch(t, p.b.stack)
    assert.notEqual(streamOf(other.url).split('=')[1], right.split('=')[1])
  })

  it('or is one too many', async t => {
    const p = pair()
    const lab = await watch(t, p.a.stack)
    for (let i = 0; i < 16; i++) await Watching.open(t, lab.url)
    const right = streamOf(lab.url).slice(new URL(lab.url).origin.length)
    assert.equal((await ask(lab.url, right)).status, 503)
  })
})

describe('a lab', () => {
  it('goes and leaves the stack to those who watched it before', async t => {
    const counted = new Counted()
    const p = pair({ a: { observer: counted.observer } })
    const { client } = open(p)
    const lab = await watch(t, p.a.stack)
    assert.notEqual(p.a.stack.observer, counted.observer)
    const watching = await Watching.open(t, lab.url)
    await watching.until(w => w.messages.length > 0)
    lab.note({ en: 'last', zh: '最后' })
    await Promise.all([lab.close(), lab.close()])
    await watching.until(w => w.messages.at(-1)?.type === 'end')
    assert.equal(watching.events.at(-1)?.kind, 'note')
    assert.equal(p.a.stack.observer, counted.observer)
    const { states } = counted
    client.socket.close()
    p.world.runSync(p.world.now + 100)
    assert.equal(counted.states, states + 2)
    await assert.rejects(ask(lab.url, '/'), { code: 'ECONNREFUSED' })
  })

  it('that cannot begin leaves it, too', async () => {
    const p = pair()
    await assert.rejects(createLab(p.a.stack, { directory: '/nonexistent' }), /not built: npm run build/)
    await assert.rejects(createLab(p.a.stack, { segments: 0 }), RangeError)
    assert.equal(p.a.stack.observer, null)
  })

  it('may be one of several', async t => {
    const p = pair()
    const [one, two] = [await watch(t, p.a.stack), await watch(t, p.a.stack)]
    open(p)
    await one.close()
    const client = connect(p)
    p.world.runSync(p.world.now + 100)
    const watching = await Watching.open(t, two.url)
    await watching.until(
      w => w.path(`10.0.0.1:${client.socket.localPort} 10.0.0.2:80`).at(-1) === 'ESTABLISHED',
    )
  })

  it('shows both ends of what a stack says to itself, once, and IPv6', async t => {
    const p = pair()
    const lab = await watch(t, p.b.stack)
    listen(p)
    const own = p.b.stack.connect({ remote: IpAddress.parse('127.0.0.1'), port: 80 })
    const far = connect(p, { remote: B6 })
    p.world.runSync(p.world.now + 100)
    own.send(new Uint8Array(7))
    p.world.runSync(p.world.now + 100)
    const watching = await Watching.open(t, lab.url)
    await watching.until(w => w.batches.length > 0)
    const there = `127.0.0.1:${own.localPort} 127.0.0.1:80`
    const back = `127.0.0.1:80 127.0.0.1:${own.localPort}`
    const seen = watching.segments.filter(segment => segment.flow === there || segment.flow === back)
    assert.deepEqual(
      seen.slice(0, 5).map(({ flow, flags, seq, ack, len }) => [flow, flags.join(' '), seq, ack, len]),
      [
        [there, 'SYN', 0, 0, 0],
        [back, 'SYN ACK', 0, 1, 0],
        [there, 'ACK', 1, 1, 0],
        [there, 'PSH ACK', 1, 1, 7],
        [back, 'ACK', 1, 8, 0],
      ],
    )
    assert.deepEqual(watching.path(`fd00::2:80 fd00::1:${far.socket.localPort}`), [
      'LISTEN',
      'SYN_RECEIVED',
      'ESTABLISHED',
    ])
  })

  it('tells what was refused, and why', async t => {
    const p = pair()
    const lab = await watch(t, p.b.stack)
    connect(p, { port: 81 })
    p.world.runSync(p.world.now + 100)
    const watching = await Watching.open(t, lab.url)
    await watching.until(w => w.batches.length > 0)
    assert.deepEqual(
      watching.segments.map(({ direction, flags, reaction }) => [direction, flags.join(' '), reaction]),
      [
        ['in', 'SYN', 'R02'],
        ['out', 'RST ACK', undefined],
      ],
    )
  })

  it('watches stacks in real time', async t => {
    const [left, right] = memoryPair()
    const [a, b] = [new Stack({ env: realtime() }), new Stack({ env: realtime() })]
    t.after(() => {
      a.close()
      b.close()
    })
    a.addInterface(left, { addresses: ['10.0.0.1/24'] })
    b.addInterface(right, { addresses: ['10.0.0.2/24'] })
    const lab = await watch(t, a)
    const watching = await Watching.open(t, lab.url)
    b.listen({ port: 80, onConnection: socket => socket.close() })
    const socket = a.connect({ remote: IpAddress.parse('10.0.0.2'), port: 80 })
    await watching.until(w => w.path(`10.0.0.1:${socket.localPort} 10.0.0.2:80`).at(-1) === 'CLOSE_WAIT')
    const [hello] = watching.messages
    assert.ok(hello?.type === 'hello' && Math.abs(hello.epoch + a.now - Date.now()) < 60_000)
    await watching.until(w => w.messages.some(m => m.type === 'status' && m.states.CLOSE_WAIT === 1))
  })
})
