/** What is wrong with a description of a world, and where: `flows[1].start`. */
export class DescriptionError extends Error {
  override readonly name = 'DescriptionError'

  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(path === '' ? reason : `${path}: ${reason}`)
  }
}

/** An object of a description, whose keys are read one by one; what nobody knows is an error. */
export class Fields {
  private readonly values: Readonly<Record<string, unknown>>

  constructor(
    value: unknown,
    readonly path: string,
    known: readonly string[],
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new DescriptionError(path, `must be an object, not ${kindOf(value)}`)
    this.values = value as Record<string, unknown>
    for (const key of Object.keys(this.values))
      if (!known.includes(key))
        throw new DescriptionError(this.at(key), `there is no such key; there are ${known.join(', ')}`)
  }

  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`
  }

  has(key: string): boolean {
    return this.values[key] !== undefined
  }

  raw(key: string): unknown {
    return this.values[key]
  }

  /** Reads a key, if it is there; a SyntaxError or RangeError of the reader's is given the key's path. */
  read<T>(key: string, reader: (value: unknown, path: string) => T): T | undefined {
    return this.has(key) ? readAt(this.at(key), this.values[key], reader) : undefined
  }

  fail(key: string, reason: string): never {
    throw new DescriptionError(this.at(key), reason)
  }
}

export function readAt<T>(path: string, value: unknown, reader: (value: unknown, path: string) => T): T {
  try {
    return reader(value, path)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError)
      throw new DescriptionError(path, error.message)
    throw error
  }
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`

export function isBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new SyntaxError(`must be true or false, not ${JSON.stringify(value)}`)
}

export const integerIn =
  (low: number, high: number) =>
  (value: unknown): number => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value
    throw new SyntaxError(`must be an integer from ${low} to ${high}, not ${JSON.stringify(value)}`)
  }

export const oneOf =
  <T extends string>(...names: readonly T[]) =>
  (value: unknown): T => {
    if (names.includes(value as T)) return value as T
    throw new SyntaxError(`must be ${names.join(' or ')}, not ${JSON.stringify(value)}`)
  }

export function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new SyntaxError(`must be text, not ${JSON.stringify(value)}`)
}
