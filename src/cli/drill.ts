import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { IP_MODES, type IpMode } from '../drill/index.js'
import { PROFILES, type ProfileName } from '../tcp/profiles.js'
import { findScripts } from './drill-files.js'
import type { DrillTask, TaskResult, WorkerSettings } from './drill-task.js'
import { runTask } from './drill-task.js'
import { UsageError, wantsColour } from './usage.js'

interface DrillCommandOptions {
  profile: ProfileName
  ip: IpMode | 'all'
  define?: Map<string, string>
  json?: boolean
  pcap?: string
  verbose?: boolean
}

/** Fewer scripts than this are run here: a worker takes longer to start. */
const FEW = 24

export function addDrill(estab: Command): void {
  estab
    .command('drill')
    .description(
      'Run packetdrill scripts against the stack, in virtual time: no root, no kernel, thousands in seconds.',
    )
    .argument('<path...>', 'scripts, and directories of scripts (*.pkt)')
    .addOption(
      new Option('--profile <name>', 'the host that the stack is to be like')
        .choices(Object.keys(PROFILES))
        .default('rfc'),
    )
    .addOption(
      new Option('--ip <version>', 'IP version of scripts that do not ask for one')
        .choices([...IP_MODES, 'all'])
        .default('ipv4'),
    )
    .option('-D, --define <name[=value]>', 'define a name for #ifdef (may be repeated)', define)
    .option('--json', 'print one JSON line for each run')
    .option('--pcap <dir>', 'write the packets of each run as pcapng into this directory')
    .option('--verbose', 'print what happened in scripts that pass, too')
    .addHelpText(
      'after',
      '\nExit status: 0 if nothing failed, 1 if something did, 2 if a script could not be read.\n' +
        '\nExamples:\n  $ estab drill test/drill\n  $ estab drill --profile freebsd -D FreeBSD suite/\n  $ estab drill --ip all --json close.pkt',
    )
    .action((paths: string[], options: DrillCommandOptions) => run(paths, options))
}

function define(text: string, names = new Map<string, string>()): Map<string, string> {
  const [, name, value = ''] = /^([A-Za-z_]\w*)(?:=(.*))?$/.exec(text) ?? []
  if (name === undefined) throw new InvalidArgumentError('It must be NAME or NAME=VALUE.')
  return new Map(names).set(name, value)
}

async function run(paths: readonly string[], options: DrillCommandOptions): Promise<void> {
  const { files, missing } = findScripts(paths)
  const print = new Printer(options)
  for (const { path, why } of missing) print.unreadable(path, why)
  if (files.length === 0 && missing.length === 0)
    throw new UsageError(`no scripts (*.pkt) in ${paths.join(', ')}`)
  if (options.pcap !== undefined) makeDirectory(options.pcap)
  const settings: WorkerSettings = {
    profile: options.profile,
    ip: options.ip,
    definitions: [...(options.define ?? [])],
    ...(options.pcap === undefined ? {} : { pcap: options.pcap }),
  }
  await runAll(files, settings, result => print.result(result))
  print.end()
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw new UsageError(`cannot make the directory ${path}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** Runs every task and tells the results in the order of the tasks. */
async function runAll(
  tasks: readonly DrillTask[],
  settings: WorkerSettings,
  tell: (result: TaskResult) => void,
): Promise<void> {
  const workers = Math.min(availableParallelism(), Math.ceil(tasks.length / FEW))
  if (workers <= 1) {
    for (const task of tasks) tell(runTask(task, settings))
    return
  }
  const results = new Map<number, TaskResult>()
  let next = 0
  let told = 0
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for await (const [index, result] of oneWorker(
        settings,
        () => (next < tasks.length ? next++ : -1),
        tasks,
      )) {
        results.set(index, result)
        for (let ready = results.get(told); ready; ready = results.get(told)) {
          results.delete(told++)
          tell(ready)
        }
      }
    }),
  )
}

/** The results of one worker, which is given a task whenever it has none. */
async function* oneWorker(
  settings: WorkerSettings,
  draw: () => number,
  tasks: readonly DrillTask[],
): AsyncGenerator<[number, TaskResult]> {
  const worker = new Worker(fileURLToPath(new URL('./drill-worker.js', import.meta.url)), {
    workerData: settings,
  })
  try {
    for (let index = draw(); index >= 0; index = draw()) yield [index, await ask(worker, tasks[index]!)]
  } finally {
    await worker.terminate()
  }
}

function ask(worker: Worker, task: DrillTask): Promise<TaskResult> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      finish()
    }
    const onMessage = (result: TaskResult) => settle(() => resolve(result))
    const onError = (error: Error) => settle(() => reject(error))
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.postMessage(task)
  })
}

/** Says what became of each run, and counts. */
class Printer {
  private passed = 0
  private failed = 0
  private unsupported = 0
  private broken = false
  private readonly colour = wantsColour()

  constructor(private readonly options: DrillCommandOptions) {}

  unreadable(path: string, why: string): void {
    this.broken = true
    this.failed++
    console.error(`estab: ${path}: ${why}`)
    if (this.options.json)
      console.log(JSON.stringify({ file: path, ip: this.options.ip, verdict: 'fail', line: 0, message: why }))
  }

  result({ path, error, runs }: TaskResult): void {
    if (error) {
      this.broken = true
      this.failed++
      console.error(`estab: ${path}:${error.line}:${error.column}: ${error.message}`)
      if (this.options.json) {
        const { line, message } = error
        const { ip } = this.options
        console.log(
          JSON.stringify({ file: path, ip, verdict: 'fail', line, message: `syntax error: ${message}` }),
        )
      }
      return
    }
    for (const run of runs) {
      if (run.verdict === 'pass') this.passed++
      else if (run.verdict === 'fail') this.failed++
      else this.unsupported++
      const { file, ip, verdict, line, message } = run
      if (this.options.json) console.log(JSON.stringify({ file, ip, verdict, line, message }))
      else this.say(run)
    }
  }

  private say({ file, ip, verdict, line, message, trace, warnings }: TaskResult['runs'][number]): void {
    for (const warning of warnings) console.log(`${file} (${ip}): not fatal: ${warning}`)
    if (verdict === 'pass') {
      if (this.options.verbose) console.log([`${file} (${ip}): pass`, ...indent(trace)].join('\n'))
      return
    }
    const word = verdict === 'fail' ? this.paint('31', 'fail') : this.paint('33', 'unsupported')
    const [first, ...rest] = message.split('\n')
    console.log(`${file}:${line}: ${word} (${ip}): ${first}`)
    if (rest.length > 0) console.log(indent(rest).join('\n'))
    if (verdict === 'fail' && trace.length > 0)
      console.log(indent(['up to there:', ...indent(trace)]).join('\n'))
  }

  private paint(code: string, text: string): string {
    return this.colour ? `\u001b[${code}m${text}\u001b[0m` : text
  }

  end(): void {
    const line = `${this.passed} passed, ${this.failed} failed, ${this.unsupported} unsupported`
    if (this.options.json) console.error(line)
    else console.log(line)
    process.exitCode = this.broken ? 2 : this.failed > 0 ? 1 : 0
  }
}

const indent = (lines: readonly string[]): string[] => lines.map(line => `    ${line}`)
