/** The ECN field of packets at the gate, and what Linux says of accurate ECN. */
import { set16 } from '../../src/wire/bytes.js'
import { finish, sum } from '../../src/wire/checksum.js'
import type { Packet } from './kernel-gate.js'
import type { Agent } from './kernel-python.js'

export const NOT_ECT = 0
export const ECT0 = 2
export const CE = 3

export const ecnField = ({ version, bytes }: Packet): number =>
  (version === 4 ? bytes[1]! : bytes[1]! >> 4) & 3

/** As a router does that is congested; IPv4's checksum follows. */
export function markAs({ version, bytes }: Packet, ecn: number): void {
  if (version === 6) {
    bytes[1] = (bytes[1]! & 0xcf) | (ecn << 4)
    return
  }
  bytes[1] = (bytes[1]! & 0xfc) | ecn
  set16(bytes, 10, 0)
  set16(bytes, 10, finish(sum(bytes, 0, (bytes[0]! & 15) * 4)))
}

/** Where the fields of struct tcp_info stand (include/uapi/linux/tcp.h). */
const FIELDS = {
  delivered_ce: 196,
  received_ce: 248,
  delivered_e0_bytes: 256,
  delivered_ce_bytes: 260,
  received_e0_bytes: 268,
  received_ce_bytes: 272,
  modes: 276,
} as const

/** What a kernel that knows of accurate ECN says was agreed on (TCPI_ECN_MODE_…, two bits of `modes`). */
export const NO_ECN = 0
export const RFC_3168 = 1
export const ACCURATE_ECN = 2

export type KernelMarks = Record<keyof typeof FIELDS | 'mode', number>

/** What the kernel's socket `c` tells of marks; its counters of octets begin at 0. */
export async function kernelMarks(python: Agent): Promise<KernelMarks> {
  const info = await python.run<string>('c.getsockopt(SOL_TCP, TCP_INFO, 512)')
  const bytes = Buffer.from(info, 'latin1')
  const fields = Object.fromEntries(
    Object.entries(FIELDS).map(([name, at]) => [
      name,
      at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Number.NaN,
    ]),
  ) as Record<keyof typeof FIELDS, number>
  return { ...fields, mode: fields.modes & 3 }
}
