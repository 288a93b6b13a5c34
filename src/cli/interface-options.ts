import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Language } from '../trace/index.js'
import { IpAddress, parseCidr } from '../wire/address.js'
import { address, cidr, integer, port, UsageError } from './usage.js'

/** Where a command's stack is attached, and who watches it. */
export interface InterfaceFlags {
  tun: string
  /** With prefix lengths, as they were given. */
  address: string[]
  gateway?: string[]
  mtu?: number
  tap?: boolean
  create?: boolean
  /** False: packets as a wire would carry them. */
  offload: boolean
  readiness?: 'pool' | 'loop'
  kernelAddress?: string[]
  trace?: boolean
  lang?: Language
  pcap?: string
  lab?: boolean
  labPort?: number
}

/** Adds the options of every command that puts a stack on a TUN. */
export function addInterfaceOptions(command: Command): Command {
  return command
    .requiredOption('--tun <name>', 'the TUN interface to attach the stack to')
    .requiredOption('--address <cidr>', "the stack's own address, such as 10.0.0.2/24 (repeatable)", hostCidr)
    .option('--gateway <address>', 'default gateway, one for each IP version (repeatable)', gateway)
    .option('--mtu <bytes>', 'set the MTU of the interface', integer(68, 65535))
    .option('--tap', 'the interface is a TAP: Ethernet, with ARP and neighbour discovery')
    .option('--no-offload', 'exchange whole packets with the kernel, as a wire would: slower')
    .addOption(
      new Option(
        '--readiness <way>',
        "how to wait for packets: on a thread, or in Node's loop, sooner",
      ).choices(['pool', 'loop']),
    )
    .option('--create', 'make the interface if there is none; what was made is removed at the end')
    .option(
      '--kernel-address <cidr>',
      "with --create: an address for the kernel's side, such as 10.0.0.1/24 (repeatable)",
      hostCidr,
    )
    .option('--trace', 'print the ladder of every connection, live')
    .addOption(new Option('--lang <language>', 'language of the ladder and the page').choices(['en', 'zh']))
    .option('--pcap <file>', 'write every packet as pcapng, for Wireshark')
    .option('--lab', 'show it live on a page, at an address that is printed')
    .option('--lab-port <n>', 'port of that page on 127.0.0.1; 0 takes one that is free (default: 0)', port)
}

/** Collects the values of a repeatable option that wants the address of one host with its prefix length. */
export function hostCidr(text: string, previous: string[] = []): string[] {
  const { address: host } = cidr(text)
  if (host.isUnspecified || host.isMulticast || host.isBroadcast || host.isLoopback || host.isMapped)
    throw new InvalidArgumentError('It must be the address of one host.')
  return [...previous, text]
}

function gateway(text: string, previous: string[] = []): string[] {
  address(text)
  return [...previous, text]
}

/** What the options cannot check one by one. Throws a UsageError. */
export function checkInterface(flags: InterfaceFlags): void {
  if (flags.labPort !== undefined && !flags.lab) throw new UsageError('--lab-port needs --lab')
  const { gateway: gateways = [], kernelAddress: kernel = [], mtu } = flags
  const own = flags.address.map(text => parseCidr(text).address)
  if (kernel.length > 0 && !flags.create)
    throw new UsageError(
      '--kernel-address needs --create; an interface that exists has its addresses from `ip`',
    )
  for (const text of kernel)
    if (own.some(host => host.equals(parseCidr(text).address)))
      throw new UsageError(`${text} cannot be both the stack's address and the kernel's`)
  if (mtu !== undefined && mtu < 1280 && own.some(host => host.version === 6))
    throw new UsageError(`--mtu ${mtu} is less than the 1280 that IPv6 needs`)
  const versions = gateways.map(text => IpAddress.parse(text).version)
  for (const version of versions) {
    if (!own.some(host => host.version === version))
      throw new UsageError(`there is an IPv${version} gateway but no IPv${version} address`)
    if (versions.filter(v => v === version).length > 1)
      throw new UsageError(`there can be only one IPv${version} gateway`)
  }
}
