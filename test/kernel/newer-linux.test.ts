// A Linux that speaks accurate ECN (RFC 9768), booted in QEMU once for all of this.
import { after, before, describe, it } from 'node:test'
import { accurate, declined, fallbacks, type Linux, openers } from '../support/accurate-ecn.js'
import { Guest, guestSkip } from '../support/guest.js'
import { fromGuest, toGuest } from '../support/guest-connection.js'

let guest: Guest

const linux: Linux = {
  sysctl: (t, name, value) => guest.sysctl(t, name, value),
  open: {
    'estab asks': (t, version, tcp) => toGuest(t, guest, version, { tcp }),
    'Linux asks': (t, version, tcp) => fromGuest(t, guest, version, { tcp }),
  },
}

describe('a newer Linux, in QEMU', { skip: guestSkip, timeout: 240_000 }, () => {
  before(async () => {
    guest = await Guest.boot()
  })
  after(() => guest?.close())

  for (const version of [4, 6] as const)
    describe(`accurate ECN, IPv${version}`, () => {
      for (const who of openers)
        for (const [what, run] of Object.entries(accurate))
          it(`${who}: ${what}`, t => run(t, linux, version, who))
      for (const [what, run] of Object.entries({ ...declined, ...fallbacks }))
        it(what, t => run(t, linux, version))
    })
})

// A suite that is skipped says nothing of itself.
if (guestSkip) it('a newer Linux, in QEMU', { skip: guestSkip }, () => {})
