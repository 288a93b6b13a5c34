/** A bar on a terminal, a line for each tenth elsewhere. */
export class Progress {
  private readonly started = performance.now()
  private shownAt = 0
  private tenth = 0

  constructor(
    private readonly what: string,
    /** Bytes; undefined if nobody knows. */
    private readonly total: number | undefined,
    private readonly out: NodeJS.WriteStream = process.stderr,
    /** What stands behind the bar, if it is not bytes that are done. */
    private readonly say?: (done: number) => string,
  ) {}

  update(bytes: number): void {
    const now = performance.now()
    if (this.out.isTTY) {
      if (now - this.shownAt < 100) return
      this.shownAt = now
      this.out.write(`\r${this.line(bytes)}\u001b[K`)
    } else if (this.total) {
      const tenth = Math.floor((bytes / this.total) * 10)
      if (tenth <= this.tenth) return
      this.tenth = tenth
      this.out.write(`${this.line(bytes)}\n`)
    }
  }

  done(bytes: number): void {
    this.out.write(
      this.out.isTTY
        ? `\r${this.line(bytes)}\u001b[K\n`
        : this.tenth < 10 || !this.total
          ? `${this.line(bytes)}\n`
          : '',
    )
  }

  private line(bytes: number): string {
    const seconds = (performance.now() - this.started) / 1000
    const rate = `${mebibytes(bytes / Math.max(seconds, 0.001))}/s`
    if (!this.total) return `${this.what}: ${mebibytes(bytes)} ${rate}`
    const part = Math.min(1, bytes / this.total)
    const filled = Math.round(part * 30)
    const behind = this.say?.(bytes) ?? `of ${mebibytes(this.total)} ${rate}`
    return `${this.what} [${'█'.repeat(filled)}${'·'.repeat(30 - filled)}] ${Math.floor(part * 100)} % ${behind}`
  }
}

const mebibytes = (bytes: number): string => `${(bytes / 1048576).toFixed(1)} MiB`
