import { statSync } from 'node:fs'
import http from 'node:http'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import send from 'send'
import type { Server, Socket } from '../faces/net/index.js'
import { parseCidr } from '../wire/address.js'
import { type Attachment, attach, onInterrupt } from './attachment.js'
import { addInterfaceOptions, type InterfaceFlags } from './interface-options.js'
import { listing } from './listing.js'
import { endpoint } from './live-ladder.js'
import { integer, port, UsageError } from './usage.js'

interface ServeFlags extends InterfaceFlags {
  port: number
  root: string
  fastOpen?: number
  echo?: number
  discard?: number
  chargen?: number
}

/** How long peers may take to close their side after we have closed ours, in ms. */
const FAREWELL = 5000

const service = integer(1, 65535)

export function addServe(estab: Command): void {
  addInterfaceOptions(
    estab.command('serve').description("serve files over HTTP, and RFC 862's kin, on the stack's own TCP"),
  )
    .option('--port <n>', 'port of the HTTP server; 0 takes one that is free', port, 80)
    .option('--root <directory>', 'the directory to serve', '.')
    .option(
      '--fast-open <n>',
      'take requests on SYNs (RFC 7413) from n connections at once',
      integer(0, 65535),
    )
    .option('--echo <port>', 'echo what comes, over TCP and UDP (RFC 862)', service)
    .option('--discard <port>', 'throw away what comes (RFC 863)', service)
    .option('--chargen <port>', 'send characters without end (RFC 864)', service)
    .addHelpText(
      'after',
      `
Examples:
  sudo estab serve --create --tun tun0 --address 10.0.0.2/24 --kernel-address 10.0.0.1/24 --trace
      then, in another terminal: curl http://10.0.0.2/
  estab serve --tun tun0 --address 10.0.0.2/24 --address fd00::2/64 --root site --echo 7
      on an interface that is there already:
      sudo ip tuntap add dev tun0 mode tun user $USER
      sudo ip addr add 10.0.0.1/24 dev tun0 && sudo ip link set dev tun0 up

Ctrl-C closes what is open and lets running transfers finish; a second one resets them.`,
    )
    .action((flags: ServeFlags) => run(flags))
}

async function run(flags: ServeFlags): Promise<void> {
  const root = resolve(flags.root)
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${flags.root} is not a directory`)
  const used = [flags.port, flags.echo, flags.discard, flags.chargen].filter(n => n !== undefined && n !== 0)
  const twice = used.find((n, i) => used.indexOf(n) !== i)
  if (twice !== undefined) throw new UsageError(`two services cannot share port ${twice}`)
  const attachment = await attach(flags, process.stdout)
  try {
    const services = new Services(attachment)
    const stopped = services.untilStopped()
    const web = await services.http(root, flags.port, flags.fastOpen)
    const lines = [
      `${flags.root === '.' ? root : flags.root} at ${urls(flags, web).join(' and ')}`,
      await services.tcp('echo', flags.echo, socket => socket.pipe(socket)),
      await services.tcp('discard', flags.discard, socket => socket.on('end', () => socket.end()).resume()),
      await services.tcp('chargen', flags.chargen, generate),
    ]
    if (flags.echo !== undefined) echoDatagrams(attachment, flags.echo)
    for (const line of lines) if (line !== undefined) console.log(`serving ${line}`)
    await Promise.race([stopped, attachment.failed])
  } finally {
    attachment.close()
  }
}

function urls(flags: ServeFlags, server: Server): string[] {
  const { port: actual } = server.address() as { port: number }
  return flags.address.map(text => {
    const host = parseCidr(text).address.toString()
    if (actual !== 80) return `http://${endpoint(host, actual)}/`
    return `http://${host.includes(':') ? `[${host}]` : host}/`
  })
}

/** Every server of the command and every connection to one, so that all can be ended together. */
class Services {
  private readonly servers: Server[] = []
  /** How to end each connection: at once, or after the response under way. */
  private readonly connections = new Map<Socket, () => void>()
  private stopping = false

  constructor(private readonly attachment: Attachment) {}

  async http(root: string, port: number, fastOpen?: number): Promise<Server> {
    const web = http.createServer()
    const responses = new WeakMap<Socket, number>()
    const end = (socket: Socket) => {
      if (!responses.get(socket)) socket.end()
    }
    web.on('request', (request, response) => {
      const socket = request.socket as Socket
      const finish = logged(request, response)
      responses.set(socket, (responses.get(socket) ?? 0) + 1)
      if (this.stopping) response.shouldKeepAlive = false
      response.on('close', () => {
        finish()
        responses.set(socket, (responses.get(socket) ?? 1) - 1)
        if (this.stopping) end(socket)
      })
      respond(root, request, response).catch((error: NodeJS.ErrnoException) =>
        fail(response, error.code === 'EACCES' ? 403 : error.code === 'ENOENT' ? 404 : 500),
      )
    })
    web.on('connection', (socket: Socket) => this.add(socket, () => end(socket)))
    const server = this.attachment.net.serve(web, { port, ...(fastOpen === undefined ? {} : { fastOpen }) })
    await this.listening(server)
    return server
  }

  /** A plain service. Returns what to say about it. */
  async tcp(
    name: string,
    port: number | undefined,
    converse: (socket: Socket) => void,
  ): Promise<string | undefined> {
    if (port === undefined) return undefined
    const server = this.attachment.net.createServer({ allowHalfOpen: true }, socket => {
      const peer = endpoint(socket.remoteAddress!, socket.remotePort!)
      this.add(socket, () => {
        socket.unpipe()
        socket.end()
        socket.resume()
      })
      socket.on('error', error => console.log(`${peer} ${name}: ${error.message}`))
      socket.on('close', () =>
        console.log(`${peer} ${name}: ${socket.bytesRead} bytes in, ${socket.bytesWritten} bytes out`),
      )
      converse(socket)
    })
    server.listen(port)
    await this.listening(server)
    return `${name} on port ${port}${name === 'echo' ? ', TCP and UDP' : ''}`
  }

  private async listening(server: Server): Promise<void> {
    this.servers.push(server)
    if (server.listening) return
    await new Promise((resolve, reject) => {
      server.once('listening', resolve).once('error', reject)
    })
  }

  private add(socket: Socket, end: () => void): void {
    this.connections.set(socket, end)
    socket.on('close', () => this.connections.delete(socket))
    if (this.stopping) end()
  }

  /** Resolves once everything is closed after a signal: properly after one, at once after a second. */
  untilStopped(): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        off()
        resolve()
      }
      const off = onInterrupt(count => {
        if (count === 1) void this.stop().then(done)
        else done()
      })
    })
  }

  private async stop(): Promise<void> {
    this.stopping = true
    for (const server of this.servers) server.close()
    const open = this.connections.size
    if (open > 0) console.log(`closing ${open === 1 ? 'a connection' : `${open} connections`}`)
    for (const end of [...this.connections.values()]) end()
    // A response that is under way may take as long as it needs.
    await Promise.all([...this.connections.keys()].map(socket => written(socket)))
    await this.attachment.settled(FAREWELL)
  }
}

function written(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    if (socket.writableEnded) resolve()
    else socket.once('finish', resolve).once('close', () => resolve())
  })
}

function echoDatagrams({ stack }: Attachment, port: number): void {
  stack.bindUdp(port, ({ bytes, remote, remotePort, local }, udp) => {
    // Two echo servers would never be done with each other.
    if (remotePort === port) return
    try {
      udp.send(bytes, remote, remotePort, local)
    } catch (error) {
      console.log(`${endpoint(remote.toString(), remotePort)} echo: ${(error as Error).message}`)
    }
  })
}

async function respond(
  root: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    fail(response, 405)
    return
  }
  const path = (request.url ?? '/').replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*$/s, '') || '/'
  const directory = await sent(request, response, path, root)
  if (directory === undefined) return
  if (!path.endsWith('/')) {
    // Two slashes at the beginning would name another host.
    headers(response, 301, { Location: `${path.replace(/^\/+/, '/')}/`, 'Content-Length': 0 }).end()
  } else if (isFile(join(directory, 'index.html'))) await sent(request, response, `${path}index.html`, root)
  else {
    const page = Buffer.from(await listing(directory, decodeURIComponent(path)))
    headers(response, 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': page.length,
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'X-Content-Type-Options': 'nosniff',
    })
    response.end(request.method === 'HEAD' ? undefined : page)
  }
}

/** Answers with the file at `path` below `root`, or with why not. If it is a directory, resolves to where that is. */
function sent(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  path: string,
  root: string,
): Promise<string | undefined> {
  return new Promise(resolve => {
    response.once('close', () => resolve(undefined))
    send(request, path, { root, index: false, dotfiles: 'ignore' })
      .on('directory', (_response: unknown, directory: string) => resolve(directory))
      .pipe(response)
  })
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

function fail(response: http.ServerResponse, status: number): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = `${status} ${http.STATUS_CODES[status]}\n`
  headers(response, status, { 'Content-Type': 'text/plain', 'Content-Length': body.length }).end(body)
}

/** Unlike those of `writeHead`, they can be read back for the log. */
function headers(
  response: http.ServerResponse,
  status: number,
  fields: Record<string, string | number>,
): http.ServerResponse {
  response.statusCode = status
  for (const [name, value] of Object.entries(fields)) response.setHeader(name, value)
  return response
}

/** Returns what writes the line about a request, once it is answered. */
function logged(request: http.IncomingMessage, response: http.ServerResponse): () => void {
  const started = performance.now()
  const { remoteAddress = '?' } = request.socket
  return () => {
    const length = request.method === 'HEAD' ? 0 : (response.getHeader('content-length') ?? 0)
    const cut = response.writableFinished ? '' : ', cut short'
    const ms = (performance.now() - started).toFixed(1)
    // JSON leaves no control characters in what a stranger sent.
    const what = JSON.stringify(`${request.method} ${request.url}`)
    console.log(`${remoteAddress} ${what} ${response.statusCode} ${length} bytes, ${ms} ms${cut}`)
  }
}

const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')

/** RFC 864: lines of 72 of the 95 printable characters, each line beginning one later. */
function generate(socket: Socket): void {
  const lines = PRINTABLE.replace(/./gs, (_, i: number) => `${(PRINTABLE + PRINTABLE).slice(i, i + 72)}\r\n`)
  const block = Buffer.from(lines)
  socket.resume()
  socket.on('end', () => source.destroy())
  const source = new Readable({ read: () => void source.push(block) })
  source.pipe(socket)
  // It has an end only if somebody makes one.
  socket.on('unpipe', () => source.destroy()).on('close', () => source.destroy())
  source.on('close', () => socket.end())
}
