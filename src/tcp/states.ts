/**
 * The one table of TCP's states and transitions (RFC 9293 section 3.3.2, Figure 5, and section 3.10). From it come
 * the types of legal moves, the check made at every move, the diagrams, `estab states`, and the test that every
 * edge is taken and no other.
 */

export const STATES = {
  CLOSED: {
    en: 'no connection: the state before and after; segments that arrive are answered with RST',
    zh: '没有任何连接：开始之前与结束之后的状态，到来的报文段以 RST 回应',
  },
  LISTEN: {
    en: 'waiting for a connection request from any remote TCP',
    zh: '侦听来自远方 TCP 端口的连接请求',
  },
  SYN_SENT: {
    en: 'has sent a connection request (SYN), waiting for a matching one in return',
    zh: '已发送连接请求（SYN），等待匹配的连接请求',
  },
  SYN_RECEIVED: {
    en: 'has received and sent a connection request, waiting for the acknowledgment of its own SYN',
    zh: '已收到并已发送连接请求，等待对方对自己 SYN 的确认',
  },
  ESTABLISHED: {
    en: 'an open connection: data flows both ways',
    zh: '连接已经打开：数据可以双向传送',
  },
  FIN_WAIT_1: {
    en: 'closed first, waiting for the acknowledgment of its FIN or for the FIN of the remote TCP',
    zh: '先行关闭，等待对自己 FIN 的确认，或对方的 FIN',
  },
  FIN_WAIT_2: {
    en: 'its FIN is acknowledged, waiting for the FIN of the remote TCP; it can still receive',
    zh: '自己的 FIN 已被确认，等待对方的 FIN；仍可接收数据',
  },
  CLOSE_WAIT: {
    en: 'has received a FIN, waiting for the local user to close; it can still send',
    zh: '收到了对方的 FIN，等待本地用户关闭；仍可发送数据',
  },
  CLOSING: {
    en: 'both closed at once: FINs crossed, waiting for the acknowledgment of its own',
    zh: '双方同时关闭：FIN 交错，等待对自己 FIN 的确认',
  },
  LAST_ACK: {
    en: 'closed second, has sent its FIN, waiting for the last acknowledgment',
    zh: '后关闭的一方，已发出 FIN，等待最后的确认',
  },
  TIME_WAIT: {
    en: 'waits 2MSL, so that the remote TCP has the last acknowledgment and old segments have died',
    zh: '等待 2MSL，确保对方收到最后的确认，且旧报文段都已消失',
  },
} as const

export type State = keyof typeof STATES
export const STATE_NAMES = Object.keys(STATES) as State[]

/** What moves a connection: a call of its user, a segment that arrives, or a timer. */
export type CauseKind = 'call' | 'segment' | 'timer' | 'icmp'

interface Row {
  readonly from: readonly State[]
  readonly to: State
  readonly kind: CauseKind
  readonly cause: string
  readonly sent: string
  readonly section: string
  readonly en: string
  readonly zh: string
}

const OPEN_STATES = ['SYN_RECEIVED', 'ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSE_WAIT'] as const
const UNACKED = [
  'SYN_SENT',
  'SYN_RECEIVED',
  'ESTABLISHED',
  'FIN_WAIT_1',
  'CLOSE_WAIT',
  'CLOSING',
  'LAST_ACK',
] as const

export const TRANSITIONS = {
  T01: {
    from: ['CLOSED'],
    to: 'LISTEN',
    kind: 'call',
    cause: 'passive OPEN',
    sent: '',
    section: '3.10.1',
    en: 'The server opens passively and waits for a SYN.',
    zh: '服务器被动打开，等待 SYN。',
  },
  T02: {
    from: ['CLOSED'],
    to: 'SYN_SENT',
    kind: 'call',
    cause: 'active OPEN',
    sent: 'SYN',
    section: '3.10.1',
    en: 'The client opens actively and sends its SYN with its initial sequence number.',
    zh: '客户端主动打开，发送带有初始序号的 SYN。',
  },
  T03: {
    from: ['LISTEN'],
    to: 'SYN_SENT',
    kind: 'call',
    cause: 'active OPEN',
    sent: 'SYN',
    section: '3.10.1',
    en: 'A listening connection opens actively instead and sends a SYN.',
    zh: '侦听中的连接改为主动打开，发送 SYN。',
  },
  T04: {
    from: ['LISTEN'],
    to: 'SYN_SENT',
    kind: 'call',
    cause: 'SEND',
    sent: 'SYN',
    section: '3.10.2',
    en: 'Sending on a listening connection opens it actively; the data follows the handshake.',
    zh: '在侦听中的连接上发送，使其主动打开；数据在握手之后发出。',
  },
  T05: {
    from: ['LISTEN'],
    to: 'SYN_RECEIVED',
    kind: 'segment',
    cause: 'receive SYN',
    sent: 'SYN,ACK',
    section: '3.10.7.2',
    en: 'A SYN arrives at the listener: it answers with its own SYN and acknowledges the one it got.',
    zh: '侦听方收到 SYN：回应自己的 SYN，并确认收到的 SYN。',
  },
  T06: {
    from: ['SYN_SENT'],
    to: 'ESTABLISHED',
    kind: 'segment',
    cause: 'receive SYN,ACK',
    sent: 'ACK',
    section: '3.10.7.3',
    en: 'Its SYN is acknowledged and the other SYN is here: the connection is open, the third segment says so.',
    zh: '自己的 SYN 得到确认，对方的 SYN 也已到达：连接打开，并以第三个报文段告知对方。',
  },
  T07: {
    from: ['SYN_SENT'],
    to: 'SYN_RECEIVED',
    kind: 'segment',
    cause: 'receive SYN',
    sent: 'SYN,ACK',
    section: '3.10.7.3',
    en: 'A SYN without ACK: both sides opened at once (simultaneous open).',
    zh: '收到不带 ACK 的 SYN：双方同时打开。',
  },
  T08: {
    from: ['SYN_RECEIVED'],
    to: 'ESTABLISHED',
    kind: 'segment',
    cause: 'receive ACK of SYN',
    sent: '',
    section: '3.10.7.4',
    en: 'Its SYN is acknowledged: the connection is open.',
    zh: '自己的 SYN 得到确认：连接打开。',
  },
  T12: {
    from: ['SYN_SENT'],
    to: 'CLOSED',
    kind: 'call',
    cause: 'CLOSE',
    sent: '',
    section: '3.10.4',
    en: 'Closed before any answer came: nothing is sent.',
    zh: '在得到任何回应之前关闭：不发送任何报文段。',
  },
  T11: {
    from: ['LISTEN'],
    to: 'CLOSED',
    kind: 'call',
    cause: 'CLOSE',
    sent: '',
    section: '3.10.4',
    en: 'The listener is closed.',
    zh: '侦听被关闭。',
  },
  T13: {
    from: ['SYN_RECEIVED'],
    to: 'FIN_WAIT_1',
    kind: 'call',
    cause: 'CLOSE',
    sent: 'FIN,ACK',
    section: '3.10.4',
    en: 'Closed before the handshake ended, with nothing to send: the FIN follows the SYN,ACK.',
    zh: '握手完成之前关闭，且没有数据要发：FIN 跟在 SYN,ACK 之后。',
  },
  T14: {
    from: ['ESTABLISHED'],
    to: 'FIN_WAIT_1',
    kind: 'call',
    cause: 'CLOSE',
    sent: 'FIN,ACK',
    section: '3.10.4',
    en: 'The user closes: after all the data a FIN says that no more will come.',
    zh: '用户关闭：在全部数据之后用 FIN 表示不再发送。',
  },
  T15: {
    from: ['ESTABLISHED'],
    to: 'CLOSE_WAIT',
    kind: 'segment',
    cause: 'receive FIN',
    sent: 'ACK',
    section: '3.10.7.4',
    en: 'The other side will send no more: its FIN is acknowledged, the user is told.',
    zh: '对方不再发送：确认它的 FIN，并通知用户。',
  },
  T16: {
    from: ['FIN_WAIT_1'],
    to: 'FIN_WAIT_2',
    kind: 'segment',
    cause: 'receive ACK of FIN',
    sent: '',
    section: '3.10.7.4',
    en: 'Its FIN is acknowledged; the other direction is still open.',
    zh: '自己的 FIN 得到确认；另一个方向仍然打开。',
  },
  T17: {
    from: ['FIN_WAIT_1'],
    to: 'CLOSING',
    kind: 'segment',
    cause: 'receive FIN',
    sent: 'ACK',
    section: '3.10.7.4',
    en: 'A FIN comes although its own is not acknowledged yet: both close at once.',
    zh: '自己的 FIN 尚未被确认就收到对方的 FIN：双方同时关闭。',
  },
  T18: {
    from: ['FIN_WAIT_1'],
    to: 'TIME_WAIT',
    kind: 'segment',
    cause: 'receive FIN,ACK of FIN',
    sent: 'ACK',
    section: '3.10.7.4',
    en: 'One segment acknowledges its FIN and brings the other: three segments instead of four.',
    zh: '一个报文段既确认了自己的 FIN 又带来对方的 FIN：四次挥手变为三次。',
  },
  T19: {
    from: ['FIN_WAIT_2'],
    to: 'TIME_WAIT',
    kind: 'segment',
    cause: 'receive FIN',
    sent: 'ACK',
    section: '3.10.7.4',
    en: 'The other side closes too: it sends the last acknowledgment and waits 2MSL.',
    zh: '对方也关闭了：发出最后的确认，并等待 2MSL。',
  },
  T20: {
    from: ['CLOSING'],
    to: 'TIME_WAIT',
    kind: 'segment',
    cause: 'receive ACK of FIN',
    sent: '',
    section: '3.10.7.4',
    en: 'The crossed FIN is acknowledged: 2MSL begins, on both sides.',
    zh: '交错的 FIN 得到确认：双方都开始等待 2MSL。',
  },
  T21: {
    from: ['CLOSE_WAIT'],
    to: 'LAST_ACK',
    kind: 'call',
    cause: 'CLOSE',
    sent: 'FIN,ACK',
    section: '3.10.4',
    en: 'The second side closes as well and sends its FIN.',
    zh: '后关闭的一方也关闭，发出自己的 FIN。',
  },
  T22: {
    from: ['LAST_ACK'],
    to: 'CLOSED',
    kind: 'segment',
    cause: 'receive ACK of FIN',
    sent: '',
    section: '3.10.7.4',
    en: 'The last acknowledgment is here: this side is done.',
    zh: '收到最后的确认：这一方结束。',
  },
  T23: {
    from: ['TIME_WAIT'],
    to: 'CLOSED',
    kind: 'timer',
    cause: '2MSL timeout',
    sent: '',
    section: '3.10.8',
    en: '2MSL are over: the connection is forgotten.',
    zh: '2MSL 已过：连接被彻底释放。',
  },
  T24: {
    from: ['TIME_WAIT'],
    to: 'SYN_RECEIVED',
    kind: 'segment',
    cause: 'receive acceptable SYN',
    sent: 'SYN,ACK',
    section: '3.10.7.4; RFC 6191',
    en: 'A SYN that cannot be an old duplicate opens a new incarnation early.',
    zh: '一个不可能是旧重复的 SYN 提前开启了新的连接化身。',
  },
  T25: {
    from: ['SYN_RECEIVED'],
    to: 'TIME_WAIT',
    kind: 'segment',
    cause: 'receive RST',
    sent: '',
    section: '3.6.1 MAY-2',
    en: 'The SYN that reopened the connection was an old duplicate after all: back to TIME_WAIT.',
    zh: '重新打开连接的 SYN 其实是旧的重复：回到 TIME_WAIT。',
  },
  T26: {
    from: ['LISTEN', 'SYN_SENT'],
    to: 'CLOSED',
    kind: 'call',
    cause: 'ABORT',
    sent: '',
    section: '3.10.5',
    en: 'Aborted before there was a connection: nothing is sent.',
    zh: '在连接建立之前中止：不发送任何报文段。',
  },
  T27: {
    from: OPEN_STATES,
    to: 'CLOSED',
    kind: 'call',
    cause: 'ABORT',
    sent: 'RST',
    section: '3.10.5',
    en: 'The user aborts: a RST tells the other side, both queues are thrown away.',
    zh: '用户中止：用 RST 告知对方，两个方向的队列都被丢弃。',
  },
  T28: {
    from: ['CLOSING', 'LAST_ACK', 'TIME_WAIT'],
    to: 'CLOSED',
    kind: 'call',
    cause: 'ABORT',
    sent: '',
    section: '3.10.5',
    en: 'Aborted when both sides had closed: nothing is left to tell.',
    zh: '双方都已关闭后中止：没有什么需要告知。',
  },
  T29: {
    from: ['SYN_SENT'],
    to: 'CLOSED',
    kind: 'segment',
    cause: 'receive RST,ACK',
    sent: '',
    section: '3.10.7.3',
    en: 'The answer to its SYN is a RST: connection refused.',
    zh: 'SYN 得到的回应是 RST：连接被拒绝。',
  },
  T30: {
    from: ['SYN_RECEIVED'],
    to: 'LISTEN',
    kind: 'segment',
    cause: 'receive RST',
    sent: '',
    section: '3.10.7.4',
    en: 'A passively opened connection is reset before it was open: back to listening, the user need not know.',
    zh: '被动打开的连接在建立之前被复位：回到侦听，用户无须知晓。',
  },
  T31: {
    from: ['SYN_RECEIVED'],
    to: 'CLOSED',
    kind: 'segment',
    cause: 'receive RST',
    sent: '',
    section: '3.10.7.4',
    en: 'An actively opened connection is reset before it was open: connection refused.',
    zh: '主动打开的连接在建立之前被复位：连接被拒绝。',
  },
  T32: {
    from: ['ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSE_WAIT'],
    to: 'CLOSED',
    kind: 'segment',
    cause: 'receive RST',
    sent: '',
    section: '3.10.7.4',
    en: 'The other side reset the connection; the user is told.',
    zh: '对方复位了连接；通知用户。',
  },
  T33: {
    from: ['CLOSING', 'LAST_ACK'],
    to: 'CLOSED',
    kind: 'segment',
    cause: 'receive RST',
    sent: '',
    section: '3.10.7.4',
    en: 'Reset while only the last acknowledgment was missing: closed.',
    zh: '只差最后的确认时被复位：关闭。',
  },
  T34: {
    from: ['TIME_WAIT'],
    to: 'CLOSED',
    kind: 'segment',
    cause: 'receive RST',
    sent: '',
    section: '3.10.7.4',
    en: 'A RST ends TIME_WAIT early, where RFC 1337 protection is off.',
    zh: '在未启用 RFC 1337 保护时，RST 提前结束 TIME_WAIT。',
  },
  T35: {
    from: ['SYN_RECEIVED'],
    to: 'LISTEN',
    kind: 'segment',
    cause: 'receive SYN in window',
    sent: '',
    section: '3.10.7.4',
    en: 'A second SYN inside the window of a passively opened connection: back to listening.',
    zh: '被动打开的连接在窗口内又收到 SYN：回到侦听。',
  },
  T36: {
    from: [
      'SYN_RECEIVED',
      'ESTABLISHED',
      'FIN_WAIT_1',
      'FIN_WAIT_2',
      'CLOSE_WAIT',
      'CLOSING',
      'LAST_ACK',
      'TIME_WAIT',
    ],
    to: 'CLOSED',
    kind: 'segment',
    cause: 'receive SYN in window',
    sent: 'RST',
    section: '3.10.7.4',
    en: 'A SYN in the window resets the connection, where RFC 5961 protection is off.',
    zh: '在未启用 RFC 5961 保护时，窗口内的 SYN 使连接复位。',
  },
  T37: {
    from: ['SYN_RECEIVED', 'ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSE_WAIT'],
    to: 'CLOSED',
    kind: 'call',
    cause: 'full CLOSE with data unread',
    sent: 'RST',
    section: '3.6.1',
    en: 'Nobody will read what has arrived: a RST tells the other side that data was lost.',
    zh: '已到达的数据无人读取：用 RST 告知对方数据已丢失。',
  },
  T38: {
    from: UNACKED,
    to: 'CLOSED',
    kind: 'timer',
    cause: 'user timeout',
    sent: '',
    section: '3.10.8',
    en: 'Nothing was acknowledged for as long as the user allowed: given up.',
    zh: '在用户允许的时间内没有任何确认：放弃。',
  },
  T39: {
    from: UNACKED,
    to: 'CLOSED',
    kind: 'timer',
    cause: 'retransmission limit R2',
    sent: '',
    section: '3.8.3',
    en: 'Retransmitted too often without an answer (R2): given up.',
    zh: '重传次数过多而无回应（R2）：放弃。',
  },
  T40: {
    from: ['SYN_SENT'],
    to: 'CLOSED',
    kind: 'icmp',
    cause: 'hard ICMP error',
    sent: '',
    section: '3.9.2.2',
    en: 'The network says that the destination cannot be reached.',
    zh: '网络报告目的地不可达。',
  },
  T41: {
    from: ['ESTABLISHED', 'FIN_WAIT_2', 'CLOSE_WAIT'],
    to: 'CLOSED',
    kind: 'timer',
    cause: 'keep-alive timeout',
    sent: 'RST',
    section: '3.8.4',
    en: 'No keep-alive probe was answered: the other side is gone.',
    zh: '保活探测全无回应：对方已不在。',
  },
  T42: {
    from: ['FIN_WAIT_2'],
    to: 'CLOSED',
    kind: 'timer',
    cause: 'FIN_WAIT_2 timeout',
    sent: '',
    section: 'common practice',
    en: 'Nobody is left to read and the other FIN never came: forgotten.',
    zh: '本地已无人读取，而对方的 FIN 迟迟不来：释放。',
  },
} as const satisfies Record<string, Row>

export type TransitionId = keyof typeof TRANSITIONS
export type Transition = Row & { readonly id: TransitionId }

export const TRANSITION_LIST: readonly Transition[] = Object.entries(TRANSITIONS)
  .map(([id, row]) => ({ id: id as TransitionId, ...row }))
  .sort((a, b) => (a.id < b.id ? -1 : 1))

/** The states a transition may leave; the type of a legal move. */
export type From<Id extends TransitionId> = (typeof TRANSITIONS)[Id]['from'][number]
export type To<Id extends TransitionId> = (typeof TRANSITIONS)[Id]['to']

/** True if `id` may be taken from `state`. */
export const mayTake = (id: TransitionId, state: State): boolean =>
  (TRANSITIONS[id].from as readonly State[]).includes(state)

/** The states in which both ends have agreed on sequence numbers (section 3.4). */
export const isSynchronized = (state: State): boolean =>
  state !== 'CLOSED' && state !== 'LISTEN' && state !== 'SYN_SENT' && state !== 'SYN_RECEIVED'
