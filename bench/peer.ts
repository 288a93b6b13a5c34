// The kernel's side of a benchmark: a server on node:net that says when it is ready.
import net from 'node:net'
import { serve } from './measure.js'

const port = Number(process.argv[2])
net
  .createServer({ allowHalfOpen: true, noDelay: true }, serve)
  .listen({ port, host: '::', backlog: 1024 }, () => console.log('ready'))
process.stdin.on('end', () => process.exit(0)).resume()
