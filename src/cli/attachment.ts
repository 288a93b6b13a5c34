import { execFile } from 'node:child_process'
import { lookup } from 'node:dns'
import { readFileSync } from 'node:fs'
import { createNet, type Net } from '../faces/net/index.js'
import type { Lab } from '../lab/serve/index.js'
import { configureKernelSide } from '../links/kernel-side.js'
import { realtime } from '../links/realtime.js'
import { openTun, TunError, type TunLink } from '../links/tun.js'
import type { StackObserver } from '../stack/observe.js'
import type { Seat } from '../stack/seat.js'
import { Stack } from '../stack/stack.js'
import { combine } from '../trace/combine.js'
import { parseCidr } from '../wire/address.js'
import { CaptureFile } from './capture-file.js'
import { checkInterface, type InterfaceFlags } from './interface-options.js'
import { labPage } from './lab-page.js'
import { LiveLadder } from './live-ladder.js'
import { localeLanguage } from './output.js'
import { wantsColour } from './usage.js'

/** A stack on an interface, in real time. */
export interface Attachment {
  readonly stack: Stack
  readonly net: Net
  readonly link: TunLink
  /** Rejects when the interface is gone. */
  readonly failed: Promise<never>
  /** Waits until no connection is open or closing, at most `ms`. True if it came to that. */
  settled(ms: number): Promise<boolean>
  /** At the end of a command that would be over before anybody has seen it: with a lab, waits for Ctrl-C, saying so. */
  shown(failure?: unknown): Promise<void>
  /** Resets what is still open, removes the interface if it was made here, completes the capture. Idempotent. */
  close(): void
}

/**
 * Opens what the options say. The ladder, and where the lab is, go to `out`. With a `seat`, the stack is one of several in a
 * ring, each on a queue of the interface of its own.
 *
 * Rejects with a UsageError, a TunError, or an error that names the file it cannot write, or says why there is no lab.
 */
export async function attach(
  flags: InterfaceFlags,
  out: NodeJS.WriteStream = process.stderr,
  seat?: Seat,
): Promise<Attachment> {
  checkInterface(flags)
  const mode = flags.tap ? 'tap' : 'tun'
  if (!flags.create && process.platform === 'linux' && !exists(flags.tun))
    throw new Error(
      `there is no interface ${flags.tun}; --create makes it, and --kernel-address completes it`,
    )
  const capture =
    flags.pcap === undefined ? undefined : new CaptureFile(flags.pcap, `estab ${process.argv[2] ?? ''}`)
  let link: TunLink | undefined
  try {
    const { tun: name, mtu, offload, readiness } = flags
    link = openTun({ name, mode, mtu, offload, readiness, multiQueue: seat !== undefined })
    if (flags.create) await configureKernelSide(link.name, { addresses: flags.kernelAddress })
    else await warnIfDown(link.name)
    return await assemble(flags, link, capture, out, seat)
  } catch (error) {
    link?.close()
    capture?.close()
    throw error
  }
}

async function assemble(
  flags: InterfaceFlags,
  link: TunLink,
  capture: CaptureFile | undefined,
  out: NodeJS.WriteStream,
  seat: Seat | undefined,
): Promise<Attachment> {
  let fail!: (error: unknown) => void
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  failed.catch(() => {})
  const env = realtime({
    reportError: error => {
      if (error instanceof TunError) fail(error)
      else
        queueMicrotask(() => {
          throw error
        })
    },
  })
  const observers: StackObserver[] = []
  if (capture) observers.push(capture.observe('estab', env.now()))
  if (flags.trace) {
    const language = flags.lang ?? localeLanguage()
    const ladder = new LiveLadder(line => out.write(`${line}\n`), { language, colour: wantsColour(out) })
    observers.push(ladder.observer)
  }
  const stack = new Stack({
    env,
    ...(observers.length > 0 ? { observer: combine(...observers) } : {}),
    ...(seat ? { seat } : {}),
  })
  stack.addInterface(link, {
    name: link.name,
    addresses: flags.address,
    ...(flags.gateway ? { gateways: flags.gateway } : {}),
  })
  let lab: Lab | undefined
  let closed = false
  const close = () => {
    if (closed) return
    closed = true
    process.off('exit', close)
    stack.close()
    void lab?.close()
    capture?.close()
  }
  // Whatever ends the process, the peers hear of it and the capture is complete.
  process.on('exit', close)
  const net = createNet(stack, { lookup: lookupFor(flags.address) })
  if (flags.lab) {
    try {
      lab = await openLab(stack, flags, out)
    } catch (error) {
      close()
      throw error
    }
  }
  const shown = async (failure?: unknown) => {
    if (!lab) return
    const outcome =
      failure === undefined ? 'done' : failure instanceof Error ? failure.message : String(failure)
    out.write(`${outcome}; the lab stays open until Ctrl-C\n`)
    await Promise.race([interrupted(), failed])
  }
  return { stack, net, link, failed, settled: ms => settled(stack, ms), shown, close }
}

async function openLab(stack: Stack, flags: InterfaceFlags, out: NodeJS.WriteStream): Promise<Lab> {
  // Whoever does not ask for it need not load it.
  const { createLab } = await import('../lab/serve/index.js')
  const { labPort: port = 0, lang: language } = flags
  const lab = await createLab(stack, { port, ...(language ? { language } : {}), ...labPage() })
  out.write(`the lab is at ${lab.url}\n`)
  return lab
}

/** Resolves at the next SIGINT or SIGTERM. */
export function interrupted(): Promise<void> {
  return new Promise(resolve => {
    const off = onInterrupt(() => {
      off()
      resolve()
    })
  })
}

/** Names are found where the system finds them, but only addresses of a version that the stack speaks are of use. */
function lookupFor(addresses: readonly string[]): typeof lookup {
  const versions = new Set(addresses.map(text => parseCidr(text).address.version))
  const [only] = versions
  if (versions.size > 1 || only === undefined) return lookup
  return ((
    name: string,
    options: object,
    callback: (error: Error | null, address: string, family: number) => void,
  ) => lookup(name, { ...options, family: only, all: false }, callback)) as typeof lookup
}

/** Waits until no connection is open or closing, at most `ms`. True if it came to that. */
export function settled(stack: Stack, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  return new Promise(resolve => {
    const look = () => {
      const { sockets, halfOpen } = stack.census
      if (sockets + halfOpen === 0) resolve(true)
      else if (performance.now() >= end) resolve(false)
      else setTimeout(look, 5)
    }
    look()
  })
}

/** /sys may be that of another network namespace; /proc/self is always our own. */
function exists(name: string): boolean {
  try {
    return readFileSync('/proc/self/net/dev', 'utf8')
      .split('\n')
      .some(line => line.trimStart().startsWith(`${name}:`))
  } catch {
    return true
  }
}

/** Nothing gets through an interface that is down, and nothing else would say why. */
function warnIfDown(name: string): Promise<void> {
  return new Promise(resolve => {
    execFile('ip', ['-o', 'link', 'show', 'dev', name], (error, stdout) => {
      const flags = /<([^>]*)>/.exec(stdout)?.[1]?.split(',')
      if (!error && flags && !flags.includes('UP'))
        console.error(`estab: warning: ${name} is down: \`sudo ip link set dev ${name} up\``)
      resolve()
    })
  })
}

/** Calls back at the first SIGINT or SIGTERM, and at each that follows, with how many there were. */
export function onInterrupt(callback: (count: number, signal: NodeJS.Signals) => void): () => void {
  let count = 0
  const listener = (signal: NodeJS.Signals) => callback(++count, signal)
  process.on('SIGINT', listener)
  process.on('SIGTERM', listener)
  return () => {
    process.off('SIGINT', listener)
    process.off('SIGTERM', listener)
  }
}
