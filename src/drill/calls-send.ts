import type { Calls } from './calls.js'
import { type Expression, member } from './expression.js'
import { type Attempt, DrillFailure, done, failed, Unsupported } from './outcome.js'
import { symbol } from './symbols.js'
import type { TcpFile } from './tcp-file.js'

/** write, writev, send, sendto, sendmsg. */
export class SendCalls {
  static readonly names = ['write', 'writev', 'send', 'sendto', 'sendmsg'] as const

  constructor(private readonly calls: Calls) {}

  begin(name: string, args: readonly Expression[]): Attempt | undefined {
    const { calls } = this
    switch (name) {
      case 'write':
        return this.write(
          calls.tcp(args[0]),
          Payload.of(args[1], calls.number(args[2], 'the length')),
          0,
          isNull(args[1]),
        )
      case 'send':
      case 'sendto': {
        const flags = this.flags(args[3])
        return this.write(
          calls.tcp(args[0]),
          Payload.of(args[1], calls.number(args[2], 'the length')),
          flags,
          isNull(args[1]),
        )
      }
      case 'writev':
        return this.write(calls.tcp(args[0]), Payload.ofVector(calls, args[1]), 0)
      case 'sendmsg': {
        const vector = args[1] && member(args[1], 'msg_iov')
        const control = args[1] && member(args[1], 'msg_control')
        if (control?.kind === 'list' && control.items.length > 0)
          throw new Unsupported('control messages with sendmsg()')
        return this.write(calls.tcp(args[0]), Payload.ofVector(calls, vector), this.flags(args[2]))
      }
      default:
        return undefined
    }
  }

  private flags(e: Expression | undefined): number {
    return this.calls.number(e, 'the flags')
  }

  private has(flags: number, name: string): boolean {
    return (flags & (symbol(name, this.calls.dialect) ?? 0)) !== 0
  }

  private write(file: TcpFile, bytes: Payload, flags: number, badAddress = false): Attempt {
    for (const [name, feature] of FEATURES) if (this.has(flags, name)) throw new Unsupported(feature)
    const dontWait = file.nonBlocking || this.has(flags, 'MSG_DONTWAIT')
    const more = this.has(flags, 'MSG_MORE')
    const urgent = this.has(flags, 'MSG_OOB')
    const fastOpen = this.has(flags, 'MSG_FASTOPEN')
    let taken = 0
    let opening = false
    return () => {
      if (badAddress) return failed('EFAULT')
      if (this.opensWith(file, fastOpen) && !opening) {
        const begun = this.open(file, bytes, dontWait)
        if (typeof begun !== 'number') return begun
        opening = true
        taken = begun
      }
      const { socket } = file
      if (!socket)
        return failed(file.listener ? 'EPIPE' : this.calls.dialect === 'linux' ? 'EPIPE' : 'ENOTCONN')
      const error = file.takeError()
      // What rode on the SYN was not taken by anybody if the connection did not open.
      if (error) return taken > 0 && !opening ? done(taken) : failed(error)
      if (file.writeShut || file.over) return taken > 0 ? done(taken) : failed('EPIPE')
      if (file.connecting && this.calls.dialect === 'linux') {
        if (dontWait) return failed('EAGAIN')
        return undefined
      }
      opening = false
      if (bytes.length === 0) return done(0)
      for (let n = -1; taken < bytes.length && n !== 0; taken += n) {
        n = file.space!.take(Math.min(bytes.length - taken, ZEROS.length))
        if (n > 0)
          socket.send(bytes.slice(taken, taken + n), { urgent, more: more || taken + n < bytes.length })
      }
      if (taken === bytes.length) return done(taken)
      // What was taken goes out before anybody waits.
      socket.send(NO_TEXT, { more })
      if (dontWait) return taken > 0 ? done(taken) : failed('EAGAIN')
      return undefined
    }
  }

  /** A write that opens the connection: sendto() with MSG_FASTOPEN, or on a socket that was set up for it. */
  private opensWith(file: TcpFile, flag: boolean): boolean {
    const { deferred, choices, socket, listener } = file
    if (socket) return flag && file.connecting
    return !listener && (flag || deferred || (this.calls.dialect === 'freebsd' && choices.fastOpen > 0))
  }

  /** Begins it; returns how many bytes are on their way, or what the call returns at once. */
  private open(file: TcpFile, bytes: Payload, dontWait: boolean): number | ReturnType<Attempt> {
    const { calls } = this
    if (file.socket) return failed('EALREADY')
    const { client } = calls.host.fastOpen.choices
    if (calls.dialect === 'freebsd') {
      // All of it is queued; what has no cookie waits for the handshake.
      const failure = calls.beginConnect(file, { fastOpen: client, data: bytes.slice(0, bytes.length) })
      return failure ?? done(bytes.length)
    }
    if (!client) return failed('EOPNOTSUPP')
    const taken = Math.min(bytes.length, calls.fastOpenRoom(file) ?? 0)
    const failure = calls.beginConnect(file, {
      fastOpen: true,
      ...(taken > 0 ? { data: bytes.slice(0, taken) } : {}),
    })
    if (failure) return failure
    file.space!.take(taken)
    if (!dontWait) return taken
    return taken > 0 ? done(taken) : failed('EINPROGRESS')
  }
}

const FEATURES: readonly (readonly [string, string])[] = [
  ['MSG_ZEROCOPY', 'zero-copy sending (MSG_ZEROCOPY)'],
  ['MSG_EOR', 'record boundaries (MSG_EOR)'],
  ['MSG_EOF', 'MSG_EOF'],
]

/** A buffer that is nowhere. */
export const isNull = (e: Expression | undefined): boolean => e?.kind === 'word' && e.name === 'NULL'

/** What a write sends: text, and zeros after it. Zeros are shared, so that a long write costs no memory. */
class Payload {
  private constructor(
    private readonly text: Uint8Array,
    readonly length: number,
  ) {}

  /** A string of the script's, or anything, which is zeros. */
  static of(e: Expression | undefined, length: number): Payload {
    if (length < 0 || length > 1 << 30) throw new DrillFailure(`a length of ${length} is out of range`)
    const text = e?.kind === 'string' ? Uint8Array.from(e.value, c => c.charCodeAt(0)) : NO_TEXT
    return new Payload(text.subarray(0, length), length)
  }

  /** `{..., 100}, {"text", 4}`: the buffers in a row. */
  static ofVector(calls: Calls, e: Expression | undefined): Payload {
    const parts = vectorLengths(calls, e).map(({ base, length }) => Payload.of(base, length))
    const withText = parts.findLastIndex(part => part.text.length > 0)
    const text = parts.slice(0, withText + 1).flatMap(part => [...part.slice(0, part.length)])
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    return new Payload(Uint8Array.from(text), length)
  }

  slice(from: number, to: number): Uint8Array {
    if (from < this.text.length) {
      const bytes = new Uint8Array(to - from)
      bytes.set(this.text.subarray(from, to))
      return bytes
    }
    return ZEROS.subarray(0, to - from)
  }
}

const NO_TEXT = new Uint8Array(0)
const ZEROS = new Uint8Array(1 << 16)

/** The buffers of an array of struct iovec. */
export function vectorLengths(
  calls: Calls,
  e: Expression | undefined,
): { base: Expression | undefined; length: number }[] {
  if (e?.kind !== 'list') throw new DrillFailure('the buffers are not a list such as [{..., 100}]')
  return e.items.map(item => {
    if (item.kind !== 'struct') throw new DrillFailure('a buffer is not a pair such as {..., 100}')
    const [first, second] = item.members
    return { base: first?.value, length: calls.number(second?.value, 'the length of a buffer') }
  })
}
