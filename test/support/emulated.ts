import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { DirectionCounts } from '../../src/cli/emulate-direction.js'
import { atEnd } from './kernel-cleanup.js'

export const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

/** A network namespace inside the one the tests run in, for the time of one test. */
export class Room {
  private constructor(readonly pid: string) {}

  static async open(t: TestContext): Promise<Room> {
    const holder = spawn('unshare', ['-n', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
    const exited = once(holder, 'close')
    atEnd(t, async () => {
      holder.kill('SIGKILL')
      await exited
    })
    // What comes back shows that it is where it is to be.
    holder.stdin.write('.\n')
    await once(holder.stdout, 'data')
    return new Room(String(holder.pid))
  }

  /** Runs a program in it; resolves to what it prints. */
  async run(program: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('nsenter', this.enter(program, args), { timeout: 60_000 })
    return stdout.trim()
  }

  python(code: string): Promise<string> {
    return this.run('python3', '-c', code)
  }

  /** Starts Python code that goes on; resolves once it has printed 'ready'. The promise in it is what it prints then. */
  async serve(t: TestContext, code: string): Promise<{ said: Promise<string> }> {
    const child = spawn('nsenter', this.enter('python3', ['-u', '-c', code]), {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    const exited = once(child, 'close')
    atEnd(t, async () => {
      child.kill('SIGKILL')
      await exited
    })
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (data: Buffer) => {
        text += data
        if (text.startsWith('ready\n')) resolve()
      })
      child.once('close', () => reject(new Error(`ended: ${text}`)))
    })
    return { said: exited.then(() => text.slice('ready\n'.length).trim()) }
  }

  /** Names of its interfaces. */
  async interfaces(): Promise<string[]> {
    const text = await this.run('cat', '/proc/net/dev')
    return [...text.matchAll(/^\s*(\S+):/gm)].map(match => match[1]!)
  }

  private enter(program: string, args: readonly string[]): string[] {
    return [`--net=/proc/${this.pid}/ns/net`, program, ...args]
  }
}

export interface Summary {
  forward: DirectionCounts
  back: DirectionCounts
  lateness: { p50: number; p99: number; p999: number; max: number }
}

/** `estab emulate` at work. */
export class Emulation {
  private constructor(
    readonly child: ChildProcess,
    private readonly exited: Promise<unknown>,
    private readonly output: () => string,
  ) {}

  /** Resolves once it says that it is ready. */
  static async start(t: TestContext, a: Room, b: Room, ...options: string[]): Promise<Emulation> {
    const args = [MAIN, 'emulate', '--a', a.pid, '--b', b.pid, '--json', ...options]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const exited = once(child, 'close')
    atEnd(t, async () => {
      child.kill('SIGKILL')
      await exited
    })
    let out = ''
    let err = ''
    child.stderr.on('data', (data: Buffer) => {
      err += data
    })
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (data: Buffer) => {
        out += data
        if (out.includes('\n')) resolve()
      })
      child.once('close', () => reject(new Error(`ended: ${err}`)))
    })
    return new Emulation(child, exited, () => out)
  }

  /** Ends it, unless it ends by itself; resolves to its exit status and its summary. */
  async end(signal?: NodeJS.Signals): Promise<{ code: number | null; summary: Summary }> {
    if (signal) this.child.kill(signal)
    await this.exited
    const last = this.output().trim().split('\n').at(-1)!
    return { code: this.child.exitCode, summary: JSON.parse(last) as Summary }
  }
}
