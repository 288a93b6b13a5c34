import type { StackObserver } from '../stack/observe.js'
import type { ProfileName } from '../tcp/profiles.js'
import { CodeError } from './code.js'
import { DrillFailure, Unsupported } from './outcome.js'
import { type Definitions, parseScript } from './parser.js'
import { Run } from './run.js'
import { ScriptSyntaxError } from './scanner.js'
import type { Script } from './script.js'
import { declaredIp, IP_MODES, type IpMode, readSettings } from './settings.js'
import { whyUnsupported } from './unsupported.js'
import type { DrillWatcher } from './watcher.js'

export interface DrillOptions {
  /** Which host the stack is to be like, where the script does not say. Default 'rfc'. */
  profile?: ProfileName
  /** The IP version; a script that asks for one itself gets that. Default 'ipv4'. */
  ip?: IpMode
  /** Names for `#ifdef`, with the values they stand for ('' for none). */
  definitions?: Definitions
  /** Reads a file that the script names, by the path it gives; undefined if it cannot be read. */
  readFile?: (path: string) => string | undefined
  /** Told of packets, states and all else, in ms on the stack's clock, which begins at CLOCK_START. */
  observer?: StackObserver
  /** Told of the script's events, one by one. */
  watcher?: DrillWatcher
  /** Everything random comes from it. */
  seed?: number
}

export interface DrillResult {
  /** The script's name. */
  readonly file: string
  readonly ip: IpMode
  readonly verdict: 'pass' | 'fail' | 'unsupported'
  /** The line of the event that failed, or asks for what is not there; 0 after a pass. */
  readonly line: number
  /** Why; '' after a pass. The first line says it in short. */
  readonly message: string
  /** What happened up to the end, a line for each event, with virtual time in seconds. */
  readonly trace: readonly string[]
  readonly warnings: readonly string[]
}

/** The IP versions in which a script is to be run when all are asked for. */
export const ipModesOf = (script: Script): readonly IpMode[] => {
  const declared = declaredIp(script)
  return declared === undefined ? IP_MODES : [declared]
}

/**
 * Runs a packetdrill script against a stack of its own, in virtual time. `script` is its text, or what parseScript
 * made of it. Throws a ScriptSyntaxError if it cannot be read; whatever else goes wrong is the result.
 */
export function drill(name: string, script: string | Script, options: DrillOptions = {}): DrillResult {
  const {
    profile = 'rfc',
    ip = 'ipv4',
    definitions,
    readFile = () => undefined,
    observer,
    watcher,
    seed = 1,
  } = options
  const parsed = typeof script === 'string' ? parseScript(name, script, definitions) : script
  const settings = readSettings(parsed, profile, ip)
  const result = (
    verdict: DrillResult['verdict'],
    line: number,
    message: string,
    run?: Run,
  ): DrillResult => ({
    file: name,
    ip: settings.ip,
    verdict,
    line,
    message,
    trace: run?.trace ?? [],
    warnings: run?.warnings ?? [],
  })
  const missing = whyUnsupported(parsed, settings, readFile)
  if (missing) return result('unsupported', missing.line, missing.feature)
  const run = new Run(parsed, settings, readFile, observer, seed, watcher)
  try {
    run.run()
    return result('pass', 0, '', run)
  } catch (error) {
    run.stopped()
    const line = run.event?.line ?? 0
    if (error instanceof Unsupported) return result('unsupported', line, error.message, run)
    if (error instanceof DrillFailure) return result('fail', line, error.message, run)
    if (error instanceof CodeError)
      return result(
        error.kind === 'unsupported' ? 'unsupported' : 'fail',
        line + error.line,
        error.message,
        run,
      )
    if (error instanceof ScriptSyntaxError) throw error
    // A fault of ours: said like a failure, with where it came from, so that other scripts still run.
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return result('fail', line, `internal error: ${detail}`, run)
  }
}
