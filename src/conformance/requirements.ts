import { DUTIES } from './duties.js'
import { MUSTS } from './musts.js'
import { PERMISSIONS, SHOULDS } from './shoulds.js'

/** How strongly RFC 9293 asks for something. A duty is stated in its prose, without a label. */
export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'RECOMMENDED' | 'duty'

/** One labelled requirement of RFC 9293, or one duty that has no label, in our own words. */
export interface Requirement {
  /** As the RFC labels it: `MUST-13`, `SHLD-7`, `MAY-2`, `REC-1`; `U-05` for duties without a label. */
  readonly id: string
  readonly section: string
  readonly level: Level
  readonly text: string
}

const levelOf = (id: string, negative: ReadonlySet<string>): Level => {
  const not = negative.has(id) ? ' NOT' : ''
  if (id.startsWith('MUST')) return `MUST${not}` as Level
  if (id.startsWith('SHLD')) return `SHOULD${not}` as Level
  if (id.startsWith('MAY')) return 'MAY'
  return id.startsWith('REC') ? 'RECOMMENDED' : 'duty'
}

/** Requirements that say what is not to be done. */
const NEGATIVE = new Set([
  ...['MUST-9', 'MUST-56', 'MUST-60', 'MUST-65'],
  ...['SHLD-13', 'SHLD-14', 'SHLD-15', 'SHLD-17', 'SHLD-23'],
])

/** Every requirement, in the order of the lists: MUST, SHOULD, MAY, RECOMMENDED, duties. */
export const REQUIREMENTS: readonly Requirement[] = [...MUSTS, ...SHOULDS, ...PERMISSIONS, ...DUTIES].map(
  ([id, section, text]) => ({ id, section, level: levelOf(id, NEGATIVE), text }),
)

/** The sections that requirements stand in. */
export const SECTIONS: Readonly<Record<string, string>> = {
  '3.1': 'Header format',
  '3.2': 'Options',
  '3.4': 'Sequence numbers',
  '3.4.1': 'Initial sequence numbers',
  '3.4.2': 'When to keep quiet',
  '3.5': 'Opening a connection',
  '3.5.2': 'Sending a reset',
  '3.5.3': 'Receiving a reset',
  '3.6': 'Closing a connection',
  '3.6.1': 'Half-closed connections',
  '3.7.1': 'Maximum segment size',
  '3.7.2': 'Path MTU discovery',
  '3.7.3': 'Interfaces of variable MTU',
  '3.7.4': "Nagle's algorithm",
  '3.7.5': 'Jumbograms',
  '3.8': 'Data communication',
  '3.8.1': 'Retransmission timeout',
  '3.8.2': 'Congestion control',
  '3.8.3': 'Connection failures',
  '3.8.4': 'Keep-alive',
  '3.8.5': 'Urgent data',
  '3.8.6': 'Window management',
  '3.8.6.1': 'Zero-window probes',
  '3.8.6.2': 'Silly windows',
  '3.8.6.2.1': 'Silly windows: the sender',
  '3.8.6.2.2': 'Silly windows: the receiver',
  '3.8.6.3': 'Delayed acknowledgments',
  '3.9.1.1': 'OPEN',
  '3.9.1.2': 'SEND',
  '3.9.1.3': 'RECEIVE',
  '3.9.1.4': 'CLOSE',
  '3.9.1.7': 'FLUSH',
  '3.9.1.8': 'Asynchronous reports',
  '3.9.1.9': 'Differentiated services',
  '3.9.2': 'Interface to IP',
  '3.9.2.1': 'Source routes',
  '3.9.2.2': 'ICMP',
  '3.9.2.3': 'Addresses that are none',
  '3.10': 'Event processing',
  '3.10.2': 'SEND, processed',
  '3.10.3': 'RECEIVE, processed',
  '3.10.4': 'CLOSE, processed',
  '3.10.7.3': 'SEGMENT ARRIVES in SYN_SENT',
  '3.10.7.4': 'SEGMENT ARRIVES in other states',
}
