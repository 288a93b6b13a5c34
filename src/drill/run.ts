import type { Link, LinkReceiver } from '../stack/link.js'
import type { StackObserver } from '../stack/observe.js'
import { Stack } from '../stack/stack.js'
import { PROFILES } from '../tcp/profiles.js'
import { ACK, FIN, PSH, SYN } from '../wire/tcp.js'
import { buildIcmp, buildSegment } from './build-packet.js'
import { type CallHost, Calls } from './calls.js'
import { VirtualClock } from './clock.js'
import { CodeContext, CodeError, tcpInfoConstants } from './code.js'
import { type CommandHost, runCommand } from './commands.js'
import { Conversation } from './conversation.js'
import { expressionText } from './expression.js'
import { type LiveSegment, readLive } from './live-packet.js'
import { continues, difference, seen, segmentText, specText } from './match.js'
import { type Attempt, DrillFailure, type Outcome } from './outcome.js'
import type { CallAction, IcmpSpec, IpInfo, PacketAction, Script, ScriptEvent, TcpSpec } from './script.js'
import type { Settings } from './settings.js'
import { numberOf } from './symbols.js'
import { TcpFile } from './tcp-file.js'
import { tcpInfo } from './tcp-info.js'
import { Timing } from './timing.js'

/** How long to wait for a packet past the time it was expected at, and for one that may come at any time. */
const PATIENCE = 2_000_000
const ANY_TIME = 24 * 3600 * 1_000_000
/** The first port of the script's side. */
const FIRST_PORT = 33_000

interface Pending {
  readonly event: ScriptEvent
  readonly call: CallAction
  readonly attempt: Attempt
  /** When it must return, and when it did. */
  readonly due: number
  outcome: Outcome | undefined
  finishedAt: number
}

/** One run of one script: a stack, a link to it, and the events in their order. */
export class Run implements CallHost, CommandHost {
  readonly clock: VirtualClock
  readonly stack: Stack
  readonly profile
  readonly calls: Calls
  readonly code: CodeContext
  readonly timing: Timing
  /** What happened, a line each, for whoever reads a failure. */
  readonly trace: string[] = []
  /** Differences that the script calls non-fatal. */
  readonly warnings: string[] = []
  openTimeout: number
  cookiesOnly = false
  notSentLowWater = 0xffffffff
  private segmentation: number
  /** The event being run. */
  event: ScriptEvent | undefined
  private current: Conversation | undefined
  private readonly conversations: Conversation[] = []
  private nextPort = FIRST_PORT
  /** Segments the stack has sent that no event has taken yet. */
  private readonly sent: LiveSegment[] = []
  private receiver!: LinkReceiver
  private pending: Pending | undefined

  constructor(
    readonly script: Script,
    readonly settings: Settings,
    private readonly readFile: (path: string) => string | undefined,
    observer: StackObserver | undefined,
    seed: number,
  ) {
    this.profile = PROFILES[settings.profile]
    this.openTimeout = this.profile.openTimeout
    this.segmentation = this.profile.segmentation
    this.clock = new VirtualClock(seed)
    this.timing = new Timing(settings, this.clock)
    this.stack = new Stack({ env: this.clock, tcp: this.profile.tcp, ...(observer ? { observer } : {}) })
    const link = this.makeLink()
    const { local, remote } = settings
    const prefix = local.version === 4 ? 16 : 64
    const iface = this.stack.addInterface(link, { name: 'tun0', addresses: [`${local}/${prefix}`] })
    this.stack.addRoute(`${remote}/${remote.version === 4 ? 32 : 128}`, iface)
    this.calls = new Calls(this)
    this.code = new CodeContext(tcpInfoConstants(this.calls.dialect))
  }

  // ---- what calls and commands ask of it ----

  get local() {
    return this.settings.local
  }

  get remote() {
    return this.settings.remote
  }

  get bindPort(): number {
    return this.settings.bindPort
  }

  get connectPort(): number {
    return this.settings.connectPort
  }

  get mapped(): boolean {
    return this.settings.ip === 'ipv4-mapped'
  }

  follow(conversation: Conversation): void {
    this.current = conversation
    this.conversations.push(conversation)
  }

  find(localPort: number, remotePort: number): Conversation | undefined {
    return this.conversations.findLast(c => c.localPort === localPort && c.remotePort === remotePort)
  }

  file(path: string): string | undefined {
    return this.readFile(path)
  }

  /** Lets `seconds` of virtual time pass. */
  sleep(seconds: number): void {
    this.advance(this.clock.time + seconds * 1e6)
  }

  // ---- time ----

  setOffload(feature: string, on: boolean): void {
    if (feature === 'tso' || feature === 'gso') this.segmentation = on ? this.profile.segmentation : 0
  }

  private makeLink(): Link {
    const segmentation = () => this.segmentation
    return {
      kind: 'ip',
      mtu: this.settings.mtu,
      get segmentation() {
        return segmentation()
      },
      attach: receiver => {
        this.receiver = receiver
      },
      send: (bytes, offset, length) => {
        this.packetSent(bytes.slice(offset, offset + length))
        return true
      },
      close: () => {},
    }
  }

  private packetSent(bytes: Uint8Array): void {
    const live = readLive(bytes, this.clock.time)
    if (typeof live === 'string') throw new DrillFailure(`the stack sent a malformed packet (${live})`)
    if (live) this.sent.push(live)
  }

  /** Lets everything happen that is due until `time`. */
  private advance(time: number): void {
    while (this.clock.step(time)) this.happened()
    this.clock.time = Math.max(this.clock.time, time)
  }

  /** What is due at this very moment. */
  private settle(): void {
    this.advance(this.clock.time)
  }

  private happened(): void {
    if (this.clock.errors.length > 0) throw this.clock.errors[0]
    const { pending } = this
    if (!pending || pending.outcome) return
    pending.outcome = pending.attempt()
    pending.finishedAt = this.clock.time
  }

  // ---- events ----

  /** Runs the script. Throws a DrillFailure, an Unsupported or a CodeError at `this.event`. */
  run(): void {
    for (const event of this.script.events) {
      this.event = event
      this.timing.begin(event)
      switch (event.action.kind) {
        case 'packet':
          this.packet(event, event.action)
          break
        case 'call':
          this.call(event, event.action)
          break
        case 'command':
          this.wait()
          runCommand(this, event.action.text)
          this.settle()
          break
        case 'code':
          this.wait()
          this.runCode(event.action.text)
          break
      }
    }
    this.finishPending()
  }

  /** Waits for the time of an event that the script itself makes happen. */
  private wait(): void {
    this.advance(this.timing.at)
    this.timing.check(this.clock.time, 'event')
  }

  private log(text: string, at = this.clock.time): void {
    this.trace.push(`${(at / 1e6).toFixed(6)} ${text}`)
  }

  private runCode(text: string): void {
    const { current } = this
    const file = [...this.calls.files.values()].find(f => f instanceof TcpFile && f.conversation === current)
    if (!(file instanceof TcpFile)) throw new DrillFailure('there is no socket whose TCP_INFO could be asked')
    const fields = tcpInfo(file.state, file.socket, this.calls.dialect)
    try {
      for (const line of this.code.run(text, fields).printed) this.log(`print: ${line}`)
    } catch (error) {
      if (error instanceof CodeError && error.kind === 'assertion') throw new DrillFailure(error.message)
      throw error
    }
  }

  // ---- system calls ----

  private call(event: ScriptEvent, call: CallAction): void {
    this.finishPending()
    this.wait()
    const expected = numberOf(call.result, this.calls.dialect) ?? Number.NaN
    this.log(`${call.name}(${call.args.map(expressionText).join(', ')})`)
    const attempt = this.calls.begin(call.name, call.args, expected)
    const outcome = attempt()
    this.settle()
    if (call.returns === undefined) {
      if (!outcome)
        throw new DrillFailure(`${call.name}() blocks; a call that does is written with its time of return`)
      this.checkOutcome(call, outcome)
      return
    }
    const due = this.timing.endOf(event, call.returns)
    this.pending = { event, call, attempt, due, outcome, finishedAt: this.clock.time }
    this.happened()
  }

  /** Waits for a call that blocks, and looks at what it came to. */
  private finishPending(): void {
    const { pending } = this
    if (!pending) return
    const limit = Math.max(pending.due, this.clock.time) + PATIENCE
    while (!pending.outcome && this.clock.step(limit)) this.happened()
    if (!pending.outcome) {
      // Time passes even where nothing happens: a poll may be waiting for just that.
      this.clock.time = Math.max(this.clock.time, pending.due)
      this.happened()
    }
    this.pending = undefined
    const outer = this.event
    this.event = pending.event
    if (!pending.outcome) throw new DrillFailure(`${pending.call.name}() has not returned`)
    this.timing.checkEnd(pending.finishedAt, pending.due, `the return of ${pending.call.name}()`)
    this.checkOutcome(pending.call, pending.outcome)
    this.event = outer
  }

  private checkOutcome(call: CallAction, outcome: Outcome): void {
    if (call.result.kind === 'any') return
    const expected = numberOf(call.result, this.calls.dialect)
    const said = `${expressionText(call.result)}${call.errno ? ` ${call.errno}` : ''}`
    const was = `${outcome.value}${outcome.errno ? ` ${outcome.errno}` : ''}`
    const same =
      expected === outcome.value &&
      (call.errno === undefined || sameErrno(call.errno, outcome.errno)) &&
      !(outcome.value >= 0 && call.errno !== undefined)
    if (same) return
    const message = `${call.name}(): expected ${said}, actual ${was}`
    if (!this.settings.nonFatal.call) throw new DrillFailure(message)
    this.warnings.push(message)
  }

  // ---- packets ----

  private packet(event: ScriptEvent, { inbound, ip, segment }: PacketAction): void {
    if (segment.kind === 'other') throw new DrillFailure(`${segment.feature} cannot be run`)
    if (inbound) {
      this.wait()
      if (segment.kind === 'icmp') this.injectIcmp(segment, ip)
      else this.injectSegment(segment, ip)
      this.settle()
    } else if (segment.kind === 'tcp') this.expect(event, segment, ip)
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
    if (current.localPort === 0) current.localPort = this.bindPort
    return current
  }

  private injectSegment(spec: TcpSpec, ip: IpInfo): void {
    const fresh = this.current?.stage === 'listening'
    const c = this.inboundConversation()
    const syn = (spec.flags & SYN) !== 0
    if (fresh || (syn && c.stage === 'syn-sent')) c.remoteBegins(spec.seq)
    if (c.stage === 'syn-sent' && syn && spec.flags & ACK) c.stage = 'open'
    else if (c.stage === 'syn-ack-sent' && spec.flags & ACK) c.stage = 'open'
    const numbers = c.toLive(spec, this.settings.scaledEcho)
    if (typeof numbers === 'string') throw new DrillFailure(numbers)
    this.log(`< ${specText(spec, ip)}`)
    for (const piece of pieces(spec, this.settings.peerSegment)) {
      const seq = (numbers.seq + piece.seq - spec.seq) | 0
      this.receive(buildSegment(piece, ip, c.tuple(this.settings), { ...numbers, seq }))
    }
    this.batchEnd()
  }

  private injectIcmp(spec: IcmpSpec, ip: IpInfo): void {
    const c = this.inboundConversation()
    const bytes = buildIcmp(spec, ip, c.tuple(this.settings), c.quotedSeq(spec.quotedSeq))
    if (typeof bytes === 'string') throw new DrillFailure(bytes)
    this.log(`< icmp ${spec.type} ${spec.code ?? ''}`.trimEnd())
    this.receive(bytes)
    this.batchEnd()
  }

  private receive(bytes: Uint8Array): void {
    this.receiver.packet(bytes, 0, bytes.length)
  }

  private batchEnd(): void {
    this.receiver.batchEnd()
    this.happened()
  }

  /** Waits for a packet of the stack's and compares it. */
  private expect(event: ScriptEvent, spec: TcpSpec, ip: IpInfo): void {
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
    this.log(`> ${segmentText(actual)}`, last.at)
    const tolerance = this.timestampTolerance()
    const different = difference(spec, ip, actual, tolerance) ?? this.timing.late(last.at, 'packet')
    if (different === undefined) return
    const message = `${different}\n${this.sideBySide(spec, ip, segmentText(actual), last.at)}`
    if (!this.settings.nonFatal.packet) throw new DrillFailure(message)
    this.warnings.push(message)
  }

  private timestampTolerance(): number {
    const { timestampTick } = this.settings
    return timestampTick === 0 ? Number.POSITIVE_INFINITY : this.timing.cumulativeTolerance / timestampTick
  }

  private sideBySide(spec: TcpSpec, ip: IpInfo, actual: string, at: number): string {
    const time = (t: number) => `${(t / 1e6).toFixed(6)} `.padStart(10)
    return `script packet: ${time(this.timing.at)}> ${specText(spec, ip)}\nactual packet: ${time(at)}> ${actual}`
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
    } while (length < spec.length && !this.settings.strictSegments)
    return taken
  }

  private next(
    event: ScriptEvent,
    c: Conversation,
    spec: TcpSpec,
    ip: IpInfo,
    taken: readonly LiveSegment[],
  ): LiveSegment {
    const limit = event.time.kind === 'any' ? this.clock.time + ANY_TIME : this.timing.end + PATIENCE
    for (;;) {
      const live = this.sent.shift()
      if (live) {
        if (this.belongs(live, c, spec)) return live
        const other = this.conversations.find(each => each !== c && each.matches(live))
        if (other)
          throw new DrillFailure(
            `a packet of another connection came first\n${this.sideBySide(spec, ip, segmentText(seen(live, other, spec, ip)), live.at)}`,
          )
        // Nobody the script speaks of.
        continue
      }
      if (!this.clock.step(limit)) break
      this.happened()
    }
    const so =
      taken.length > 0 ? `only ${taken.reduce((n, s) => n + s.length, 0)} bytes of it were sent` : 'none came'
    throw new DrillFailure(
      `expected a packet, ${so}\nscript packet: ${(this.timing.at / 1e6).toFixed(6)} > ${specText(spec, ip)}`,
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
    if (c.stage === 'syn-received' && isSyn && live.flags & ACK) {
      c.localBegins(spec.seq, live.seq)
      c.stage = 'syn-ack-sent'
    }
    return true
  }
}

/** A segment as its pieces, if it is longer than `most`: FIN and PSH belong to the last. */
function pieces(spec: TcpSpec, most: number): TcpSpec[] {
  if (most === 0 || spec.length <= most) return [spec]
  const cut: TcpSpec[] = []
  for (let at = 0; at < spec.length; at += most) {
    const last = at + most >= spec.length
    const flags = last ? spec.flags : spec.flags & ~(FIN | PSH)
    cut.push({ ...spec, flags, seq: spec.seq + at, length: Math.min(most, spec.length - at) })
  }
  return cut
}

const sameErrno = (a: string, b: string | undefined): boolean =>
  a === b || (isAgain(a) && b !== undefined && isAgain(b))
const isAgain = (errno: string): boolean => errno === 'EAGAIN' || errno === 'EWOULDBLOCK'
