import { type Cable, type Host, type PacketInfo, type Verdict, World } from '../sim/index.js'
import type { Listener } from '../stack/listener.js'
import type { Socket } from '../stack/socket.js'
import type { TcpConfig } from '../tcp/config.js'
import { TcpError } from '../tcp/errors.js'
import { Recorder } from '../trace/recorder.js'
import { IpAddress } from '../wire/address.js'

export type HostName = 'client' | 'server' | 'a' | 'b'
export interface Text {
  en: string
  zh: string
}

const ADDRESSES = ['10.0.0.1', '10.0.0.2'] as const
const LETTERS = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz')

/** `length` bytes of text, always the same. */
export const text = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => LETTERS[i % 26]!)

export interface StageOptions {
  hosts: readonly [HostName, HostName] | readonly [HostName]
  seed: number
  /** One-way delay of the cable in ms. */
  delay: number
  tcp?: Partial<TcpConfig>
  congestion: boolean
  /** Somebody else acts too: what the story cannot do after that is told and left undone. Without this it throws. */
  shared?: boolean
}

/** A host is asked to do something with a connection that it does not have. */
export class NoConnection extends Error {}

/** A host on stage: its stack, and the sockets it has made, in order. */
export class Actor {
  readonly sockets: Socket[] = []
  listener: Listener | undefined
  /** Whether its user reads what comes, on all connections; if it is not said, each does as it was opened to. */
  private reads: boolean | undefined

  constructor(
    readonly name: HostName,
    readonly host: Host,
    readonly address: IpAddress,
    private readonly stage: Stage,
  ) {}

  private note(en: string, zh: string): void {
    this.stage.recorder.note(this.stage.world.now, this.name, { en, zh })
  }

  /** Listens; each connection reads what comes, and closes `closeAfter` ms after the other side has (never if absent). */
  listen(port: number, behaviour: { closeAfter?: number; reads?: boolean } = {}): void {
    this.listener = this.host.stack.listen({ port, onConnection: socket => this.adopt(socket, behaviour) })
  }

  connect(
    to: Actor,
    port: number,
    localPort: number,
    behaviour: { closeAfter?: number; reads?: boolean } = {},
  ): void {
    const socket = this.host.stack.connect({ remote: to.address, port, localPort })
    this.adopt(socket, behaviour)
  }

  private adopt(
    socket: Socket,
    { closeAfter, reads = true }: { closeAfter?: number; reads?: boolean },
  ): void {
    this.sockets.push(socket)
    socket.handler = {
      readable: () => {
        if (this.reads ?? reads) while (socket.receive());
      },
      end: () => {
        if (closeAfter !== undefined) this.stage.after(closeAfter, () => this.close())
      },
      closed: error => {
        if (error instanceof TcpError)
          this.note(`the user is told: ${error.message} (${error.code})`, `告知用户：${error.code}`)
      },
    }
  }

  /** The newest connection. */
  get socket(): Socket {
    const socket = this.sockets[this.sockets.length - 1]
    if (!socket) throw new NoConnection(`${this.name} has no connection`)
    return socket
  }

  send(length: number): void {
    this.note(`the user sends ${length} bytes`, `用户发送 ${length} 字节`)
    this.socket.send(text(length))
  }

  read(): void {
    this.note(
      `the user reads ${this.socket.receiveQueued} bytes`,
      `用户读取 ${this.socket.receiveQueued} 字节`,
    )
    while (this.socket.receive());
  }

  /** From now on its user reads nothing until told to, or everything as it comes. */
  setReading(on: boolean): void {
    this.reads = on
    if (on) this.note('the user reads everything that comes', '用户读取到来的一切数据')
    else this.note('the user reads no more for now', '用户暂时不再读取')
    if (on) for (const socket of this.sockets) while (socket.receive());
  }

  close(): void {
    this.note('the user closes', '用户关闭连接')
    this.socket.close()
  }

  abort(): void {
    this.note('the user aborts', '用户中止连接')
    this.socket.abort()
  }

  reboot(): void {
    this.note('crashes and starts again, remembering nothing', '崩溃后重新启动，不记得任何连接')
    this.listener = undefined
    this.sockets.length = 0
    this.host.reboot()
  }
}

/** Where a story is played: two hosts (or one), a cable, virtual time, and a recorder that sees everything. */
export class Stage {
  readonly world: World
  readonly recorder: Recorder
  readonly actors: Actor[]
  readonly cable: Cable | undefined
  private readonly shared: boolean

  constructor(options: StageOptions) {
    const { hosts, delay } = options
    this.shared = options.shared ?? false
    const world = new World({ seed: options.seed })
    this.world = world
    this.recorder = new Recorder({ congestion: options.congestion })
    const made = hosts.map(name =>
      world.host(name, {
        observer: this.recorder.observer(name),
        ...(options.tcp ? { tcp: options.tcp } : {}),
      }),
    )
    this.actors = made.map((host, i) => new Actor(hosts[i]!, host, IpAddress.parse(ADDRESSES[i]!), this))
    if (made.length === 1) {
      // Alone: its own address is on a cable to nobody.
      this.cable = world.connect(made[0]!, world.host('nobody'), { addresses: [[`${ADDRESSES[0]}/24`], []] })
      return
    }
    const cable = world.connect(made[0]!, made[1]!, {
      addresses: [[`${ADDRESSES[0]}/24`], [`${ADDRESSES[1]}/24`]],
      conditions: { delay },
    })
    this.cable = cable
    cable.forward.tap = (bytes, fate, t, arrives) =>
      this.recorder.segment(hosts[0]!, hosts[1]!, bytes, fate, t, arrives)
    cable.backward.tap = (bytes, fate, t, arrives) =>
      this.recorder.segment(hosts[1]!, hosts[0]!, bytes, fate, t, arrives)
  }

  get first(): Actor {
    return this.actors[0]!
  }

  get second(): Actor {
    return this.actors[1]!
  }

  /** Does something at a time of the story, in ms. */
  readonly at = (time: number, run: () => void): void => {
    this.world.at(time, () => this.attempt(run))
  }

  after(ms: number, run: () => void): void {
    this.at(this.world.now + ms, run)
  }

  private attempt(run: () => void): void {
    try {
      run()
    } catch (error) {
      if (!this.shared || !(error instanceof TcpError || error instanceof NoConnection)) throw error
      this.recorder.note(this.world.now, this.first.name, {
        en: `the story cannot go on as written: ${error.message}`,
        zh: `故事无法照原样进行：${error instanceof TcpError ? error.code : '没有连接'}`,
      })
    }
  }

  /** Takes the n-th segment that `from` sends and that matches. */
  nth(from: Actor, n: number, matches: (packet: PacketInfo) => boolean, verdict: Verdict): void {
    const wire = from === this.first ? this.cable!.forward : this.cable!.backward
    wire.nth(n, matches, verdict)
  }

  lose(from: Actor, n: number, matches: (packet: PacketInfo) => boolean): void {
    this.nth(from, n, matches, 'drop')
  }

  /** Whatever `from` sends from now on is lost, or no more. */
  unplug(): void {
    const { cable, recorder, world } = this
    recorder.note(world.now, this.first.name, { en: 'the cable is pulled out', zh: '网线被拔掉' })
    cable!.forward.connected = cable!.backward.connected = false
  }
}
