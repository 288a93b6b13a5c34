import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { read } from '../support/packets.js'
import { ACK, FIN, PSH, ScriptedPeer, SYN } from '../support/scripted-peer.js'

/** DSCP and TTL: RFC 9293 sections 3.9.1.9 and 3.9.2. The two low bits of a traffic class are ECN's. */

const EF = 0xb8
const AF11 = 0x28
const DSCP = 0xfc

for (const six of [false, true])
  describe(`what a connection sends, IPv${six ? 6 : 4}`, () => {
    const marked = () => new ScriptedPeer({ six, connect: { trafficClass: EF, hopLimit: 7 } })

    /** DSCP and TTL of everything sent since the last time, without those that are the same. */
    const marks = (p: ScriptedPeer) => {
      const views = p.link.take().map(bytes => read(bytes).view)
      assert.ok(views.length > 0)
      return [...new Set(views.map(v => `${v.trafficClass & DSCP} ${v.hopLimit}`))]
    }

    it('has the DSCP and the TTL that were asked for, from the SYN to the FIN [MUST-48 MUST-49 SHLD-22]', () => {
      const p = marked()
      const syn = p.connecting()
      const { view } = read(syn)
      assert.deepEqual([view.trafficClass & DSCP, view.hopLimit], [EF, 7])
      p.env.pass(1100)
      assert.deepEqual(marks(p), [`${EF} 7`], 'the SYN again')
      p.link.give(p.packet({ flags: SYN | ACK, options: [2, 4, 5, 0xb4] }))
      p.seq++
      p.socket.send(new Uint8Array(3000))
      assert.deepEqual(marks(p), [`${EF} 7`], 'data')
      p.env.pass(5000)
      assert.deepEqual(marks(p), [`${EF} 7`], 'data again')
      p.say({})
      p.link.give(p.packet({ flags: ACK | PSH, payload: [1] }), p.packet({ seq: p.seq + 2, payload: [3] }))
      p.seq++
      p.env.pass(100)
      p.socket.send(Uint8Array.of(9))
      assert.deepEqual(marks(p), [`${EF} 7`], 'acknowledgments')
      p.say({})
      p.socket.close()
      assert.deepEqual(marks(p), [`${EF} 7`], 'the FIN')
    })

    it('and in the RST of an abort [MUST-48 MUST-49]', () => {
      const p = marked().connected()
      p.socket.abort()
      assert.deepEqual(marks(p), [`${EF} 7`])
    })

    it('is 0 and 64 if nobody asks [MUST-49]', () => {
      const p = new ScriptedPeer({ six })
      const { view } = read(p.connecting())
      assert.deepEqual([view.trafficClass & DSCP, view.hopLimit], [0, 64])
    })

    it('can be changed at any time, and changes what is sent from then on [SHLD-21 MUST-48]', () => {
      const p = marked().connected()
      p.socket.send(Uint8Array.of(1))
      assert.deepEqual(marks(p), [`${EF} 7`])
      p.say({})
      p.socket.trafficClass = AF11
      p.socket.hopLimit = 99
      p.socket.send(Uint8Array.of(2))
      assert.deepEqual(marks(p), [`${AF11} 99`])
      p.env.pass(1000)
      assert.deepEqual(marks(p), [`${AF11} 99`], 'retransmissions too')
    })

    it('of what comes the user can ask for the traffic class [MAY-9]', () => {
      const p = new ScriptedPeer({ six }).accepted()
      assert.equal(p.socket.receivedTrafficClass, 0)
      for (const mark of [EF, AF11, 0]) {
        p.say({ flags: ACK | PSH, payload: [1] }, six ? { trafficClass: mark } : { tos: mark })
        p.seq++
        assert.equal(p.socket.receivedTrafficClass, mark)
      }
      p.say({ flags: FIN | ACK }, six ? { trafficClass: EF } : { tos: EF })
      assert.equal(p.socket.receivedTrafficClass, EF)
    })
  })
