import type { State } from '../tcp/states.js'

/** How sockstat, netstat, ss, tcpdrop and the kernels spell the states, besides the RFC's own way. */
const SPELLINGS: Readonly<Record<State, readonly string[]>> = {
  CLOSED: ['CLOSED', 'CLOSE', 'UNCONN'],
  LISTEN: ['LISTEN'],
  SYN_SENT: ['SYN_SENT', 'SYN-SENT'],
  SYN_RECEIVED: ['SYN_RECEIVED', 'SYN_RCVD', 'SYN_RECV', 'SYN-RECV'],
  ESTABLISHED: ['ESTABLISHED', 'ESTAB'],
  FIN_WAIT_1: ['FIN_WAIT_1', 'FIN_WAIT1', 'FIN-WAIT-1'],
  FIN_WAIT_2: ['FIN_WAIT_2', 'FIN_WAIT2', 'FIN-WAIT-2'],
  CLOSE_WAIT: ['CLOSE_WAIT', 'CLOSE-WAIT'],
  CLOSING: ['CLOSING'],
  LAST_ACK: ['LAST_ACK', 'LAST-ACK'],
  TIME_WAIT: ['TIME_WAIT', 'TIME-WAIT'],
}

/** The numbers of the states in Linux's /proc/net/tcp, 0x01 on. */
const PROC_STATES: readonly State[] = [
  ...([
    'ESTABLISHED',
    'SYN_SENT',
    'SYN_RECEIVED',
    'FIN_WAIT_1',
    'FIN_WAIT_2',
    'TIME_WAIT',
    'CLOSED',
  ] as const),
  ...(['CLOSE_WAIT', 'LAST_ACK', 'LISTEN', 'CLOSING'] as const),
]

const entries = Object.entries(SPELLINGS) as [State, readonly string[]][]

/**
 * The states that a pattern means, as grep would find it in the words of any of the tools: a part of a name is
 * enough, and `|` or `\|` stands between alternatives. Undefined if it is not such a pattern, or means no state.
 */
export function statesNamed(pattern: string): readonly State[] | undefined {
  const parts = pattern.trim().split(/\\?\|/)
  if (!parts.every(part => /^[A-Z][A-Z0-9_-]+$/.test(part))) return undefined
  const found = entries.flatMap(([state, spellings]) => {
    const named = spellings.some(spelling => parts.some(part => spelling.includes(part)))
    return named ? [state] : []
  })
  return found.length > 0 ? found : undefined
}

/** The state of a field `st` of /proc/net/tcp, two hexadecimal digits. */
export const procState = (hex: string): State | undefined => PROC_STATES[Number.parseInt(hex, 16) - 1]
