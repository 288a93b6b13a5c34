/**
 * Why a code block could not be understood or did not hold:
 * `syntax`: not Python; `unsupported`: Python, or a name of packetdrill's, that this evaluator does not know;
 * `assertion`: an assertion does not hold; `runtime`: Python would raise an exception, or the work was cut off.
 */
export type CodeErrorKind = 'syntax' | 'assertion' | 'runtime' | 'unsupported'

export class CodeError extends Error {
  override readonly name = 'CodeError'
  /** What the block had printed before it stopped. */
  printed: readonly string[] = []

  constructor(
    readonly kind: CodeErrorKind,
    message: string,
    /** The line within the block, from 0. */
    readonly line: number,
  ) {
    super(message)
  }
}

/** An exception of an operation, which does not know its line; the evaluator makes a CodeError of it. */
export class Fault extends Error {
  constructor(
    message: string,
    readonly kind: 'runtime' | 'unsupported' = 'runtime',
  ) {
    super(message)
  }
}
