import type { Stack } from '../../stack/stack.js'

/**
 * Keeps events out of calls. Over its loopback, a stack that is told to send has the answer before the call returns,
 * and tells of it; programs made for Node, and its own C++ (HTTP/2), do not expect to be called from inside a call of
 * theirs. What happens then is told in a turn of its own.
 */
export class Order {
  #calls = 0
  readonly #late: (() => void)[] = []

  /** A call into the stack. */
  call<T>(work: () => T): T {
    this.#calls++
    try {
      return work()
    } finally {
      this.#calls--
    }
  }

  /** An event from the stack: now, or after the call and all that was put off before. */
  tell(work: () => void): void {
    if (this.#calls === 0 && this.#late.length === 0) work()
    else if (this.#late.push(work) === 1) this.#soon()
  }

  #soon(): void {
    setImmediate(() => this.#catchUp())
  }

  #catchUp(): void {
    let left = this.#late.length
    try {
      // Each stays in the queue while it runs, so that what it causes comes after the rest.
      for (; left > 0; left--) {
        try {
          this.#late[0]!()
        } finally {
          this.#late.shift()
        }
      }
    } finally {
      if (this.#late.length > 0) this.#soon()
    }
  }
}

const orders = new WeakMap<Stack, Order>()

/** The order of a stack, which all its faces share. */
export function orderOf(stack: Stack): Order {
  let order = orders.get(stack)
  if (!order) orders.set(stack, (order = new Order()))
  return order
}
