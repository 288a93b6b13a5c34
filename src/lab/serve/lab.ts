import type { Stack } from '../../stack/stack.js'
import { Live } from './live.js'
import { serveLab } from './server.js'

export interface LabOptions {
  /** The port on 127.0.0.1. Default 0: one that is free. */
  port?: number
  /** What the page calls the stack. Default `estab`. */
  name?: string
  /** What the page speaks. Default: what the browser asks for. */
  language?: 'en' | 'zh'
  /** Segments told of in each batch, of which there are 20 in a second; how many were left out is told, too. Default 400. */
  segments?: number
  /** The folder of the built page. Default: where `npm run build` puts it. */
  directory?: string
}

/** A page that shows a running stack. */
export interface Lab {
  /** With the token that only who knows this address has: whoever opens it sees the stack, and can do nothing to it. */
  readonly url: string
  /** A remark among the events. */
  note(text: { en: string; zh: string }): void
  /** Lets go of the stack, and resolves when the page's last connection is closed. Idempotent. */
  close(): Promise<void>
}

/**
 * Watches a stack, whoever else does, and serves a page on which it is seen: every segment, every state and why, as far
 * as a reader can follow. The stack is watched from the moment of the call. Nothing can be done to it from there.
 * Rejects with an error that says so if the page is not built or the port is in use, and a RangeError for a number of
 * segments that is none.
 */
export async function createLab(stack: Stack, options: LabOptions = {}): Promise<Lab> {
  const { port = 0, name = 'estab', segments = 400, language, directory } = options
  if (!Number.isInteger(segments) || segments < 1 || segments > 10_000)
    throw new RangeError(`segments ${segments} is not 1 to 10000`)
  const live = new Live(stack, name, segments)
  try {
    const server = await serveLab({ port, live, ...(directory === undefined ? {} : { directory }) })
    const query = new URLSearchParams({ token: live.token, ...(language ? { lang: language } : {}) })
    return {
      url: `${server.url}?${query}#/live`,
      note: text => live.note(text),
      close: () => {
        live.close()
        return server.close()
      },
    }
  } catch (error) {
    live.close()
    throw error
  }
}
