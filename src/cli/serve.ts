import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { attach, onInterrupt } from './attachment.js'
import { addInterfaceOptions } from './interface-options.js'
import { type ServeContext, type ServeFlags, sayClosing, startServices } from './serve-services.js'
import { checkWorkers, serveInWorkers } from './serve-workers.js'
import { integer, port, UsageError } from './usage.js'

const service = integer(1, 65535)

export function addServe(estab: Command): void {
  addInterfaceOptions(
    estab.command('serve').description("serve files over HTTP, and RFC 862's kin, on the stack's own TCP"),
  )
    .option('--port <n>', 'port of the HTTP server; 0 takes one that is free', port, 80)
    .option('--root <directory>', 'the directory to serve', '.')
    .option(
      '--fast-open <n>',
      'take requests on SYNs (RFC 7413) from n connections at once',
      integer(0, 65535),
    )
    .option('--echo <port>', 'echo what comes, over TCP and UDP (RFC 862)', service)
    .option('--discard <port>', 'throw away what comes (RFC 863)', service)
    .option('--chargen <port>', 'send characters without end (RFC 864)', service)
    .option(
      '--workers <n>',
      'serve from n threads, each with a stack and a queue of the interface',
      integer(1, 256),
      1,
    )
    .addHelpText(
      'after',
      `
Examples:
  sudo estab serve --create --tun tun0 --address 10.0.0.2/24 --kernel-address 10.0.0.1/24 --trace
      then, in another terminal: curl http://10.0.0.2/
  estab serve --tun tun0 --address 10.0.0.2/24 --address fd00::2/64 --root site --echo 7
      on an interface that is there already:
      sudo ip tuntap add dev tun0 mode tun user $USER
      sudo ip addr add 10.0.0.1/24 dev tun0 && sudo ip link set dev tun0 up
  sudo estab serve --create --tun tun0 --address 10.0.0.2/24 --kernel-address 10.0.0.1/24 --workers 2
      for processors to spare; an interface that is there already must have several queues:
      sudo ip tuntap add dev tun0 mode tun multi_queue user $USER

Ctrl-C closes what is open and lets running transfers finish; a second one resets them.`,
    )
    .action((flags: ServeFlags) => run(flags))
}

async function run(flags: ServeFlags): Promise<void> {
  if (!statSync(resolve(flags.root), { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${flags.root} is not a directory`)
  const used = [flags.port, flags.echo, flags.discard, flags.chargen].filter(n => n !== undefined && n !== 0)
  const twice = used.find((n, i) => used.indexOf(n) !== i)
  if (twice !== undefined) throw new UsageError(`two services cannot share port ${twice}`)
  checkWorkers(flags)
  await (flags.workers > 1 ? serveInWorkers(flags) : serveAlone(flags))
}

const ALONE: ServeContext = { onInterrupt, closing: sayClosing }

async function serveAlone(flags: ServeFlags): Promise<void> {
  const attachment = await attach(flags, process.stdout)
  try {
    const { lines, stopped } = await startServices(attachment, flags, ALONE)
    for (const line of lines) console.log(`serving ${line}`)
    await Promise.race([stopped, attachment.failed])
  } finally {
    attachment.close()
  }
}
