import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UdpMessage } from '../../src/stack/udp-layer.js'
import { IpAddress } from '../../src/wire/address.js'
import { counting, drops, OWN4, OWN6, PEER4, PEER6, read, rig, udp, udpPacket } from '../support/packets.js'

const at = IpAddress.parse

describe('UDP', () => {
  it('delivers, and answers to where it came from', () => {
    const { link, stack } = rig()
    const seen: UdpMessage[] = []
    stack.bindUdp(53, (message, port) => {
      seen.push(message)
      port.send(Uint8Array.of(9, 9), message.remote, message.remotePort, message.local)
    })
    for (const [src, dst] of [
      [PEER4, OWN4],
      [PEER6, OWN6],
    ] as const) {
      const [answer] = link.give(udpPacket({ src, dst, srcPort: 777 }, [1, 2, 3])).map(read)
      const { bytes, remote, remotePort, local } = seen.pop()!
      assert.deepEqual([[...bytes], `${remote}`, remotePort, `${local}`], [[1, 2, 3], src, 777, dst])
      assert.deepEqual(answer!.payload, udp({ src: dst, dst: src, srcPort: 53, dstPort: 777 }, [9, 9]))
    }
    assert.deepEqual(drops(stack), {})
  })

  it('delivers what is for a group, and says to which', () => {
    const { link, stack } = rig()
    const seen: string[] = []
    stack.bindUdp(53, message => seen.push(`${message.local}`))
    for (const dst of ['255.255.255.255', '10.0.0.255', '224.0.0.251']) link.give(udpPacket({ dst }, []))
    link.give(udpPacket({ src: PEER6, dst: 'ff02::1' }, []))
    assert.deepEqual(seen, ['255.255.255.255', '10.0.0.255', '224.0.0.251', 'ff02::1'])
  })

  it('drops what is wrong, under its name', () => {
    const { link, stack } = rig()
    stack.bindUdp(53, () => assert.fail('delivered'))
    const damaged = udpPacket({}, counting(10))
    damaged[30]! ^= 1
    assert.deepEqual(link.give(damaged, udpPacket({ length: 7 }, []), udpPacket({ length: 9 }, [])), [])
    assert.deepEqual(drops(stack), { 'udp-bad-checksum': 1, 'udp-bad-length': 2 })
  })

  it('hands over bytes that stay', () => {
    const { link, stack } = rig()
    let kept: Uint8Array | undefined
    stack.bindUdp(53, message => {
      kept = message.bytes
    })
    link.give(udpPacket({}, counting(50)))
    assert.deepEqual(kept, counting(50))
    assert.equal(kept!.buffer.byteLength, 50, 'and holds no more than them')
  })

  it('reports what a handler throws, and goes on', () => {
    const { link, stack, env } = rig()
    stack.bindUdp(53, () => {
      throw new Error('user code')
    })
    link.give(udpPacket({}, []), udpPacket({}, []))
    assert.equal(env.errors.length, 2)
  })

  it('has one user for each port, until he lets go of it', () => {
    const { link, stack } = rig()
    const first = stack.bindUdp(53, () => {})
    assert.throws(() => stack.bindUdp(53, () => {}), { code: 'EADDRINUSE' })
    first.close()
    let seen = 0
    stack.bindUdp(53, () => seen++)
    first.close()
    link.give(udpPacket({}, []))
    assert.equal(seen, 1, 'closing twice takes nothing away from the next')
    for (const port of [0, -1, 65_536, 1.5, Number.NaN])
      assert.throws(() => stack.bindUdp(port, () => {}), RangeError)
  })

  it('sends up to the largest datagram, in fragments', () => {
    const { link, stack } = rig()
    const port = stack.bindUdp(53, () => {})
    port.send(counting(1472), at(PEER4), 9)
    assert.equal(link.take().length, 1)
    port.send(counting(1473), at(PEER4), 9)
    assert.deepEqual(
      link.take().map(bytes => bytes.length),
      [1500, 21],
    )
    port.send(counting(65_507), at(PEER4), 9)
    assert.equal(link.take().length, 45)
    assert.throws(() => port.send(new Uint8Array(65_508), at(PEER4), 9), { code: 'EMSGSIZE' })
    assert.throws(() => port.send(new Uint8Array(1), at('8.8.8.8'), 9), { code: 'ENETUNREACH' })
  })
})
