import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { openTun, TunError, type TunLink } from '../links/tun.js'
import { NAMED_NAMESPACES, NetworkNamespace } from '../links/tun-namespace.js'

/** Packets that may wait for us to read them: so many that it is not here that a path loses any. */
const UNREAD = 10_000
/** In ms; it takes one, as a rule. */
const LONGEST_WAIT = 10_000

export interface EndOptions {
  /** A name, a process id, or a path. */
  namespace: string
  /** Makes the namespace if there is none of that name. */
  create: boolean
  /** The name of the interface. */
  name: string
  mtu: number
  /** With prefix lengths. */
  addresses: readonly string[]
  /** What else is to be reached through the path, with prefix lengths, or 'default'. */
  routes: readonly string[]
}

/** One end of the emulated path: a TUN in a network namespace, and the kernel's side of it. */
export class End {
  readonly namespace: NetworkNamespace
  readonly link: TunLink
  /** The namespace, if it was made here. */
  private readonly made: string | undefined

  /** Throws an Error of one line; then nothing is left of what was made. */
  constructor(options: EndOptions) {
    this.made = options.create ? makeNamespace(options.namespace) : undefined
    let namespace: NetworkNamespace | undefined
    let link: TunLink | undefined
    try {
      namespace = open(options)
      link = namespace.run(() => openInside(options))
      if (this.made !== undefined) namespace.run(() => ip('link', 'set', 'dev', 'lo', 'up'))
      this.namespace = namespace
      this.link = link
    } catch (error) {
      link?.close()
      namespace?.close()
      this.removeNamespace()
      throw error
    }
  }

  /** Packets that the kernel had for us and dropped, since we did not take them in time. */
  get notRead(): number {
    const text = this.namespace.run(() => readFileSync('/proc/thread-self/net/dev', 'utf8'))
    const line = text.split('\n').find(one => one.trimStart().startsWith(`${this.link.name}:`))
    // Eight numbers of what the interface received, then those of what it was to transmit: bytes, packets, errs, drop.
    return Number(line?.split(':')[1]?.trim().split(/\s+/)[11] ?? 0)
  }

  /** Removes the interface, with its addresses and routes, and the namespace if it was made here. */
  close(): void {
    this.link.close()
    this.namespace.close()
    this.removeNamespace()
  }

  private removeNamespace(): void {
    if (this.made !== undefined) ip('netns', 'delete', this.made)
  }
}

/** Whether this kernel knows IPv6 at all. */
export const speaksIpv6 = (): boolean => existsSync('/proc/sys/net/ipv6')

/** Whether two names mean one namespace. Of what is not there, or may not be opened, others complain. */
export function sameNamespace(first: string, second: string): boolean {
  if (first === second) return true
  const opened: NetworkNamespace[] = []
  try {
    for (const where of [first, second]) opened.push(new NetworkNamespace(where))
    return opened[0]!.is(opened[1]!)
  } catch {
    return false
  } finally {
    for (const namespace of opened) namespace.close()
  }
}

/** Returns the name if it was made. */
function makeNamespace(name: string): string | undefined {
  if (name.includes('/') || /^\d+$/.test(name) || existsSync(`${NAMED_NAMESPACES}/${name}`)) return undefined
  ip('netns', 'add', name)
  return name
}

function open({ namespace, create }: EndOptions): NetworkNamespace {
  try {
    return new NetworkNamespace(namespace)
  } catch (error) {
    const help = error instanceof TunError && error.code === 'ENOENT' && !create ? '; --create makes it' : ''
    throw help && !namespace.includes('/') && !/^\d+$/.test(namespace)
      ? new Error((error as Error).message + help)
      : error
  }
}

/** In the namespace. */
function openInside(options: EndOptions): TunLink {
  const { name, mtu, addresses, routes } = options
  const there = readFileSync('/proc/thread-self/net/dev', 'utf8')
  if (there.split('\n').some(line => line.trimStart().startsWith(`${name}:`)))
    throw new Error(
      `there is an interface ${name} in ${options.namespace} already; --name takes another name`,
    )
  let link: TunLink
  try {
    link = openTun({ name, mtu, offload: false })
  } catch (error) {
    if (error instanceof TunError && error.code === 'EPERM')
      throw new Error(
        `not allowed to open a TUN in the network namespace ${options.namespace}: run as root, or all of it in a ` +
          'user namespace (`unshare -Urn`)',
      )
    throw error
  }
  try {
    // No link-local address, and so no router solicitations: what passes is what somebody sent.
    if (speaksIpv6()) ip('link', 'set', 'dev', name, 'addrgenmode', 'none')
    ip('link', 'set', 'dev', name, 'txqueuelen', String(UNREAD))
    for (const address of addresses)
      ip('address', 'add', address, 'dev', name, ...(address.includes(':') ? ['nodad'] : []))
    ip('link', 'set', 'dev', name, 'up')
    for (const route of routes) {
      // Which `default` is meant only the addresses can tell.
      const families = route === 'default' ? familiesOf(addresses) : [route.includes(':') ? '-6' : '-4']
      for (const family of families) ip(family, 'route', 'add', route, 'dev', name)
    }
    for (const address of addresses.filter(address => address.includes(':')))
      untilOwn(address.slice(0, address.indexOf('/')))
    return link
  } catch (error) {
    link.close()
    throw error
  }
}

const familiesOf = (addresses: readonly string[]): string[] => [
  ...new Set(addresses.map(address => (address.includes(':') ? '-6' : '-4'))),
]

/** The kernel makes an IPv6 address its own some time after it was told to, and drops what comes for it until then. */
function untilOwn(address: string): void {
  const isOwn = () =>
    spawnSync('ip', ['-6', 'route', 'get', address], { encoding: 'utf8' }).stdout.startsWith('local')
  const deadline = performance.now() + LONGEST_WAIT
  while (!isOwn())
    if (performance.now() > deadline) throw new Error(`the kernel does not make ${address} its own`)
}

/** Synchronous, so that it runs in the namespace that this thread is in. */
function ip(...args: string[]): void {
  const { status, stderr, error } = spawnSync('ip', args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
    throw new Error('there is no `ip` command here: install the package iproute2')
  if (status !== 0) {
    const said = (stderr || String(error)).trim().split('\n').join('; ')
    throw new Error(`\`ip ${args.join(' ')}\` failed: ${said}`)
  }
}
