// `npm run bench`: first figures, one page. In-memory: estab to estab in one process. With namespaces and a TUN (root
// or user namespaces): estab to the kernel over a TUN beside kernel to kernel over veth, through the same programs.
// Writes docs/benchmarks.md and docs/benchmarks.json.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import nodeNet from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createNet } from '../src/faces/net/index.js'
import { memoryPair } from '../src/links/memory.js'
import { realtime } from '../src/links/realtime.js'
import { openTun } from '../src/links/tun.js'
import { Stack } from '../src/stack/index.js'
import { hasChromium, inChromium } from './browser.js'
import { machine } from './host.js'
import { hasWrk, requests, serveHttp } from './http.js'
import { connects, download, median, type NetLike, roundTrips, serve, upload } from './measure.js'
import { throughMemory } from './memory-link.js'
import type { Row } from './rows.js'
import { scale } from './scale.js'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const ROOT = path.join(HERE, '../..')
const RUNS = Number(process.env['ESTAB_BENCH_RUNS'] ?? 5)
const MB = 1e6

async function repeat(what: string, unit: string, run: () => Promise<number>): Promise<Row> {
  const values: number[] = []
  // The first run is the compiler's.
  await run()
  for (let i = 0; i < RUNS; i++) values.push(await run())
  const row = { what, unit, value: median(values), low: Math.min(...values), high: Math.max(...values) }
  console.error(`${what}: ${format(row.value)} ${unit}`)
  return row
}

const format = (n: number): string => (n >= 100 ? Math.round(n).toLocaleString('en') : n.toPrecision(3))

/** The same five measurements over any net. */
async function conversation(
  name: string,
  net: NetLike,
  host: string,
  port: number,
  bulk: number,
): Promise<Row[]> {
  const rows = [
    await repeat(
      `${name}: down, one stream`,
      'MB/s',
      async () => (await download(net, host, port, bulk)) / MB,
    ),
    await repeat(`${name}: up, one stream`, 'MB/s', async () => (await upload(net, host, port, bulk)) / MB),
  ]
  const p50s: number[] = []
  rows.push(
    await repeat(`${name}: round trips of one byte`, '/s', async () => {
      const { perSecond, p50 } = await roundTrips(net, host, port, 5000)
      p50s.push(p50)
      return perSecond
    }),
  )
  rows.push({
    what: `${name}: round trip p50`,
    unit: 'µs',
    value: median(p50s),
    low: Math.min(...p50s),
    high: Math.max(...p50s),
  })
  rows.push(
    await repeat(`${name}: connections opened, used, closed`, '/s', () => connects(net, host, port, 4000)),
  )
  return rows
}

async function inMemory(): Promise<Row[]> {
  const [left, right] = memoryPair({ mtu: 1500 })
  const a = new Stack({ env: realtime() })
  const b = new Stack({ env: realtime() })
  a.addInterface(left, { addresses: ['10.0.0.1/24'] })
  b.addInterface(right, { addresses: ['10.0.0.2/24'] })
  const server = createNet(b).createServer({ allowHalfOpen: true, noDelay: true }, serve)
  await new Promise<void>(resolve => server.listen(7000, () => resolve()))
  const rows = await conversation('in memory', createNet(a), '10.0.0.2', 7000, 256 * MB)
  a.close()
  b.close()
  return rows
}

/** The same program in Node and in a browser, without any face: two stacks over the link in memory. */
async function memoryLink(): Promise<Row[]> {
  const bytes = 256 * MB
  const rows = [await repeat('memory link, Node', 'MB/s', async () => (await throughMemory(bytes)) / MB)]
  if (!hasChromium()) {
    console.error('Chromium: not installed, left out')
    return rows
  }
  const rates = (await inChromium()).map(rate => rate / MB)
  const what = 'memory link, Chromium'
  rows.push({ what, unit: 'MB/s', value: median(rates), low: Math.min(...rates), high: Math.max(...rates) })
  console.error(`${what}: ${format(median(rates))} MB/s`)
  return rows
}

async function startPeer(port: number, prefix: string[] = []): Promise<ChildProcess> {
  const [program, ...args] = [...prefix, process.execPath, path.join(HERE, 'peer.js'), String(port)]
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  return child
}

const ip = (...args: string[]): void =>
  void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })

/** Inside a namespace of our own: TUN to the kernel here, veth to the kernel of a second namespace. */
async function againstKernel(): Promise<Row[]> {
  ip('link', 'set', 'lo', 'up')
  const tun = openTun({ name: 'estabbench', mtu: 1500 })
  ip('addr', 'add', '10.0.1.1/24', 'dev', 'estabbench')
  ip('link', 'set', 'estabbench', 'up')
  const stack = new Stack({ env: realtime() })
  stack.addInterface(tun, { addresses: ['10.0.1.2/24'] })
  const local = await startPeer(7001)
  const rows = await conversation('estab ↔ kernel over TUN', createNet(stack), '10.0.1.1', 7001, 256 * MB)
  local.kill()
  const web = hasWrk()
  if (web) {
    const server = await serveHttp(createNet(stack), 7003)
    rows.push(...(await requests('estab, node:http over TUN', 'http://10.0.1.2:7003/', RUNS)))
    server.close()
  } else console.error('wrk: not installed, HTTP left out')
  stack.close()

  // The second namespace lives as long as this process does.
  const holder = spawn('unshare', ['-n', 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] })
  await new Promise(resolve => setTimeout(resolve, 200))
  ip('link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1')
  ip('link', 'set', 'veth1', 'netns', String(holder.pid))
  const inside = ['nsenter', '-t', String(holder.pid), '-n']
  execFileSync(inside[0]!, [
    ...inside.slice(1),
    'sh',
    '-c',
    'ip link set lo up; ip addr add 10.0.2.2/24 dev veth1; ip link set veth1 up',
  ])
  ip('addr', 'add', '10.0.2.1/24', 'dev', 'veth0')
  ip('link', 'set', 'veth0', 'up')
  const remote = await startPeer(7002, inside)
  rows.push(
    ...(await conversation('kernel ↔ kernel over veth (node:net)', nodeNet, '10.0.2.2', 7002, 1024 * MB)),
  )
  if (web) rows.push(...(await requests('kernel, node:http over veth', 'http://10.0.2.2:7003/', RUNS)))
  for (const feature of ['tso', 'gso', 'gro']) {
    spawnSync('ethtool', ['-K', 'veth0', feature, 'off'], { stdio: 'ignore' })
    spawnSync(inside[0]!, [...inside.slice(1), 'ethtool', '-K', 'veth1', feature, 'off'], { stdio: 'ignore' })
  }
  if (spawnSync('ethtool', ['--version'], { stdio: 'ignore' }).status === 0)
    rows.push(...(await conversation('the same, no offload', nodeNet, '10.0.2.2', 7002, 256 * MB)))
  remote.kill()
  holder.stdin!.end()
  return rows
}

function page(rows: Row[], date: string): string {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const lines = rows.map(
    ({ what, unit, value, low, high }) =>
      `| ${what} | ${format(value)} ${unit} | ${format(low)} – ${format(high)} |`,
  )
  return `# Benchmarks

Made by \`npm run bench\` on ${date}; estab ${version}; ${machine()}. Median of ${RUNS} runs after one
to warm up, smallest and largest beside it. Identical runs differ by a quarter and more on a busy machine: compare figures of one run only.

| | median | range |
|---|---|---|
${lines.join('\n')}

## Method

Every stack runs the same program (\`bench/measure.ts\`): one byte asks the server to send, to swallow, to echo or to
close. *Down* is towards the program that measures, *up* away from it, in 128 KiB writes; the bytes are counted at the
other end. *In memory* is estab to estab in one process over \`memoryPair\`, MTU 1500, both ends on one core. *TUN* is
estab's \`net\` face in this process and \`node:net\` on the kernel in another, MTU 1500, with segmentation
offload. *veth* is \`node:net\` in both, kernel to kernel between two namespaces, with segmentation offload and without.
Connections are opened, used for one byte, and closed by the server first, eight at a time. *HTTP* is one program on
\`node:http\`, served over estab's \`net\` face or over the kernel's sockets, and \`wrk\` on the kernel, keep-alive, which compares every body. *Memory link*
is two stacks without a face, both ends in one thread (\`bench/memory-link.ts\`), the same file in Node and in headless Chromium.

What many connections cost (\`bench/scale-run.ts\`, each line a process of its own) is that of *one* end: the other is a
program that keeps eight bytes for each, in arrays that are there from the beginning, so that what the process grows by is
the stack's. *Heap* is V8's heap and buffers outside of it after a collection; *RSS* has in it what a collector keeps for
later. A segment goes to a connection that cannot be foreseen, is read and acknowledged; what building it takes is
deducted, and the least of five runs is told. Peers speak timestamps, SACK and window scaling.
`
}

const inside = process.argv.includes('--inside')
if (inside) {
  console.log(JSON.stringify(await againstKernel()))
  process.exit(0)
}

const rows = [...(await inMemory()), ...(await memoryLink()), ...scale()]
for (const prefix of [
  ['unshare', '-n'],
  ['unshare', '-Urn'],
]) {
  const [program, ...args] = [...prefix, process.execPath, fileURLToPath(import.meta.url), '--inside']
  const child = spawnSync(program!, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' })
  if (child.status !== 0) continue
  rows.push(...(JSON.parse(child.stdout.trim().split('\n').at(-1)!) as Row[]))
  break
}
const date = new Date().toISOString().slice(0, 10)
writeFileSync(path.join(ROOT, 'docs/benchmarks.md'), page(rows, date))
writeFileSync(
  path.join(ROOT, 'docs/benchmarks.json'),
  `${JSON.stringify({ date, machine: machine(), runs: RUNS, rows }, null, 2)}\n`,
)
console.log(page(rows, date))
process.exit(0)
