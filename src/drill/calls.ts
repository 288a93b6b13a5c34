import type { ConnectOptions } from '../stack/active-opens.js'
import type { Stack } from '../stack/stack.js'
import type { Profile } from '../tcp/profiles.js'
import type { IpAddress } from '../wire/address.js'
import { ReceiveCalls } from './calls-receive.js'
import { SendCalls } from './calls-send.js'
import { Conversation } from './conversation.js'
import { type Expression, expressionText } from './expression.js'
import type { FastOpenHost } from './fast-open.js'
import { type Attempt, DrillFailure, done, failed, Unsupported } from './outcome.js'
import { Poll, type PollFile } from './poll.js'
import { getOption, setOption } from './socket-options.js'
import { type Dialect, numberOf } from './symbols.js'
import { codeOf, TcpFile } from './tcp-file.js'

export type File = TcpFile | PollFile

/** What the calls need of the world the script runs in. */
export interface CallHost {
  readonly stack: Stack
  readonly profile: Profile
  readonly local: IpAddress
  readonly remote: IpAddress
  readonly bindPort: number
  readonly connectPort: number
  /** ipv4-mapped: sockets are IPv6, packets IPv4. */
  readonly mapped: boolean
  /** Choices of the host that sysctls have changed. */
  readonly openTimeout: number
  readonly cookiesOnly: boolean
  /** TCP_NOTSENT_LOWAT of sockets that do not set it. */
  readonly notSentLowWater: number
  readonly fastOpen: FastOpenHost
  /** A socket was made: the script's packets are about it from now on. */
  follow(conversation: Conversation): void
  /** The conversation in which the script has opened this connection. */
  find(localPort: number, remotePort: number): Conversation | undefined
}

/** Calls of features estab does not have. */
const MISSING: Readonly<Record<string, string>> = {
  splice: 'splice()',
  tee: 'tee()',
  vmsplice: 'vmsplice()',
  sendfile: 'sendfile()',
  pipe: 'pipe()',
  socketpair: 'socketpair()',
  open: 'files',
  mmap: 'mmap()',
  cap_set: 'capabilities',
  kqueue: 'kqueue()',
}

/** The system calls of scripts, on a socket layer with POSIX semantics over the stack. */
export class Calls {
  readonly dialect: Dialect
  /** By the script's number. */
  readonly files = new Map<number, File>()
  private readonly send: SendCalls
  private readonly receive: ReceiveCalls
  private readonly poll: Poll

  constructor(readonly host: CallHost) {
    this.dialect = host.profile.sockets
    this.send = new SendCalls(this)
    this.receive = new ReceiveCalls(this)
    this.poll = new Poll(this)
  }

  /**
   * Begins a call; what is returned tries to finish it. `expected` is the result the script writes: for a new
   * descriptor it is the number the script calls it by.
   */
  begin(name: string, args: readonly Expression[], expected: number): Attempt {
    switch (name) {
      case 'socket':
        return this.socket(args, expected)
      case 'bind':
        return this.bind(args)
      case 'listen':
        return this.listen(args)
      case 'accept':
      case 'accept4':
        return this.accept(args, expected)
      case 'connect':
        return this.connect(args)
      case 'close':
        return this.close(args)
      case 'shutdown':
        return this.shutdown(args)
      case 'fcntl':
        return this.fcntl(args)
      case 'setsockopt':
        return () => {
          const file = this.tcp(args[0])
          const outcome = setOption(this, file, args)
          file.optionsChanged(this.host.fastOpen)
          return outcome
        }
      case 'getsockopt':
        return () => getOption(this, this.tcp(args[0]), args)
    }
    const attempt =
      this.send.begin(name, args) ?? this.receive.begin(name, args) ?? this.poll.begin(name, args, expected)
    if (attempt) return attempt
    throw new Unsupported(MISSING[name] ?? `the call ${name}()`)
  }

  /** The calls that are known, for a look at a script before it runs. */
  static knows(name: string): boolean {
    return KNOWN.has(name)
  }

  static missing(name: string): string {
    return MISSING[name] ?? `the call ${name}()`
  }

  private readonly lowWater = (): number | undefined => {
    const { notSentLowWater } = this.host
    return notSentLowWater > 0x7fffffff ? undefined : notSentLowWater
  }

  // ---- arguments ----

  number(e: Expression | undefined, what: string): number {
    const value = numberOf(e, this.dialect)
    if (value !== undefined) return value
    if (e === undefined) throw new DrillFailure(`${what} is missing`)
    throw new DrillFailure(`${what} is not a number that estab knows: ${expressionText(e)}`)
  }

  /** The symbol an argument is, such as SO_ERROR. */
  name(e: Expression | undefined, what: string): string {
    if (e?.kind === 'word') return e.name
    throw new DrillFailure(`${what} is not a name${e ? `: ${expressionText(e)}` : ''}`)
  }

  file(e: Expression | undefined): File {
    const fd = this.number(e, 'the file descriptor')
    const file = this.files.get(fd)
    if (!file) throw new DrillFailure(`no file descriptor ${fd} is open`)
    return file
  }

  tcp(e: Expression | undefined): TcpFile {
    const file = this.file(e)
    if (!(file instanceof TcpFile)) throw new DrillFailure('the file descriptor is not a socket')
    return file
  }

  // ---- opening and closing ----

  private socket(args: readonly Expression[], expected: number): Attempt {
    const type = args[1]?.kind === 'or' ? args[1].left : args[1]
    if (type?.kind === 'word' && type.name !== 'SOCK_STREAM') throw new Unsupported(`${type.name} sockets`)
    if (args[2]?.kind === 'word' && args[2].name !== 'IPPROTO_TCP')
      throw new Unsupported(`${args[2].name} sockets`)
    return () => {
      const { mapped, local } = this.host
      const family = local.version === 6 || mapped ? 'AF_INET6' : 'AF_INET'
      const conversation = new Conversation('new', 0, 0)
      const file = new TcpFile(conversation, family, this.dialect, this.lowWater)
      file.nonBlocking = args[1]?.kind === 'or' && this.number(args[1].right, 'the flag') > 0
      this.files.set(expected, file)
      this.host.follow(conversation)
      return { value: expected, isDescriptor: true }
    }
  }

  private bind(args: readonly Expression[]): Attempt {
    return () => {
      const file = this.tcp(args[0])
      if (file.bound || file.socket || file.listener) return failed('EINVAL')
      try {
        file.reserve(this.host.stack, this.host.bindPort)
      } catch (error) {
        return failed(codeOf(error))
      }
      file.bound = true
      file.conversation.localPort = this.host.bindPort
      return done(0)
    }
  }

  private listen(args: readonly Expression[]): Attempt {
    return () => {
      const file = this.tcp(args[0])
      const backlog = this.number(args[1], 'the backlog')
      if (file.listener) return done(0)
      if (file.socket) return failed('EINVAL')
      const { stack, local, bindPort, cookiesOnly } = this.host
      const { choices: c } = file
      try {
        file.listener = stack.listen({
          port: file.bound ? bindPort : 0,
          address: local,
          // The queue is full when it holds more than was asked for.
          backlog: Math.max(0, backlog) + 1,
          ...(cookiesOnly ? { synBacklog: 0 } : {}),
          tcp: file.connectionChoices,
          trafficClass: c.trafficClass,
          hopLimit: c.hopLimit,
        })
      } catch (error) {
        return failed(codeOf(error))
      }
      file.backlog = backlog
      file.allowFastOpen(this.host.fastOpen)
      file.conversation.localPort = file.listener.port
      file.conversation.stage = 'listening'
      return done(0)
    }
  }

  private accept(args: readonly Expression[], expected: number): Attempt {
    const listening = this.tcp(args[0])
    return () => {
      if (!listening.listener) return failed('EINVAL')
      const socket = listening.acceptable && listening.listener.accept()
      if (!socket) return listening.nonBlocking ? failed('EAGAIN') : undefined
      const conversation =
        this.host.find(socket.localPort, socket.remotePort) ??
        new Conversation('open', socket.localPort, socket.remotePort)
      const file = new TcpFile(conversation, listening.family, this.dialect, this.lowWater)
      file.choices = { ...listening.choices, tcp: { ...listening.choices.tcp } }
      file.adopt(socket)
      this.files.set(expected, file)
      return { value: expected, isDescriptor: true }
    }
  }

  private connect(args: readonly Expression[]): Attempt {
    const file = this.tcp(args[0])
    let begun = false
    return () => {
      if (!begun) {
        begun = true
        if (file.choices.fastOpenConnect && this.defers(file)) return done(0)
        const early = this.beginConnect(file, { fastOpen: file.choices.fastOpenConnect })
        if (early) return early
      }
      if (file.connecting) return file.nonBlocking ? failed('EINPROGRESS') : undefined
      const error = file.takeError()
      return error ? failed(error) : done(0)
    }
  }

  /** How much may ride on a SYN that is sent now; undefined where Fast Open is not tried. */
  fastOpenRoom(file: TcpFile): number | undefined {
    const { stack, local, remote, connectPort } = this.host
    return stack.fastOpenRoom({ remote, port: connectPort, local, tcp: file.connectionChoices })
  }

  /** With a cookie at hand the SYN waits for the first write. */
  private defers(file: TcpFile): boolean {
    if (file.socket || file.listener || !this.host.fastOpen.choices.client) return false
    file.deferred = (this.fastOpenRoom(file) ?? 0) > 0
    return file.deferred
  }

  /** Undefined if it has begun, else why not. */
  beginConnect(file: TcpFile, extra: Pick<ConnectOptions, 'fastOpen' | 'data'> = {}): ReturnType<Attempt> {
    if (file.listener) return failed('EISCONN')
    if (file.socket) {
      const error = file.takeError()
      if (error) return failed(error)
      if (file.connecting) return failed('EALREADY')
      return file.over ? failed('ECONNABORTED') : failed('EISCONN')
    }
    const { stack, local, remote, bindPort, connectPort, openTimeout } = this.host
    const timeout = file.choices.openTimeout ?? openTimeout
    try {
      const socket = stack.connect({
        remote,
        port: connectPort,
        local,
        ...(file.bound ? { localPort: bindPort } : {}),
        tcp: file.connectionChoices,
        handler: file.handler,
        ...(timeout > 0 ? { timeout } : {}),
        trafficClass: file.choices.trafficClass,
        hopLimit: file.choices.hopLimit,
        ...extra,
      })
      file.connecting = true
      file.adopt(socket)
    } catch (error) {
      return failed(codeOf(error))
    }
    const { conversation } = file
    conversation.stage = 'connecting'
    conversation.remotePort = connectPort
    return undefined
  }

  private close(args: readonly Expression[]): Attempt {
    return () => {
      const fd = this.number(args[0], 'the file descriptor')
      const file = this.files.get(fd)
      if (!file) return failed('EBADF')
      this.files.delete(fd)
      if (file instanceof TcpFile) this.release(file)
      return done(0)
    }
  }

  private release(file: TcpFile): void {
    file.listener?.close()
    file.unreserve()
    const { socket } = file
    if (!socket || socket.state === 'CLOSED') return
    if (file.choices.linger === 0) socket.abort()
    else socket.release()
  }

  private shutdown(args: readonly Expression[]): Attempt {
    return () => {
      const file = this.tcp(args[0])
      const how = this.number(args[1], 'the direction')
      const { socket } = file
      if (!socket || file.over || socket.state === 'CLOSED') return failed('ENOTCONN')
      if (how !== 1) file.readShut = true
      if (how !== 0 && !file.writeShut) {
        file.writeShut = true
        // Before the connection is open this ends it.
        if (socket.tcb.finQueued) return done(0)
        socket.close()
      }
      file.changes++
      return done(0)
    }
  }

  private fcntl(args: readonly Expression[]): Attempt {
    return () => {
      const file = this.file(args[0])
      const command = this.name(args[1], 'the command')
      const nonBlock = numberOf({ kind: 'word', name: 'O_NONBLOCK' }, this.dialect)!
      switch (command) {
        case 'F_GETFL':
          return done(2 | (file.nonBlocking ? nonBlock : 0))
        case 'F_SETFL':
          file.nonBlocking = (this.number(args[2], 'the flags') & nonBlock) !== 0
          return done(0)
        case 'F_GETFD':
        case 'F_SETFD':
          return done(0)
      }
      throw new Unsupported(`fcntl(${command})`)
    }
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  'socket',
  'bind',
  'listen',
  'accept',
  'accept4',
  'connect',
  'close',
  'shutdown',
  'fcntl',
  'setsockopt',
  'getsockopt',
  ...SendCalls.names,
  ...ReceiveCalls.names,
  ...Poll.names,
])
