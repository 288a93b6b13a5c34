import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * The protocols that `tsharkComplaints` judges: those that estab speaks. Payloads are left alone, since
 * random bytes to a port that some protocol claims would look like that protocol, malformed.
 */
const JUDGED = /^(_ws|frame|raw|eth|eth_\w+|ethertype|arp|ip|ipv6|icmp|icmpv6|igmp|tcp|udp|data)(\..*)?$/

/** Protocols whose checksum is verified; the filter name of each result is `<protocol>.checksum.status`. */
const CHECKSUMS = ['ip', 'tcp', 'udp', 'icmp', 'icmpv6']

/** Any of these is a complaint. */
const WRONG = [
  '_ws.malformed',
  '_ws.expert.severity == 0x800000', // error
  '_ws.expert.group == 0x07000000', // malformed, of any severity
  // Malformed as well, though Wireshark ranks them as notes or warnings about the protocol.
  'tcp.option.len.invalid',
  'ip.opt.len.invalid',
  'ipv6.opt.invalid_len',
  'ipv6.plen_exceeds_framing',
  'icmpv6.invalid_option_length',
  ...CHECKSUMS.map(protocol => `${protocol}.checksum.status == 0`),
].join(' || ')

/** Not in names, messages and comments, which are text; tshark takes any single byte. */
const FIELD_SEPARATOR = '\x1f'
const OCCURRENCE_SEPARATOR = '\x1e'

let found: boolean | undefined
let directory: string | undefined
let judgingProfile: string | undefined

/** Whether tshark can be run here. */
export function hasTshark(): boolean {
  found ??= spawnSync('tshark', ['--version']).status === 0
  return found
}

/**
 * For the `skip` option of a test that needs tshark: why it is skipped, or false where it is to run. In CI it
 * always runs, and so fails where tshark is absent.
 */
export function skipWithoutTshark(): string | false {
  return hasTshark() || process.env.CI ? false : 'tshark is not installed'
}

/**
 * What tshark finds wrong in a capture file: malformed packets, bad checksums (of IPv4, TCP, UDP, ICMP and
 * ICMPv6, all of them verified) and expert notes of severity error. One text for each such frame, with its
 * number and all that tshark notes about it; empty if nothing is wrong. What is only unusual
 * (retransmissions, duplicate ACKs, resets, zero windows …) is no complaint by itself, and neither is
 * anything above TCP and UDP. Throws if tshark cannot read the file to its end.
 */
export function tsharkComplaints(file: string): string[] {
  const statuses = CHECKSUMS.map(protocol => `${protocol}.checksum.status`)
  const fields = ['frame.number', 'frame.protocols', '_ws.col.Info', '_ws.expert.message', ...statuses]
  return rows(file, fields, WRONG, judge()).map(([number, protocols, info, notes, ...results]) => {
    const bad = CHECKSUMS.filter((_, index) => results[index].some(isBad)).map(name => `bad ${name} checksum`)
    return `frame ${number} [${protocols}] ${info}: ${[...bad, ...notes].join('; ')}`
  })
}

/**
 * The fields, by their display filter names, of each packet of a capture file that the display filter lets
 * pass: a row for each packet, a string for each field, empty if the packet does not have it, its occurrences
 * joined by commas; tabs and line ends come as `\t` and `\n`. Hosts have names (`ip.src_host`) from the
 * capture only. Throws if tshark cannot read the file to its end, knows no such field or cannot compile the
 * filter.
 */
export function tsharkFields(file: string, fields: readonly string[], filter?: string): string[][] {
  return rows(file, fields, filter, scratch()).map(row => row.map(occurrences => occurrences.join(',')))
}

function rows(
  file: string,
  fields: readonly string[],
  filter: string | undefined,
  profile: string,
): string[][][] {
  const verify = CHECKSUMS.slice(0, 3).flatMap(protocol => ['-o', `${protocol}.check_checksum:TRUE`])
  const args = ['-r', file, '-N', 'n', '-o', 'nameres.hosts_file_handling:TRUE', ...verify, '-T', 'fields']
  args.push('-E', `separator=${FIELD_SEPARATOR}`, '-E', `aggregator=${OCCURRENCE_SEPARATOR}`)
  for (const field of fields) args.push('-e', field)
  if (filter !== undefined) args.push('-Y', filter)
  const lines = run(args, profile).split('\n')
  lines.pop()
  return lines.map(line =>
    line.split(FIELD_SEPARATOR).map(field => (field === '' ? [] : field.split(OCCURRENCE_SEPARATOR))),
  )
}

function run(args: readonly string[], profile: string): string {
  const { status, signal, error, stdout, stderr } = spawnSync('tshark', args, {
    // The preferences, plugins and hosts files of whoever runs the tests shall not change their outcome.
    env: { ...process.env, WIRESHARK_CONFIG_DIR: profile, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`tshark ended with ${status ?? signal}: ${stderr.trim()}`)
  return stdout
}

function isBad(status: string): boolean {
  return status === '0' || status === 'Bad'
}

/** A directory for this process, gone when it ends. */
function scratch(): string {
  if (directory === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'estab-tshark-'))
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
    directory = made
  }
  return directory
}

/** A configuration in which only the judged protocols are enabled. */
function judge(): string {
  if (judgingProfile === undefined) {
    const profile = mkdtempSync(join(scratch(), 'judge-'))
    const rows = run(['-G', 'protocols'], profile).trimEnd().split('\n')
    const names = rows.map(row => row.split('\t')[2])
    const disabled = names.filter(name => !JUDGED.test(name))
    writeFileSync(join(profile, 'disabled_protos'), disabled.join('\n') + '\n')
    judgingProfile = profile
  }
  return judgingProfile
}
