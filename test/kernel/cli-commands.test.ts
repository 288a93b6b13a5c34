import assert from 'node:assert/strict'
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { skipWithoutTshark, tsharkComplaints, tsharkFields } from '../support/tshark.js'

const skip =
  process.env.ESTAB_KERNEL === '1'
    ? false
    : 'needs a network namespace of its own: ESTAB_KERNEL=1 unshare -Urn node --test …'

/** Against hangs only: nothing here waits for time to pass. */
const options = { skip, timeout: 60_000 }

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const DEMO = fileURLToPath(new URL('../../src/cli/demo.js', import.meta.url))

const scratch = mkdtempSync(join(tmpdir(), 'estab-kernel-'))
const site = join(scratch, 'site')
const BIG = randomBytes(4 * 1024 * 1024)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

before(() => {
  mkdirSync(join(site, 'sub'), { recursive: true })
  mkdirSync(join(site, 'plain'))
  writeFileSync(join(site, 'big.bin'), BIG)
  writeFileSync(join(site, 'hello.txt'), 'hello, world\n')
  writeFileSync(join(site, '.secret'), 'x')
  writeFileSync(join(site, 'sub', 'index.html'), '<p>the index\n')
  writeFileSync(join(site, 'plain', '<a> & "b".txt'), 'odd\n')
})
after(() => rmSync(scratch, { recursive: true, force: true }))

/** A program that runs, and what it has said so far. */
class Running {
  readonly child: ChildProcess
  out = Buffer.alloc(0)
  err = ''
  readonly ended: Promise<number | null>
  private done = false
  private woken: (() => void) | undefined

  constructor(t: TestContext, program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(program, args, { env: { ...process.env, LC_ALL: 'C.UTF-8', NO_COLOR: '1', ...env } })
    this.child.stdout!.on('data', (part: Buffer) => {
      this.out = Buffer.concat([this.out, part])
      this.woken?.()
    })
    this.child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      this.err += part
      this.woken?.()
    })
    // Whoever ends early does not read its input.
    this.child.stdin!.on('error', () => {})
    this.ended = once(this.child, 'close').then(([code]) => {
      this.done = true
      this.woken?.()
      return code as number | null
    })
    t.after(() => this.child.kill('SIGKILL'))
  }

  get said(): string {
    return this.out.toString() + this.err
  }

  /** Waits until it has said this. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.said)
      if (found) return found
      assert.ok(!this.done, `it ended without saying ${pattern}:\n${this.said}`)
      await new Promise<void>(resolve => {
        this.woken = resolve
      })
    }
  }

  async succeeds(): Promise<Buffer> {
    assert.equal(await this.ended, 0, this.err)
    return this.out
  }

  async fails(status: number, line: RegExp): Promise<void> {
    assert.equal(await this.ended, status, this.said)
    assert.match(this.err, line)
    assert.match(this.err.trimEnd(), /(^|\n)estab: [^\n]+$/)
  }
}

interface Place {
  tun: string
  kernel4: string
  kernel6: string
  own4: string
  own6: string
  args: string[]
}

/** Each test has an interface and subnets of its own. */
function place(n: number): Place {
  const tun = `estabc${n}`
  const [kernel4, own4] = [`10.60.${n}.1`, `10.60.${n}.2`]
  const [kernel6, own6] = [`fd60:${n}::1`, `fd60:${n}::2`]
  const args = ['--create', '--tun', tun, '--address', `${own4}/24`, '--address', `${own6}/64`]
  args.push('--kernel-address', `${kernel4}/24`, '--kernel-address', `${kernel6}/64`)
  return { tun, kernel4, kernel6, own4, own6, args }
}

const estab = (t: TestContext, args: readonly string[], env?: NodeJS.ProcessEnv): Running =>
  new Running(t, process.execPath, [MAIN, ...args], env)

const interfaceExists = (name: string): boolean =>
  readFileSync('/proc/self/net/dev', 'utf8').includes(`${name}:`)

async function serving(t: TestContext, at: Place, ...args: string[]): Promise<Running> {
  const server = estab(t, ['serve', ...at.args, '--root', site, ...args])
  await server.says(/^serving .*site at .*$/m)
  return server
}

/** Stops it as a user does; it must go properly and leave nothing behind. */
async function stops(server: Running, at: Place, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  server.child.kill(signal)
  assert.equal(await server.ended, 0, server.said)
  assert.equal(server.err, '')
  assert.ok(!interfaceExists(at.tun), 'the interface is gone')
}

async function curl(...args: string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)(
    'curl',
    ['-sSg', '--noproxy', '*', '--max-time', '50', ...args],
    {
      encoding: 'buffer',
      maxBuffer: 2 ** 26,
    },
  )
  return stdout
}

/** Everything that comes until the other side closes. Our own side stays as it is. */
async function readAll(socket: net.Socket): Promise<Buffer> {
  const parts: Buffer[] = []
  socket.on('data', part => parts.push(part)).resume()
  await once(socket, 'end')
  return Buffer.concat(parts)
}

function listening(t: TestContext, server: net.Server | http.Server): Promise<number> {
  t.after(() => {
    server.close()
    if (server instanceof http.Server || server instanceof https.Server) server.closeAllConnections()
  })
  return new Promise(resolve => {
    server.listen(0, '::', () => resolve((server.address() as net.AddressInfo).port))
  })
}

/** About one segment in 65,536 of Linux's own has the checksum 0xffff where RFC 1624 wants 0. */
const KERNELS_OWN = /TCP Checksum 0xffff instead of 0x0000/

function judge(file: string): void {
  if (skipWithoutTshark()) return
  assert.deepEqual(
    tsharkComplaints(file).filter(complaint => !KERNELS_OWN.test(complaint)),
    [],
  )
}

const resets = (file: string): string[][] =>
  skipWithoutTshark()
    ? []
    : tsharkFields(file, ['frame.number', 'ip.src', 'ipv6.src'], 'tcp.flags.reset == 1')

describe('estab serve', () => {
  it('serves files to curl over both versions, and writes a capture', options, async t => {
    const at = place(1)
    const pcap = join(scratch, 'serve.pcapng')
    const began = Date.now() / 1000
    const server = await serving(t, at, '--pcap', pcap)
    assert.ok(server.said.includes(`at http://${at.own4}/ and http://[${at.own6}]/`))
    for (const host of [at.own4, `[${at.own6}]`])
      assert.equal(sha256(await curl(`http://${host}/big.bin`)), sha256(BIG))

    const head = (await curl('-i', `http://${at.own4}/hello.txt`)).toString()
    assert.match(head, /^HTTP\/1.1 200 OK\r\n/)
    assert.match(head, /^content-type: text\/plain; charset=utf-8\r$/im)
    const etag = /^etag: (.*)\r$/im.exec(head)![1]!
    const fresh = (await curl('-i', '-H', `If-None-Match: ${etag}`, `http://${at.own4}/hello.txt`)).toString()
    assert.match(fresh, /^HTTP\/1.1 304 /)

    const range = (await curl('-i', '-r', '7-11', `http://${at.own4}/hello.txt`)).toString()
    assert.match(range, /^HTTP\/1.1 206 .*content-range: bytes 7-11\/13\r.*\r\n\r\nworld$/is)
    const tail = await curl('-r', '-1000', `http://[${at.own6}]/big.bin`)
    assert.ok(tail.equals(BIG.subarray(-1000)))
    const beyond = (await curl('-i', '-r', '100-', `http://${at.own4}/hello.txt`)).toString()
    assert.match(beyond, /^HTTP\/1.1 416 /)

    const status = async (path: string, ...args: string[]) =>
      (
        await curl(
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          '--path-as-is',
          ...args,
          `http://${at.own4}${path}`,
        )
      ).toString()
    assert.equal(await status('/nothing'), '404')
    assert.equal(await status('/.secret'), '404')
    assert.equal(await status('/../../etc/passwd'), '403')
    assert.equal(await status('/..%2f..%2fetc/passwd'), '403')
    assert.equal(await status('/%'), '400')
    assert.equal(await status('/hello.txt/'), '404')
    assert.equal(await status('/hello.txt', '-X', 'DELETE'), '405')
    assert.equal(await status('/sub'), '301')

    await stops(server, at)
    for (const line of [
      `${at.kernel4} "GET /big.bin" 200 ${BIG.length} bytes`,
      `${at.kernel6} "GET /big.bin" 200 ${BIG.length} bytes`,
      `${at.kernel4} "GET /hello.txt" 206 5 bytes`,
      `${at.kernel4} "GET /nothing" 404`,
    ])
      assert.ok(server.said.includes(line), line)
    judge(pcap)
    assert.deepEqual(resets(pcap), [])
    if (skipWithoutTshark()) return
    const frames = tsharkFields(pcap, ['frame.time_epoch', 'frame.comment'])
    for (const [time] of frames) assert.ok(Number(time) > began - 1 && Number(time) < Date.now() / 1000 + 1)
    assert.ok(frames.some(([, comment]) => comment!.includes('estab: LISTEN → SYN_RECEIVED (receive SYN)')))
  })

  it('lists directories', options, async t => {
    const at = place(2)
    const server = await serving(t, at, '--port', '8080')
    const base = `http://${at.own4}:8080`
    const root = (await curl(`${base}/`)).toString()
    assert.match(
      root,
      /<a href="\.\/plain\/">plain\/<\/a>.*<a href="\.\/big\.bin">big\.bin<\/a><td>4194304</s,
    )
    assert.doesNotMatch(root, /secret|\.\.\//)
    assert.equal((await curl('-L', `${base}/sub`)).toString(), '<p>the index\n')
    const plain = (await curl('-L', '--path-as-is', `${base}//plain`)).toString()
    assert.match(plain, /<title>Index of \/plain\/<\/title>/)
    assert.ok(plain.includes('&lt;a&gt; &amp; &quot;b&quot;.txt</a>'))
    const href = /href="(\.\/[^"]+)"/.exec(plain)![1]!
    assert.equal((await curl(new URL(href, `${base}/plain/`).href)).toString(), 'odd\n')
    assert.equal(
      (await curl('-I', `${base}/plain/`)).toString().match(/content-length: (\d+)/i)![1],
      `${plain.length}`,
    )
    await stops(server, at, 'SIGTERM')
  })

  it('echoes, discards and generates', options, async t => {
    const at = place(3)
    const pcap = join(scratch, 'services.pcapng')
    const ports = ['--echo', '7', '--discard', '9', '--chargen', '19']
    const server = await serving(t, at, ...ports, '--pcap', pcap)
    await server.says(/^serving chargen on port 19$/m)
    for (const host of [at.own4, at.own6]) {
      const echo = net.connect(7, host)
      const echoed = readAll(echo)
      echo.end(BIG)
      assert.equal(sha256(await echoed), sha256(BIG))

      const discard = net.connect(9, host)
      const nothing = readAll(discard)
      discard.end(BIG)
      assert.equal((await nothing).length, 0)
    }

    const chargen = net.connect(19, at.own4)
    let text = ''
    for await (const part of chargen) {
      text += part
      if (text.length > 1_000_000) break
    }
    const lines = text.split('\r\n').slice(0, -1)
    assert.equal(lines[0], Array.from({ length: 72 }, (_, i) => String.fromCharCode(32 + i)).join(''))
    assert.equal(lines[94]!.slice(0, 3), '~ !')
    assert.equal(lines[95], lines[0])
    assert.ok(lines.every(line => line.length === 72))

    const bash = 'exec 3<>/dev/tcp/$0/7; printf "from bash\\n" >&3; IFS= read -r line <&3; printf %s "$line"'
    assert.equal(execFileSync('bash', ['-c', bash, at.own4], { encoding: 'utf8' }), 'from bash')

    for (const [type, host] of [
      ['udp4', at.own4],
      ['udp6', at.own6],
    ] as const) {
      const socket = createSocket(type)
      t.after(() => socket.close())
      socket.send('a datagram', 7, host)
      const [message, from] = await once(socket, 'message')
      assert.equal(String(message), 'a datagram')
      assert.equal(from.port, 7)
      assert.equal(from.address, host)
    }
    await stops(server, at)
    assert.match(server.said, new RegExp(` discard: ${BIG.length} bytes in, 0 bytes out`))
    assert.match(server.said, new RegExp(` echo: ${BIG.length} bytes in, ${BIG.length} bytes out`))
    judge(pcap)
  })

  it('lets an open transfer finish when it is interrupted', options, async t => {
    const at = place(4)
    const pcap = join(scratch, 'interrupted.pcapng')
    const server = await serving(t, at, '--echo', '7', '--pcap', pcap)
    const idle = net.connect(7, at.own4)
    const idleEnded = once(idle.resume(), 'end')
    const socket = net.connect(80, at.own4)
    socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n')
    const [first] = (await once(socket, 'data')) as [Buffer]
    socket.pause()
    server.child.kill('SIGINT')
    await server.says(/^closing 2 connections$/m)
    await idleEnded
    // Nobody is let in any more.
    const [refused] = (await once(net.connect(80, at.own4), 'error')) as [NodeJS.ErrnoException]
    assert.equal(refused.code, 'ECONNREFUSED')
    const all = Buffer.concat([first, await readAll(socket)])
    const body = all.subarray(all.indexOf('\r\n\r\n') + 4)
    assert.equal(sha256(body), sha256(BIG))
    assert.equal(await server.ended, 0)
    assert.ok(!interfaceExists(at.tun))
    assert.match(server.said, new RegExp(`"GET /big.bin" 200 ${BIG.length} bytes, [0-9.]+ ms$`, 'm'))
    judge(pcap)
    // That of the refused one only.
    assert.ok(resets(pcap).length <= 1)
  })

  it('resets an open transfer when it is interrupted twice', options, async t => {
    const at = place(5)
    const pcap = join(scratch, 'twice.pcapng')
    const server = await serving(t, at, '--chargen', '19', '--pcap', pcap)
    await server.says(/^serving chargen/m)
    const socket = net.connect(80, at.own6)
    socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    socket.pause()
    server.child.kill('SIGINT')
    await server.says(/^closing a connection$/m)
    server.child.kill('SIGINT')
    assert.equal(await server.ended, 0)
    // Whether a socket that was not being read tells of the reset or just ends is up to libuv.
    let bytes = 0
    socket
      .on('error', () => {})
      .on('data', part => {
        bytes += part.length
      })
      .resume()
    await once(socket, 'close')
    assert.ok(bytes < BIG.length)
    judge(pcap)
    // Another, if an answer to a window probe was on its way.
    if (!skipWithoutTshark()) assert.ok(resets(pcap).length >= 1)
  })

  it('prints the ladder', options, async t => {
    const at = place(6)
    const server = await serving(t, at, '--trace', '--lang', 'en')
    await curl(`http://${at.own4}/hello.txt`)
    await server.says(/LAST_ACK → CLOSED/)
    await assert.rejects(curl(`http://${at.own4}:81/`), /Failed to connect|refused/i)
    await server.says(/RST,ACK/)
    await stops(server, at)
    const text = server.out.toString()
    assert.match(text, /^ {2}time \(ms\) +peer +estab$/m)
    const inOrder = [
      'estab: CLOSED → LISTEN',
      `── ${at.kernel4}:`,
      'SYN seq=0',
      'LISTEN → SYN_RECEIVED',
      'SYN,ACK seq=0 ack=1',
      'SYN_RECEIVED → ESTABLISHED',
      'ESTABLISHED → CLOSE_WAIT',
      'CLOSE_WAIT → LAST_ACK',
      'FIN,ACK',
      'LAST_ACK → CLOSED',
      `⇄ ${at.own4}:81 ──`,
      'nobody listens here',
      'RST,ACK',
      'LISTEN → CLOSED',
    ]
    let from = 0
    for (const part of inOrder) {
      const found = text.indexOf(part, from)
      assert.ok(found >= from, `${part} is missing, or out of order:\n${text}`)
      from = found
    }
  })

  it('serves over a TAP, with ARP and neighbour discovery', options, async t => {
    const at = place(7)
    const pcap = join(scratch, 'tap.pcapng')
    const server = await serving(t, at, '--tap', '--no-offload', '--mtu', '1400', '--pcap', pcap)
    for (const host of [at.own4, `[${at.own6}]`])
      assert.equal(sha256(await curl(`http://${host}/big.bin`)), sha256(BIG))
    await stops(server, at)
    judge(pcap)
    if (skipWithoutTshark()) return
    const most = Math.max(...tsharkFields(pcap, ['frame.len']).map(([length]) => Number(length)))
    assert.equal(most, 1400)
  })

  it('uses an interface that is there already, and leaves it there', options, async t => {
    const at = place(8)
    execFileSync('ip', ['tuntap', 'add', 'dev', at.tun, 'mode', 'tun'])
    t.after(() => execFileSync('ip', ['link', 'del', 'dev', at.tun]))
    const args = ['serve', '--tun', at.tun, '--address', `${at.own4}/24`, '--root', site]
    const early = estab(t, args)
    await early.says(/^estab: warning: estabc8 is down: `sudo ip link set dev estabc8 up`$/m)
    await early.says(/^serving/m)
    early.child.kill()
    assert.equal(await early.ended, 0)
    execFileSync('ip', ['address', 'add', `${at.kernel4}/24`, 'dev', at.tun])
    execFileSync('ip', ['link', 'set', 'dev', at.tun, 'up'])
    const server = estab(t, args)
    await server.says(/^serving/m)
    await estab(t, args).fails(1, /already open/)
    assert.equal((await curl(`http://${at.own4}/hello.txt`)).toString(), 'hello, world\n')
    server.child.kill('SIGINT')
    assert.equal(await server.ended, 0)
    assert.equal(server.err, '')
    assert.ok(interfaceExists(at.tun))
  })

  it('fails when its interface is deleted', options, async t => {
    const at = place(9)
    const server = await serving(t, at)
    execFileSync('ip', ['link', 'del', 'dev', at.tun])
    await server.fails(1, /estabc9 was deleted/)
  })
})

describe('estab serve --workers', () => {
  it('shares the connections among threads, and says in the end what each had', options, async t => {
    const at = place(10)
    const server = await serving(t, at, '--workers', '2', '--echo', '7')
    const big = Array.from({ length: 4 }, () => curl(`http://${at.own4}/big.bin`))
    const small = Array.from({ length: 28 }, () => curl(`http://[${at.own6}]/hello.txt`))
    for (const body of await Promise.all(big)) assert.equal(sha256(body), sha256(BIG))
    for (const body of await Promise.all(small)) assert.equal(body.toString(), 'hello, world\n')
    const datagrams = createSocket('udp4')
    t.after(() => datagrams.close())
    datagrams.send('anywhere', 7, at.own4)
    assert.equal(String((await once(datagrams, 'message'))[0]), 'anywhere')
    await stops(server, at)
    const [, one, other] = await server.says(/^connections of the workers: (\d+) \+ (\d+) = 32; /m)
    assert.ok(Number(one) > 0 && Number(other) > 0, 'both had some')
    await server.says(/; packets handed on: \d+, dropped for lack of room: 0$/m)
  })

  it('lets open transfers finish when it is interrupted, wherever they are', options, async t => {
    const at = place(11)
    const server = await serving(t, at, '--workers', '3', '--port', '0')
    const [, port] = await server.says(/http:\/\/10[.\d]+:(\d+)/)
    const sockets = Array.from({ length: 9 }, () => net.connect(Number(port), at.own4))
    const begun = await Promise.all(
      sockets.map(async socket => {
        socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n')
        const [first] = (await once(socket, 'data')) as [Buffer]
        socket.pause()
        return first
      }),
    )
    server.child.kill('SIGINT')
    await server.says(/^closing 9 connections$/m)
    for (const [i, socket] of sockets.entries()) {
      const all = Buffer.concat([begun[i]!, await readAll(socket)])
      assert.equal(sha256(all.subarray(all.indexOf('\r\n\r\n') + 4)), sha256(BIG))
    }
    assert.equal(await server.ended, 0, server.said)
    assert.ok(!interfaceExists(at.tun))
  })

  it('resets what is open when it is interrupted twice', options, async t => {
    const at = place(12)
    const server = await serving(t, at, '--workers', '2', '--chargen', '19')
    const sockets = [1, 2, 3, 4].map(() => net.connect(19, at.own4).on('error', () => {}))
    await Promise.all(sockets.map(socket => once(socket, 'data')))
    for (const socket of sockets) socket.pause()
    server.child.kill('SIGINT')
    await server.says(/^closing 4 connections$/m)
    server.child.kill('SIGINT')
    assert.equal(await server.ended, 0, server.said)
    for (const socket of sockets) socket.destroy()
  })

  it('takes queues of an interface that is there and has several', options, async t => {
    const at = place(13)
    const device = ['dev', at.tun, 'mode', 'tun']
    t.after(() => execFileSync('ip', ['link', 'del', 'dev', at.tun]))
    const args = ['serve', '--tun', at.tun, '--address', `${at.own4}/24`, '--root', site, '--workers', '2']
    execFileSync('ip', ['tuntap', 'add', ...device])
    await estab(t, args).fails(
      1,
      /one queue: .* make it with `ip tuntap add dev estabc13 mode tun multi_queue`/,
    )
    execFileSync('ip', ['tuntap', 'del', ...device])
    execFileSync('ip', ['tuntap', 'add', ...device, 'multi_queue'])
    execFileSync('ip', ['address', 'add', `${at.kernel4}/24`, 'dev', at.tun])
    execFileSync('ip', ['link', 'set', 'dev', at.tun, 'up'])
    const server = estab(t, args)
    await server.says(/^serving/m)
    assert.equal((await curl(`http://${at.own4}/hello.txt`)).toString(), 'hello, world\n')
    server.child.kill('SIGINT')
    assert.equal(await server.ended, 0)
    assert.ok(interfaceExists(at.tun))
  })

  it('fails when its interface is deleted, and when one of the threads dies', options, async t => {
    const at = place(14)
    const server = await serving(t, at, '--workers', '2')
    execFileSync('ip', ['link', 'del', 'dev', at.tun])
    await server.fails(1, /estabc14 was deleted/)
    const code = `import { isMainThread, workerData } from 'node:worker_threads'
      if (!isMainThread && workerData.ticket.index === 1)
        setTimeout(() => { throw new Error('it had to be') }, 1000)`
    const args = ['serve', ...at.args, '--root', site, '--workers', '2']
    const doomed = estab(t, args, {
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}`,
    })
    await doomed.fails(1, /^estab: worker 1 failed: it had to be$/m)
    assert.ok(!interfaceExists(at.tun))
  })
})

describe('estab get', () => {
  it("fetches from Python's server", options, async t => {
    const at = place(20)
    const python = new Running(t, 'python3', ['-u', '-m', 'http.server', '0', '--bind', '::', '-d', site])
    const [, port] = await python.says(/port (\d+)/)
    const pcap = join(scratch, 'get.pcapng')
    const file = join(scratch, 'got.bin')
    const first = estab(t, [
      'get',
      `http://${at.kernel4}:${port}/big.bin`,
      ...at.args,
      '-o',
      file,
      '--pcap',
      pcap,
    ])
    assert.equal((await first.succeeds()).length, 0)
    assert.match(first.err, /100 % of 4\.0 MiB/)
    assert.equal(sha256(readFileSync(file)), sha256(BIG))
    judge(pcap)
    assert.deepEqual(resets(pcap), [])
    assert.ok(!interfaceExists(at.tun))

    const second = estab(t, ['get', `http://[${at.kernel6}]:${port}/big.bin`, ...at.args])
    assert.equal(sha256(await second.succeeds()), sha256(BIG))
    await estab(t, ['get', `http://${at.kernel4}:${port}/none`, ...at.args]).fails(
      1,
      /\/none: 404 File not found$/m,
    )
  })

  it('prints TCP_INFO and the ladder', options, async t => {
    const at = place(21)
    const port = await listening(
      t,
      http.createServer((_, response) => response.end('ok')),
    )
    const got = estab(t, [
      'get',
      `http://${at.kernel4}:${port}/`,
      ...at.args,
      '--status',
      '--trace',
      '--lang',
      'zh',
    ])
    assert.equal((await got.succeeds()).toString(), 'ok')
    assert.match(
      got.err,
      new RegExp(`connection ${at.own4}:\\d+ → ${at.kernel4}:${port}\\n {2}state +\\w+\\n`),
    )
    assert.match(got.err, /^ {2}bytesReceived +\d+$/m)
    assert.match(got.err, /时间.*CLOSED → SYN_SENT.*SYN_SENT → ESTABLISHED.*→ (CLOSED|TIME_WAIT)/s)
  })

  it('follows redirects, but not for ever', options, async t => {
    const at = place(22)
    const server = http.createServer((request, response) => {
      const left = Number(request.url!.slice(1))
      if (request.url === '/away') response.writeHead(302, { Location: 'gopher://x/' }).end()
      else if (left === 0) response.end('arrived')
      else response.writeHead(left % 2 ? 302 : 308, { Location: `${left - 1}` }).end()
    })
    const port = await listening(t, server)
    const base = `http://${at.kernel4}:${port}`
    assert.equal((await estab(t, ['get', `${base}/10`, ...at.args]).succeeds()).toString(), 'arrived')
    await estab(t, ['get', `${base}/11`, ...at.args]).fails(1, /more than 10 redirects/)
    await estab(t, ['get', `${base}/away`, ...at.args]).fails(1, /redirects to "gopher:/)
  })

  it('fails with one line', options, async t => {
    const at = place(23)
    const server = http.createServer((request, response) => {
      response.writeHead(200, { 'Content-Length': 1000 })
      response.write('only this', () => {
        if (request.url === '/cut') request.socket.end()
        if (request.url === '/reset') request.socket.resetAndDestroy()
      })
    })
    const port = await listening(t, server)
    const base = `http://${at.kernel4}:${port}`
    await estab(t, ['get', `${base}/cut`, ...at.args]).fails(1, /ended after 9 of 1000 bytes/)
    await estab(t, ['get', `${base}/reset`, ...at.args]).fails(1, /ECONNRESET/)
    await estab(t, ['get', `http://${at.kernel4}:1/`, ...at.args]).fails(1, /ECONNREFUSED 10\.60\.23\.1:1/)
    await estab(t, ['get', 'http://192.0.2.1/', ...at.args]).fails(1, /ENETUNREACH/)
    await estab(t, ['get', `${base}/`, ...at.args, '-o', '/nowhere/x']).fails(
      1,
      /cannot write \/nowhere\/x: ENOENT/,
    )
  })

  it('fetches over TLS', options, async t => {
    const at = place(24)
    const [key, cert] = [join(scratch, 'key.pem'), join(scratch, 'cert.pem')]
    const subject = ['-subj', '/CN=estab test', '-addext', `subjectAltName=IP:${at.kernel4}`]
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    execFileSync(
      'openssl',
      ['req', '-x509', ...newKey, '-keyout', key, '-out', cert, '-days', '2', ...subject],
      {
        stdio: 'ignore',
      },
    )
    const secrets = { key: readFileSync(key), cert: readFileSync(cert) }
    const port = await listening(
      t,
      https.createServer(secrets, (_, response) => response.end(BIG)),
    )
    const url = `https://${at.kernel4}:${port}/`
    const got = estab(t, ['get', url, ...at.args, '--status'], { NODE_EXTRA_CA_CERTS: cert })
    assert.equal(sha256(await got.succeeds()), sha256(BIG))
    assert.match(got.err, /^connection /m)
    await estab(t, ['get', url, ...at.args]).fails(1, /self-signed certificate/)
  })

  it('reaches what is behind a gateway', options, async t => {
    const at = place(25)
    for (const address of ['10.60.125.1/32', 'fd60:125::1/128']) {
      execFileSync('ip', ['address', 'add', address, 'dev', 'lo'])
      t.after(() => execFileSync('ip', ['address', 'del', address, 'dev', 'lo']))
    }
    const port = await listening(
      t,
      http.createServer((_, response) => response.end('behind')),
    )
    const gateways = ['--gateway', at.kernel4, '--gateway', at.kernel6]
    for (const host of ['10.60.125.1', '[fd60:125::1]']) {
      const got = estab(t, ['get', `http://${host}:${port}/`, ...at.args, ...gateways])
      assert.equal((await got.succeeds()).toString(), 'behind')
    }
  })

  it('can be interrupted', options, async t => {
    const at = place(26)
    const server = http.createServer((_, response) => response.write('a little'))
    const port = await listening(t, server)
    const pcap = join(scratch, 'interrupted-get.pcapng')
    const got = estab(t, ['get', `http://${at.kernel4}:${port}/`, ...at.args, '--pcap', pcap])
    const closed = once(server, 'connection').then(([socket]) => once(socket, 'close'))
    await got.says(/a little/)
    got.child.kill('SIGINT')
    assert.equal(await got.ended, 130)
    await closed
    assert.ok(!interfaceExists(at.tun))
    judge(pcap)
  })
})

describe('estab nc', () => {
  it('carries both ways, and closes each way by itself', options, async t => {
    const at = place(40)
    // Speaks only once it has heard everything.
    const server = net.createServer({ allowHalfOpen: true }, async socket => {
      const heard = await readAll(socket.on('error', () => {}))
      socket.end(heard.reverse())
    })
    const port = await listening(t, server)
    const pcap = join(scratch, 'nc.pcapng')
    for (const host of [at.kernel4, at.kernel6]) {
      const nc = estab(t, ['nc', host, `${port}`, ...at.args, '--pcap', pcap])
      nc.child.stdin!.end(BIG)
      assert.equal(sha256((await nc.succeeds()).reverse()), sha256(BIG))
      assert.equal(nc.err, '')
      judge(pcap)
      assert.deepEqual(resets(pcap), [])
    }
  })

  it('listens', options, async t => {
    const at = place(41)
    for (const host of [at.own4, at.own6]) {
      const nc = estab(t, ['nc', '-l', '7000', ...at.args])
      await nc.says(/^listening on port 7000$/m)
      const socket = net.connect({ port: 7000, host, allowHalfOpen: true })
      const heard = readAll(socket)
      socket.end(BIG)
      await nc.says(/^connection from /m)
      nc.child.stdin!.end('and an answer')
      assert.equal((await heard).toString(), 'and an answer')
      assert.equal(sha256(await nc.succeeds()), sha256(BIG))
    }
  })

  it('fails when it is refused or reset', options, async t => {
    const at = place(42)
    await estab(t, ['nc', at.kernel4, '1', ...at.args]).fails(1, /ECONNREFUSED 10\.60\.42\.1:1/)
    await estab(t, ['nc', at.kernel6, '1', ...at.args]).fails(1, /ECONNREFUSED fd60:42::1:1/)
    const port = await listening(
      t,
      net.createServer(socket => socket.resetAndDestroy()),
    )
    await estab(t, ['nc', at.kernel4, `${port}`, ...at.args]).fails(1, /ECONNRESET/)
  })

  it('closes its connection when it is interrupted', options, async t => {
    const at = place(43)
    const server = net.createServer()
    const port = await listening(t, server)
    const nc = estab(t, ['nc', at.kernel4, `${port}`, ...at.args])
    const [socket] = (await once(server, 'connection')) as [net.Socket]
    const ended = once(socket.resume(), 'end')
    nc.child.stdin!.write('x')
    await once(socket, 'data')
    nc.child.kill('SIGTERM')
    await ended
    assert.equal(await nc.ended, 143)
    assert.equal(nc.err, '')

    const waiting = estab(t, ['nc', '-l', '7000', ...at.args])
    await waiting.says(/listening/)
    waiting.child.kill('SIGINT')
    assert.equal(await waiting.ended, 130)
  })
})

describe('npm start -- --kernel', () => {
  it('talks to the kernel and checks every byte', options, async t => {
    const demo = new Running(t, process.execPath, [DEMO, '--kernel'])
    const text = (await demo.succeeds()).toString()
    assert.equal(demo.err, '')
    assert.equal(text.match(/16777216 bytes in .* Mbit\/s, SHA-256 .* ✓ as sent$/gm)?.length, 4)
    assert.match(text, /SYN seq=0.*SYN,ACK seq=0 ack=1.*ESTABLISHED → CLOSE_WAIT.*LAST_ACK → CLOSED/s)
    assert.match(text, /`ss -tin` says .*ESTAB.*10\.59\.0\.1.*bytes_acked:/s)
    assert.match(text, /^Every byte arrived as it was sent\.$/m)
    // It was in a namespace of its own.
    assert.ok(!interfaceExists('estab0'))
  })
})
