import type { TestContext } from 'node:test'

type Cleanup = () => void | Promise<void>

const cleanups = new WeakMap<TestContext, Cleanup[]>()

/**
 * Does this when the test ends: what was asked for last first, and everything, even if something of it fails, which
 * fails the test. (Hooks of `t.after` run first to last, and not at all after one that failed.)
 */
export function atEnd(t: TestContext, cleanup: Cleanup): void {
  const list = cleanups.get(t)
  if (list) {
    list.push(cleanup)
    return
  }
  const all = [cleanup]
  cleanups.set(t, all)
  t.after(async () => {
    const errors: unknown[] = []
    for (const one of all.toReversed()) {
      try {
        await one()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  })
}
