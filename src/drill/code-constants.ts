import type { Value } from './code-values.js'

/** The states by the names of RFC 9293, and their numbers in tcpi_state. */
const STATE_NUMBERS: Record<string, { linux: number; freebsd: number }> = {
  CLOSED: { linux: 7, freebsd: 0 },
  LISTEN: { linux: 10, freebsd: 1 },
  SYN_SENT: { linux: 2, freebsd: 2 },
  SYN_RECEIVED: { linux: 3, freebsd: 3 },
  ESTABLISHED: { linux: 1, freebsd: 4 },
  CLOSE_WAIT: { linux: 8, freebsd: 5 },
  FIN_WAIT_1: { linux: 4, freebsd: 6 },
  CLOSING: { linux: 11, freebsd: 7 },
  LAST_ACK: { linux: 9, freebsd: 8 },
  FIN_WAIT_2: { linux: 5, freebsd: 9 },
  TIME_WAIT: { linux: 6, freebsd: 10 },
}

/** Linux's names, where they are not TCP_ and the name of the RFC. */
const LINUX_NAMES: Record<string, string> = {
  CLOSED: 'TCP_CLOSE',
  SYN_RECEIVED: 'TCP_SYN_RECV',
  FIN_WAIT_1: 'TCP_FIN_WAIT1',
  FIN_WAIT_2: 'TCP_FIN_WAIT2',
}

const CONGESTION_STATES = ['Open', 'Disorder', 'CWR', 'Recovery', 'Loss']

/** Bits of tcpi_options that both systems have. FreeBSD calls 32 TFO. */
const OPTIONS: Record<string, number> = { TIMESTAMPS: 1, SACK: 2, WSCALE: 4, ECN: 8, SYN_DATA: 32 }
const OPTIONS_OF: Record<'linux' | 'freebsd', Record<string, number>> = {
  linux: { ECN_SEEN: 16, USEC_TS: 64, TFO_CHILD: 128 },
  freebsd: { TOE: 16, TFO: 32, ACE: 64 },
}

/**
 * The constants of code blocks. A state may be written as Linux (TCP_), FreeBSD (TCPS_) and nplab's packetdrill
 * (TCPI_) call it; whichever, its value is the number that tcpi_state has in `dialect`. Option bits that mean
 * something else in the other dialect are only in their own.
 */
export function tcpInfoConstants(dialect: 'linux' | 'freebsd'): Map<string, Value> {
  const constants = new Map<string, Value>()
  for (const [state, numbers] of Object.entries(STATE_NUMBERS)) {
    const number = numbers[dialect]
    constants.set(LINUX_NAMES[state] ?? `TCP_${state}`, number)
    constants.set(`TCPS_${state}`, number)
    constants.set(`TCPI_${state}`, number)
  }
  if (dialect === 'linux') {
    constants.set('TCP_NEW_SYN_RECV', 12)
    constants.set('TCPI_NEW_SYN_RECV', 12)
  }
  CONGESTION_STATES.forEach((state, number) => {
    constants.set(`TCP_CA_${state}`, number)
  })
  for (const [option, bit] of Object.entries({ ...OPTIONS, ...OPTIONS_OF[dialect] })) {
    constants.set(`TCPI_OPT_${option}`, bit)
  }
  constants.set('TCP_INFINITE_SSTHRESH', 0x7fffffff)
  return constants
}

/** The names of both dialects, Linux's values. */
export const TCP_INFO_CONSTANTS: ReadonlyMap<string, Value> = tcpInfoConstants('linux')
