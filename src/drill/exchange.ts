import type { LinkReceiver } from '../stack/link.js'
import { ACK, SYN } from '../wire/tcp.js'
import { buildIcmp, buildSegment } from './build-packet.js'
import { Conversation } from './conversation.js'
import type { FastOpenHost } from './fast-open.js'
import { type LiveSegment, readLive } from './live-packet.js'
import { continues, difference, seen, segmentText, specText } from './match.js'
import { DrillFailure } from './outcome.js'
import type { IcmpSpec, IpInfo, ScriptEvent, TcpSpec } from './script.js'
import type { Settings } from './settings.js'
import type { Timing } from './timing.js'

/** How long to wait for a packet past the time it was expected at, and for one that may come at any time. */
const PATIENCE = 2_000_000
const ANY_TIME = 24 * 3600 * 1_000_000
/** The first port of the script's side. */
const FIRST_PORT = 33_000

/** What packets need of the run they are part of. Times in microseconds. */
export interface ExchangeHost {
  readonly settings: Settings
  readonly timing: Timing
  readonly fastOpen: FastOpenHost
  readonly now: number
  /** Lets the next thing happen that is due until `limit`; false if there is none. */
  step(limit: number): boolean
  log(text: string, at?: number): void
  /** A difference that the script calls non-fatal. */
  warn(message: string): void
}

/** The packets between the script and the stack, and the conversations they belong to. */
export class Exchange {
  /** The stack's side of the link. */
  receiver!: LinkReceiver
  /** What the script's packets are about now. */
  private current: Conversation | undefined
  private readonly conversations: Conversation[] = []
  private nextPort = FIRST_PORT
  /** Segments the stack has sent that no event has taken yet. */
  private readonly sent: LiveSegment[] = []

  constructor(private readonly host: ExchangeHost) {}

  get conversation(): Conversation | undefined {
    return this.current
  }

  /** A socket was made: packets are about it from now on. */
  follow(conversation: Conversation): void {
    this.current = conversation
    this.conversations.push(conversation)
  }

  find(localPort: number, remotePort: number): Conversation | undefined {
    return this.conversations.findLast(c => c.localPort === localPort && c.remotePort === remotePort)
  }

  /** The stack has sent a packet. */
  /** `cut`: the link is to cut it up, and complete the checksums. */
  packetSent(bytes: Uint8Array, cut: boolean): void {
    const live = readLive(bytes, this.host.now, cut)
    if (typeof live === 'string') throw new DrillFailure(`the stack sent a malformed packet (${live})`)
    if (live) this.sent.push(live)
  }

  /** The conversation an inbound packet belongs to; a listener's first packet begins a new one. */
  private inboundConversation(): Conversation {
    const { current } = this
    if (!current) throw new DrillFailure('no socket has been made that this packet could be for')
    if (current.stage === 'listening') {
      const child = new Conversation('syn-received', current.localPort, this.nextPort++)
      this.follow(child)
      return child
    }
    if (current.remotePort === 0) current.remotePort = this.nextPort++
    if (current.localPort === 0) current.localPort = this.host.settings.bindPort
    return current
  }

  /** Sends a segment of the script's to the stack. */
  injectSegment(written: TcpSpec, ip: IpInfo): void {
    const spec = this.host.fastOpen.resolve(written)
    const fresh = this.current?.stage === 'listening'
    const c = this.inboundConversation()
    const syn = (spec.flags & SYN) !== 0
    if (fresh || (syn && c.stage === 'syn-sent')) c.remoteBegins(spec.seq)
    if (syn && !(spec.flags & ACK)) c.offers(spec.seq)
    if (c.stage === 'syn-sent' && syn && spec.flags & ACK) c.stage = 'open'
    else if (c.stage === 'syn-ack-sent' && spec.flags & ACK) c.stage = 'open'
    const numbers = c.toLive(spec, this.host.settings.scaledEcho)
    if (typeof numbers === 'string') throw new DrillFailure(numbers)
    this.host.log(`< ${specText(spec, ip)}`)
    this.inject(buildSegment(spec, ip, c.tuple(this.host.settings), numbers))
  }

  injectIcmp(spec: IcmpSpec, ip: IpInfo): void {
    const c = this.inboundConversation()
    const bytes = buildIcmp(spec, ip, c.tuple(this.host.settings), c.quotedSeq(spec.quotedSeq))
    if (typeof bytes === 'string') throw new DrillFailure(bytes)
    this.host.log(`< icmp ${spec.type} ${spec.code ?? ''}`.trimEnd())
    this.inject(bytes)
  }

  private inject(bytes: Uint8Array): void {
    this.receiver.packet(bytes, 0, bytes.length)
    this.receiver.batchEnd()
  }

  /** Waits for a packet of the stack's and compares it. */
  expect(event: ScriptEvent, written: TcpSpec, ip: IpInfo): void {
    const spec = this.host.fastOpen.resolve(written)
    const { current } = this
    if (!current) throw new DrillFailure('no socket has been made that could send this packet')
    if (current.stage === 'connecting' && spec.flags & SYN && !(spec.flags & ACK)) current.stage = 'syn-sent'
    const taken = this.collect(event, current, spec, ip)
    const last = taken.at(-1)!
    // What was sent in pieces is looked at whole: from the first its beginning, from the last all else.
    const whole: LiveSegment = {
      ...last,
      seq: taken[0]!.seq,
      length: taken.reduce((n, s) => n + s.length, 0),
    }
    const actual = seen(whole, current, spec, ip)
    this.host.log(`> ${segmentText(actual)}`, last.at)
    const tolerance = this.timestampTolerance()
    const different = difference(spec, ip, actual, tolerance) ?? this.host.timing.late(last.at, 'packet')
    if (different === undefined) return
    const message = `${different}\n${this.sideBySide(spec, ip, segmentText(actual), last.at)}`
    if (!this.host.settings.nonFatal.packet) throw new DrillFailure(message)
    this.host.warn(message)
  }

  private timestampTolerance(): number {
    const { timestampTick } = this.host.settings
    return timestampTick === 0
      ? Number.POSITIVE_INFINITY
      : this.host.timing.cumulativeTolerance / timestampTick
  }

  private sideBySide(spec: TcpSpec, ip: IpInfo, actual: string, at: number): string {
    const time = (t: number) => `${(t / 1e6).toFixed(6)} `.padStart(10)
    return `script packet: ${time(this.host.timing.at)}> ${specText(spec, ip)}\nactual packet: ${time(at)}> ${actual}`
  }

  /** The segments of the stack's that make up the one the script writes. */
  private collect(event: ScriptEvent, c: Conversation, spec: TcpSpec, ip: IpInfo): LiveSegment[] {
    const taken: LiveSegment[] = []
    let length = 0
    do {
      const live = this.next(event, c, spec, ip, taken)
      const previous = taken.at(-1)
      const isLast = length + live.length >= spec.length
      if (previous && !continues(previous, live, isLast)) {
        this.sent.unshift(live)
        break
      }
      taken.push(live)
      length += live.length
    } while (length < spec.length && !this.host.settings.strictSegments)
    return taken
  }

  private next(
    event: ScriptEvent,
    c: Conversation,
    spec: TcpSpec,
    ip: IpInfo,
    taken: readonly LiveSegment[],
  ): LiveSegment {
    const limit = event.time.kind === 'any' ? this.host.now + ANY_TIME : this.host.timing.end + PATIENCE
    for (;;) {
      const live = this.sent.shift()
      if (live) {
        if (this.belongs(live, c, spec)) return live
        // Of a connection that the script has left for another, or that it never spoke of: as packetdrill has it.
        continue
      }
      if (!this.host.step(limit)) break
    }
    const so =
      taken.length > 0 ? `only ${taken.reduce((n, s) => n + s.length, 0)} bytes of it were sent` : 'none came'
    throw new DrillFailure(
      `expected a packet, ${so}\nscript packet: ${(this.host.timing.at / 1e6).toFixed(6)} > ${specText(spec, ip)}`,
    )
  }

  /** Whether a segment is of this conversation; learns of it what the stack chose. */
  private belongs(live: LiveSegment, c: Conversation, spec: TcpSpec): boolean {
    const isSyn = (live.flags & SYN) !== 0
    if (c.stage === 'syn-sent' && isSyn && !(live.flags & ACK) && live.remotePort === c.remotePort) {
      if (c.localPort !== live.localPort || !c.matchesIsn(live.seq)) {
        c.localPort = live.localPort
        c.localBegins(spec.seq, live.seq)
      }
      return true
    }
    if (!c.matches(live)) return false
    if (isSyn && live.flags & ACK) {
      if (c.beginsAnew(live) || c.stage === 'syn-received') {
        c.localBegins(spec.seq, live.seq)
        c.stage = 'syn-ack-sent'
      } else if (c.stage === 'syn-sent') c.stage = 'syn-ack-sent'
    }
    return true
  }
}
