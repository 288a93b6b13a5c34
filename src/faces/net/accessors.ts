/** Gives a class accessors where node:net's types declare properties, and node:net itself has accessors too. */
export function defineAccessors<T extends object>(
  prototype: T,
  getters: Record<string, (self: T) => unknown>,
): void {
  for (const [name, get] of Object.entries(getters))
    Object.defineProperty(prototype, name, {
      get(this: T) {
        return get(this)
      },
      configurable: true,
      enumerable: true,
    })
}
