import type { Actor, Stage } from '../../stories/index.js'
import { TcpError } from '../../tcp/errors.js'
import { corrupted, editSegment } from './edit-segment.js'
import type { Action, CallAction, ForgeAction, Line, Side } from './scene.js'

const PORT = 80
const FIRST_LOCAL = 40_000

/** Wires of a stage that remember what went over them: fates are decided by number, forgeries made from what was sent. */
export class Bench {
  /** Every packet of each side, by its number. */
  readonly packets: [Uint8Array[], Uint8Array[]] = [[], []]
  /** The number of each segment that was recorded, by its place there; a hole for what never was on a wire. */
  readonly numbers: number[] = []

  constructor(
    readonly stage: Stage,
    actions: readonly Action[],
  ) {
    const { segments } = stage.recorder
    for (const side of [0, 1] as const) {
      const wire = this.wire(side)
      if (!wire) continue
      wire.intercept(packet => this.judge(side, packet.bytes, actions))
      const { tap } = wire
      wire.tap = (...told) => {
        tap?.(...told)
        this.numbers[segments.length - 1] = this.packets[side].length - 1
      }
    }
  }

  private wire(side: Side) {
    return this.stage.actors.length < 2
      ? undefined
      : side === 0
        ? this.stage.cable?.forward
        : this.stage.cable?.backward
  }

  /** What becomes of the packet that a side sends now. */
  private judge(side: Side, bytes: Uint8Array, actions: readonly Action[]) {
    const nth = this.packets[side].push(bytes) - 1
    // The last word counts.
    const action = actions.findLast(a => a.kind === 'fate' && a.side === side && a.nth === nth)
    if (action?.kind !== 'fate') return 'pass'
    const { fate } = action
    if (fate.what === 'drop') return 'lose'
    if (fate.what === 'corrupt') return { change: corrupted(bytes) }
    if (fate.what === 'edit') return { change: editSegment(bytes, fate.edit) }
    return fate.what === 'delay' ? { hold: fate.ms } : { repeat: fate.ms }
  }

  /** Does what somebody did. What cannot be done is told in the trace, and harms nothing. */
  perform(action: Action): void {
    try {
      if (action.kind === 'call') this.call(action)
      else if (action.kind === 'line') this.setLine(action.line)
      else if (action.kind === 'forge') this.forge(action)
    } catch (error) {
      const side = 'side' in action ? action.side : 0
      if (error instanceof NothingThere) this.note(side, `not possible: ${error.en}`, `无法执行：${error.zh}`)
      else if (error instanceof TcpError)
        this.note(side, `not possible: ${error.message} (${error.code})`, `无法执行：${error.code}`)
      else throw error
    }
  }

  private note(side: Side, en: string, zh: string): void {
    const { recorder, world, actors } = this.stage
    recorder.note(world.now, (actors[side] ?? actors[0]!).name, { en, zh })
  }

  private call({ side, call, bytes = 0 }: CallAction): void {
    const { stage } = this
    const actor = stage.actors[side]
    if (!actor) throw new NothingThere('there is no such host', '没有这台主机')
    if (call === 'listen') {
      if (actor.listener)
        throw new NothingThere(`port ${PORT} is listened on already`, `端口 ${PORT} 已在侦听`)
      this.note(side, `the user listens on port ${PORT}`, `用户在端口 ${PORT} 上侦听`)
      return actor.listen(PORT)
    }
    if (call === 'connect') return this.connect(actor, stage.actors[1 - side] ?? actor, side)
    if (call === 'unplug') return stage.unplug()
    if (call === 'plug') return this.plug(side)
    if (call === 'reboot') return actor.reboot()
    if (call === 'hold' || call === 'resume') return actor.setReading(call === 'resume')
    if (actor.sockets.length === 0) throw new NothingThere('this host has no connection', '这台主机没有连接')
    if (call === 'send') actor.send(bytes)
    else if (call === 'read') actor.read()
    else if (call === 'half-close') actor.close()
    else if (call === 'abort') actor.abort()
    else {
      this.note(side, 'the user closes, and will read no more', '用户关闭连接，也不再读取')
      actor.socket.release()
    }
  }

  /** To the port that is listened on; to one that is connecting to us from where it expects us: a simultaneous open. */
  private connect(actor: Actor, other: Actor, side: Side): void {
    const theirs = other.sockets.findLast(socket => socket.state === 'SYN_SENT')
    this.note(side, 'the user connects', '用户发起连接')
    if (theirs && other !== actor) return actor.connect(other, theirs.localPort, theirs.remotePort)
    actor.connect(other, PORT, FIRST_LOCAL + actor.sockets.length)
  }

  private plug(side: Side): void {
    const { cable } = this.stage
    if (!cable) return
    this.note(side, 'the cable is plugged in again', '网线重新插好')
    cable.forward.connected = cable.backward.connected = true
  }

  private setLine(line: Partial<Line>): void {
    const { cable } = this.stage
    if (!cable) return
    const said = Object.entries(line) as [keyof Line, number][]
    this.note(
      0,
      `the line changes: ${said.map(([name, value]) => `${name} ${value}`).join(', ')}`,
      `线路改变：${said.map(([name, value]) => `${LINE_ZH[name]} ${value}`).join('，')}`,
    )
    for (const wire of [cable.forward, cable.backward]) {
      const { rate, queue, ...rest } = line
      wire.conditions = { ...wire.conditions, ...rest }
      if (rate !== undefined) setOrDelete(wire.conditions, 'rate', rate)
      if (queue !== undefined) setOrDelete(wire.conditions, 'queue', queue)
    }
  }

  private forge({ side, nth, edit }: ForgeAction): void {
    const like = this.packets[side][nth]
    const wire = this.wire(side)
    if (!like || !wire) throw new NothingThere('that segment was never sent', '从未发送过那个报文段')
    this.note(side, 'somebody sends a forged segment in this name', '有人以它的名义发送伪造的报文段')
    wire.send(editSegment(like, edit))
  }
}

const LINE_ZH: Record<keyof Line, string> = {
  delay: '延迟',
  rate: '速率',
  queue: '队列',
  loss: '丢失率',
  reorder: '乱序率',
}

/** 0 stands for no limit. */
function setOrDelete(
  conditions: { rate?: number; queue?: number },
  name: 'rate' | 'queue',
  value: number,
): void {
  if (value > 0) conditions[name] = value
  else delete conditions[name]
}

/** An action that makes no sense now. */
class NothingThere extends Error {
  constructor(
    readonly en: string,
    readonly zh: string,
  ) {
    super(en)
  }
}
