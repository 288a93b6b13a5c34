import type { Socket } from './socket.js'

/** How often all members are looked at, at most, in ms: a full quota under attack must not cost a search each time. */
const SWEEP_INTERVAL = 1000

/** A limit that several connections share, and who of them goes first when it is reached. */
export class Quota {
  /** What each member is charged. */
  private readonly members = new Map<Socket, number>()
  private used = 0
  /** Those that may go, as of the last sweep, the one whose loss is least at the end. */
  private doomed: Socket[] = []
  private sweptAt = Number.NEGATIVE_INFINITY

  /** `worth`: what is lost if a member goes; the least goes first. Undefined for one that has to stay. */
  constructor(
    readonly most: number,
    private readonly worth: (socket: Socket, now: number) => number | undefined,
  ) {}

  get isEmpty(): boolean {
    return this.members.size === 0
  }

  has(socket: Socket): boolean {
    return this.members.has(socket)
  }

  fits(charge: number): boolean {
    return this.used + charge <= this.most
  }

  join(socket: Socket, charge: number): void {
    this.members.set(socket, charge)
    this.used += charge
  }

  leave(socket: Socket): void {
    this.used -= this.members.get(socket) ?? 0
    this.members.delete(socket)
  }

  /** The member that is to go first; undefined if nobody may, or if all that might have were found within a second. */
  victim(now: number): Socket | undefined {
    if (now - this.sweptAt >= SWEEP_INTERVAL) this.sweep(now)
    for (;;) {
      const socket = this.doomed.pop()
      if (!socket || (this.has(socket) && this.worth(socket, now) !== undefined)) return socket
    }
  }

  private sweep(now: number): void {
    this.sweptAt = now
    const candidates: { socket: Socket; worth: number }[] = []
    for (const socket of this.members.keys()) {
      const worth = this.worth(socket, now)
      if (worth !== undefined) candidates.push({ socket, worth })
    }
    this.doomed = candidates.sort((a, b) => b.worth - a.worth).map(({ socket }) => socket)
  }
}
