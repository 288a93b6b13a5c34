// `npm run bench:peers`: estab beside the kernel, gVisor and lwIP (in C and in WebAssembly), in namespaces of our own. Each
// round runs every contender once, one after the other; what is compared are ratios within a round. Writes docs/peers.jsonl
// and the tables of docs/peers.md. Needs Linux, root or user namespaces, and what bench/peers/install.sh builds; a peer that
// is not built is left out by name. --help shows how to measure less than everything.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { machine, runInNamespace } from './host.js'
import { writeBetweenMarks } from './marked-page.js'
import { saveLines } from './paths-run.js'
import {
  CONTENDERS,
  type Contender,
  MEASURES,
  type Measure,
  type Outcome,
  type Version,
} from './peers-list.js'
import { peersPage } from './peers-page.js'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const ROOT = path.join(HERE, '../..')
const BUILD = path.join(ROOT, 'bench/peers/build')
const END = path.join(HERE, 'peers-end.js')
/** What runs in Node: the program, and which it is to be or what it is to load. */
const IN_NODE: Partial<Record<Contender['program'], string[]>> = {
  estab: [END, 'estab'],
  'node-net': [END, 'node-net'],
  'lwip.wasm': [path.join(HERE, 'peers-lwip-wasm.js'), path.join(BUILD, 'lwip.wasm')],
  'tcpip.js': [path.join(HERE, 'peers-tcpip-js.js'), path.join(BUILD, 'node_modules/tcpip')],
}
const INSIDE = 'ESTAB_PEERS_INSIDE'
/** Each run has a port of its own: what one has left in TIME-WAIT is not in the way of the next. */
let port = 9000

/** The kernel's side and the other one's, of the TUN and of the veth. */
const TUN = {
  4: { kernel: '10.9.0.1', own: '10.9.0.2/24', cidr: '10.9.0.1/24' },
  6: { kernel: 'fd09::1', own: 'fd09::2/64', cidr: 'fd09::1/64' },
} as const
const VETH = { 4: '10.8.0.2', 6: 'fd08::2' } as const

interface Flags {
  seconds: number
  rounds: number
  contenders?: string[]
  measures?: string[]
}

const positive = (text: string): number => {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}
const names = (text: string): string[] => text.split(',')

const command = new Command('bench:peers')
  .option('--seconds <s>', 'how long each run is measured', positive, 3)
  .option('--rounds <n>', 'how often everything is run', positive, 5)
  .option('--contenders <names>', `of ${CONTENDERS.map(c => c.name).join(', ')}`, names)
  .option('--measures <names>', `of ${MEASURES.map(m => m.name).join(', ')}`, names)

const run = (program: string, ...args: string[]): void =>
  void execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })

/** A second namespace that lives as long as this process, and a veth into it, with offload or without. */
class Neighbour {
  readonly #holder = spawn('unshare', ['-n', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] })

  async prepare(): Promise<void> {
    this.#holder.stdin!.write('.\n')
    await once(this.#holder.stdout!, 'data')
    run('ip', 'link', 'set', 'lo', 'up')
    run('ip', 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1')
    run('ip', 'link', 'set', 'veth1', 'netns', String(this.#holder.pid))
    run('ip', 'addr', 'add', '10.8.0.1/24', 'dev', 'veth0')
    run('ip', 'addr', 'add', 'fd08::1/64', 'dev', 'veth0', 'nodad')
    run('ip', 'link', 'set', 'veth0', 'up')
    this.inside('ip', 'link', 'set', 'lo', 'up')
    this.inside('ip', 'addr', 'add', '10.8.0.2/24', 'dev', 'veth1')
    this.inside('ip', 'addr', 'add', 'fd08::2/64', 'dev', 'veth1', 'nodad')
    this.inside('ip', 'link', 'set', 'veth1', 'up')
  }

  get enter(): string[] {
    return ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`]
  }

  inside(...args: string[]): void {
    run(this.enter[0]!, ...this.enter.slice(1), ...args)
  }

  offload(on: boolean): void {
    const state = on ? 'on' : 'off'
    for (const feature of ['tso', 'gso', 'gro']) {
      run('ethtool', '-K', 'veth0', feature, state)
      this.inside('ethtool', '-K', 'veth1', feature, state)
    }
  }

  /** What the kernel has learned of a path (ssthresh, round trips) is of one contender's: the next begins with nothing. */
  forget(): void {
    run('ip', 'tcp_metrics', 'flush', 'all')
    this.inside('ip', 'tcp_metrics', 'flush', 'all')
  }

  close(): void {
    this.#holder.stdin!.end()
  }
}

async function serve(prefix: readonly string[]): Promise<ChildProcess> {
  port++
  const [program, ...args] = [...prefix, path.join(BUILD, 'kernel'), 'serve', '::', String(port)]
  const server = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(server.stdout!, 'data')
  return server
}

/** The line of JSON that it prints in the end. Whoever makes a TUN waits until the kernel's side of it is up. */
async function finish(child: ChildProcess, isTun: boolean): Promise<Outcome> {
  const exited = once(child, 'close')
  let text = ''
  child.stdout!.setEncoding('utf8').on('data', (more: string) => {
    const before = text
    text += more
    if (!isTun || before.includes('up\n') || !text.includes('up\n')) return
    for (const { cidr } of Object.values(TUN))
      run('ip', 'addr', 'add', cidr, 'dev', 'peer0', ...(cidr.includes(':') ? ['nodad'] : []))
    run('ip', 'link', 'set', 'peer0', 'mtu', '1500', 'up')
    child.stdin!.write('\n')
  })
  const [code] = (await exited) as [number]
  if (code !== 0) throw new Error(`it ended with ${code}`)
  return JSON.parse(text.trim().split('\n').at(-1)!) as Outcome
}

function start(
  contender: Contender,
  measure: Measure,
  version: Version,
  seconds: number,
  prefix: readonly string[],
): ChildProcess {
  const what = measure.command(seconds)
  const { program, link, env } = contender
  const inNode = IN_NODE[program]
  const own = inNode ? [process.execPath, ...inNode] : [path.join(BUILD, program)]
  const where =
    link === 'tun'
      ? ['peer0', TUN[version].own, TUN[version].kernel, String(port)]
      : [...(program === 'kernel' ? ['client'] : []), VETH[version], String(port)]
  const [first, ...rest] = [...prefix, ...own, ...where, ...what]
  return spawn(first!, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
}

export interface Result {
  measure: string
  contender: string
  round: number
  value: number
  outcome: Outcome
}

async function main(): Promise<number> {
  const flags = command.parse().opts<Flags>()
  if (!process.env[INSIDE]) return runInNamespace(INSIDE)
  const built = ({ program }: Contender) => {
    const needed = IN_NODE[program]?.[1] ?? path.join(BUILD, program)
    return !path.isAbsolute(needed) || existsSync(needed)
  }
  if (!existsSync(path.join(BUILD, 'kernel'))) {
    console.error('bench:peers: there is nothing to measure against; run bench/peers/install.sh first')
    return 1
  }
  const contenders = CONTENDERS.filter(c => !flags.contenders || flags.contenders.includes(c.name))
  for (const c of contenders) if (!built(c)) console.error(`${c.name}: not built, left out`)
  const measures = MEASURES.filter(m => !flags.measures || flags.measures.includes(m.name))
  const neighbour = new Neighbour()
  await neighbour.prepare()
  const results: Result[] = []
  for (const measure of measures) {
    const prefix = measure.pinned ? ['taskset', '-c', '0'] : []
    for (let round = 1; round <= flags.rounds; round++)
      for (const contender of contenders.filter(
        c => built(c) && (!c.only || c.only.includes(measure.name)),
      )) {
        if (contender.link === 'veth') neighbour.offload(contender.offload)
        neighbour.forget()
        const server = await serve([...prefix, ...(contender.link === 'veth' ? neighbour.enter : [])])
        try {
          const child = start(contender, measure, measure.version, flags.seconds, prefix)
          const outcome = await finish(child, contender.link === 'tun')
          const value = measure.value(outcome)
          results.push({ measure: measure.name, contender: contender.name, round, value, outcome })
          console.error(`${measure.name}, ${contender.name}: ${value.toFixed(2)} ${measure.unit}`)
        } catch (error) {
          console.error(`${measure.name}, ${contender.name}: ${(error as Error).message}`)
        } finally {
          server.kill('SIGKILL')
          await once(server, 'close')
        }
      }
  }
  neighbour.close()
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const about = {
    date: new Date().toISOString().slice(0, 10),
    estab: version,
    machine: machine(),
    seconds: flags.seconds,
    rounds: flags.rounds,
  }
  const page = peersPage(about, measures, contenders, results)
  console.log(page)
  if (!flags.contenders && !flags.measures) {
    saveLines(path.join(ROOT, 'docs/peers.jsonl'), [about, ...results])
    writeBetweenMarks(path.join(ROOT, 'docs/peers.md'), 'bench:peers', page)
  }
  return 0
}

process.exitCode = await main()
