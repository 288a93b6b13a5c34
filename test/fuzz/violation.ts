/** A promise that the stack has not kept. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** `what` is computed only for a failure if it is a function. */
export function must(holds: boolean, what: string | (() => string)): asserts holds {
  if (!holds) throw new Violation(typeof what === 'string' ? what : what())
}

/** How two sequence numbers lie, as RFC 9293 section 3.4 compares them; positive if `a` is after `b`. */
export const after = (a: number, b: number): number => (a - b) | 0
