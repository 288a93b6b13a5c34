import { CLOCK_START } from '../../../drill/clock.js'
import { type DrillResult, drill, ipModesOf } from '../../../drill/drill.js'
import { expressionText } from '../../../drill/expression.js'
import { parseScript } from '../../../drill/parser.js'
import { ScriptSyntaxError } from '../../../drill/scanner.js'
import type { Script, ScriptEvent } from '../../../drill/script.js'
import type { IpMode } from '../../../drill/settings.js'
import type { Subject } from '../../../drill/watcher.js'
import type { StackObserver } from '../../../stack/observe.js'
import type { Socket } from '../../../stack/socket.js'
import type { ProfileName } from '../../../tcp/profiles.js'
import type { State, TransitionId } from '../../../tcp/states.js'
import type { TraceEvent } from '../../../trace/events.js'
import { type RecordedSegment, Recorder } from '../../../trace/recorder.js'
import { get16 } from '../../../wire/bytes.js'
import { IpView, PROTO_ICMP, PROTO_ICMPV6, parseIp } from '../../../wire/ip.js'
import { type Inspection, inspect } from '../../scene/inspect.js'

/** The two ends of a script's ladder: names that the page has words for. */
export const TESTED = 'tested'
export const SCRIPT = 'script'

/** More than a script shows anybody: what comes behind is not recorded, and that is said. */
const MOST_SEGMENTS = 20_000
const MOST_INSPECTIONS = 4_000

export interface ScriptChoices {
  readonly ip: IpMode
  readonly profile: ProfileName
}

/** The connection under test at a step. */
export interface Tested {
  readonly state: State
  readonly path: readonly State[]
  readonly taken: readonly TransitionId[]
  readonly inside: Inspection | undefined
}

/** An event of the script that was run, or at which the run ended. Times in ms since the beginning. */
export interface Step {
  /** Which event of the script. */
  readonly event: number
  readonly verdict: 'ok' | 'warned' | 'failed'
  /** When the script went on from it. */
  readonly t: number
  /** How many of the film's events had happened then. */
  readonly events: number
  /** Segments of the ladder that it is about: what it injected, or what answered to it. */
  readonly segments: readonly number[]
  /** What the trace of the run says of it. */
  readonly told: readonly string[]
  readonly tested: Tested
}

/** Less than any clock shows, ms. */
const ROW = 1e-7

/**
 * When each event is drawn. All that happens at one instant has an order, which a ladder shows by rows: a segment has one,
 * with the states that it led to or that sent it; what a user does has one.
 */
export function drawnTimes(events: readonly TraceEvent[], segments: readonly RecordedSegment[]): number[] {
  const owners = new Map<TraceEvent, TraceEvent>()
  for (const { event, before, after } of segments)
    for (const state of [...before, ...after]) owners.set(state, event)
  const rows = new Map<TraceEvent, number>()
  let row = 0
  let t = -1
  for (const event of events) {
    if (event.t !== t) row = 0
    t = event.t
    if (row === 0 || event.kind === 'segment' || event.kind === 'note') row++
    rows.set(event, row)
  }
  return events.map(event => {
    const owner = owners.get(event)
    return event.t + ROW * rows.get(owner?.t === event.t ? owner : event)!
  })
}

/** An event as it is written. */
export interface Written {
  readonly line: number
  /** Its last line. */
  readonly end: number
  readonly kind: 'inject' | 'expect' | 'call' | 'code' | 'command'
  /** What a call returned, and when; absent for what has not, and for what is no call. */
  readonly returned?: { readonly value: string; readonly at: number }
  readonly warnings: readonly string[]
}

/** A script that was run, in virtual time, with everything that is to be seen. */
export interface ScriptFilm {
  readonly kind: 'film'
  readonly ip: IpMode
  /** The script asks for this version itself. */
  readonly declared: boolean
  readonly profile: ProfileName
  readonly verdict: DrillResult['verdict']
  /** Where it failed, and why; 0 and '' after a pass. */
  readonly line: number
  readonly message: string
  readonly written: readonly Written[]
  readonly steps: readonly Step[]
  readonly events: readonly TraceEvent[]
  readonly segments: readonly RecordedSegment[]
  /** There would be more to show. */
  readonly cut: boolean
}

/** A script that cannot be read. */
export interface Unreadable {
  readonly kind: 'unreadable'
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Runs a script once, and records everything. `readFile` gives the files that it names. */
export function film(
  name: string,
  text: string,
  { ip, profile }: ScriptChoices,
  readFile?: (path: string) => string | undefined,
): ScriptFilm | Unreadable {
  try {
    const script = parseScript(name, text)
    const modes = ipModesOf(script)
    const declared = modes.length === 1
    const camera = new Camera(script)
    const result = drill(name, script, {
      ip: declared ? modes[0]! : ip,
      profile,
      observer: camera.observer,
      watcher: camera,
      ...(readFile ? { readFile } : {}),
    })
    return camera.film(result, declared, profile)
  } catch (error) {
    if (!(error instanceof ScriptSyntaxError)) throw error
    const { line, column, message } = error
    return { kind: 'unreadable', line, column, message }
  }
}

interface Path {
  readonly path: State[]
  readonly taken: TransitionId[]
}

class Camera {
  readonly observer: StackObserver
  private readonly recorder = new Recorder()
  private readonly base = this.recorder.observer(TESTED)
  private readonly steps: Step[] = []
  private readonly indices: Map<ScriptEvent, number>
  private readonly returns = new Map<ScriptEvent, { value: string; at: number }>()
  private readonly warnings = new Map<ScriptEvent, string[]>()
  private told: string[] = []
  /** Where the next segment of the stack's that no event has taken may be, and the next of the script's. */
  private expected = 0
  private injected = 0
  /** States by `local:remote` ports; a listener has no remote. */
  private readonly paths = new Map<string, Path>()
  private readonly sockets = new Map<string, Socket>()
  private readonly ip = new IpView()
  private cut = false

  constructor(private readonly script: Script) {
    this.indices = new Map(script.events.map((event, i) => [event, i]))
    const { base, recorder } = this
    this.observer = {
      reaction: (flow, id, now) => base.reaction!(flow, id, now - CLOCK_START),
      timer: (flow, timer, now) => base.timer!(flow, timer, now - CLOCK_START),
      state: (flow, from, to, id, now) => {
        base.state!(flow, from, to, id, now - CLOCK_START)
        this.moved(`${flow.localPort}:${flow.remotePort ?? ''}`, from, to, id)
      },
      packet: (direction, iface, bytes, offset, length, now) => {
        if (iface.isLoopback) return
        const t = now - CLOCK_START
        if (recorder.segments.length >= MOST_SEGMENTS) {
          this.cut = true
          return
        }
        const copy = bytes.slice(offset, offset + length)
        const [from, to] = direction === 'in' ? [SCRIPT, TESTED] : [TESTED, SCRIPT]
        recorder.segment(from, to, copy, 'delivered', t, t)
        this.icmp(from, copy, t)
        if (direction === 'in') base.packet!(direction, iface, bytes, offset, length, t)
      },
    }
  }

  private moved(key: string, from: State, to: State, id: TransitionId): void {
    let walk = this.paths.get(key)
    if (!walk) {
      const port = key.slice(0, key.indexOf(':') + 1)
      const listener = from === 'LISTEN' ? this.paths.get(port) : undefined
      walk = listener ? { path: [...listener.path], taken: [...listener.taken] } : { path: [from], taken: [] }
      this.paths.set(key, walk)
    }
    walk.taken.push(id)
    if (walk.path.at(-1) !== from) walk.path.push(from)
    walk.path.push(to)
  }

  /** The ladder has no place for what is not TCP; it is noted beside it. */
  private icmp(from: string, bytes: Uint8Array, t: number): void {
    const { ip } = this
    if (parseIp(ip, bytes, 0, bytes.length)) return
    if (ip.protocol !== PROTO_ICMP && ip.protocol !== PROTO_ICMPV6) return
    const at = ip.payloadOffset
    const what = `${ip.protocol === PROTO_ICMP ? 'ICMP' : 'ICMPv6'} type ${bytes[at]} code ${bytes[at + 1]}`
    this.recorder.note(t, from, { en: what, zh: what })
  }

  // ---- the script's events ----

  tells(event: ScriptEvent, text: string, at: number): void {
    this.told.push(text)
    if (event.action.kind !== 'call') return
    const { name, args } = event.action
    // Addresses and lengths of structures are what makes calls long: what they are for is said by the numbers.
    const short = `${name}(${args
      .slice(0, 4)
      .map(expressionText)
      .filter(arg => !/^(\.\.\.|PF_|AF_|SOCK_|IPPROTO_TCP|&)/.test(arg))
      .join(', ')})`
    this.recorder.note(at - CLOCK_START, TESTED, { en: short, zh: short })
  }

  returned(
    event: ScriptEvent,
    outcome: { readonly value: number; readonly errno?: string | undefined },
    at: number,
  ): void {
    const value = `${outcome.value}${outcome.errno ? ` ${outcome.errno}` : ''}`
    this.returns.set(event, { value, at: at - CLOCK_START })
  }

  warned(event: ScriptEvent, message: string): void {
    const list = this.warnings.get(event)
    if (list) list.push(message)
    else this.warnings.set(event, [message])
  }

  ran(event: ScriptEvent, now: number, subject: Subject | undefined): void {
    this.look(event, this.warnings.has(event) ? 'warned' : 'ok', now, subject)
  }

  stopped(event: ScriptEvent, now: number, subject: Subject | undefined): void {
    this.look(event, 'failed', now, subject)
  }

  private look(
    event: ScriptEvent,
    verdict: Step['verdict'],
    now: number,
    subject: Subject | undefined,
  ): void {
    this.steps.push({
      event: this.indices.get(event)!,
      verdict,
      t: now - CLOCK_START,
      events: this.recorder.events.length,
      segments: this.take(event, subject),
      told: this.told,
      tested: this.tested(subject),
    })
    this.told = []
  }

  /** The segments that an event is about, none of them twice. */
  private take({ action }: ScriptEvent, subject: Subject | undefined): number[] {
    if (action.kind !== 'packet') return []
    const { segments } = this.recorder
    if (action.inbound) {
      const i = segments.findIndex((s, n) => n >= this.injected && s.event.from === SCRIPT)
      if (i < 0) return []
      this.injected = i + 1
      return [i]
    }
    if (action.segment.kind !== 'tcp') return []
    const taken: number[] = []
    let length = 0
    for (let i = this.expected; i < segments.length; i++) {
      const { event, bytes } = segments[i]!
      if (event.from !== TESTED || (subject && !this.isOf(bytes, subject))) continue
      const last = taken.length > 0 ? segments[taken.at(-1)!]!.event : undefined
      if (last && (event.len === 0 || event.seq !== last.seq + last.len)) break
      taken.push(i)
      this.expected = i + 1
      length += event.len
      if (length >= action.segment.length) break
    }
    return taken
  }

  private isOf(bytes: Uint8Array, { localPort, remotePort }: Subject): boolean {
    if (parseIp(this.ip, bytes, 0, bytes.length)) return true
    const at = this.ip.payloadOffset
    return get16(bytes, at) === localPort && get16(bytes, at + 2) === remotePort
  }

  private tested(subject: Subject | undefined): Tested {
    const none: Tested = { state: 'CLOSED', path: ['CLOSED'], taken: [], inside: undefined }
    if (!subject) return none
    const key = `${subject.localPort}:${subject.remotePort}`
    if (subject.socket) this.sockets.set(key, subject.socket)
    // A descriptor that is closed leaves a connection that goes on.
    const socket = subject.socket ?? this.sockets.get(key)
    const walk = this.paths.get(key) ?? this.paths.get(`${subject.localPort}:`)
    const inside =
      socket && socket.state !== 'CLOSED' && this.steps.length < MOST_INSPECTIONS
        ? inspect(socket)
        : undefined
    if (!walk) return { ...none, inside }
    return { state: walk.path.at(-1)!, path: [...walk.path], taken: [...walk.taken], inside }
  }

  film(result: DrillResult, declared: boolean, profile: ProfileName): ScriptFilm {
    const { ip, verdict, line, message } = result
    const written = this.script.events.map(event => {
      const returned = this.returns.get(event)
      return {
        line: event.line,
        end: event.line + linesOf(event),
        kind: kindOf(event),
        warnings: this.warnings.get(event) ?? [],
        ...(returned ? { returned } : {}),
      }
    })
    return {
      kind: 'film',
      ip,
      declared,
      profile,
      verdict,
      line,
      message,
      written,
      steps: this.steps,
      events: this.recorder.events,
      segments: this.recorder.segments,
      cut: this.cut,
    }
  }
}

/** How many more lines an event has than its first. */
const linesOf = ({ action }: ScriptEvent): number =>
  action.kind === 'code' || action.kind === 'command' ? action.text.split('\n').length - 1 : 0

function kindOf({ action }: ScriptEvent): Written['kind'] {
  if (action.kind === 'packet') return action.inbound ? 'inject' : 'expect'
  return action.kind
}

/** What was expected and what came, as far as a message says it in these terms. */
export function expectedAndCame(message: string): { expected: string; came: string } | undefined {
  const packet = /^script packet: *(.*)$/m.exec(message)
  if (packet) {
    const actual = /^actual packet: *(.*)$/m.exec(message)
    return { expected: packet[1]!, came: actual ? actual[1]! : '' }
  }
  const call = /expected (.+), actual (.+)$/m.exec(message)
  if (call) return { expected: call[1]!, came: call[2]! }
  const time = /expected (.+ at .+ s), it came (at .+ s) \(/.exec(message)
  return time ? { expected: time[1]!, came: time[2]! } : undefined
}
