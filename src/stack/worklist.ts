/** Beyond this the memory of a list is not kept. */
const KEPT = 1024

/**
 * Things to do, the doing of which may bring more: a pass is over what there was when it began, and what comes meanwhile is
 * for the next. Lists are used again, so that a busy stack makes no garbage of them. One pass at a time.
 */
export class Worklist<T extends object> {
  private coming: (T | undefined)[] = []
  private current: (T | undefined)[] = []
  private taken = 0
  /** Waiting for the next pass. */
  size = 0

  push(item: T): void {
    this.coming[this.size++] = item
  }

  /** Begins a pass; returns how many there are, which `at` gives. */
  begin(): number {
    const { current, size } = this
    this.current = this.coming
    this.coming = current
    this.size = 0
    this.taken = size
    return size
  }

  at(i: number): T {
    return this.current[i]!
  }

  /** The pass is over. */
  end(): void {
    const { current } = this
    // No more than was in this pass: the last long one was cleared when it was over.
    if (current.length > KEPT) this.current = []
    else current.fill(undefined, 0, this.taken)
  }
}
