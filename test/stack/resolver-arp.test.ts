import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SocketHandler } from '../../src/stack/socket.js'
import { IpAddress } from '../../src/wire/address.js'
import {
  arp,
  drops,
  frame,
  OWN_MAC,
  OWN4,
  PEER_MAC,
  PEER4,
  type RigOptions,
  read,
  rig,
} from '../support/packets.js'

const ALL = [255, 255, 255, 255, 255, 255]
const NONE = [0, 0, 0, 0, 0, 0]
const ARP = 0x0806
const at = IpAddress.parse

const request = (target = PEER4) => frame(ALL, OWN_MAC, ARP, arp(1, OWN_MAC, OWN4, NONE, target))
const reply = (sender = PEER4, mac = PEER_MAC) => frame(OWN_MAC, mac, ARP, arp(2, mac, sender, OWN_MAC, OWN4))

function host(options: RigOptions = {}) {
  const r = rig({ kind: 'ethernet', ...options })
  const port = r.stack.bindUdp(9, () => {})
  const send = (to = PEER4, n = 1) => {
    port.send(new Uint8Array(n), at(to), 9)
    return r.link.take()
  }
  return { ...r, send }
}

const destination = (bytes: Uint8Array) => [...bytes.subarray(0, 6)]

describe('ARP', () => {
  it('asks, keeps the packets, and sends them in order when the answer comes', () => {
    const { link, send } = host()
    assert.deepEqual(send(PEER4, 1), [request()])
    assert.deepEqual(send(PEER4, 2), [], 'one question at a time')
    const sent = link.give(reply())
    assert.deepEqual(sent.map(destination), [PEER_MAC, PEER_MAC])
    assert.deepEqual(
      sent.map(bytes => read(bytes.slice(14)).payload.length),
      [9, 10],
    )
    const [direct] = send()
    assert.deepEqual([...direct!.subarray(0, 14)], [...PEER_MAC, ...OWN_MAC, 8, 0])
  })

  it('asks for the gateway on behalf of all behind it', () => {
    const { link, send } = host({ interface: { gateways: ['10.0.0.254'] } })
    assert.deepEqual(send('8.8.8.8'), [request('10.0.0.254')])
    assert.deepEqual(send('9.9.9.9'), [])
    assert.equal(link.give(reply('10.0.0.254')).length, 2)
  })

  it('keeps sixteen packets at most for one neighbour', () => {
    const { link, stack, send } = host()
    for (let i = 0; i < 20; i++) send()
    assert.equal(stack.counters.neighbourQueueFull, 4)
    assert.equal(link.give(reply()).length, 16)
  })

  it('asks three times, a second apart, then gives up and forgets', () => {
    const { link, stack, env, send } = host()
    assert.equal(send().length, 1)
    env.pass(999)
    assert.deepEqual(link.take(), [])
    env.pass(1)
    assert.deepEqual(link.take(), [request()])
    env.pass(1000)
    assert.deepEqual(link.take(), [request()])
    env.pass(10_000)
    assert.deepEqual(link.take(), [])
    assert.equal(stack.counters.neighbourUnreachable, 1)
    assert.deepEqual(link.give(reply()), [], 'what waited is gone')
    assert.equal(send().length, 1)
  })

  it('tells a connection that is trying: a soft error at once, and the reason at the end', () => {
    const { stack, env } = host()
    const told: string[] = []
    const handler: SocketHandler = {
      softError: e => told.push(`soft ${e.code}`),
      closed: e => told.push(`closed ${e?.code}`),
    }
    stack.connect({ remote: at(PEER4), port: 80, handler })
    env.pass(3500)
    assert.deepEqual(told, ['soft EHOSTUNREACH'])
    env.pass(300_000)
    assert.equal(told.at(-1), 'closed EHOSTUNREACH')
    assert.deepEqual([stack.census.sockets, env.errors], [0, []])
  })

  it('answers who asks for our address, and learns from the question', () => {
    const { link, send } = host()
    const asked = frame(ALL, PEER_MAC, ARP, arp(1, PEER_MAC, PEER4, NONE, OWN4))
    assert.deepEqual(link.give(asked), [
      frame(PEER_MAC, OWN_MAC, ARP, arp(2, OWN_MAC, OWN4, PEER_MAC, PEER4)),
    ])
    assert.deepEqual(send().map(destination), [PEER_MAC])
  })

  it('does not answer for others, and learns nothing of their talk', () => {
    const { link, stack, send } = host()
    assert.deepEqual(link.give(frame(ALL, PEER_MAC, ARP, arp(1, PEER_MAC, PEER4, NONE, '10.0.0.77'))), [])
    assert.deepEqual(send(), [request()])
    assert.deepEqual(drops(stack), {})
  })

  it('answers a probe for its address (RFC 5227)', () => {
    const { link } = host()
    const probe = frame(ALL, PEER_MAC, ARP, arp(1, PEER_MAC, '0.0.0.0', NONE, OWN4))
    assert.deepEqual(link.give(probe), [
      frame(PEER_MAC, OWN_MAC, ARP, arp(2, OWN_MAC, OWN4, PEER_MAC, '0.0.0.0')),
    ])
  })

  it('takes an announcement for those it knows only', () => {
    const moved = [2, 0, 0, 0, 0, 9]
    const announcement = frame(ALL, moved, ARP, arp(1, moved, PEER4, NONE, PEER4))
    const { link, send } = host()
    link.give(announcement)
    assert.deepEqual(send(), [request()])
    link.give(reply())
    assert.deepEqual(send().map(destination), [PEER_MAC])
    link.give(announcement)
    assert.deepEqual(send().map(destination), [moved])
  })

  it('does not believe that somebody else has its own address', () => {
    const { link, stack, env } = host()
    const thief = [2, 6, 6, 6, 6, 6]
    link.give(
      frame(OWN_MAC, thief, ARP, arp(2, thief, OWN4, OWN_MAC, OWN4)),
      frame(ALL, thief, ARP, arp(1, thief, OWN4, NONE, OWN4)),
    )
    link.take()
    for (const cache of stack['ip'].resolver['caches'].values())
      assert.equal(cache.lookup(at(OWN4)), undefined)
    const seen: string[] = []
    stack.bindUdp(10, message => seen.push(`${message.remote}`)).send(new Uint8Array(1), at(OWN4), 10)
    env.pass(0)
    assert.deepEqual([seen, link.take()], [[OWN4], []], 'it still speaks to itself by itself')
  })

  it('refuses answers of groups, broadcasts and nobody', () => {
    const { link, stack, send } = host()
    send()
    link.give(reply('224.0.0.1'), reply('255.255.255.255'), reply('0.0.0.0'))
    link.give(frame(OWN_MAC, PEER_MAC, ARP, arp(2, [1, 0, 0, 0, 0, 0], PEER4, OWN_MAC, OWN4)))
    link.give(frame(OWN_MAC, PEER_MAC, ARP, arp(2, PEER_MAC, PEER4, OWN_MAC, OWN4).slice(0, 27)))
    assert.deepEqual([link.take(), drops(stack)], [[], { 'arp-malformed': 1, 'arp-truncated': 1 }])
  })

  it('asks again when an answer is old, and goes on meanwhile', () => {
    const { link, env, send } = host()
    send()
    link.give(reply())
    env.pass(59_000)
    assert.deepEqual(send().map(destination), [PEER_MAC])
    env.pass(2000)
    assert.deepEqual(send().map(destination), [PEER_MAC, ALL])
    assert.deepEqual(send().map(destination), [PEER_MAC])
    link.give(reply())
    assert.deepEqual(send().map(destination), [PEER_MAC])
    env.pass(61_000)
    send()
    env.pass(3000)
    link.take()
    assert.deepEqual(send(), [request()], 'nobody is there any more')
  })

  it('is bounded: a flood of neighbours leaves no more than it may', () => {
    const { link, env, send } = host({ interface: { addresses: ['10.0.0.1/8'] } })
    for (let i = 0; i < 3000; i++) assert.equal(send(`10.1.${i >> 8}.${i & 255}`).length, 1)
    env.pass(1000)
    assert.equal(link.take().length, 1024)
    env.pass(10_000)
    assert.equal(link.take().length, 1024)
  })

  it('broadcasts what is for all', () => {
    const { stack, link } = host()
    const port = stack.bindUdp(11, () => {})
    port.send(new Uint8Array(1), at('10.0.0.255'), 11)
    assert.deepEqual(link.take().map(destination), [ALL])
  })
})
