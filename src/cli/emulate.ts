import type { Command } from 'commander'
import { Random } from '../sim/random.js'
import type { Conditions } from '../sim/wire.js'
import type { LinkReceiver } from '../stack/link.js'
import { onInterrupt } from './attachment.js'
import { Direction, type DirectionCounts } from './emulate-direction.js'
import { End, sameNamespace, speaksIpv6 } from './emulate-end.js'
import {
  addPathOptions,
  checkAddresses,
  conditionsOf,
  DEFAULT_ADDRESSES,
  describeConditions,
  type PathFlags,
} from './emulate-options.js'
import { hostCidr } from './interface-options.js'
import { RealClock } from './real-clock.js'
import { duration, type EachWay, showPercent } from './units.js'
import { cidr, integer, UsageError } from './usage.js'

interface EmulateFlags extends PathFlags {
  a: string
  b: string
  create?: boolean
  name: string
  mtu: number
  addressA?: string[]
  addressB?: string[]
  routeA?: string[]
  routeB?: string[]
  seed?: number
  duration?: number
  json?: boolean
}

export function addEmulate(estab: Command): void {
  const command = estab
    .command('emulate')
    .description(
      'a bad line between two network namespaces, in real time: delay, rate, queue, loss, and more',
    )
    .requiredOption('--a <namespace>', 'one end: a name of `ip netns`, a process id, or a path')
    .requiredOption('--b <namespace>', 'the other end')
    .option('--create', 'make namespaces that are not there; what was made is removed at the end')
  addPathOptions(command)
    .option('--seed <n>', 'where chance begins (none: at random)', integer(0, Number.MAX_SAFE_INTEGER))
    .option('--name <interface>', 'name of the TUN in both namespaces', 'emulate0')
    .option('--mtu <bytes>', 'of both', integer(68, 65535), 1500)
    .option(
      '--address-a <cidr>',
      `address of A (none: ${DEFAULT_ADDRESSES.a.join(', ')}; repeatable)`,
      hostCidr,
    )
    .option(
      '--address-b <cidr>',
      `address of B (none: ${DEFAULT_ADDRESSES.b.join(', ')}; repeatable)`,
      hostCidr,
    )
    .option('--route-a <cidr>', "what else A reaches through the path, or 'default' (repeatable)", route)
    .option('--route-b <cidr>', "what else B reaches through the path, or 'default' (repeatable)", route)
    .option('--duration <time>', 'end by itself after this time', duration)
    .option('--json', 'print two lines of JSON instead: when it is ready, and the summary')
    .addHelpText(
      'after',
      `
A value holds for both directions, or there/back: --rate 50mbit/5mbit is 50 Mbit/s from A to B and 5 back.

Examples:
  sudo estab emulate --a left --b right --create --rate 50mbit --delay 25ms --loss 1% --seed 7
      then, in other terminals:
      sudo ip netns exec right python3 -m http.server 8000
      sudo ip netns exec left curl -O http://10.77.0.2:8000/file
  sudo estab emulate --a 4711 --b /proc/4712/ns/net --rate 10mbit --delay 100ms --queue 2bdp
      between the namespaces of two processes, such as containers

Ctrl-C ends it, prints what became of the packets, and removes what it made.`,
    )
    .action((flags: EmulateFlags) => run(flags))
}

/** Collects the values of a repeatable option. */
function route(text: string, previous: string[] = []): string[] {
  if (text !== 'default') cidr(text)
  return [...previous, text]
}

async function run(flags: EmulateFlags): Promise<void> {
  const conditions = conditionsOf(flags, flags.mtu)
  const usual = (all: readonly string[]) => all.filter(address => !address.includes(':') || speaksIpv6())
  const addresses = {
    a: flags.addressA ?? usual(DEFAULT_ADDRESSES.a),
    b: flags.addressB ?? usual(DEFAULT_ADDRESSES.b),
  }
  checkAddresses(addresses.a, addresses.b, flags.mtu)
  if (process.platform !== 'linux')
    throw new Error(`emulate needs Linux's network namespaces; this is ${process.platform}`)
  if (sameNamespace(flags.a, flags.b)) throw new UsageError(`${flags.a} and ${flags.b} are one namespace`)
  const seed = flags.seed ?? Math.floor(Math.random() * 2 ** 32)
  const { name, mtu, create = false } = flags
  const common = { name, mtu, create }
  // From here on a signal ends it in good order, also while it is still being made.
  const signal = untilSignal()
  const a = new End({ ...common, namespace: flags.a, addresses: addresses.a, routes: flags.routeA ?? [] })
  let b: End | undefined
  let path: Path | undefined
  const close = () => {
    process.off('exit', close)
    path?.close()
    try {
      a.close()
    } finally {
      b?.close()
    }
  }
  // Whatever ends the process, nothing stays behind.
  process.on('exit', close)
  try {
    b = new End({ ...common, namespace: flags.b, addresses: addresses.b, routes: flags.routeB ?? [] })
    path = new Path(a, b, conditions, seed)
    announce(flags, addresses, conditions, seed)
    await Promise.race([
      signal.came,
      path.failed,
      ...(flags.duration === undefined ? [] : [after(flags.duration)]),
    ])
  } finally {
    signal.off()
    if (path) report(flags, path)
    close()
  }
}

/** Both directions, and the clock that they share. */
class Path {
  readonly clock = new RealClock()
  readonly failed: Promise<never>
  private readonly started = performance.now()
  private readonly forward: Direction
  private readonly back: Direction
  private fail!: (error: Error) => void

  constructor(
    private readonly a: End,
    private readonly b: End,
    conditions: EachWay<Conditions>,
    seed: number,
  ) {
    this.failed = new Promise((_resolve, reject) => {
      this.fail = reject
    })
    this.failed.catch(() => {})
    // As a World with this seed does for its first cable: the same packets have the same fate there and here.
    const random = new Random(seed)
    this.forward = new Direction(this.clock, random.fork(), conditions.forward, b.link)
    this.back = new Direction(this.clock, random.fork(), conditions.back, a.link)
    a.link.attach(this.into(this.forward))
    b.link.attach(this.into(this.back))
  }

  private into(direction: Direction): LinkReceiver {
    return {
      packet: (bytes, offset, length) => direction.send(bytes, offset, length),
      // Reading may have taken long enough for something to be due.
      batchEnd: () => this.clock.run(),
      failed: error => this.fail(error),
    }
  }

  summary() {
    const { lateness } = this.clock
    return {
      seconds: (performance.now() - this.started) / 1000,
      forward: this.forward.summary(this.a.notRead),
      back: this.back.summary(this.b.notRead),
      lateness: {
        p50: lateness.percentile(0.5),
        p99: lateness.percentile(0.99),
        p999: lateness.percentile(0.999),
        max: lateness.max,
      },
    }
  }

  close(): void {
    this.clock.close()
  }
}

/** What resolves at SIGINT, SIGTERM or SIGHUP, until it is off. */
function untilSignal(): { came: Promise<void>; off: () => void } {
  let off!: () => void
  const came = new Promise<void>(resolve => {
    const end = () => resolve()
    const offInterrupt = onInterrupt(end)
    process.on('SIGHUP', end)
    off = () => {
      offInterrupt()
      process.off('SIGHUP', end)
    }
  })
  return { came, off }
}

/** Resolves after `ms`. Does not keep the process alive: the line does. */
const after = (ms: number): Promise<void> => new Promise(resolve => void setTimeout(resolve, ms).unref())

function announce(
  flags: EmulateFlags,
  addresses: { a: readonly string[]; b: readonly string[] },
  conditions: EachWay<Conditions>,
  seed: number,
): void {
  if (flags.json) {
    console.log(JSON.stringify({ ready: true, seed, interface: flags.name, addresses, conditions }))
    return
  }
  console.log(`${flags.name} in ${flags.a} is A: ${addresses.a.join(', ')}`)
  console.log(`${flags.name} in ${flags.b} is B: ${addresses.b.join(', ')}`)
  console.log(`A → B: ${describeConditions(conditions.forward)}`)
  console.log(`B → A: ${describeConditions(conditions.back)}`)
  console.log(`seed ${seed}; ${flags.duration === undefined ? 'Ctrl-C ends it' : `for ${flags.duration} ms`}`)
}

function report(flags: EmulateFlags, path: Path): void {
  const summary = path.summary()
  if (flags.json) {
    console.log(JSON.stringify(summary))
    return
  }
  console.log(`\nafter ${summary.seconds.toFixed(1)} s:`)
  console.log(`A → B: ${describeCounts(summary.forward)}`)
  console.log(`B → A: ${describeCounts(summary.back)}`)
  const { p50, p99, p999, max } = summary.lateness
  const ms = (value: number) => value.toFixed(2)
  console.log(
    `later than meant: ${ms(p50)} ms (median), ${ms(p99)} (99 %), ${ms(p999)} (99.9 %), ${ms(max)} at most`,
  )
}

function describeCounts(c: DirectionCounts): string {
  const parts = [
    `${c.packets} packets, ${c.bytes} bytes`,
    `${c.deliveredPackets} delivered, ${c.deliveredBytes} bytes`,
    `${c.lost} lost${c.lost ? ` (${showPercent(c.lost / c.packets)})` : ''}`,
    `${c.queueDrops} dropped at the queue`,
    `${c.reordered} reordered`,
    `${c.duplicated} duplicated`,
    `${c.corrupted} corrupted`,
  ]
  if (c.refused) parts.push(`${c.refused} refused by the receiving kernel`)
  if (c.notRead) parts.push(`${c.notRead} dropped by the sending kernel, which was faster than we`)
  return parts.join('; ')
}
