import type { TcpErrorCode } from './errors.js'

/** What ICMP errors of either version say of a path, as far as TCP tells them apart. */
export type IcmpCause =
  | 'network'
  | 'host'
  | 'protocol'
  | 'port'
  | 'prohibited-network'
  | 'prohibited'
  | 'time-exceeded'
  | 'reassembly'
  | 'parameter'
  | 'next-header'

/** For each: the error a user is told, and whether it ends a connection that is still opening. */
export type IcmpPolicy = Readonly<Record<IcmpCause, { readonly code: TcpErrorCode; readonly hard: boolean }>>

/** RFC 1122 section 4.2.3.9: protocol and port unreachable are hard (SHLD-26), and so is a firewall's word. */
export const ICMP_ERRORS: IcmpPolicy = {
  network: { code: 'ENETUNREACH', hard: false },
  host: { code: 'EHOSTUNREACH', hard: false },
  protocol: { code: 'EPROTO', hard: true },
  port: { code: 'ECONNREFUSED', hard: true },
  'prohibited-network': { code: 'EACCES', hard: true },
  prohibited: { code: 'EACCES', hard: true },
  'time-exceeded': { code: 'EHOSTUNREACH', hard: false },
  reassembly: { code: 'EHOSTUNREACH', hard: false },
  parameter: { code: 'EPROTO', hard: false },
  'next-header': { code: 'EPROTO', hard: false },
}
