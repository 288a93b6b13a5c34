import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { finished } from 'node:stream/promises'
import type { Command } from 'commander'
import {
  type ConnectOptions,
  createAgent,
  createSecureAgent,
  type Net,
  type Socket,
} from '../faces/net/index.js'
import { attach, onInterrupt } from './attachment.js'
import { addInterfaceOptions, type InterfaceFlags } from './interface-options.js'
import { Progress } from './progress.js'
import { printStatus } from './status.js'
import { UsageError } from './usage.js'

interface GetFlags extends InterfaceFlags {
  output: string
  status?: boolean
}

const MOST_REDIRECTS = 10
const REDIRECTS = [301, 302, 303, 307, 308]

/** How long the close may take once everything is here, in ms. */
const FAREWELL = 2000

export function addGet(estab: Command): void {
  addInterfaceOptions(
    estab
      .command('get')
      .description("fetch a URL over the stack's own TCP")
      .argument('<url>', 'http: or https:, with a name or an address'),
  )
    .option('-o, --output <file>', 'where to write it; - is standard output', '-')
    .option('--status', "print the connection's TCP_INFO at the end")
    .addHelpText(
      'after',
      `
Examples:
  python3 -m http.server -b 0.0.0.0 8000 &
  sudo estab get http://10.0.0.1:8000/ --create --tun tun0 --address 10.0.0.2/24 --kernel-address 10.0.0.1/24
  estab get 'http://[fd00::1]/big.iso' --tun tun0 --address fd00::2/64 -o big.iso --status --pcap get.pcapng

Names are looked up by the system. The ladder, the progress bar and the status go to standard error. With --lab the page
stays open after the transfer, until Ctrl-C.`,
    )
    .action((url: string, flags: GetFlags) => run(url, flags))
}

async function run(text: string, flags: GetFlags): Promise<void> {
  const url = parseUrl(text)
  const attachment = await attach(flags)
  const abort = new AbortController()
  let code = 0
  let failure: unknown
  const off = onInterrupt((_count, signal) => {
    code = signal === 'SIGINT' ? 130 : 143
    abort.abort()
  })
  try {
    const fetched = fetch(url, attachment.net, flags.output, abort.signal)
    const socket = await Promise.race([fetched, attachment.failed])
    await attachment.settled(FAREWELL)
    if (flags.status) printStatus(socket)
  } catch (error) {
    failure = error
  }
  off()
  try {
    if (code === 0) await attachment.shown(failure)
  } finally {
    attachment.close()
  }
  if (failure === undefined) return
  if (code === 0) throw failure
  process.exitCode = code
}

function parseUrl(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new UsageError(`${JSON.stringify(text)} is not a URL; one begins with http://`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UsageError(`cannot fetch ${url.protocol} URLs, only http: and https:`)
  return url
}

/** Resolves to the connection that the answer came over. */
async function fetch(url: URL, net: Net, output: string, signal: AbortSignal): Promise<Socket> {
  let at = url
  for (let redirects = 0; ; redirects++) {
    const { response, socket } = await request(at, net, signal)
    const { statusCode = 0, headers } = response
    if (REDIRECTS.includes(statusCode) && headers.location !== undefined) {
      response.destroy()
      if (redirects === MOST_REDIRECTS)
        throw new Error(`${url}: more than ${MOST_REDIRECTS} redirects, the last to ${headers.location}`)
      at = redirected(at, headers.location)
      continue
    }
    if (statusCode < 200 || statusCode > 299) {
      response.destroy()
      throw new Error(`${at}: ${statusCode} ${response.statusMessage || http.STATUS_CODES[statusCode] || ''}`)
    }
    await save(response, output, at)
    return socket()
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (to?.protocol !== 'http:' && to?.protocol !== 'https:')
    throw new Error(`${from}: redirects to ${JSON.stringify(location)}, which cannot be fetched`)
  return to
}

function request(
  url: URL,
  net: Net,
  signal: AbortSignal,
): Promise<{ response: http.IncomingMessage; socket: () => Socket }> {
  let socket: Socket
  // Node's tls over a stream drops what is not yet read when that stream closes, and without this it closes by itself
  // once the other side has.
  const allowHalfOpen = url.protocol === 'https:'
  const connect = ((target: ConnectOptions) =>
    (socket = net.connect({ ...target, allowHalfOpen }))) as Net['connect']
  const watched = { ...net, connect }
  const options = { signal, headers: { 'User-Agent': 'estab', Accept: '*/*' } }
  return new Promise((resolve, reject) => {
    const asked =
      url.protocol === 'https:'
        ? https.get(url, { ...options, agent: createSecureAgent(watched) })
        : http.get(url, { ...options, agent: createAgent(watched) })
    // What a system call says names the address; what a protocol says names nothing.
    asked.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.syscall === undefined && error.name !== 'AbortError'
          ? new Error(`${url}: ${error.message}`)
          : error,
      ),
    )
    asked.on('response', response => resolve({ response, socket: () => socket }))
  })
}

/** Writes the body where it is to go. What came before an error stays there. */
async function save(response: http.IncomingMessage, output: string, url: URL): Promise<void> {
  const length = response.headers['content-length']
  const total = length === undefined ? undefined : Number(length)
  const name = output === '-' ? url.pathname.split('/').at(-1) || url.hostname : output
  const toFile = output !== '-'
  const out = toFile ? createWriteStream(output) : process.stdout
  const broken = new Promise<never>((_resolve, reject) => {
    out.on('error', (error: NodeJS.ErrnoException) => {
      if (toFile) reject(new Error(`cannot write ${output}: ${error.code ?? error.message}`))
    })
  })
  broken.catch(() => {})
  const progress = new Progress(name, total)
  let bytes = 0
  const copy = async () => {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      progress.update(bytes)
      if (!out.write(chunk)) await Promise.race([once(out, 'drain'), broken])
    }
    if (toFile) {
      out.end()
      await Promise.race([finished(out), broken])
    }
  }
  try {
    await Promise.race([copy(), broken])
  } catch (error) {
    response.destroy()
    const { code, message } = error as NodeJS.ErrnoException
    // Node's message for this is the single word `aborted`.
    if (code !== 'ECONNRESET') throw error
    throw new Error(
      `${url}: the connection ended after ${bytes} of ${total ?? 'unknown'} bytes (${message === 'aborted' ? code : message})`,
    )
  }
  progress.done(bytes)
}
