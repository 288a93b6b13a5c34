import { PROFILES, type ProfileName } from '../tcp/profiles.js'
import { IpAddress } from '../wire/address.js'
import { ScriptSyntaxError } from './scanner.js'
import type { Script, ScriptOption } from './script.js'

export type IpMode = 'ipv4' | 'ipv6' | 'ipv4-mapped'
export const IP_MODES: readonly IpMode[] = ['ipv4', 'ipv6', 'ipv4-mapped']

/** How a script is run: what its options say, or what is usual. Times in microseconds. */
export interface Settings {
  readonly ip: IpMode
  readonly profile: ProfileName
  readonly local: IpAddress
  readonly remote: IpAddress
  readonly mtu: number
  readonly bindPort: number
  readonly connectPort: number
  /** How far from its time an event may be: the larger of the two. */
  readonly tolerance: number
  readonly tolerancePercent: number
  /** Microseconds that one tick of TSval stands for; 0 leaves TSval unchecked. */
  readonly timestampTick: number
  /** An echo of a TSval that was never seen is reckoned from the first. */
  readonly scaledEcho: boolean
  readonly strictSegments: boolean
  /** What the script sends in one packet stands for segments of this many bytes, put together on the way; 0 if not. */
  readonly peerSegment: number
  /** Differences that are told and do not fail the script. */
  readonly nonFatal: { readonly packet: boolean; readonly call: boolean }
  /** Something the script wants that estab does not have. */
  readonly unsupported: string | undefined
}

/** Options that steer the real packetdrill, and mean nothing in virtual time. */
const INERT: ReadonlySet<string> = new Set([
  'anyip',
  'code_command',
  'code_format',
  'code_sockopt',
  'debug',
  'define',
  'D',
  'dry_run',
  'gateway_ip',
  'init_scripts',
  'is_anyip',
  'netmask_ip',
  'persistent_tun_dev',
  'send_omit_free',
  'so_filename',
  'so_flags',
  'speed',
  'tun_dev',
  'verbose',
  'v',
  'wire_client',
  'wire_client_dev',
  'wire_client_device',
  'wire_server',
  'wire_server_at',
  'wire_server_dev',
  'wire_server_device',
  'wire_server_ip',
  'wire_server_port',
])

const FEATURES: Readonly<Record<string, string>> = {
  udp_encapsulation: 'TCP over UDP',
  udp_encaps: 'TCP over UDP',
  tcp_md5_secret: 'TCP MD5 signatures',
  psp_udp_port: 'PSP',
}

/** The version a script asks for itself; undefined if any will do. */
export function declaredIp(script: Script): IpMode | undefined {
  const option = script.options.findLast(o => o.name === 'ip_version')
  if (!option) return undefined
  const mode = option.value === 'ipv4-mapped-ipv6' ? 'ipv4-mapped' : option.value
  const known = IP_MODES.find(m => m === mode)
  if (!known) throw bad(option, `there is no IP version ${option.value}`)
  return known
}

function declaredProfile(script: Script): ProfileName | undefined {
  const option = script.options.findLast(o => o.name === 'profile')
  if (!option) return undefined
  const known = (Object.keys(PROFILES) as ProfileName[]).find(name => name === option.value)
  if (!known) throw bad(option, `there is no profile ${option.value}`)
  return known
}

const bad = (option: ScriptOption, message: string): ScriptSyntaxError =>
  new ScriptSyntaxError(message, option.line, 1)

/**
 * Reads the options of a script. `--profile=NAME` is estab's own: the host that the stack is to be like. Throws a
 * ScriptSyntaxError for one that is wrong.
 */
export function readSettings(script: Script, usual: ProfileName, mode: IpMode): Settings {
  const profile = declaredProfile(script) ?? usual
  const declared = declaredIp(script)
  const ip = declared ?? mode
  const v6 = ip === 'ipv6'
  const settings: { -readonly [K in keyof Settings]: Settings[K] } = {
    ip,
    profile,
    local: IpAddress.parse(v6 ? 'fd3d:a0b:17d6::1' : '192.168.0.1'),
    remote: IpAddress.parse(v6 ? '2001:db8::1' : '192.0.2.1'),
    // A script that does not say its version expects the same MSS of both: the header of IPv6 is 20 bytes longer.
    mtu: v6 && declared === undefined ? 1520 : 1500,
    bindPort: 8080,
    connectPort: 8080,
    tolerance: 4000,
    tolerancePercent: profile === 'linux' ? 12.5 : profile === 'freebsd' ? 5 : 0,
    timestampTick: 0,
    scaledEcho: false,
    strictSegments: false,
    peerSegment: 0,
    nonFatal: { packet: false, call: false },
    unsupported: undefined,
  }
  for (const option of script.options) apply(settings, option)
  return settings
}

function apply(settings: { -readonly [K in keyof Settings]: Settings[K] }, option: ScriptOption): void {
  const { name, value } = option
  const number = (low: number, high: number): number => {
    const n = Number(value)
    if (value === '' || !(n >= low && n <= high))
      throw bad(option, `--${name} must be ${low} .. ${high}, not ${JSON.stringify(value)}`)
    return n
  }
  const address = (): IpAddress => {
    const parsed = IpAddress.tryParse(value)
    if (!parsed) throw bad(option, `--${name} is no address: ${JSON.stringify(value)}`)
    return parsed
  }
  switch (name) {
    case 'ip_version':
    case 'profile':
      return
    case 'local_ip':
      settings.local = address()
      return
    case 'remote_ip':
      settings.remote = address()
      return
    case 'mtu':
      settings.mtu = number(68, 65_535)
      return
    case 'mss':
      settings.peerSegment = number(1, 65_535)
      return
    case 'bind_port':
      settings.bindPort = number(1, 65_535)
      return
    case 'connect_port':
      settings.connectPort = number(1, 65_535)
      return
    case 'tolerance_usecs':
      settings.tolerance = number(0, 1e9)
      return
    case 'tolerance_percent':
      settings.tolerancePercent = number(0, 100)
      return
    case 'tcp_ts_tick_usecs':
      settings.timestampTick = number(0, 1e9)
      return
    case 'tcp_ts_ecr_scaled':
      settings.scaledEcho = true
      return
    case 'strict_segments':
      settings.strictSegments = true
      return
    case 'non_fatal':
      settings.nonFatal = { packet: value.includes('packet'), call: value.includes('syscall') }
      return
  }
  if (name in FEATURES) settings.unsupported ??= FEATURES[name]
  else if (!INERT.has(name)) throw bad(option, `there is no option --${name}`)
}
