import { HalfOpen } from '../../src/stack/half-open.js'
import type { Listener } from '../../src/stack/listener.js'
import { Socket } from '../../src/stack/socket.js'
import type { Stack } from '../../src/stack/stack.js'
import { TimeWait } from '../../src/stack/time-wait.js'
import type { Tcb } from '../../src/tcp/tcb.js'
import { stateOf } from './flows.js'
import type { User } from './user.js'
import { after, must } from './violation.js'

/**
 * What holds of a connection whenever the stack is at rest. Whatever was due before `now` has been done, unless the
 * stack is to be woken at once.
 */
export function checkSocket(user: User, now: number): void {
  const { tcb } = user.socket
  const { config } = tcb
  const say = (what: string) => () => `${user.name} in ${tcb.state}: ${what}`
  must(after(tcb.sndUna, user.sndUna) >= 0, say('SND.UNA went back'))
  if (user.synchronized) {
    must(after(tcb.rcvNxt, user.rcvNxt) >= 0, say('RCV.NXT went back'))
    must(after(tcb.rcvAdv, user.rcvAdv) >= 0, say('the right edge went back'))
  }
  user.synchronized ||= tcb.state !== 'SYN_SENT' && tcb.state !== 'CLOSED'
  user.rcvNxt = tcb.rcvNxt
  user.sndUna = tcb.sndUna
  user.rcvAdv = tcb.rcvAdv
  must(after(tcb.sndNxt, tcb.sndUna) >= 0, say('SND.UNA is after SND.NXT'))
  must(tcb.rcvWnd >= 0, say('RCV.NXT is after the right edge'))
  const unit = 1 << tcb.rcvScale
  const held = tcb.receiveQueue.length
  // The FIN may stand one octet past what the buffer holds.
  must(held <= config.receiveBuffer + 2 * unit, say(`${held} bytes wait to be read`))
  must(
    tcb.rcvWnd + held <= config.receiveBuffer + 2 * unit + 1,
    say(`${tcb.rcvWnd} promised with ${held} bytes unread`),
  )
  const { reassembly } = tcb
  if (reassembly) {
    must(reassembly.count <= config.reassemblyBlocks, say('too many blocks'))
    // Text that came with a SYN waits there before the window is known.
    if (tcb.state !== 'SYN_RECEIVED') must(reassembly.bytes <= tcb.rcvWnd, say('more held than promised'))
    must(reassembly.bytes >= 0, say('less than nothing is held'))
  }
  must(tcb.sendQueue.length <= user.sent, say('more to send than was given'))
  must(tcb.owed === 0 && tcb.duplicateAcksOwed === 0, say(`something is owed: ${tcb.owed}`))
  // In TIME_WAIT, read out, a record stands for it.
  if (!user.socket.timeWait) must(tcb.deadline > now - 1, say(`a timer was due ${now - tcb.deadline} ms ago`))
  must(!tcb.synAcked || tcb.congestion.cwnd > 0, say('no congestion window'))
  if (tcb.flight > 0 && tcb.state !== 'CLOSED' && tcb.state !== 'TIME_WAIT')
    must(tcb.retransmitAt !== Number.POSITIVE_INFINITY, say('something is in flight and nothing watches it'))
  // Text or a FIN that can neither be sent nor is in flight waits for a timer; nothing else would wake it.
  must(tcb.challengesSent <= config.challengeAckLimit, say('more challenge ACKs than there may be'))
  if (tcb.state === 'CLOSED')
    must(
      tcb.sendQueue.length === 0 && reassembly === null,
      say('something is kept of a connection that is over'),
    )
  const opened = tcb.state !== 'CLOSED' && tcb.state !== 'TIME_WAIT' && tcb.state !== 'SYN_SENT'
  if (opened) {
    checkCounts(user, say)
    checkTimers(tcb, now, say)
  }
  const waits = tcb.unsent > 0 || (tcb.finQueued && !tcb.finSent)
  const talks = tcb.state === 'ESTABLISHED' || tcb.state === 'CLOSE_WAIT' || tcb.state === 'FIN_WAIT_1'
  if (talks && waits)
    must(tcb.retransmitAt !== Number.POSITIVE_INFINITY, say('text waits, and nothing will wake it'))
}

type Say = (what: string) => () => string

/** Sequence numbers, queues and what was handed over tell the same story. */
function checkCounts({ socket, sent, read, given }: User, say: Say): void {
  const { tcb } = socket
  const held = tcb.receiveQueue.length
  must(tcb.sendQueue.length === sent - tcb.bytesAcked, say('bytes to send that are lost, or were made up'))
  if (!given && !tcb.orphaned)
    must(tcb.bytesReceived === read + held, say('received bytes that are lost, or made up'))
  const fin = tcb.finReceived && tcb.rcvNxt === ((tcb.finSeq + 1) | 0) ? 1 : 0
  must(
    tcb.rcvNxt === ((tcb.irs + 1 + tcb.bytesReceived + fin) | 0),
    say('RCV.NXT is not where the bytes end'),
  )
  if (!tcb.synAcked) return
  const finAcked = tcb.finSent && tcb.sndUna === ((tcb.queueEnd + 1) | 0) ? 1 : 0
  must(
    tcb.sndUna === ((tcb.iss + 1 + tcb.bytesAcked + finAcked) | 0),
    say('SND.UNA is not where the bytes begin'),
  )
}

/** Nothing is put off for longer than it may be, and nobody is left waiting. */
function checkTimers(tcb: Tcb, now: number, say: Say): void {
  const { config } = tcb
  const never = Number.POSITIVE_INFINITY
  if (now !== Number.NEGATIVE_INFINITY) {
    if (tcb.retransmitAt !== never)
      must(
        tcb.retransmitAt <= now + Math.max(config.maxRto, config.persistMax),
        say('a retransmission put off too long'),
      )
    if (tcb.delayedAckAt !== never)
      must(tcb.delayedAckAt <= now + config.delayedAck, say('an ACK put off too long'))
  }
  if (tcb.unackedBytes > 0) must(tcb.delayedAckAt !== never, say('bytes that nobody will acknowledge'))
  const receives = tcb.state === 'ESTABLISHED' || tcb.state === 'FIN_WAIT_1' || tcb.state === 'FIN_WAIT_2'
  const free = config.receiveBuffer - tcb.receiveQueue.length
  const step = Math.min(config.receiveBuffer >>> 1, tcb.announcedMss)
  if (receives && tcb.rcvWnd === 0 && tcb.delayedAckAt === never && !tcb.finReceived)
    must(free < step + (1 << tcb.rcvScale), say(`the window is closed with ${free} bytes free`))
}

const FRAGMENTS = 64
const FRAGMENT_BYTES = 1 << 20
const NEIGHBOURS = 1024
const WAITING = 16

/** What is kept for strangers is bounded. `deep`: every flow is looked at. */
export function checkStack(stack: Stack, maxTimeWait: number, deep: boolean): void {
  const tcp = stack['tcp']
  const ip = stack['ip']
  must(tcp['timeWaits'].count <= maxTimeWait, 'too many in TIME_WAIT')
  for (const { halfOpen, synBacklog, queue, backlog, newborn } of tcp.listeners) {
    must(halfOpen <= synBacklog, 'too many are half open')
    must(queue.length <= backlog, 'too many wait to be accepted')
    must(newborn === 0, 'somebody was born and handed to nobody')
  }
  const fragments = ip['fragments']
  must(fragments['datagrams'].size <= FRAGMENTS, 'too many datagrams in pieces')
  must(fragments['bytes'] >= 0 && fragments['bytes'] <= FRAGMENT_BYTES, 'too many bytes in pieces')
  must(ip.pathMtu['entries'].size <= 1024, 'too many path MTUs')
  if (deep) checkDeep(stack)
}

function checkDeep(stack: Stack): void {
  const ip = stack['ip']
  const tcp = stack['tcp']
  const table = stack['table']
  const half = new Map<Listener, number>()
  const { wheel } = stack['context']
  // What is overdue when it is set fires at the next tick.
  const soonest = wheel['tick'] + 1
  let flows = 0
  let waits = 0
  let earliest = Number.POSITIVE_INFINITY
  for (const flow of table) {
    flows++
    let due = Number.POSITIVE_INFINITY
    let timer = -1
    if (flow instanceof TimeWait) {
      waits++
      due = flow.deadline
      timer = tcp['timeWaits']['records'].dueTick(flow)
    } else if (flow instanceof HalfOpen) {
      half.set(flow.listener, (half.get(flow.listener) ?? 0) + 1)
      due = flow.deadline
      timer = tcp['handshakes']['records'].dueTick(flow)
    } else if (flow instanceof Socket) {
      due = flow.tcb.deadline
      timer = flow.timerDue
    }
    if (due !== Number.POSITIVE_INFINITY) {
      must(
        timer >= 0 && timer <= Math.max(Math.ceil(due), soonest),
        () => `a ${stateOf(flow)} flow with a timer for ${timer}, due at ${due}`,
      )
      must(timer >= wheel['tick'], () => `a ${stateOf(flow)} flow with a timer in the past`)
      earliest = Math.min(earliest, due)
    }
  }
  for (const listener of tcp.listeners)
    must(listener.halfOpen === (half.get(listener) ?? 0), 'half-open connections that are not counted right')
  const { census } = stack
  must(
    census.halfOpen === [...half.values()].reduce((sum, n) => sum + n, 0),
    'half-open connections of nobody',
  )
  must(flows === table.size, 'the table does not know its size')
  must(waits === tcp['timeWaits'].count, 'TIME_WAIT records that are not in the table')
  let bytes = 0
  for (const { pieces } of ip['fragments']['datagrams'].values())
    for (const { data } of pieces) bytes += data.length
  must(bytes === ip['fragments']['bytes'], 'bytes of fragments that are not counted right')
  let neighbours = 0
  for (const cache of ip.resolver['caches'].values()) {
    must(cache['entries'].size <= NEIGHBOURS, 'too many neighbours')
    for (const { waiting, tries, timerDue } of cache['entries'].values()) {
      neighbours++
      const asks = tries > 0 || waiting.length > 0
      must(!asks || timerDue >= 0, 'a neighbour who is asked for, and nothing will ask again')
      must(waiting.length <= WAITING, 'too many packets wait for a neighbour')
    }
  }
  const most = flows + neighbours + ip['fragments']['datagrams'].size
  must(wheel.count <= most, () => `${wheel.count} timers for ${most} things`)
  must(wheel.next() <= Math.max(Math.ceil(earliest), soonest), 'the wheel would come too late')
}
