import type { ServerResponse } from 'node:http'
import type { LiveBatch } from '../scene/live-messages.js'

/** A batch, its events as JSON: written out once for all viewers. */
export interface WrittenBatch {
  readonly now: number
  readonly events: string
  readonly segments: number
  readonly others: number
  readonly left: number
  readonly leftStates: number
}

/** One page that watches: Server-Sent Events, which it can only read. What it is too slow for is left out and counted. */
export class Viewer {
  private left = 0
  private leftStates = 0

  /** `most`: how many bytes may wait for it. */
  constructor(
    private readonly response: ServerResponse,
    private readonly most: number,
  ) {
    response.statusCode = 200
    response.setHeader('Content-Type', 'text/event-stream')
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('X-Accel-Buffering', 'no')
  }

  private get isSlow(): boolean {
    return this.response.writableLength > this.most
  }

  /** A message that is worthless later. */
  say(json: string): void {
    if (!this.isSlow) this.write(json)
  }

  batch(batch: WrittenBatch): void {
    const left = this.left + batch.left
    const leftStates = this.leftStates + batch.leftStates
    if (this.isSlow) {
      this.left = left + batch.segments
      this.leftStates = leftStates + batch.others
      return
    }
    this.left = this.leftStates = 0
    if (batch.segments + batch.others + left + leftStates === 0) return
    const head: Omit<LiveBatch, 'events'> = { type: 'batch', now: batch.now, left, leftStates }
    this.write(`${JSON.stringify(head).slice(0, -1)},"events":${batch.events}}`)
  }

  end(json: string): void {
    this.write(json)
    this.response.end()
  }

  private write(json: string): void {
    this.response.write(`data: ${json}\n\n`)
  }
}
