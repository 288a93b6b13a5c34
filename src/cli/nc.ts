import { once } from 'node:events'
import type { Command } from 'commander'
import type { Net, Socket } from '../faces/net/index.js'
import { attach, onInterrupt } from './attachment.js'
import { addInterfaceOptions, type InterfaceFlags } from './interface-options.js'
import { endpoint } from './live-ladder.js'
import { printStatus } from './status.js'
import { integer, UsageError } from './usage.js'

interface NcFlags extends InterfaceFlags {
  listen?: number
  status?: boolean
}

/** How long the close may take once both sides have said everything, in ms. */
const FAREWELL = 2000

const validPort = integer(1, 65535)

export function addNc(estab: Command): void {
  addInterfaceOptions(
    estab
      .command('nc')
      .description(
        "netcat over the stack's own TCP: standard input goes out, what comes goes to standard output",
      )
      .argument('[host]', 'an address or a name')
      .argument('[port]', 'the port to connect to', validPort),
  )
    .option('-l, --listen <port>', 'wait for one connection instead', validPort)
    .option('--status', "print the connection's TCP_INFO at the end")
    .addHelpText(
      'after',
      `
Examples:
  estab nc 10.0.0.1 7000 --tun tun0 --address 10.0.0.2/24 < file
  estab nc -l 7000 --tun tun0 --address fd00::2/64 > file
  printf 'HEAD / HTTP/1.0\\r\\n\\r\\n' | estab nc 10.0.0.1 80 --tun tun0 --address 10.0.0.2/24 --trace

At the end of standard input our side is closed (FIN); the other side may go on. The ladder goes to standard error.
With --lab the page stays open when all is said, until Ctrl-C.`,
    )
    .action((host: string | undefined, port: number | undefined, flags: NcFlags) => run(host, port, flags))
}

async function run(host: string | undefined, port: number | undefined, flags: NcFlags): Promise<void> {
  if (flags.listen === undefined && (host === undefined || port === undefined))
    throw new UsageError('connect to what? `estab nc HOST PORT`, or listen with `estab nc -l PORT`')
  if (flags.listen !== undefined && host !== undefined)
    throw new UsageError('with -l there is no host to connect to')
  const attachment = await attach(flags)
  let code = 0
  let failure: unknown
  const abort = new AbortController()
  const off = onInterrupt((_count, signal) => {
    code = signal === 'SIGINT' ? 130 : 143
    abort.abort()
  })
  const work = async () => {
    const socket =
      flags.listen === undefined
        ? await connected(attachment.net, host!, port!, abort.signal)
        : await accepted(attachment.net, flags.listen, abort.signal)
    await converse(socket, abort.signal)
    await attachment.settled(FAREWELL)
    if (flags.status) printStatus(socket)
  }
  try {
    await Promise.race([work(), attachment.failed])
  } catch (error) {
    failure = error
    // Interrupted: our side is closed as that of a process that ends is.
    if (code !== 0) await attachment.settled(FAREWELL)
  }
  off()
  try {
    if (code === 0) await attachment.shown(failure)
  } finally {
    attachment.close()
    // A terminal that nobody reads any more would keep the process alive.
    process.stdin.destroy()
  }
  if (failure === undefined) return
  if (code === 0) throw failure
  process.exitCode = code
}

async function connected(net: Net, host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = net.connect({ host, port, allowHalfOpen: true, signal })
  await once(socket, 'connect')
  return socket
}

async function accepted(net: Net, port: number, signal: AbortSignal): Promise<Socket> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(port)
  console.error(`listening on port ${port}`)
  const [socket] = (await once(server, 'connection', { signal })) as [Socket]
  server.close()
  console.error(`connection from ${endpoint(socket.remoteAddress!, socket.remotePort!)}`)
  return socket
}

/** Resolves when both sides have closed. */
function converse(socket: Socket, signal: AbortSignal): Promise<void> {
  const { stdin, stdout } = process
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => socket.destroy(new Error('interrupted')))
    let failure: Error | undefined
    socket.on('error', error => {
      failure = error
    })
    socket.on('close', () => (failure ? reject(failure) : resolve()))
    // Somebody at a terminal would have to type to find out that nobody is there any more.
    socket.on('end', () => {
      if (stdin.isTTY) socket.end()
    })
    socket.pipe(stdout, { end: false })
    stdin.on('error', error => socket.destroy(error))
    stdin.pipe(socket)
  })
}
