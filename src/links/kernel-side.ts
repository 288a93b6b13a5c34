import { type ExecFileException, execFile } from 'node:child_process'
import { isIP } from 'node:net'
import { TunError } from './tun.js'

/** How the kernel's side of a TUN or TAP device is to be. */
export interface KernelSide {
  /** Addresses for the kernel, with their prefix length: '10.0.0.1/24', 'fd00::1/64'. Ones it has stay. */
  addresses?: readonly string[] | undefined
  /** MTU in bytes. A link that is open already keeps the `mtu` it read: rather give `openTun` the MTU. */
  mtu?: number | undefined
  /** Whether to bring the interface up. Default true. */
  up?: boolean | undefined
}

/**
 * Configures the kernel's side of the interface `name` with the `ip` command, in the order MTU, addresses,
 * up. IPv6 addresses have no duplicate address detection, and those of an interface that is open and up are usable when
 * this resolves. Needs CAP_NET_ADMIN.
 *
 * Rejects with a TunError that says which command failed and why (ETIMEDOUT: an IPv6 address was not usable after ten
 * seconds); what was done before it stays done.
 */
export async function configureKernelSide(name: string, side: KernelSide): Promise<void> {
  const addresses = side.addresses ?? []
  for (const address of addresses) checkCidr(address)
  if (side.mtu !== undefined) await ip('link', 'set', 'dev', name, 'mtu', String(side.mtu))
  for (const address of addresses) {
    const nodad = address.includes(':') ? ['nodad'] : []
    await ip('address', 'replace', address, 'dev', name, ...nodad)
  }
  if (!(side.up ?? true)) return
  await ip('link', 'set', 'dev', name, 'up')
  const sixes = addresses.filter(address => address.includes(':'))
  if (sixes.length === 0) return
  // If nobody has the interface open, addresses wait for somebody who does.
  if (!(await ip('-o', 'link', 'show', 'dev', name)).includes('LOWER_UP')) return
  for (const address of sixes) await untilOwn(address.slice(0, address.indexOf('/')))
}

/** In ms; it takes one, as a rule. */
const LONGEST_WAIT = 10_000

/** The kernel makes an IPv6 address its own some time after it was told to, and drops what comes for it until then. */
async function untilOwn(address: string): Promise<void> {
  const deadline = performance.now() + LONGEST_WAIT
  const route = () => ip('-6', 'route', 'get', address).catch(() => 'none')
  while (!(await route()).startsWith('local'))
    if (performance.now() > deadline)
      throw new TunError('ETIMEDOUT', `The kernel was given ${address}, and does not make it its own.`)
}

/**
 * Removes a persistent TUN or TAP interface, one that was made with `multi_queue` if `multiQueue`; does nothing if there is
 * none. One that is not persistent goes away with the last link that has it open.
 *
 * Rejects with a TunError: EBUSY if it is open, EINVAL if it is not of this mode, EPERM.
 */
export async function removeKernelSide(
  name: string,
  mode: 'tun' | 'tap' = 'tun',
  multiQueue = false,
): Promise<void> {
  await ip('tuntap', 'del', 'dev', name, 'mode', mode, ...(multiQueue ? ['multi_queue'] : []))
}

function checkCidr(cidr: string): void {
  const [address, length, ...rest] = cidr.split('/')
  const version = isIP(address)
  const longest = version === 4 ? 32 : 128
  const valid =
    version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(length ?? '') && Number(length) <= longest
  if (!valid) {
    throw new TunError(
      'EINVAL',
      `'${cidr}' is not an address with its prefix length, like 10.0.0.1/24 or fd00::1/64.`,
    )
  }
}

/** What `ip` says, and the name and remedy of it. */
const causes: readonly (readonly [said: RegExp, code: string, remedy: string])[] = [
  [
    /not permitted|permission denied/i,
    'EPERM',
    'This needs CAP_NET_ADMIN: run as root, or in a network namespace of your own (`unshare -Urn`).',
  ],
  [
    /cannot find device|does not exist|no such device/i,
    'ENODEV',
    'There is no such interface: open it first.',
  ],
  [/resource busy/i, 'EBUSY', 'The interface is open: close it first.'],
  [
    /not a valid ifname|wrong: "name"/i,
    'EINVAL',
    'An interface name has 1 to 15 bytes, no spaces and no slash.',
  ],
  [
    /ipv6 is disabled|operation not supported/i,
    'ENOTSUP',
    'The kernel has this switched off (IPv6: see sysctl net.ipv6.conf.all.disable_ipv6).',
  ],
]

function ip(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ip', args, { env: { ...process.env, LC_ALL: 'C' } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(explain(error, args, stderr.trim() || error.message))
    })
  })
}

function explain(error: ExecFileException, args: string[], said: string): TunError {
  if (error.code === 'ENOENT') {
    return new TunError('ENOENT', 'There is no `ip` command here: install the package iproute2.', {
      cause: error,
    })
  }
  const [, code, remedy] = causes.find(([pattern]) => pattern.test(said)) ?? [undefined, 'EINVAL', '']
  return new TunError(code, `\`ip ${args.join(' ')}\` failed: ${said}. ${remedy}`.trim(), { cause: error })
}
