import { DSCP } from './dscp.js'
import type { Expression } from './expression.js'

/** The names scripts use for numbers in system calls. */

/** DSCPs of IP_TOS, such as IPTOS_DSCP_CS1: the octet they stand in. */
function typeOfService(name: string): number | undefined {
  if (!name.startsWith('IPTOS_DSCP_')) return undefined
  const dscp = DSCP[name.slice('IPTOS_DSCP_'.length).toLowerCase().replace('_', '-')]
  return dscp === undefined ? undefined : dscp << 2
}

const COMMON: Readonly<Record<string, number>> = {
  NULL: 0,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,
  POLLIN: 1,
  POLLPRI: 2,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 16,
  POLLNVAL: 32,
  POLLRDNORM: 64,
  EPOLLIN: 1,
  EPOLLPRI: 2,
  EPOLLOUT: 4,
  EPOLLERR: 8,
  EPOLLHUP: 16,
  EPOLLRDHUP: 0x2000,
  EPOLLEXCLUSIVE: 1 << 28,
  EPOLLONESHOT: 1 << 30,
  EPOLLET: 2 ** 31,
  IPTOS_LOWDELAY: 0x10,
  IPTOS_THROUGHPUT: 8,
  IPTOS_RELIABILITY: 4,
  IPTOS_MINCOST: 2,
  IP_PMTUDISC_DONT: 0,
  IP_PMTUDISC_WANT: 1,
  IP_PMTUDISC_DO: 2,
  IP_PMTUDISC_PROBE: 3,
  MSG_OOB: 1,
  MSG_PEEK: 2,
}

const LINUX: Readonly<Record<string, number>> = {
  O_NONBLOCK: 0x800,
  SOCK_NONBLOCK: 0x800,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_WAITALL: 0x100,
  MSG_ERRQUEUE: 0x2000,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_ZEROCOPY: 0x4000000,
  MSG_FASTOPEN: 0x20000000,
  POLLWRNORM: 0x100,
  POLLRDHUP: 0x2000,
}

const FREEBSD: Readonly<Record<string, number>> = {
  O_NONBLOCK: 4,
  SOCK_NONBLOCK: 0x20000000,
  MSG_TRUNC: 0x10,
  MSG_EOR: 8,
  MSG_EOF: 0x100,
  MSG_WAITALL: 0x40,
  MSG_DONTWAIT: 0x80,
  MSG_NOSIGNAL: 0x20000,
  POLLWRNORM: 4,
  POLLINIGNEOF: 0x2000,
}

export type Dialect = 'linux' | 'freebsd'

/** The number a name stands for; undefined if it is none. */
export const symbol = (name: string, dialect: Dialect): number | undefined =>
  COMMON[name] ?? (dialect === 'linux' ? LINUX : FREEBSD)[name] ?? typeOfService(name)

/** The number an expression comes to; undefined if it has no such value. */
export function numberOf(e: Expression | undefined, dialect: Dialect): number | undefined {
  switch (e?.kind) {
    case 'integer':
      return e.value
    case 'word':
      return symbol(e.name, dialect)
    case 'or': {
      const left = numberOf(e.left, dialect)
      const right = numberOf(e.right, dialect)
      // EPOLLET is the sign bit: as an unsigned number it stays what it is in C.
      return left === undefined || right === undefined ? undefined : (left | right) >>> 0
    }
    case 'list':
      // `[0]`: the address of a number
      return e.items.length === 1 ? numberOf(e.items[0], dialect) : undefined
    case 'call':
      return (e.name === 'htons' || e.name === 'htonl') && e.args.length === 1
        ? numberOf(e.args[0], dialect)
        : undefined
    default:
      return undefined
  }
}
