import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IpAddress } from '../../src/wire/address.js'
import {
  drops,
  frame,
  icmp6,
  ipv6,
  ndp,
  OWN_MAC,
  OWN6,
  PEER_MAC,
  PEER6,
  type RigOptions,
  read,
  rig,
} from '../support/packets.js'

const V6 = 0x86dd
const GROUP = [0x33, 0x33, 0xff, 0, 0, 1]
const ALL = [0x33, 0x33, 0, 0, 0, 1]
const OTHER_MAC = [2, 0, 0, 0, 0, 9]
const SOLICITED = 0x40000000
const OVERRIDE = 0x20000000
const at = IpAddress.parse

const destination = (bytes: Uint8Array) => [...bytes.subarray(0, 6)]
const solicitation = frame(
  [0x33, 0x33, 0xff, 0, 0, 2],
  OWN_MAC,
  V6,
  ndp(135, PEER6, OWN_MAC, { src: OWN6, dst: 'ff02::1:ff00:2' }),
)
const advertisement = (flags = SOLICITED | OVERRIDE, mac: number[] | null = PEER_MAC, fields = {}) =>
  frame(OWN_MAC, PEER_MAC, V6, ndp(136, PEER6, mac ?? undefined, { flags, ...fields }))

function host(options: RigOptions = {}) {
  const r = rig({ kind: 'ethernet', ...options })
  const port = r.stack.bindUdp(9, () => {})
  const send = (to = PEER6) => {
    port.send(new Uint8Array(1), at(to), 9)
    return r.link.take()
  }
  return { ...r, send }
}

describe('neighbour discovery', () => {
  it('asks the solicited-node group, keeps the packets, and sends them when the answer comes', () => {
    const { link, send } = host()
    assert.deepEqual(send(), [solicitation])
    assert.deepEqual(send(), [])
    assert.deepEqual(link.give(advertisement()).map(destination), [PEER_MAC, PEER_MAC])
    assert.deepEqual(send().map(destination), [PEER_MAC])
  })

  it('gives up after three solicitations', () => {
    const { link, stack, env, send } = host()
    send()
    env.pass(60_000)
    assert.deepEqual(link.take(), [solicitation, solicitation])
    assert.equal(stack.counters.neighbourUnreachable, 1)
  })

  it('answers a solicitation for its address, and learns from it', () => {
    const { link, send } = host()
    const ask = ndp(135, OWN6, PEER_MAC, { dst: 'ff02::1:ff00:1' })
    const answer = ndp(136, OWN6, OWN_MAC, { src: OWN6, dst: PEER6, flags: SOLICITED | OVERRIDE })
    assert.deepEqual(link.give(frame(GROUP, PEER_MAC, V6, ask)), [frame(PEER_MAC, OWN_MAC, V6, answer)])
    assert.deepEqual(send().map(destination), [PEER_MAC])
  })

  it('finds out where to answer a solicitation that does not say', () => {
    const { link } = host()
    const ask = frame(OWN_MAC, PEER_MAC, V6, ndp(135, OWN6, undefined))
    assert.deepEqual(link.give(ask), [solicitation])
    const [answer] = link.give(advertisement())
    assert.deepEqual(
      answer!.slice(14),
      ndp(136, OWN6, OWN_MAC, { src: OWN6, dst: PEER6, flags: SOLICITED | OVERRIDE }),
    )
  })

  it('tells everybody that its address is taken, when somebody wants it (RFC 4862 section 5.4)', () => {
    const { link } = host()
    const ask = ndp(135, OWN6, undefined, { src: '::', dst: 'ff02::1:ff00:1' })
    const answer = ndp(136, OWN6, OWN_MAC, { src: OWN6, dst: 'ff02::1', flags: OVERRIDE })
    assert.deepEqual(link.give(frame(GROUP, PEER_MAC, V6, ask)), [frame(ALL, OWN_MAC, V6, answer)])
    const named = ndp(135, OWN6, PEER_MAC, { src: '::', dst: 'ff02::1:ff00:1' })
    assert.deepEqual(link.give(frame(GROUP, PEER_MAC, V6, named)), [])
  })

  it('has a link-local address of its own, and answers for it', () => {
    const { link, stack } = host()
    assert.ok(stack.interfaces[1]!.addresses.some(({ address }) => `${address}` === 'fe80::ff:fe00:1'))
    const ask = ndp(135, 'fe80::ff:fe00:1', PEER_MAC, { src: 'fe80::2', dst: 'ff02::1:ff00:1' })
    const [answer] = link.give(frame(GROUP, PEER_MAC, V6, ask))
    assert.deepEqual(
      [read(answer!.slice(14)).src, read(answer!.slice(14)).dst],
      ['fe80::ff:fe00:1', 'fe80::2'],
    )
    const port = stack.bindUdp(12, () => {})
    port.send(new Uint8Array(1), at('fe80::77'), 12)
    assert.equal(read(link.take()[0]!.slice(14)).src, 'fe80::ff:fe00:1', 'and asks from it')
  })

  it('believes neighbours only, and only what is well formed', () => {
    const { link, stack, send } = host()
    send()
    link.give(
      advertisement(OVERRIDE, PEER_MAC, { hopLimit: 254 }),
      advertisement(OVERRIDE, PEER_MAC, { code: 1 }),
      advertisement(OVERRIDE, [1, 0, 0, 0, 0, 0]),
      frame(OWN_MAC, PEER_MAC, V6, ipv6({ next: 58, hopLimit: 255 }, icmp6(136, 0, 0, new Uint8Array(15)))),
    )
    link.give(frame(GROUP, PEER_MAC, V6, ndp(135, OWN6, PEER_MAC, { hopLimit: 64 })))
    assert.deepEqual([link.take(), drops(stack)], [[], { 'ndp-malformed': 5 }])
    assert.deepEqual(send(), [], 'still waiting')
  })

  it('takes an advertisement for those it knows only; without the override flag it moves nobody (RFC 4861 section 7.2.5)', () => {
    const { link, send } = host()
    link.give(advertisement())
    assert.deepEqual(send(), [solicitation], 'never asked')
    link.give(advertisement(SOLICITED))
    assert.deepEqual(send().map(destination), [PEER_MAC], 'the first answer needs no flag')
    link.give(advertisement(SOLICITED, OTHER_MAC))
    assert.deepEqual(send().map(destination), [PEER_MAC])
    link.give(advertisement(OVERRIDE, OTHER_MAC))
    assert.deepEqual(send().map(destination), [OTHER_MAC])
    link.give(advertisement(SOLICITED | OVERRIDE, null))
    assert.deepEqual(send().map(destination), [OTHER_MAC], 'no address in it')
  })

  it('does not believe that somebody else has its own address', () => {
    const { link, stack } = host()
    link.give(
      frame(ALL, OTHER_MAC, V6, ndp(136, OWN6, OTHER_MAC, { src: PEER6, dst: 'ff02::1', flags: OVERRIDE })),
    )
    link.give(frame(GROUP, OTHER_MAC, V6, ndp(135, OWN6, OTHER_MAC, { src: OWN6, dst: 'ff02::1:ff00:1' })))
    assert.deepEqual(link.take(), [])
    assert.deepEqual(drops(stack), { 'ip-bad-source': 1 })
  })

  it('does not answer for others', () => {
    const { link } = host()
    assert.deepEqual(
      link.give(frame(ALL, PEER_MAC, V6, ndp(135, 'fd00::77', PEER_MAC, { dst: 'ff02::1' }))),
      [],
    )
  })

  it('sends to a group without asking', () => {
    const { link, stack } = host()
    stack.addRoute('ff02::/16', stack.interfaces[1]!)
    stack.bindUdp(13, () => {}).send(new Uint8Array(1), at('ff02::fb'), 13)
    assert.deepEqual(link.take().map(destination), [[0x33, 0x33, 0, 0, 0, 0xfb]])
  })

  it('takes no part where there are no station addresses', () => {
    const { link } = rig()
    assert.deepEqual(link.give(ndp(135, OWN6, PEER_MAC, { dst: 'ff02::1:ff00:1' })), [])
  })

  it('counts what it sends', () => {
    const { link, stack, send } = host()
    send()
    const before = stack.counters.packetsOut
    link.give(frame(GROUP, PEER_MAC, V6, ndp(135, OWN6, PEER_MAC, { dst: 'ff02::1:ff00:1' })))
    assert.equal(stack.counters.packetsOut, before + 1)
  })
})
