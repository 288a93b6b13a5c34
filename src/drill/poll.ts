import type { Calls } from './calls.js'
import { type Expression, expressionText, member } from './expression.js'
import { type Attempt, DrillFailure, done, failed, Unsupported } from './outcome.js'
import { numberOf, symbol } from './symbols.js'
import type { TcpFile } from './tcp-file.js'

/** One descriptor an epoll instance watches. */
interface Watch {
  readonly file: TcpFile
  readonly fd: number
  readonly events: number
  /** What the script finds again in the event: {fd=4} or {ptr=…}. */
  readonly data: Expression | undefined
  /** Edge-triggered: the state it was last reported in. */
  seen: number
  /** One-shot, and reported. */
  spent: boolean
}

/** What epoll_create() makes. */
export class PollFile {
  readonly kind = 'epoll'
  nonBlocking = false
  readonly watches: Watch[] = []
}

const IN = 1
const PRI = 2
const OUT = 4
const ERR = 8
const HUP = 16
const RDHUP = 0x2000
const ONESHOT = 1 << 30
const EDGE = 1 << 31

/** poll, epoll_create, epoll_ctl, epoll_wait. Timeouts are in ms of virtual time. */
export class Poll {
  static readonly names = [
    'poll',
    'epoll_create',
    'epoll_create1',
    'epoll_ctl',
    'epoll_wait',
    'epoll_pwait',
  ] as const

  constructor(private readonly calls: Calls) {}

  begin(name: string, args: readonly Expression[], expected: number): Attempt | undefined {
    switch (name) {
      case 'poll':
        return this.poll(args)
      case 'epoll_create':
      case 'epoll_create1':
        return () => {
          this.calls.files.set(expected, new PollFile())
          return { value: expected, isDescriptor: true }
        }
      case 'epoll_ctl':
        return () => this.control(args)
      case 'epoll_wait':
      case 'epoll_pwait':
        return this.wait(args)
      case 'select':
      case 'pselect':
      case 'ppoll':
        throw new Unsupported(`the call ${name}()`)
      default:
        return undefined
    }
  }

  /** After `ms` of virtual time from now; false for ever if negative. */
  private timeout(ms: number): () => boolean {
    const { stack } = this.calls.host
    const end = ms < 0 ? Number.POSITIVE_INFINITY : stack.now + ms
    return () => stack.now >= end
  }

  private poll(args: readonly Expression[]): Attempt {
    const { calls } = this
    const list = args[0]
    if (list?.kind !== 'list') throw new DrillFailure('poll() wants a list such as [{fd=3, events=POLLIN}]')
    const over = this.timeout(signed(calls.number(args[2], 'the timeout')))
    return () => {
      let ready = 0
      const results = list.items.map(item => {
        const file = calls.tcp(member(item, 'fd'))
        const wanted = calls.number(member(item, 'events'), 'the events')
        const now = readiness(file) & (wanted | ERR | HUP)
        if (now !== 0) ready++
        return now
      })
      if (ready === 0 && !over()) return undefined
      list.items.forEach((item, i) => {
        this.compare('revents', member(item, 'revents'), results[i]!)
      })
      return done(ready)
    }
  }

  private compare(what: string, expected: Expression | undefined, actual: number): void {
    const value = expected === undefined ? 0 : numberOf(expected, this.calls.dialect)
    if (value !== undefined && (value | 0) !== (actual | 0))
      throw new DrillFailure(
        `${what}: expected ${expected ? expressionText(expected) : 0}, actual ${eventNames(actual)}`,
      )
  }

  private instance(e: Expression | undefined): PollFile {
    const file = this.calls.file(e)
    if (file instanceof PollFile) return file
    throw new DrillFailure('the file descriptor is not an epoll instance')
  }

  private control(args: readonly Expression[]): ReturnType<Attempt> {
    const { calls } = this
    const { watches } = this.instance(args[0])
    const operation = calls.name(args[1], 'the operation')
    const fd = calls.number(args[2], 'the file descriptor')
    const at = watches.findIndex(watch => watch.fd === fd)
    if (operation === 'EPOLL_CTL_DEL') {
      if (at < 0) return failed('ENOENT')
      watches.splice(at, 1)
      return done(0)
    }
    const event = args[3]
    const watch: Watch = {
      file: calls.tcp(args[2]),
      fd,
      events: calls.number(event && member(event, 'events'), 'the events') | 0,
      data:
        event &&
        (member(event, 'fd') ?? member(event, 'ptr') ?? member(event, 'u32') ?? member(event, 'u64')),
      seen: -1,
      spent: false,
    }
    if (operation === 'EPOLL_CTL_ADD') {
      if (at >= 0) return failed('EEXIST')
      watches.push(watch)
    } else if (operation === 'EPOLL_CTL_MOD') {
      if (at < 0) return failed('ENOENT')
      watches[at] = watch
    } else throw new DrillFailure(`there is no operation ${operation}`)
    return done(0)
  }

  private wait(args: readonly Expression[]): Attempt {
    const { calls } = this
    const { watches } = this.instance(args[0])
    const most = calls.number(args[2], 'the number of events')
    const over = this.timeout(signed(calls.number(args[3], 'the timeout')))
    return () => {
      const ready = watches.filter(watch => report(watch) !== 0).slice(0, most)
      if (ready.length === 0 && !over()) return undefined
      const expected = args[1]?.kind === 'list' ? args[1].items : args[1] ? [args[1]] : []
      ready.forEach((watch, i) => {
        const events = report(watch)
        watch.seen = watch.file.changes
        watch.spent = (watch.events & ONESHOT) !== 0
        const said = expected[i]
        if (said?.kind === 'struct') this.compareEvent(said, events, watch)
      })
      return done(ready.length)
    }
  }

  private compareEvent(said: Expression, events: number, watch: Watch): void {
    this.compare('events', member(said, 'events'), events)
    const data = member(said, 'fd') ?? member(said, 'ptr') ?? member(said, 'u32') ?? member(said, 'u64')
    if (data === undefined || watch.data === undefined || data.kind === 'any') return
    if (expressionText(data) !== expressionText(watch.data))
      throw new DrillFailure(
        `event data: expected ${expressionText(data)}, actual ${expressionText(watch.data)}`,
      )
  }
}

/** What a watch has to tell now. */
function report(watch: Watch): number {
  if (watch.spent) return 0
  const now = readiness(watch.file) & (watch.events | ERR | HUP)
  if (watch.events & EDGE && watch.seen === watch.file.changes) return 0
  return now
}

/** Poll bits of a socket, as POSIX and Linux give them. */
export function readiness(file: TcpFile): number {
  const { socket } = file
  if (!socket && !file.listener) return file.deferred ? OUT : OUT | HUP
  let bits = 0
  if (file.readable) bits |= IN
  if (socket && socket.status().urgentRemaining > 0) bits |= PRI
  if (file.writable) bits |= OUT
  if (file.error !== undefined) bits |= ERR
  if (socket && (file.readShut || socket.atEnd || file.over)) bits |= RDHUP | IN
  if (file.over || (file.writeShut && (file.readShut || socket?.atEnd === true))) bits |= HUP
  return bits
}

/** An int as C reads it: -1 is for ever. */
const signed = (value: number): number => value | 0

const NAMES = ['EPOLLIN', 'EPOLLPRI', 'EPOLLOUT', 'EPOLLERR', 'EPOLLHUP', 'EPOLLRDHUP'] as const

const eventNames = (bits: number): string =>
  NAMES.filter(name => bits & symbol(name, 'linux')!).join('|') || String(bits)
