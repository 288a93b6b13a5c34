import http from 'node:http'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { Server, Socket } from '../faces/net/index.js'
import { parseCidr } from '../wire/address.js'
import type { Attachment } from './attachment.js'
import type { InterfaceFlags } from './interface-options.js'
import { endpoint } from './live-ladder.js'
import { fail, logged, respond } from './serve-site.js'

/** The options of `estab serve`. */
export interface ServeFlags extends InterfaceFlags {
  port: number
  root: string
  workers: number
  fastOpen?: number
  echo?: number
  discard?: number
  chargen?: number
}

/** What is different for one that serves alone and one of several. */
export interface ServeContext {
  /** Calls back at each signal to stop, with how many there were; what it returns ends that. */
  onInterrupt(callback: (count: number) => void): () => void
  /** So many connections were open when the first one came. */
  closing(open: number): void
}

/** What is being served. */
export interface Serving {
  services: Services
  /** The HTTP server's. */
  port: number
  /** A line about each service. */
  lines: string[]
  /** Resolves once everything is closed after a signal. */
  stopped: Promise<void>
}

/** How long peers may take to close their side after we have closed ours, in ms. */
const FAREWELL = 5000

/** Starts everything that the options ask for. Rejects with a TcpError's likeness of node:net if a port is in use. */
export async function startServices(
  attachment: Attachment,
  flags: ServeFlags,
  context: ServeContext,
): Promise<Serving> {
  const root = resolve(flags.root)
  const services = new Services(attachment, context)
  const stopped = services.untilStopped()
  const web = await services.http(root, flags.port, flags.fastOpen)
  const lines = [
    `${flags.root === '.' ? root : flags.root} at ${urls(flags, web).join(' and ')}`,
    await services.tcp('echo', flags.echo, socket => socket.pipe(socket)),
    await services.tcp('discard', flags.discard, socket => socket.on('end', () => socket.end()).resume()),
    await services.tcp('chargen', flags.chargen, generate),
  ]
  if (flags.echo !== undefined) echoDatagrams(attachment, flags.echo)
  const { port } = web.address() as { port: number }
  return { services, port, lines: lines.filter(line => line !== undefined), stopped }
}

export function sayClosing(open: number): void {
  if (open > 0) console.log(`closing ${open === 1 ? 'a connection' : `${open} connections`}`)
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
export class Services {
  private readonly servers: Server[] = []
  /** How to end each connection: at once, or after the response under way. */
  private readonly connections = new Map<Socket, () => void>()
  private stopping = false
  /** Connections there have been. */
  served = 0

  constructor(
    private readonly attachment: Attachment,
    private readonly context: ServeContext,
  ) {}

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
    this.served++
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
      const off = this.context.onInterrupt(count => {
        if (count === 1) void this.stop().then(done)
        else done()
      })
    })
  }

  private async stop(): Promise<void> {
    this.stopping = true
    for (const server of this.servers) server.close()
    this.context.closing(this.connections.size)
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
