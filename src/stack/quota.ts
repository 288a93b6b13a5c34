import type { Socket } from './socket.js'

/**
 * How often all members are looked at, in ms, unless as many have joined since: a full quota under attack must not
 * cost a search for each newcomer.
 */
const SWEEP_INTERVAL = 1000

/** A limit that several connections share, and who of them goes first when it is reached. */
export class Quota {
  /** What each member is charged. */
  private readonly members = new Map<Socket, number>()
  private used = 0
  /** Those that may go, as of the last sweep, the one whose loss is least at the end. */
  private doomed: Socket[] = NOBODY
  private sweptAt = Number.NEGATIVE_INFINITY
  private joinedSince = 0

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
    this.joinedSince++
    this.used += charge
  }

  leave(socket: Socket): void {
    this.used -= this.members.get(socket) ?? 0
    this.members.delete(socket)
  }

  /** The member that is to go first; undefined if nobody may, as far as was last looked. */
  victim(now: number): Socket | undefined {
    if (now - this.sweptAt >= SWEEP_INTERVAL || this.joinedSince >= this.members.size) this.sweep(now)
    for (;;) {
      const socket = this.doomed.pop()
      if (!socket || (this.has(socket) && this.worth(socket, now) !== undefined)) return socket
    }
  }

  private sweep(now: number): void {
    this.sweptAt = now
    this.joinedSince = 0
    const candidates: { socket: Socket; worth: number }[] = []
    for (const socket of this.members.keys()) {
      const worth = this.worth(socket, now)
      if (worth !== undefined) candidates.push({ socket, worth })
    }
    // Of equals the one that came first goes first.
    this.doomed = candidates
      .reverse()
      .sort((a, b) => b.worth - a.worth)
      .map(({ socket }) => socket)
  }
}

const NOBODY: Socket[] = []
