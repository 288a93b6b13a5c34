import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { LiveBatch, LiveEvent, LiveMessage } from '../../src/lab/scene/live-messages.js'

/** A page that is not worth looking at, in a folder of one test's. */
export function page(t: TestContext, files: Record<string, string | Uint8Array> = {}): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'estab-page-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  for (const [name, content] of Object.entries({
    'index.html': '<!doctype html><title>lab</title>',
    ...files,
  })) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true })
    writeFileSync(path.join(directory, name), content)
  }
  return directory
}

export interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
}

/** Asks for `path` as it stands: nothing is tidied up on the way. */
export function ask(url: string, path: string, options: http.RequestOptions = {}): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const asked = http.request({ hostname, port, path, agent: false, ...options }, response => {
      const parts: Buffer[] = []
      response.on('data', part => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
      )
    })
    asked.on('error', reject).end()
  })
}

/** Where the stream of a lab is, from the address of its page. */
export function streamOf(url: string): string {
  const { origin, searchParams } = new URL(url)
  return `${origin}/live?token=${searchParams.get('token')}`
}

/** Reads a lab's stream as a page does. */
export class Watching {
  readonly messages: LiveMessage[] = []
  /** The time each came, in ms. */
  readonly times: number[] = []
  ended = false
  private rest = ''
  private woken: () => void = () => {}

  private constructor(readonly response: http.IncomingMessage) {
    response.setEncoding('utf8').on('data', (text: string) => this.take(text))
    response.on('error', () => {})
    response.on('close', () => {
      this.ended = true
      this.woken()
    })
  }

  static open(t: TestContext, url: string): Promise<Watching> {
    return new Promise((resolve, reject) => {
      const asked = http.get(streamOf(url), { agent: false }, response => resolve(new Watching(response)))
      asked.on('error', reject)
      t.after(() => asked.destroy())
    })
  }

  private take(text: string): void {
    const parts = (this.rest + text).split('\n\n')
    this.rest = parts.pop()!
    for (const part of parts) {
      if (!part.startsWith('data: ') || part.includes('\n')) throw new Error(`not one line of data: ${part}`)
      this.messages.push(JSON.parse(part.slice(6)) as LiveMessage)
      this.times.push(performance.now())
    }
    this.woken()
  }

  /** Resolves once `found` finds something in what has come. */
  async until<T>(found: (watching: this) => T | undefined | false): Promise<T> {
    for (;;) {
      const it = found(this)
      if (it) return it
      if (this.ended) throw new Error(`the stream ended:\n${JSON.stringify(this.events, null, 1)}`)
      await new Promise<void>(resolve => {
        this.woken = resolve
      })
    }
  }

  get batches(): LiveBatch[] {
    return this.messages.filter(message => message.type === 'batch')
  }

  get events(): LiveEvent[] {
    return this.batches.flatMap(batch => batch.events)
  }

  get segments(): Extract<LiveEvent, { kind: 'segment' }>[] {
    return this.events.filter(event => event.kind === 'segment')
  }

  /** The states a connection went through. */
  path(flow: string): string[] {
    const moves = this.events.filter(event => event.kind === 'state').filter(event => event.flow === flow)
    return moves.length === 0 ? [] : [moves[0]!.from, ...moves.map(move => move.to)]
  }
}
