// The kernel's side of a benchmark: servers on node:net, and of HTTP on the next port, that say when they are ready.
import net from 'node:net'
import { serveHttp } from './http.js'
import { serve } from './measure.js'

const port = Number(process.argv[2])
await serveHttp(undefined, port + 1)
net
  .createServer({ allowHalfOpen: true, noDelay: true }, serve)
  .listen({ port, host: '::', backlog: 1024 }, () => console.log('ready'))
process.stdin.on('end', () => process.exit(0)).resume()
