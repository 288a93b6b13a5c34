import type { Link } from '../stack/link.js'
import type { StackObserver } from '../stack/observe.js'
import { Stack } from '../stack/stack.js'
import { PROFILES } from '../tcp/profiles.js'
import { type CallHost, Calls } from './calls.js'
import { CLOCK_START, VirtualClock } from './clock.js'
import { CodeContext, CodeError, tcpInfoConstants } from './code.js'
import { type CommandHost, runCommand } from './commands.js'
import type { Conversation } from './conversation.js'
import { Exchange, type ExchangeHost } from './exchange.js'
import { expressionText } from './expression.js'
import { FastOpenHost } from './fast-open.js'
import { type Attempt, DrillFailure, type Outcome } from './outcome.js'
import type { CallAction, PacketAction, Script, ScriptEvent } from './script.js'
import type { Settings } from './settings.js'
import { numberOf } from './symbols.js'
import { TcpFile } from './tcp-file.js'
import { tcpInfo } from './tcp-info.js'
import { Timing } from './timing.js'
import type { DrillWatcher, Subject } from './watcher.js'

/** How long to wait for a call past the time at which it should have returned. */
const PATIENCE = 2_000_000

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
export class Run implements CallHost, CommandHost, ExchangeHost {
  readonly clock: VirtualClock
  readonly stack: Stack
  readonly fastOpen: FastOpenHost
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
  private readonly exchange = new Exchange(this)
  private pending: Pending | undefined

  constructor(
    readonly script: Script,
    readonly settings: Settings,
    private readonly readFile: (path: string) => string | undefined,
    observer: StackObserver | undefined,
    seed: number,
    private readonly watcher?: DrillWatcher,
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
    this.fastOpen = new FastOpenHost(this.stack, settings, this.clock)
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
    this.exchange.follow(conversation)
  }

  find(localPort: number, remotePort: number): Conversation | undefined {
    return this.exchange.find(localPort, remotePort)
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
        this.exchange.receiver = receiver
      },
      send: (bytes, offset, length, segmentSize = 0) => {
        this.exchange.packetSent(bytes.slice(offset, offset + length), segmentSize > 0)
        return true
      },
      close: () => {},
    }
  }

  get now(): number {
    return this.clock.time
  }

  step(limit: number): boolean {
    const stepped = this.clock.step(limit)
    if (stepped) this.happened()
    return stepped
  }

  warn(message: string): void {
    this.warnings.push(message)
    this.watcher?.warned?.(this.event!, message)
  }

  /** Lets everything happen that is due until `time`. */
  private advance(time: number): void {
    while (this.step(time));
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
      this.watcher?.ran?.(event, wall(this.clock.time), this.subject)
    }
    this.finishPending()
  }

  /** Tells who watches that the run has ended at the event at hand. */
  stopped(): void {
    if (this.event) this.watcher?.stopped?.(this.event, wall(this.clock.time), this.subject)
  }

  private get subject(): Subject | undefined {
    const { conversation } = this.exchange
    if (!conversation) return undefined
    const socket = this.currentFile()?.socket
    // The stack has chosen its port before the script sees it in a SYN.
    const { localPort, remotePort } = socket ?? conversation
    return { localPort, remotePort, socket }
  }

  /** The socket that the script's packets are about. */
  private currentFile(): TcpFile | undefined {
    const current = this.exchange.conversation
    const file = [...this.calls.files.values()].find(f => f instanceof TcpFile && f.conversation === current)
    return file instanceof TcpFile ? file : undefined
  }

  /** Waits for the time of an event that the script itself makes happen. */
  private wait(): void {
    this.advance(this.timing.at)
    this.timing.check(this.clock.time, 'event')
  }

  log(text: string, at = this.clock.time): void {
    this.trace.push(`${(at / 1e6).toFixed(6)} ${text}`)
    if (this.event) this.watcher?.tells?.(this.event, text, wall(at))
  }

  private runCode(text: string): void {
    const file = this.currentFile()
    if (!file) throw new DrillFailure('there is no socket whose TCP_INFO could be asked')
    const fields = tcpInfo(file.state, file.socket, this.calls.dialect, this.settings.peerSegment)
    try {
      for (const line of this.code.run(text, fields).printed) this.log(`print: ${line}`)
    } catch (error) {
      if (error instanceof CodeError && error.kind === 'assertion') throw new DrillFailure(error.message)
      throw error
    }
  }

  private packet(event: ScriptEvent, { inbound, ip, segment }: PacketAction): void {
    if (segment.kind === 'other') throw new DrillFailure(`${segment.feature} cannot be run`)
    if (inbound) {
      this.wait()
      if (segment.kind === 'icmp') this.exchange.injectIcmp(segment, ip)
      else this.exchange.injectSegment(segment, ip)
      this.happened()
      this.settle()
    } else if (segment.kind === 'tcp') this.exchange.expect(event, segment, ip)
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
      this.watcher?.returned?.(event, outcome, wall(this.clock.time))
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
    while (!pending.outcome && this.step(limit));
    if (!pending.outcome) {
      // Time passes even where nothing happens: a poll may be waiting for just that.
      this.clock.time = Math.max(this.clock.time, pending.due)
      this.happened()
    }
    this.pending = undefined
    const outer = this.event
    this.event = pending.event
    if (!pending.outcome) throw new DrillFailure(`${pending.call.name}() has not returned`)
    this.watcher?.returned?.(pending.event, pending.outcome, wall(pending.finishedAt))
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
    this.warn(message)
  }
}

/** Microseconds of the script's as ms on the stack's clock. */
const wall = (at: number): number => CLOCK_START + at / 1000

const sameErrno = (a: string, b: string | undefined): boolean =>
  a === b || (isAgain(a) && b !== undefined && isAgain(b))
const isAgain = (errno: string): boolean => errno === 'EAGAIN' || errno === 'EWOULDBLOCK'
