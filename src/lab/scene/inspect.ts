import type { Socket } from '../../stack/socket.js'
import type { TimerName } from '../../tcp/observe.js'
import { isSynchronized, type State } from '../../tcp/states.js'
import type { Tcb } from '../../tcp/tcb.js'

/** What is known of octets that were sent. */
export type SentKind = 'flight' | 'sacked' | 'lost' | 'resent'

/** Octets of a sequence space, as distances from the initial sequence number. */
export interface Run<Kind = undefined> {
  readonly from: number
  readonly to: number
  readonly kind: Kind
}

/**
 * One connection at one moment. Numbers of a sequence space are distances from the ISN, so that the SYN is 0 and the first
 * octet of data 1; times in ms, sizes in bytes.
 */
export interface Inspection {
  readonly state: State
  readonly local: number
  readonly remote: number
  readonly iss: number
  readonly irs: number
  readonly send: {
    readonly una: number
    readonly nxt: number
    readonly wnd: number
    /** Behind the last octet that the user has queued. */
    readonly queued: number
    readonly runs: readonly Run<SentKind>[]
  }
  readonly receive: {
    readonly nxt: number
    readonly wnd: number
    /** Received, in order, not read. */
    readonly unread: number
    readonly outOfOrder: readonly Run[]
  }
  readonly cwnd: number
  /** Infinity until the first loss. */
  readonly ssthresh: number
  readonly mss: number
  readonly flight: number
  /** -1 before the first sample. */
  readonly srtt: number
  readonly rttvar: number
  readonly rto: number
  readonly backoff: number
  readonly timers: readonly { readonly name: TimerName; readonly due: number }[]
  readonly recovery: string
  readonly controller: { readonly name: string; readonly fields: readonly (readonly [string, string])[] }
  /** What was agreed on. */
  readonly options: {
    readonly scale: boolean
    readonly sack: boolean
    readonly timestamps: boolean
    readonly ecn: boolean
  }
  readonly acknowledged: number
  readonly received: number
  readonly resent: number
}

/** More runs than anybody can see. */
const MOST_RUNS = 64

/** Looks at a connection without touching it. */
export function inspect(socket: Socket): Inspection {
  const { tcb } = socket
  const { congestion, rto } = tcb
  const open = isSynchronized(tcb.state) || tcb.state === 'SYN_RECEIVED'
  const sent = (seq: number) => (seq - tcb.iss) | 0
  return {
    state: socket.state,
    local: socket.localPort,
    remote: socket.remotePort,
    iss: tcb.iss >>> 0,
    irs: tcb.irs >>> 0,
    send: {
      una: sent(tcb.sndUna),
      nxt: sent(tcb.sndNxt),
      wnd: tcb.sndWnd,
      queued: sent(tcb.queueEnd),
      runs: runsOf(tcb),
    },
    receive: {
      nxt: (tcb.rcvNxt - tcb.irs) | 0,
      wnd: open ? tcb.rcvWnd : 0,
      unread: tcb.receiveQueue.length,
      outOfOrder: outOfOrder(tcb),
    },
    cwnd: Math.floor(tcb.recovery.cwnd(tcb)),
    ssthresh: congestion.ssthresh,
    mss: tcb.mss,
    flight: tcb.flight,
    srtt: rto.srtt,
    rttvar: rto.rttvar,
    rto: rto.rto,
    backoff: rto.backoff,
    timers: timersOf(tcb, socket.timeWaitUntil),
    recovery: tcb.retransmits > 0 ? 'loss' : tcb.recovery.state,
    controller: { name: congestion.name, fields: fieldsOf(congestion) },
    options: {
      scale: tcb.windowScaling,
      sack: tcb.sack,
      timestamps: tcb.timestamps,
      ecn: tcb.ecn || tcb.accurate !== null,
    },
    acknowledged: tcb.bytesAcked,
    received: tcb.bytesReceived,
    resent: tcb.segmentsRetransmitted,
  }
}

function runsOf(tcb: Tcb): Run<SentKind>[] {
  const runs: Run<SentKind>[] = []
  tcb.scoreboard.forEach(segment => {
    const { seq, end, sacked, lost, resent } = segment
    const kind = sacked
      ? 'sacked'
      : lost
        ? resent
          ? 'resent'
          : 'lost'
        : segment.repeated
          ? 'resent'
          : 'flight'
    const from = (seq - tcb.iss) | 0
    const to = (end - tcb.iss) | 0
    const last = runs[runs.length - 1]
    if (last && last.kind === kind && last.to === from) runs[runs.length - 1] = { from: last.from, to, kind }
    else if (runs.length < MOST_RUNS) runs.push({ from, to, kind })
  })
  return runs
}

function outOfOrder(tcb: Tcb): Run[] {
  if (!tcb.reassembly || tcb.reassembly.isEmpty) return []
  const edges = new Int32Array(2 * MOST_RUNS)
  const runs: Run[] = []
  const n = tcb.reassembly.ranges(edges, MOST_RUNS)
  for (let i = 0; i < n; i++)
    runs.push({ from: (edges[2 * i]! - tcb.irs) | 0, to: (edges[2 * i + 1]! - tcb.irs) | 0, kind: undefined })
  return runs.sort((a, b) => a.from - b.from)
}

function timersOf(tcb: Tcb, timeWaitUntil: number): { name: TimerName; due: number }[] {
  const all: [TimerName, number][] = [
    [tcb.persisting ? 'persist' : 'retransmit', tcb.retransmitAt],
    ['loss-probe', tcb.lossTimerAt],
    ['delayed-ack', tcb.delayedAckAt],
    ['keep-alive', tcb.keepAliveAt],
    // TIME_WAIT is a record's by then, and the block that was is of the past.
    tcb.state === 'FIN_WAIT_2' ? ['fin-wait-2', tcb.lingerAt] : ['time-wait', timeWaitUntil],
    ['user', tcb.userTimeoutAt],
  ]
  return all.filter(([, due]) => due >= 0 && Number.isFinite(due)).map(([name, due]) => ({ name, due }))
}

/** What a controller remembers, under the names it has in the code. */
function fieldsOf(controller: object): [string, string][] {
  const fields: [string, string][] = []
  for (const [name, value] of Object.entries(controller)) {
    if (typeof value === 'number')
      fields.push([name, Number.isFinite(value) ? String(Math.round(value * 100) / 100) : '∞'])
    else if (typeof value === 'boolean' || (typeof value === 'string' && name !== 'name'))
      fields.push([name, String(value)])
  }
  return fields
}
