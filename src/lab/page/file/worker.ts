import { CaptureError } from '../../../trace/capture-file.js'
import { OpenCapture } from './capture.js'
import { kindOf, LARGEST_FILE, scriptOf } from './kind.js'
import type { Opened, Request, Result } from './messages.js'
import { film } from './script.js'

/** Reads files and runs scripts beside the page, so that neither can hold it up. Nothing is sent anywhere. */

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<{ id: number; request: Request }>) => void) | null
  postMessage(message: unknown, transfer?: Transferable[]): void
}

let capture: OpenCapture | undefined

async function open(what: Blob | string): Promise<Opened> {
  if (typeof what !== 'string' && what.size > LARGEST_FILE) return { kind: 'refused', why: 'tooLarge' }
  const bytes = typeof what === 'string' ? undefined : new Uint8Array(await what.arrayBuffer())
  const found = bytes ? kindOf(bytes) : scriptOf(what as string)
  if (found.kind !== 'capture') return found
  try {
    capture = new OpenCapture(bytes!)
    return { kind: 'capture', summary: capture.summary }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    return { kind: 'broken', text: error.text, offset: error.offset }
  }
}

async function answer(request: Request): Promise<Result> {
  switch (request.kind) {
    case 'open':
      return open(request.what)
    case 'part':
      return capture!.part(request.index, request.from)
    case 'octets':
      return capture!.octets(request.index, request.segment)
    case 'script': {
      const { name, text, choices, beside } = request
      const files = new Map(beside)
      return film(name, text, choices, path => files.get(path.slice(path.lastIndexOf('/') + 1)))
    }
  }
}

scope.onmessage = ({ data: { id, request } }) => {
  answer(request).then(
    result => scope.postMessage({ id, result }),
    (error: unknown) =>
      scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) }),
  )
}
