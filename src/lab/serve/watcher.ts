import type { StackObserver } from '../../stack/observe.js'
import { TRANSITIONS } from '../../tcp/states.js'
import { textOf } from '../../trace/fields.js'
import { type Origin, segmentEvent } from '../../trace/segment-event.js'
import { IpView, PROTO_TCP, parseIp } from '../../wire/ip.js'
import { FIN, RST, SegmentView, SYN } from '../../wire/tcp.js'
import type { LiveSegment } from '../scene/live-messages.js'
import type { Flows, SeenFlow } from './flows.js'
import type { Gathering } from './gathering.js'

/** What a page is shown of a packet: the headers, which take this much at most (60 + 60 in IPv4). */
const MOST_HEADER = 120

/** To the microsecond: what is beyond is the noise of doubles. */
export const rounded = (ms: number): number => Math.round(ms * 1000) / 1000

export const finite = (bytes: number): number | null => (Number.isFinite(bytes) ? bytes : null)

/** Where a side counts from, if its SYN was seen. */
const originOf = ({ isn, scale }: SeenFlow['own']): Origin | undefined =>
  isn === undefined ? undefined : { isn, scale }

/** Tells what a stack named `host` does. `begin` is called before each event, with its time. */
export function watcher(
  host: string,
  flows: Flows,
  gathering: Gathering,
  begin: (now: number) => void,
): StackObserver {
  const ip = new IpView()
  const seg = new SegmentView()
  /** What came in last, if it is told about. */
  let arrived: LiveSegment | undefined

  const describe = (direction: 'in' | 'out', flow: SeenFlow, now: number): LiveSegment => {
    const [sender, receiver] = direction === 'out' ? [flow.own, flow.peer] : [flow.peer, flow.own]
    const [from, to] = direction === 'out' ? [host, flow.remote] : [flow.remote, host]
    const t = rounded(now)
    return {
      ...segmentEvent(seg, from, to, originOf(sender), originOf(receiver), 'delivered', t),
      ...(direction === 'in' ? { arrives: t } : {}),
      flow: flow.name,
      direction,
      header: '',
    }
  }

  return {
    packet: (direction, iface, bytes, offset, length, now) => {
      if (direction === 'in') arrived = undefined
      // What a stack sends to itself would be told twice.
      if (iface.isLoopback && direction === 'in') return
      if (parseIp(ip, bytes, offset, length) || ip.protocol !== PROTO_TCP || ip.isFragment) return
      if (seg.parse(ip, true)) return
      begin(now)
      const flow = flows.of(direction, ip, seg)
      const told = gathering.segment((seg.flags & (SYN | FIN | RST)) !== 0, () => ({
        event: describe(direction, flow, now),
        header: bytes.slice(ip.offset, Math.min(seg.payloadOffset, ip.offset + MOST_HEADER)),
      }))
      if (direction === 'in') arrived = told
    },
    dropped: reason => {
      if (arrived) arrived.dropped = reason
    },
    reaction: (_flow, reaction) => {
      if (arrived) arrived.reaction = reaction
    },
    state: (flow, from, to, id, now) => {
      begin(now)
      const { cause } = TRANSITIONS[id]
      gathering.add({ t: rounded(now), kind: 'state', host, from, to, cause, id, flow: textOf(flow) })
    },
    timer: (flow, timer, now) => {
      begin(now)
      gathering.add({ t: rounded(now), kind: 'timer', host, timer, flow: textOf(flow) })
    },
    congestion: (name, cwnd, ssthresh, cause, now) => {
      begin(now)
      const flow = textOf(name)
      const t = rounded(now)
      const event = { t, kind: 'congestion' as const, host, cwnd, ssthresh: finite(ssthresh), cause, flow }
      if (cause === 'acknowledgment') gathering.grew(event)
      else gathering.add(event)
    },
  }
}
