import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { kernelTest } from '../support/kernel.js'
import { atEnd } from '../support/kernel-cleanup.js'
import { scratch, shell, start } from '../support/kernel-program.js'
import { page, Watching } from '../support/lab.js'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const SIZE = 10 * 1000 * 1000

const place = (n: number): string[] => [
  '--create',
  '--tun',
  `establ${n}`,
  '--address',
  `10.61.${n}.2/24`,
  '--kernel-address',
  `10.61.${n}.1/24`,
]

/** estab with a lab, and what both of its outputs say. */
class Running {
  said = ''
  readonly ended: Promise<number | null>
  private woken: () => void = () => {}

  readonly child: ChildProcess

  constructor(t: TestContext, args: string[]) {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ESTAB_LAB_PAGE: page(t) },
    })
    this.child = child
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said += text
        this.woken()
      })
    this.ended = once(child, 'close').then(([code]) => {
      this.woken()
      return code as number | null
    })
    atEnd(t, () => void child.kill('SIGKILL'))
  }

  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.said)
      if (found) return found
      assert.equal(this.child.exitCode, null, this.said)
      await new Promise<void>(resolve => {
        this.woken = resolve
      })
    }
  }

  /** As a page that is opened now. */
  async watch(t: TestContext): Promise<Watching> {
    const [, url] = await this.says(/^the lab is at (\S+)$/m)
    return Watching.open(t, url!)
  }

  async stops(): Promise<void> {
    this.child.kill('SIGINT')
    assert.equal(await this.ended, 0, this.said)
  }
}

/** What was seen and what was left out is every segment that the connection says it had. */
const counted = (watching: Watching): number =>
  watching.segments.length + watching.batches.reduce((sum, batch) => sum + batch.left, 0)

describe('a live stack in the lab', kernelTest, () => {
  it('shows curl fetching 10 MB from estab serve, from SYN to FIN', async t => {
    const root = scratch(t)
    writeFileSync(path.join(root, 'file'), randomBytes(SIZE))
    const server = new Running(t, ['serve', ...place(1), '--root', root, '--lab', '--lab-port', '0'])
    const watching = await server.watch(t)
    await server.says(/^serving /m)
    const [hello] = (await watching.until(w => w.messages.length > 0 && w.messages)) as Watching['messages']
    assert.ok(hello?.type === 'hello')
    assert.deepEqual(hello.addresses, ['10.61.1.2'])
    assert.equal(await shell("curl -sS --noproxy '*' http://10.61.1.2/file | wc -c"), `${SIZE}`)
    const { flow } = (await watching.until(w =>
      w.events.find(event => event.kind === 'state' && event.to === 'CLOSED'),
    )) as { flow: string }
    assert.match(flow, /^10\.61\.1\.2:80 10\.61\.1\.1:\d+$/)
    // curl closes first: it has what it came for.
    const life = ['LISTEN', 'SYN_RECEIVED', 'ESTABLISHED', 'CLOSE_WAIT', 'LAST_ACK', 'CLOSED']
    assert.deepEqual(watching.path(flow), life)
    const segments = watching.segments.filter(segment => segment.flow === flow)
    const marked = segments.filter(({ flags }) => flags.includes('SYN') || flags.includes('FIN'))
    // Who is held up for a while may find that the kernel has sent one again.
    const named = marked.map(({ direction, flags }) =>
      [direction, ...flags.filter(flag => flag !== 'PSH')].join(' '),
    )
    assert.deepEqual([...new Set(named)], ['in SYN', 'out SYN ACK', 'in FIN ACK', 'out FIN ACK'])
    const [fin] = marked.filter(({ direction }) => direction === 'out').slice(-1)
    assert.ok(fin!.seq > SIZE && fin!.seq < SIZE + 1000, `${fin!.seq}: the file and the head of the answer`)
    assert.ok(
      segments.some(segment => segment.len > 1460),
      'several segments in one piece',
    )
    assert.ok(watching.messages.some(message => message.type === 'status'))

    const late = await server.watch(t)
    assert.deepEqual((await late.until(w => w.path(flow).length === 6 && w)).path(flow), life)
    assert.equal(counted(late), counted(watching), 'nothing has gone uncounted')
    await server.stops()
    await watching.until(w => w.messages.at(-1)?.type === 'end')
  })

  it('of estab get stays open after the transfer, until Ctrl-C; also if it came to nothing', async t => {
    const web = http.createServer((_request, response) => response.end('x'.repeat(100_000)))
    t.after(() => {
      web.close()
      web.closeAllConnections()
    })
    const address = new Promise<AddressInfo>(resolve =>
      web.listen(0, '0.0.0.0', () => resolve(web.address() as AddressInfo)),
    )
    const { port } = await address
    const got = new Running(t, ['get', `http://10.61.2.1:${port}/`, ...place(2), '-o', '/dev/null', '--lab'])
    await got.says(/^done; the lab stays open until Ctrl-C$/m)
    const watching = await got.watch(t)
    const flow = await watching.until(w => w.segments[0]?.flow)
    assert.deepEqual(watching.path(flow).slice(0, 3), ['CLOSED', 'SYN_SENT', 'ESTABLISHED'])
    await got.stops()

    const refused = new Running(t, ['get', 'http://10.61.3.1:9/', ...place(3), '--lab'])
    await refused.says(/ECONNREFUSED.*; the lab stays open until Ctrl-C$/m)
    const other = await refused.watch(t)
    await other.until(w => w.segments.some(segment => segment.flags.includes('RST')))
    refused.child.kill('SIGINT')
    assert.equal(await refused.ended, 1)
    assert.match(refused.said, /\nestab: .*ECONNREFUSED.*\n$/)
  })

  it('of estab nc likewise', async t => {
    const peer = await start(t, 'python3', ['-c', PEER], /ready/)
    const nc = new Running(t, ['nc', '10.61.4.1', '7999', ...place(4), '--lab'])
    await nc.says(/^done; the lab stays open until Ctrl-C$/m)
    const watching = await nc.watch(t)
    await watching.until(w => w.segments.some(segment => segment.flags.includes('FIN')))
    await nc.stops()
    peer.kill()
  })

  it('says why there is none, and leaves nothing behind', async t => {
    const failed = new Running(t, ['serve', ...place(5), '--lab'])
    const [, url] = await failed.says(/^the lab is at (\S+)$/m)
    const second = new Running(t, ['serve', ...place(6), '--lab', '--lab-port', new URL(url!).port])
    assert.equal(await second.ended, 1)
    assert.match(second.said, /^estab: port \d+ is in use; port 0 takes one that is free\n$/)
    await shell('! ip link show dev establ6 2> /dev/null')
    await failed.stops()
  })
})

const PEER = `
import socket
s = socket.create_server(('0.0.0.0', 7999))
print('ready', flush=True)
while True:
    c, _ = s.accept()
    c.sendall(b'hello\\n')
    c.close()
`
