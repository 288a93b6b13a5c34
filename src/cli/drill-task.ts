import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import {
  CLOCK_START,
  type DrillResult,
  drill,
  IP_MODES,
  type IpMode,
  ipModesOf,
  LONGEST_SCRIPT,
  parseScript,
  ScriptSyntaxError,
} from '../drill/index.js'
import type { ProfileName } from '../tcp/profiles.js'
import { LiveCapture, PcapngWriter } from '../trace/index.js'
import { reason } from './drill-files.js'
import { writeFile } from './output.js'

/** One script to be run. */
export interface DrillTask {
  readonly path: string
}

/** What is the same for all scripts. */
export interface WorkerSettings {
  readonly profile: ProfileName
  readonly ip: IpMode | 'all'
  readonly definitions: readonly (readonly [string, string])[]
  /** Where captures go. */
  readonly pcap?: string
}

export interface TaskResult {
  readonly path: string
  /** Why it could not be read. */
  readonly error?: { readonly message: string; readonly line: number; readonly column: number }
  readonly runs: readonly DrillResult[]
}

/** Captures are given a date, so that Wireshark shows a sensible one. */
const EPOCH = Date.UTC(2026, 0, 1) - CLOCK_START

export function runTask({ path: file }: DrillTask, settings: WorkerSettings): TaskResult {
  try {
    const script = parseScript(file, readScript(file), new Map(settings.definitions))
    const modes =
      settings.ip === 'all'
        ? ipModesOf(script)
        : [ipModesOf(script).length === IP_MODES.length ? settings.ip : ipModesOf(script)[0]!]
    const runs = modes.map(ip => runOnce(file, script, ip, settings))
    return { path: file, runs }
  } catch (error) {
    if (error instanceof ScriptSyntaxError) {
      const { message, line, column } = error
      return { path: file, error: { message, line, column }, runs: [] }
    }
    // A fault of ours, or a capture that cannot be written: the other scripts still run.
    const message = error instanceof Error ? error.message : String(error)
    return { path: file, error: { message, line: 1, column: 1 }, runs: [] }
  }
}

function runOnce(
  file: string,
  script: ReturnType<typeof parseScript>,
  ip: IpMode,
  settings: WorkerSettings,
): DrillResult {
  const blocks: Uint8Array[] = []
  const capture =
    settings.pcap === undefined
      ? undefined
      : new LiveCapture(
          new PcapngWriter(block => blocks.push(block), { application: 'estab drill', comment: file }),
          'estab',
          EPOCH,
        )
  const result = drill(file, script, {
    profile: settings.profile,
    ip,
    readFile: name => readBeside(file, name),
    ...(capture ? { observer: capture.observer } : {}),
  })
  if (capture) {
    capture.flush()
    writeFile(path.join(settings.pcap!, `${captureName(file)}.${result.ip}.pcapng`), Buffer.concat(blocks))
  }
  return result
}

/** `a/b/close.pkt` as a file name of its own: a-b-close. */
const captureName = (file: string): string =>
  path
    .normalize(file)
    .replace(/\.pkt$/, '')
    .split(path.sep)
    .filter(part => part !== '..' && part !== '')
    .join('-')

function readScript(file: string): string {
  const fail = (message: string) => new ScriptSyntaxError(message, 1, 1)
  try {
    const { size } = statSync(file)
    if (size > LONGEST_SCRIPT)
      throw fail(`this is no script: it has ${size} bytes, more than ${LONGEST_SCRIPT}`)
    const bytes = readFileSync(file)
    if (bytes.includes(0)) throw fail('this is no script: it has NUL octets')
    return bytes.toString('utf8')
  } catch (error) {
    throw error instanceof ScriptSyntaxError ? error : fail(reason(error))
  }
}

/** A file that a script names, such as `../common/defaults.sh`: looked for from the script's directory upwards. */
function readBeside(script: string, name: string): string | undefined {
  let directory = path.dirname(path.resolve(script))
  for (let steps = 0; steps < 8; steps++) {
    try {
      return readFileSync(path.resolve(directory, name), 'utf8')
    } catch {
      // Suites are run from some directory of theirs, which the scripts' paths are relative to.
    }
    const parent = path.dirname(directory)
    if (parent === directory) return undefined
    directory = parent
  }
  return undefined
}
