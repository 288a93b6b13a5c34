// Accurate ECN (RFC 9768) with this machine's own kernel. Linux 6.18 has the code and refuses to turn it on
// (`net.ipv4.tcp_ecn` stops at 2): there only the fallbacks are left. newer-linux boots one that does speak it.
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import {
  ACCURATE,
  accurate,
  declined,
  distrusted,
  fallbacks,
  type Linux,
  openers,
} from '../support/accurate-ecn.js'
import { kernelTest } from '../support/kernel.js'
import { fromEstab, fromKernel } from '../support/kernel-connection.js'
import { sysctl } from '../support/kernel-sysctl.js'

const kernel: Linux = {
  sysctl,
  open: {
    'estab asks': fromEstab,
    'Linux asks': fromKernel,
  },
}

const TCP_ECN = '/proc/sys/net/ipv4/tcp_ecn'

/** Whether this kernel lets it be turned on. */
function speaks(): boolean {
  try {
    const before = readFileSync(TCP_ECN)
    writeFileSync(TCP_ECN, String(ACCURATE))
    writeFileSync(TCP_ECN, before)
    return true
  } catch {
    return false
  }
}

const both = !kernelTest.skip && speaks()

for (const version of [4, 6] as const) {
  describe(`accurate ECN with the kernel, IPv${version}`, kernelTest, () => {
    for (const who of both ? openers : [])
      for (const [what, run] of Object.entries(accurate))
        it(`${who}: ${what}`, t => run(t, kernel, version, who))
    for (const [what, run] of Object.entries({ ...(both && { ...distrusted, ...declined }), ...fallbacks }))
      it(what, t => run(t, kernel, version))
  })
}
