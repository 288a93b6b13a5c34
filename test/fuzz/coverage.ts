import { REACTIONS } from '../../src/tcp/reactions.js'
import { TRANSITION_LIST } from '../../src/tcp/states.js'
import { DROP_REASONS } from '../../src/wire/drops.js'

/**
 * What a fuzzer has seen happen: transitions (`T18 FIN_WAIT_1`), reactions by state (`R17 ESTABLISHED`), reasons for
 * which packets are dropped. Each such key is a place that inputs can reach; a new one makes an input worth keeping.
 */
export class Coverage {
  readonly transitions = new Map<string, number>()
  readonly reactions = new Map<string, number>()
  readonly drops = new Map<string, number>()

  private count(map: Map<string, number>, key: string): void {
    map.set(key, (map.get(key) ?? 0) + 1)
  }

  transition(id: string, from: string): void {
    this.count(this.transitions, `${id} ${from}`)
  }

  reaction(id: string, state: string): void {
    this.count(this.reactions, `${id} ${state}`)
  }

  drop(reason: string): void {
    this.count(this.drops, reason)
  }

  has(key: string): boolean {
    return this.transitions.has(key) || this.reactions.has(key) || this.drops.has(key)
  }

  get keys(): string[] {
    return [...this.transitions.keys(), ...this.reactions.keys(), ...this.drops.keys()]
  }

  get size(): number {
    return this.transitions.size + this.reactions.size + this.drops.size
  }

  add(other: Coverage): void {
    for (const name of ['transitions', 'reactions', 'drops'] as const)
      for (const [key, n] of other[name]) this[name].set(key, (this[name].get(key) ?? 0) + n)
  }

  /** Edges of the table, reactions, and drop reasons that nothing has reached. */
  get missing(): { transitions: string[]; reactions: string[]; drops: string[] } {
    const reacted = new Set([...this.reactions.keys()].map(key => key.split(' ')[0]))
    return {
      transitions: TRANSITION_LIST.flatMap(({ id, from }) => from.map(state => `${id} ${state}`)).filter(
        key => !this.transitions.has(key),
      ),
      reactions: Object.keys(REACTIONS).filter(id => !reacted.has(id)),
      drops: DROP_REASONS.filter(reason => !this.drops.has(reason)),
    }
  }
}
