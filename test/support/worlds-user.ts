/** A user of one end of a connection in a random world: sends a known stream, checks the one it reads. */
import assert from 'node:assert/strict'
import type { Random } from '../../src/sim/random.js'
import type { World } from '../../src/sim/world.js'
import type { Socket } from '../../src/stack/socket.js'
import type { TcpError } from '../../src/tcp/errors.js'
import type { UserPlan } from './worlds-plan.js'

/** A user to whom nothing happens for so long, in ms, gives up; that is a failure unless its peer is gone. */
export const PATIENCE = 2 * 3600 * 1000

/** The byte at `position` of the stream `key`: every position and stream differs, so nothing can be mistaken. */
const byteAt = (key: number, position: number): number => Math.imul((position + key) | 0, 0x9e3779b1) >>> 24

export function stream(key: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = byteAt(key, position + i)
  return bytes
}

export class User {
  socket!: Socket
  sent = 0
  received = 0
  opened = false
  /** Undefined until `closed` is told. */
  outcome: TcpError | null | undefined
  ended = false
  /** Did what ends a connection without regard for the peer's data. */
  aborted = false
  released = false
  gaveUp = false
  /** Its host lost power: it will not be told anything. */
  forgotten = false
  onClosed: (() => void) | undefined
  private closing = false
  private waiting = false
  private pausing = false
  private reading = false
  private stalled = false
  private sinceBurst = 0
  private progressAt: number
  private tellings = 0

  constructor(
    readonly name: string,
    readonly plan: UserPlan,
    private readonly world: World,
    private readonly random: Random,
    /** Keys of the stream it sends and of the one it reads. */
    private readonly keys: readonly [number, number],
  ) {
    this.progressAt = world.now
  }

  /** Takes the socket, fresh from `connect` or from a listener, where it is open. */
  attach(socket: Socket, open: boolean): void {
    this.socket = socket
    this.opened = open
    const { plan } = this
    socket.handler = {
      open: () => {
        assert(!this.opened, `${this.name}: opened twice`)
        this.opened = true
        this.progress()
        this.pump()
      },
      readable: () => this.read(),
      writable: () => {
        this.progress()
        if (this.waiting && socket.sendQueued < socket.sendLimit) this.pump()
      },
      end: () => {
        assert(!this.ended, `${this.name}: told of the end twice`)
        this.ended = true
        this.progress()
        this.read()
        this.maybeClose()
      },
      closed: error => {
        assert.equal(this.outcome, undefined, `${this.name}: told of the close twice`)
        this.outcome = error
        this.read()
        this.onClosed?.()
      },
    }
    if (plan.noDelay) socket.setNoDelay(true)
    if (plan.keepAlive) socket.setKeepAlive(true, ...plan.keepAlive)
    if (plan.ending === 'abort') this.later(plan.linger, () => this.abort())
    this.later(PATIENCE, this.watch)
    this.pump()
  }

  get finished(): boolean {
    return this.forgotten || this.outcome !== undefined
  }

  private later(ms: number, run: () => void): void {
    this.world.at(this.world.now + ms, () => {
      if (!this.forgotten) run()
    })
  }

  private progress(): void {
    this.progressAt = this.world.now
  }

  private readonly watch = (): void => {
    if (this.finished) return
    const left = this.progressAt + PATIENCE - this.world.now
    if (left > 0) return this.later(left, this.watch)
    this.gaveUp = true
    this.socket.abort()
  }

  private abort(): void {
    if (this.finished) return
    this.aborted = true
    this.socket.abort()
  }

  // ---- sending ----

  private pump(): void {
    const { plan, socket, random } = this
    if (this.finished || this.closing || this.pausing || socket.state === 'CLOSED') return
    while (this.sent < plan.bytes) {
      this.waiting = socket.sendQueued >= socket.sendLimit
      if (this.waiting) return
      const length = Math.min(random.integer(...plan.chunk), plan.bytes - this.sent)
      const more = socket.send(stream(this.keys[0], this.sent, length), {
        urgent: plan.urgent && random.chance(0.1),
      })
      this.sent += length
      this.sinceBurst += length
      const limit = socket.sendLimit + plan.chunk[1]
      assert(socket.sendQueued <= limit, `${this.name}: ${socket.sendQueued} bytes in the send queue`)
      assert.equal(
        more,
        socket.sendQueued < socket.sendLimit,
        `${this.name}: wrong word about the send queue`,
      )
      if (this.sinceBurst < plan.burst) continue
      this.sinceBurst = 0
      this.pausing = true
      this.later(plan.pause, () => {
        this.pausing = false
        this.pump()
      })
      return
    }
    this.maybeClose()
  }

  private maybeClose(): void {
    const { plan } = this
    if (this.closing || plan.ending === 'abort' || this.sent < plan.bytes || this.pausing) return
    if (plan.ending === 'close-last' && !this.ended) return
    this.closing = true
    this.later(plan.linger, () => {
      if (this.finished) return
      if (plan.ending === 'release') {
        this.released = true
        this.socket.release()
      } else if (this.socket.state === 'SYN_SENT') {
        // CLOSE would forget what is queued: wait for the connection.
        this.closing = false
        this.later(100, () => this.maybeClose())
      } else this.socket.close()
    })
  }

  // ---- reading ----

  private read(): void {
    if (this.reading || this.stalled || this.released || this.forgotten) return
    if (this.plan.readPause === 0) return this.take()
    this.reading = true
    this.later(this.plan.readPause, () => {
      this.reading = false
      this.take()
    })
  }

  private take(): void {
    const { socket, plan } = this
    do {
      if (this.released) return
      if (this.received >= plan.stallAt && !this.stalled && this.tellings++ === 0) {
        this.stalled = true
        this.later(plan.stallFor, () => {
          this.stalled = false
          this.read()
        })
        return
      }
      const bytes = socket.receive(plan.readMost)
      if (!bytes) break
      this.check(bytes)
    } while (plan.readPause === 0)
    if (socket.receiveQueued > 0) this.read()
  }

  private check(bytes: Uint8Array): void {
    assert(
      bytes.length > 0 && bytes.length <= this.plan.readMost,
      `${this.name}: read of ${bytes.length} bytes`,
    )
    this.progress()
    const key = this.keys[1]
    for (let i = 0; i < bytes.length; i++)
      if (bytes[i] !== byteAt(key, this.received + i))
        assert.fail(`${this.name}: byte ${this.received + i} is wrong`)
    this.received += bytes.length
  }
}
