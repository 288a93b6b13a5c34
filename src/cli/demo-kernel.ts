import { execFile, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createAgent, createNet, type Net } from '../faces/net/index.js'
import { configureKernelSide } from '../links/kernel-side.js'
import { realtime } from '../links/realtime.js'
import { openTun, TunError } from '../links/tun.js'
import { Stack } from '../stack/stack.js'
import { settled } from './attachment.js'
import { LiveLadder } from './live-ladder.js'
import { localeLanguage } from './output.js'
import { wantsColour } from './usage.js'

const SIZE = 16 * 1024 * 1024
const KERNEL = { IPv4: '10.59.0.1', IPv6: 'fd59::1' }
const ESTAB = { IPv4: '10.59.0.2', IPv6: 'fd59::2' }
type Version = keyof typeof ESTAB
const VERSIONS: readonly Version[] = ['IPv4', 'IPv6']

/** No transfer takes longer than this, in ms, unless something is wrong. */
const PATIENCE = 60_000

const run = promisify(execFile)
const host = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/**
 * `npm start -- --kernel`; `inside` is set once we run in a network namespace of our own. Resolves to the exit status.
 */
export async function kernelDemo(inside: boolean): Promise<number> {
  try {
    return inside ? await demonstrate() : enter()
  } catch (error) {
    console.error(`npm start -- --kernel: ${error instanceof Error ? error.message : String(error)}`)
    if (error instanceof TunError && error.code !== 'ERR_KOFFI_MISSING') console.error(REMEDIES)
    return 1
  }
}

const REMEDIES = `
What helps:
  run it as root: sudo npm start -- --kernel
  in a container: start that with --cap-add SYS_ADMIN --cap-add NET_ADMIN --device /dev/net/tun
  without root, where user namespaces are switched off:
    sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0     (Ubuntu)
    sudo sysctl kernel.unprivileged_userns_clone=1                 (Debian, older)
  if there is no /dev/net/tun: sudo modprobe tun
\`npm start\` without --kernel needs none of this.`

/** Runs ourselves again, in a network namespace where nothing of the machine's own network can be touched. */
function enter(): number {
  if (process.platform !== 'linux') {
    console.error(
      `npm start -- --kernel: this shows estab against the Linux kernel; here is ${process.platform}`,
    )
    return 1
  }
  const ways = [['-n'], ['-Urn']]
  const failures: string[] = []
  for (const way of ways) {
    const probe = spawnSync('unshare', [...way, 'true'], { encoding: 'utf8' })
    if (probe.status !== 0) {
      const { code } = (probe.error ?? {}) as NodeJS.ErrnoException
      const why = code === 'ENOENT' ? 'not installed (package util-linux)' : probe.stderr?.trim() || code
      failures.push(`  unshare ${way.join(' ')}: ${why}`)
      continue
    }
    const script = fileURLToPath(new URL('demo.js', import.meta.url))
    const again = [process.execPath, ...process.execArgv, script, '--kernel', '--inside']
    return spawnSync('unshare', [...way, ...again], { stdio: 'inherit' }).status ?? 1
  }
  console.error('npm start -- --kernel: no network namespace can be made here:')
  console.error([...failures, REMEDIES].join('\n'))
  return 1
}

async function demonstrate(): Promise<number> {
  await configureKernelSide('lo', {})
  const link = openTun({ name: 'estab0' })
  const lines: string[] = []
  const ladder = new LiveLadder(line => lines.push(line), {
    language: localeLanguage(),
    colour: wantsColour(),
  })
  const stack = new Stack({ env: realtime(), observer: ladder.observer })
  try {
    await configureKernelSide(link.name, { addresses: [`${KERNEL.IPv4}/24`, `${KERNEL.IPv6}/64`] })
    stack.addInterface(link, { name: link.name, addresses: [`${ESTAB.IPv4}/24`, `${ESTAB.IPv6}/64`] })
    const net = createNet(stack)
    console.log(
      `Linux ${os.release()} and estab, at the two ends of the TUN ${link.name}, in a network namespace of their own.\n` +
        `The kernel is ${KERNEL.IPv4} and ${KERNEL.IPv6}, estab is ${ESTAB.IPv4} and ${ESTAB.IPv6}.`,
    )
    const payload = randomBytes(SIZE)
    const digest = sha256(payload)
    const web = http.createServer((request, response) => {
      response.end(request.url === '/file' ? payload : `Hello from ${ESTAB.IPv4}\n`)
    })
    await once(net.serve(web, 80), 'listening')

    console.log('\n1. curl says hello to estab. The whole connection, as estab sees it:\n')
    const greeting = await curl(`http://${ESTAB.IPv4}/`)
    await settled(stack, PATIENCE)
    stack.observer = null
    console.log(lines.join('\n'))
    console.log(`\ncurl got: ${greeting.toString().trim()}`)

    console.log(`\n2. estab serves 16 MiB over HTTP, curl fetches it:`)
    let ok = true
    for (const version of VERSIONS) {
      const started = performance.now()
      const body = await curl(`http://${host(ESTAB[version])}/file`)
      ok = report(version, body.length, sha256(body), digest, performance.now() - started) && ok
    }

    console.log('\n3. The kernel serves 16 MiB over HTTP, estab fetches it:')
    for (const version of VERSIONS) ok = (await fetchFromKernel(net, version, payload, digest)) && ok

    console.log(ok ? '\nEvery byte arrived as it was sent.' : '\nFAILED: see the lines with ✗ above.')
    return ok ? 0 : 1
  } finally {
    stack.close()
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function report(version: Version, bytes: number, hash: string, wanted: string, ms: number): boolean {
  const ok = hash === wanted
  const rate = ((bytes * 8) / ms / 1000).toFixed(0)
  console.log(
    `   ${version}: ${bytes} bytes in ${(ms / 1000).toFixed(2)} s, ${rate} Mbit/s, ` +
      `SHA-256 ${hash.slice(0, 16)}… ${ok ? '✓ as sent' : '✗ NOT as sent'}`,
  )
  return ok
}

async function curl(url: string): Promise<Buffer> {
  const child = spawn(
    'curl',
    ['--silent', '--show-error', '--globoff', '--max-time', `${PATIENCE / 1000}`, url],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      // A proxy would not find its way into this namespace.
      env: { ...process.env, no_proxy: '*', NO_PROXY: '*' },
    },
  )
  const parts: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  try {
    const [status] = (await once(child, 'close')) as [number | null]
    if (status !== 0) console.log(`   ✗ curl ended with status ${status} on ${url}`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(code === 'ENOENT' ? 'curl is not installed: install the package curl' : String(error))
  }
  return Buffer.concat(parts)
}

/** The kernel's TCP, under Node's own http server, sends; estab receives, and half way looks at the kernel. */
async function fetchFromKernel(
  net: Net,
  version: Version,
  payload: Buffer,
  digest: string,
): Promise<boolean> {
  const server = http.createServer((_request, response) => response.end(payload))
  server.listen(0, KERNEL[version])
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const hash = createHash('sha256')
  let bytes = 0
  let looked = 0
  const started = performance.now()
  try {
    const request = http.get({ host: KERNEL[version], port, agent: createAgent(net), timeout: PATIENCE })
    request.on('timeout', () => request.destroy(new Error('nothing came for a minute')))
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    for await (const chunk of response as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
      if (looked > 0 || version !== 'IPv4' || bytes < SIZE / 2) continue
      const before = performance.now()
      console.log(await kernelView(port, bytes))
      looked = performance.now() - before
    }
  } catch (error) {
    console.log(`   ✗ ${version}: ${(error as Error).message}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
  return report(version, bytes, hash.digest('hex'), digest, performance.now() - started - looked)
}

async function kernelView(port: number, bytes: number): Promise<string> {
  try {
    const { stdout } = await run('ss', ['-tin', 'sport', '=', `:${port}`])
    const text = stdout.trimEnd().replace(/^/gm, '   | ')
    return `   After ${bytes} bytes, \`ss -tin\` says of the kernel's side:\n${text}`
  } catch (error) {
    return `   (\`ss -tin\` cannot say anything about the kernel's side: ${(error as Error).message})`
  }
}
