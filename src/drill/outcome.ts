/** A feature that a script asks for and estab does not have. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
}

/** A script that did not go as it says. */
export class DrillFailure extends Error {
  override readonly name = 'DrillFailure'
}

/** What a system call came to. */
export interface Outcome {
  readonly value: number
  /** The name of errno, when `value` is -1. */
  readonly errno?: string | undefined
  /** `value` is a new file descriptor: the script gives it a number of its own. */
  readonly isDescriptor?: boolean
}

/** Tries to finish a call; undefined while it would block. */
export type Attempt = () => Outcome | undefined

export const done = (value: number): Outcome => ({ value })
export const failed = (errno: string): Outcome => ({ value: -1, errno })
