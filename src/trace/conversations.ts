import type { State } from '../tcp/states.js'
import { IpAddress } from '../wire/address.js'
import { IpView } from '../wire/ip.js'
import { ACK, FIN, RST, SegmentView, SYN } from '../wire/tcp.js'
import type { CapturedPacket } from './capture-file.js'
import { CAPTURE_WORDS } from './capture-words.js'
import { type NoSegment, parseCaptured } from './captured-segment.js'
import type { TraceEvent } from './events.js'
import { StateInference } from './infer-states.js'
import type { RecordedSegment } from './recorder.js'
import { Remarks } from './remarks.js'
import type { SeenSegment, Side } from './seen-segment.js'
import { SeenTwice } from './seen-twice.js'
import { type Origin, segmentEvent } from './segment-event.js'

/** One TCP connection of a capture, in the shape a Recorder gives. */
export interface Conversation {
  /** `192.0.2.1:40000`, `[2001:db8::1]:40000`: names of hosts in the events. */
  readonly client: string
  readonly server: string
  /** Its first segment has a SYN. Otherwise the server is the side with the lower port. */
  readonly beginning: boolean
  /** The state both sides begin in: ESTABLISHED if the beginning was not seen. */
  readonly initial: State
  /** In order of time, with the changes of state that each shows. `arrives` is when it was captured. */
  readonly segments: RecordedSegment[]
  /** The segments, the states each side must have been in, and remarks. */
  readonly events: TraceEvent[]
  /** Packets that the capture has twice; they are not among the segments. */
  readonly duplicates: number
}

export interface Conversations {
  /** In the order in which they begin. */
  readonly conversations: Conversation[]
  /** Packets that belong to none, and why. */
  readonly skipped: Record<NoSegment, number>
}

/** What is known of a packet before its conversation is. */
interface Sighting {
  readonly packet: CapturedPacket
  readonly from: Side
  readonly seq: number
  readonly ack: number
  readonly flags: number
}

/** All segments between two ports of two hosts; side 0 is who spoke first. */
interface Flow {
  readonly names: readonly [string, string]
  readonly ports: readonly [number, number]
  readonly sightings: Sighting[]
  readonly twice: SeenTwice
  /** When a packet was seen twice. */
  readonly duplicates: number[]
}

/** One direction of a flow. */
interface Way {
  readonly flow: Flow
  readonly side: Side
}

/**
 * The TCP connections in the packets of a capture, each with its segments, the states its sides must have been in, and
 * what is remarkable. A SYN with another number begins a new one if the old one had closed, or if it is answered.
 */
export function conversations(packets: readonly CapturedPacket[]): Conversations {
  const skipped: Record<NoSegment, number> = { 'not-tcp': 0, fragment: 0, 'cut-short': 0, malformed: 0 }
  const flows = new Map<string, Way>()
  const ip = new IpView()
  const seg = new SegmentView()
  for (const packet of inOrder(packets)) {
    const bad = parseCaptured(ip, seg, packet)
    if (bad) skipped[bad]++
    else see(flows, ip, seg, packet)
  }
  const found = [...new Set([...flows.values()].map(way => way.flow))].flatMap(flow => {
    let counted = 0
    return split(flow.sightings).map((part, i, parts) => {
      const until = parts[i + 1]?.[0]?.packet.time ?? Number.POSITIVE_INFINITY
      const before = counted
      while (counted < flow.duplicates.length && flow.duplicates[counted]! < until) counted++
      return tell(flow, part, counted - before)
    })
  })
  found.sort((a, b) => a.segments[0]!.event.t - b.segments[0]!.event.t)
  return { conversations: found, skipped }
}

/** Queues of a device, and merged files, are not always in order. */
function inOrder(packets: readonly CapturedPacket[]): readonly CapturedPacket[] {
  const sorted = packets.every((packet, i) => i === 0 || packet.time >= packets[i - 1]!.time)
  return sorted ? packets : packets.toSorted((a, b) => a.time - b.time)
}

function see(flows: Map<string, Way>, ip: IpView, seg: SegmentView, packet: CapturedPacket): void {
  const source = `${ip.version} ${ip.src0} ${ip.src1} ${ip.src2} ${ip.src3} ${seg.srcPort}`
  const destination = `${ip.version} ${ip.dst0} ${ip.dst1} ${ip.dst2} ${ip.dst3} ${seg.dstPort}`
  const key = `${source}>${destination}`
  let way = flows.get(key)
  if (!way) {
    const from = IpAddress.fromWords(ip.version, ip.src0, ip.src1, ip.src2, ip.src3)
    const to = IpAddress.fromWords(ip.version, ip.dst0, ip.dst1, ip.dst2, ip.dst3)
    const flow: Flow = {
      names: [nameOf(from, seg.srcPort), nameOf(to, seg.dstPort)],
      ports: [seg.srcPort, seg.dstPort],
      sightings: [],
      twice: new SeenTwice(),
      duplicates: [],
    }
    way = { flow, side: 0 }
    flows.set(`${destination}>${source}`, { flow, side: 1 })
    // Last, for a host that speaks to itself: then both are one.
    flows.set(key, way)
  }
  const { flow, side } = way
  if (flow.twice.is(ip, seg, packet.time, packet.place)) flow.duplicates.push(packet.time)
  else flow.sightings.push({ packet, from: side, seq: seg.seq, ack: seg.ack, flags: seg.flags })
}

const nameOf = (address: IpAddress, port: number): string =>
  address.version === 4 ? `${address}:${port}` : `[${address}]:${port}`

/** Cuts what went between two ports into connections. */
function split(sightings: readonly Sighting[]): Sighting[][] {
  // What SYN,ACKs acknowledge, to which side, and when last.
  const answered = [new Map<number, number>(), new Map<number, number>()] as const
  sightings.forEach(({ from, flags, ack }, i) => {
    if (flags & SYN && flags & ACK) answered[from === 0 ? 1 : 0].set((ack - 1) | 0, i)
  })
  const parts: Sighting[][] = []
  let isns: [number | undefined, number | undefined] = [undefined, undefined]
  let fins: [boolean, boolean] = [false, false]
  let reset = false
  let open = false
  sightings.forEach((sighting, i) => {
    const { from, seq, ack, flags } = sighting
    if (flags & SYN && parts.length > 0 && seq !== isns[from]) {
      // A SYN,ACK that answers a SYN of this connection belongs to it, whatever a RST was about.
      const answers = flags & ACK && ((ack - 1) | 0) === isns[from === 0 ? 1 : 0]
      const ended = (reset || (fins[0] && fins[1])) && !answers
      const replaces = open && !(flags & ACK) && (answered[from].get(seq) ?? -1) > i
      if (ended || replaces) {
        parts.push([])
        isns = [undefined, undefined]
        fins = [false, false]
        reset = open = false
      }
    }
    if (parts.length === 0) parts.push([])
    parts.at(-1)!.push(sighting)
    if (flags & RST) reset = true
    else if (flags & SYN) isns[from] = seq
    else open = true
    if (flags & FIN) fins[from] = true
  })
  return parts
}

/** Who of the two is the client. */
function clientOf({ ports }: Flow, { from, flags }: Sighting): Side {
  const other: Side = from === 0 ? 1 : 0
  if (flags & SYN) return flags & ACK ? other : from
  if (ports[0] === ports[1]) return from
  return ports[0] > ports[1] ? 0 : 1
}

function tell(flow: Flow, part: readonly Sighting[], duplicates: number): Conversation {
  const alone = flow.names[0] === flow.names[1]
  const clientSide = alone ? 0 : clientOf(flow, part[0]!)
  const names = clientSide === 0 ? flow.names : ([flow.names[1], flow.names[0]] as const)
  const beginning = (part[0]!.flags & SYN) !== 0
  const initial: State = beginning ? 'CLOSED' : 'ESTABLISHED'
  const seen = describe(part, clientSide, names, alone)
  const states = new StateInference(seen, names, initial)
  const remarks = new Remarks(beginning, alone)
  const events: TraceEvent[] = []
  seen.forEach((segment, i) => {
    const { recorded, from } = segment
    const before = states.before(i)
    for (const event of before) if (event.kind === 'state') recorded.before.push(event)
    events.push(...before)
    if (i === 0 && !beginning)
      events.push({ t: recorded.event.t, kind: 'note', host: names[0], text: CAPTURE_WORDS.middle() })
    events.push(recorded.event)
    for (const text of remarks.of(segment))
      events.push({ t: recorded.event.t, kind: 'note', host: names[from], text })
    const after = states.after(i)
    for (const event of after) if (event.kind === 'state') recorded.after.push(event)
    events.push(...after)
  })
  const segments = seen.map(segment => segment.recorded)
  return { client: names[0], server: names[1], beginning, initial, segments, events, duplicates }
}

/** The segments with their numbers relative: to the SYNs, or where there is none to what was seen first. */
function describe(
  part: readonly Sighting[],
  clientSide: Side,
  names: readonly [string, string],
  alone: boolean,
): SeenSegment[] {
  const ip = new IpView()
  const seg = new SegmentView()
  const origins: [Origin | undefined, Origin | undefined] = [undefined, undefined]
  const spoke: [boolean, boolean] = [false, false]
  return part.map(({ packet, from: flowSide }) => {
    parseCaptured(ip, seg, packet)
    const { seq, ack, flags, payloadLength: len } = seg
    const from: Side = flowSide === clientSide ? 0 : 1
    const to: Side = alone ? from : from === 0 ? 1 : 0
    // A SYN in the middle of a connection is none of its own.
    if (flags & SYN && !spoke[from]) origins[from] = { isn: seq, scale: seg.windowScale }
    else if (!(flags & (SYN | RST))) {
      origins[from] ??= { isn: (seq - 1) | 0, scale: -1 }
      spoke[from] = true
    }
    if (flags & ACK) origins[to] ??= { isn: (ack - 1) | 0, scale: -1 }
    const t = packet.time
    const event = segmentEvent(seg, names[from], names[to], origins[from], origins[to], 'delivered', t)
    event.arrives = t
    return { recorded: { event, bytes: packet.bytes, before: [], after: [] }, from, seq, ack, flags, len }
  })
}
