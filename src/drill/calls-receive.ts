import type { Calls } from './calls.js'
import { isNull, vectorLengths } from './calls-send.js'
import { type Expression, expressionText, member } from './expression.js'
import { type Attempt, DrillFailure, done, failed, type Outcome, Unsupported } from './outcome.js'
import { numberOf, symbol } from './symbols.js'
import type { TcpFile } from './tcp-file.js'

/** read, readv, recv, recvfrom, recvmsg; and the ioctls that ask what there would be. */
export class ReceiveCalls {
  static readonly names = ['read', 'readv', 'recv', 'recvfrom', 'recvmsg', 'ioctl'] as const

  constructor(private readonly calls: Calls) {}

  begin(name: string, args: readonly Expression[]): Attempt | undefined {
    const { calls } = this
    switch (name) {
      case 'read':
        return this.read(calls.tcp(args[0]), calls.number(args[2], 'the length'), 0, args[1])
      case 'recv':
      case 'recvfrom': {
        const flags = calls.number(args[3], 'the flags')
        return this.read(calls.tcp(args[0]), calls.number(args[2], 'the length'), flags, args[1])
      }
      case 'readv':
        return this.read(calls.tcp(args[0]), this.total(args[1]), 0, undefined)
      case 'recvmsg':
        return this.message(calls.tcp(args[0]), args)
      case 'ioctl':
        return this.ioctl(args)
      default:
        return undefined
    }
  }

  private total(e: Expression | undefined): number {
    return vectorLengths(this.calls, e).reduce((sum, { length }) => sum + length, 0)
  }

  private has(flags: number, name: string): boolean {
    return (flags & (symbol(name, this.calls.dialect) ?? 0)) !== 0
  }

  private read(file: TcpFile, length: number, flags: number, buffer: Expression | undefined): Attempt {
    if (this.has(flags, 'MSG_ERRQUEUE')) throw new Unsupported('error queues (MSG_ERRQUEUE)')
    if (this.has(flags, 'MSG_OOB')) throw new Unsupported('reading out of band (MSG_OOB)')
    const peek = this.has(flags, 'MSG_PEEK')
    const all = this.has(flags, 'MSG_WAITALL') && !peek
    const discard = this.has(flags, 'MSG_TRUNC')
    const dontWait = file.nonBlocking || this.has(flags, 'MSG_DONTWAIT')
    return () => {
      const { socket } = file
      if (!socket) return failed('ENOTCONN')
      if (isNull(buffer) && socket.receiveQueued > 0 && length > 0) return failed('EFAULT')
      const here = socket.receiveQueued
      if (length === 0) return done(0)
      if (here > 0) {
        if (all && here < length && !file.atEnd && !dontWait) return undefined
        const n = Math.min(length, here)
        if (peek) return done(n)
        const bytes = new Uint8Array(n)
        socket.receiveInto(bytes)
        if (buffer?.kind === 'string' && !discard) checkText(bytes, buffer.value)
        return done(n)
      }
      const error = file.takeError()
      if (error) return failed(error)
      if (file.atEnd) return done(0)
      return dontWait ? failed('EAGAIN') : undefined
    }
  }

  private message(file: TcpFile, args: readonly Expression[]): Attempt {
    const header = args[1]
    if (header === undefined) throw new DrillFailure('the message header is missing')
    const flags = this.calls.number(args[2], 'the flags')
    const vector = member(header, 'msg_iov')
    const lengths = vectorLengths(this.calls, vector)
    const text = lengths.length === 1 ? lengths[0]!.base : undefined
    const read = this.read(file, this.total(vector), flags, text)
    return () => {
      const outcome = read()
      if (outcome && outcome.value >= 0) this.checkHeader(file, header)
      return outcome
    }
  }

  /** What the call fills in beside the data: flags, and how much is left if that was asked for. */
  private checkHeader(file: TcpFile, header: Expression): void {
    const flags = member(header, 'msg_flags')
    const said = numberOf(flags, this.calls.dialect)
    if (said !== undefined && said !== 0)
      throw new DrillFailure(`msg_flags: expected ${expressionText(flags!)}, actual 0`)
    const control = member(header, 'msg_control')
    if (control?.kind !== 'list') return
    if (!file.choices.inquire && control.items.length > 0)
      throw new DrillFailure(`msg_control: expected ${expressionText(control)}, actual []`)
    for (const item of control.items) {
      const type = member(item, 'cmsg_type')
      if (type?.kind !== 'word' || type.name !== 'TCP_CM_INQ')
        throw new Unsupported(`control messages of type ${type ? expressionText(type) : '?'}`)
      const expected = numberOf(member(item, 'cmsg_data'), this.calls.dialect)
      const left = file.socket!.receiveQueued + (file.socket!.atEnd ? 1 : 0)
      if (expected !== left) throw new DrillFailure(`TCP_CM_INQ: expected ${expected}, actual ${left}`)
    }
  }

  private ioctl(args: readonly Expression[]): Attempt {
    const { calls } = this
    return () => {
      const file = calls.tcp(args[0])
      const request = calls.name(args[1], 'the request')
      const value = this.inquiry(file, request, args[2])
      if (typeof value !== 'number') return value
      const expected = numberOf(args[2], calls.dialect)
      if (expected !== undefined && expected !== value)
        throw new DrillFailure(`${request}: expected ${expected}, actual ${value}`)
      return done(0)
    }
  }

  private inquiry(file: TcpFile, request: string, argument: Expression | undefined): number | Outcome {
    switch (request) {
      case 'SIOCINQ':
      case 'FIONREAD':
        return file.listener ? failed('EINVAL') : (file.socket?.receiveQueued ?? 0)
      case 'SIOCOUTQ':
      case 'TIOCOUTQ':
      case 'FIONWRITE':
        return file.listener ? failed('EINVAL') : (file.socket?.sendQueued ?? 0)
      case 'SIOCOUTQNSD':
        return file.listener ? failed('EINVAL') : (file.socket?.status().notSent ?? 0)
      case 'FIONBIO':
        file.nonBlocking = this.calls.number(argument, 'the argument') !== 0
        return done(0)
      default:
        throw new Unsupported(`ioctl(${request})`)
    }
  }
}

function checkText(bytes: Uint8Array, text: string): void {
  for (let i = 0; i < Math.min(bytes.length, text.length); i++)
    if (bytes[i] !== text.charCodeAt(i)) throw new DrillFailure(`the data read differs from octet ${i} on`)
}
