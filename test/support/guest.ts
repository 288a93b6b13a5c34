import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { type Addresses, EstabHost, type HostOptions, PATIENCE } from './estab-host.js'
import { guestImage } from './guest-image.js'
import { GuestWire } from './guest-wire.js'
import { atEnd } from './kernel-cleanup.js'
import { Gate } from './kernel-gate.js'
import { needs } from './kernel-program.js'
import { Agent } from './kernel-python.js'

/** Where scripts/newer-linux.sh leaves a kernel. */
const LINUX = process.env['ESTAB_NEWER_LINUX'] ?? path.join(homedir(), '.cache/estab/newer-linux')
const QEMU = 'qemu-system-x86_64'

/** Why tests in a machine of their own are skipped; false where they are to run. */
export const guestSkip: string | false = missing()

function missing(): string | false {
  const programs = needs(QEMU, 'busybox', 'python3', 'ss')
  if (programs) return `${programs}: apt-get install qemu-system-x86 busybox-static`
  if (process.env['ESTAB_REQUIRE'] === '1' || existsSync(path.join(LINUX, 'release'))) return false
  return `no Linux in ${LINUX}: scripts/newer-linux.sh fetches one`
}

const subnet = (host: number): Addresses => ({ 4: `10.60.0.${host}`, 6: `fd60::${host.toString(16)}` })

/** In ms, against hangs: an idle machine takes four seconds. */
const LONGEST_BOOT = 150_000
/** In s: a call in the guest that waits longer has failed, and those after it are to be answered. */
const LONGEST_CALL = 20

/**
 * A Linux of its own in QEMU, emulated to the last instruction, with an agent in it that does what tests tell it. Its
 * network card and its console are pipes to this process: nothing of it can be reached otherwise, nor reaches anything.
 */
export class Guest {
  readonly addresses = subnet(1)
  readonly release = readFileSync(path.join(LINUX, 'release'), 'utf8').trim()
  readonly python: Agent
  readonly #machine: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #wire: GuestWire
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'estab-guest-'))
  /** What QEMU and the kernel print. */
  readonly #console = path.join(this.#folder, 'console')
  #hosts = 0

  private constructor() {
    const image = path.join(this.#folder, 'initramfs')
    writeFileSync(image, guestImage(path.join(LINUX, 'modules'), this.addresses))
    const machine = [
      ...['-accel', 'tcg', '-cpu', 'max', '-m', '256', '-nodefaults', '-no-user-config', '-no-reboot'],
      ...['-display', 'none', '-kernel', path.join(LINUX, 'vmlinuz'), '-initrd', image],
      // A kernel that has nothing left to run restarts at once, which ends the machine.
      ...['-append', 'console=ttyS0 panic=-1 loglevel=4 nokaslr mitigations=off audit=0'],
      // Descriptor 3 is the wire.
      ...['-netdev', 'socket,id=wire,fd=3', '-device', 'virtio-net-pci,netdev=wire'],
      ...['-chardev', `file,id=log,path=${this.#console}`, '-serial', 'chardev:log'],
      ...['-chardev', 'stdio,id=agent,signal=off', '-device', 'virtio-serial-pci'],
      ...['-device', 'virtserialport,chardev=agent,nr=1'],
    ]
    this.#machine = spawn(QEMU, machine, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] })
    this.#exited = once(this.#machine, 'close')
    this.#machine.stderr!.on('data', data => appendFileSync(this.#console, data))
    this.python = new Agent(this.#machine)
    this.#wire = new GuestWire(this.#machine.stdio[3] as Duplex)
  }

  /** Resolves once the agent answers. */
  static async boot(): Promise<Guest> {
    const guest = new Guest()
    const hangs = setTimeout(() => guest.#machine.kill('SIGKILL'), LONGEST_BOOT)
    try {
      await guest.python.run(`setdefaulttimeout(${LONGEST_CALL})`)
      await guest.python.run('import subprocess')
      await guest.set('ipv4/tcp_early_retrans', 0)
      await guest.set('ipv4/tcp_rto_min_us', PATIENCE * 1000)
    } catch (error) {
      await guest.#stop()
      const said = readFileSync(guest.#console, 'utf8').slice(-4000)
      await guest.close()
      throw new Error(`Linux ${guest.release} did not start: ${said}`, { cause: error })
    } finally {
      clearTimeout(hangs)
    }
    return guest
  }

  /** estab on the guest's wire for one test, at addresses that no other test has, and patient, as is the guest. */
  host(t: TestContext, options: HostOptions = {}): EstabHost {
    const number = ++this.#hosts + 1
    const gate = new Gate(this.#wire.plug(Uint8Array.of(2, 0, 0, 60, 0, number)))
    const host = new EstabHost(gate, 'wire', subnet(number), this.addresses, { patient: true, ...options })
    atEnd(t, () => host.close())
    // While estab still hears of it: nothing is left that would speak into the next test.
    atEnd(t, () =>
      this.python.run(
        '[(linger(s), s.close()) for s in globals().values() if isinstance(s, socket) and s.fileno() >= 0]',
      ),
    )
    return host
  }

  /** Sets what is under /proc/sys/net of the guest, for the time of one test. */
  async sysctl(t: TestContext, name: string, value: number): Promise<void> {
    const before = await this.python.run<string>(`open('/proc/sys/net/${name}').read()`)
    await this.set(name, value)
    atEnd(t, () => this.set(name, before.trim()))
  }

  async set(name: string, value: number | string): Promise<void> {
    await this.python.run(`with open('/proc/sys/net/${name}', 'w') as f: f.write('${value}')`)
  }

  async #stop(): Promise<void> {
    this.#machine.kill('SIGKILL')
    await this.#exited
  }

  async close(): Promise<void> {
    await this.#stop()
    rmSync(this.#folder, { recursive: true })
  }
}
