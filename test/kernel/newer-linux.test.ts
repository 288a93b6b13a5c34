// A Linux that speaks accurate ECN (RFC 9768), booted in QEMU once for all of this: what the two agree on, what each counts
// of the marks that were made between them, with the option of accurate ECN and without; and plain TCP.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  ACCURATE,
  accurate,
  congestedIn,
  congestedOut,
  declined,
  distrusted,
  fallbacks,
  type Linux,
  linuxCounts,
  openers,
  willing,
} from '../support/accurate-ecn.js'
import { sameOfOptions } from '../support/agreed.js'
import { Guest, guestSkip } from '../support/guest.js'
import { fromGuest, toGuest } from '../support/guest-connection.js'
import { Content, KiB } from '../support/kernel-content.js'
import { ACCURATE_ECN } from '../support/kernel-ecn.js'

let guest: Guest

const linux: Linux = {
  sysctl: (t, name, value) => guest.sysctl(t, name, value),
  open: {
    'estab asks': (t, version, options) => toGuest(t, guest, version, options),
    'Linux asks': (t, version, options) => fromGuest(t, guest, version, options),
  },
}

/** When Linux tells octets (`net.ipv4.tcp_ecn_option`); 2, always, is what the other tests have. */
const LINUX_TELLS = { never: 0, 'where it must': 1 } as const

describe('a newer Linux, in QEMU', { skip: guestSkip, timeout: 240_000 }, () => {
  before(async () => {
    guest = await Guest.boot()
  })
  after(() => guest?.close())

  for (const version of [4, 6] as const)
    describe(`accurate ECN, IPv${version}`, () => {
      for (const who of openers) {
        for (const [what, run] of Object.entries(accurate))
          it(`${who}: ${what}`, t => run(t, linux, version, who))

        for (const [when, option] of Object.entries(LINUX_TELLS)) {
          it(`${who}: marks on what estab sends, of whose octets Linux tells ${when} [RFC 9768]`, async t => {
            await guest.sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
            await guest.sysctl(t, 'ipv4/tcp_ecn_option', option)
            const seen = await congestedOut(await linux.open[who](t, version, { tcp: willing[who] }))
            const { marked, estab } = seen
            assert.equal(seen.linux.mode, ACCURATE_ECN)
            assert.equal(seen.linux.received_ce, marked.packets)
            if (when === 'never') {
              // Three bits are all there is: of many segments at once the most there can have been is assumed.
              assert.ok(estab.deliveredCe >= marked.packets, `${estab.deliveredCe} of ${marked.packets}`)
              assert.equal((estab.deliveredCe - marked.packets) % 8, 0)
              assert.deepEqual(estab.deliveredEcnOctets, { ect1: 0, ce: 0, ect0: 0 })
            } else {
              assert.equal(estab.deliveredCe, marked.packets)
              assert.equal(estab.deliveredEcnOctets.ce, marked.octets)
            }
          })
        }

        for (const accurateEcnOption of ['never', 'always'] as const)
          it(`${who}: marks on what Linux sends, of whose octets estab tells ${accurateEcnOption} [RFC 9768]`, async t => {
            await guest.sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
            const c = await linux.open[who](t, version, { tcp: { ...willing[who], accurateEcnOption } })
            const { marked, estab, linux: marks } = await congestedIn(c)
            assert.equal(estab.receivedCe, marked.packets)
            linuxCounts(marks.delivered_ce, marked.packets)
            assert.equal(marks.delivered_ce_bytes, accurateEcnOption === 'never' ? 0 : marked.octets)
          })
      }
      for (const [what, run] of Object.entries({ ...distrusted, ...declined, ...fallbacks }))
        it(what, t => run(t, linux, version))
    })

  for (const version of [4, 6] as const)
    describe(`plain TCP, IPv${version}`, () => {
      for (const who of openers)
        it(`${who === 'estab asks' ? 'estab' : 'Linux'} opens: options are agreed on, as ss says, and a lossy line repaired`, async t => {
          const c = await linux.open[who](t, version, {})
          const all = { timestamps: true, sack: true, windowScaling: true }
          await sameOfOptions(c, version, all, who)
          for (const direction of ['in', 'out'] as const) {
            let seen = 0
            c.pair.gate.intercept(direction, p => p.length > 0 && ++seen % 50 === 0)
          }
          const content = new Content(512 * KiB)
          const drained = c.python.run(`[drain(c), pour(c, ${content.length})]`)
          await c.end.hashing().pour(content)
          c.end.socket.close()
          const [taken, poured] = (await drained) as [[number, string], string]
          assert.deepEqual(taken, [content.length, content.digest])
          await c.end.untilReceived(content.length)
          assert.equal(c.end.digest, poured)
          assert.ok(c.end.socket.status().segmentsRetransmitted > 0)
        })
    })
})

// A suite that is skipped says nothing of itself.
if (guestSkip) it('a newer Linux, in QEMU', { skip: guestSkip }, () => {})
