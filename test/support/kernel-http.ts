import { createHash } from 'node:crypto'
import http from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Content } from './kernel-content.js'

/** Gives `content` to who asks for it, and tells who sends something the SHA-256 of that. */
export function contentServer(content: Content): http.Server {
  return http.createServer((request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-length', content.length)
      // Whoever goes away in the middle has the connection's error to answer for.
      pipeline(Readable.from(content.pieces()), response).catch(() => {})
      return
    }
    digestOf(request).then(
      digest => response.end(digest),
      () => response.destroy(),
    )
  })
}

export async function digestOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of stream) hash.update(piece)
  return hash.digest('hex')
}

/** A request, by whatever the options say it goes over; sends `content`, if any. */
export async function request(
  options: http.RequestOptions,
  content?: Content,
): Promise<http.IncomingMessage> {
  const asked = http.request(options)
  const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve)
    asked.on('error', reject)
  })
  answer.catch(() => {})
  if (content) {
    asked.setHeader('content-length', content.length)
    await pipeline(Readable.from(content.pieces()), asked)
  } else asked.end()
  return answer
}
