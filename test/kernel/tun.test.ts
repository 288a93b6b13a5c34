import assert from 'node:assert/strict'
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { configureKernelSide, removeKernelSide } from '../../src/links/kernel-side.js'
import { realtime } from '../../src/links/realtime.js'
import { openTun, TunError, type TunLink, type TunOptions } from '../../src/links/tun.js'
import type { LinkReceiver } from '../../src/stack/link.js'
import { Stack } from '../../src/stack/stack.js'
import type { TcpError } from '../../src/tcp/errors.js'
import { IpAddress } from '../../src/wire/address.js'

const skip =
  process.env.ESTAB_KERNEL === '1'
    ? false
    : 'needs a network namespace of its own: ESTAB_KERNEL=1 unshare -Urn node --test …'

/** Against hangs only: nothing here waits for time to pass. */
const options = { skip, timeout: 60_000 }

const ICMP = 1
const UDP = 17

/** Keeps the packets of one protocol; the kernel also sends some of its own accord. */
class Inbox implements LinkReceiver {
  readonly packets: Buffer[] = []
  readonly errors: Error[] = []
  #waiting: (() => void) | undefined
  readonly #wanted: (packet: Buffer) => boolean

  constructor(wanted: (packet: Buffer) => boolean = isUdp) {
    this.#wanted = wanted
  }

  packet(bytes: Uint8Array, offset: number, length: number): void {
    const packet = Buffer.from(bytes.slice(offset, offset + length))
    if (this.#wanted(packet)) this.packets.push(packet)
  }

  batchEnd(): void {
    this.#waiting?.()
  }

  failed(error: Error): void {
    this.errors.push(error)
    this.#waiting?.()
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>(resolve => {
        this.#waiting = resolve
      })
    }
  }

  async next(): Promise<Buffer> {
    await this.until(() => this.packets.length > 0)
    return this.packets.shift() as Buffer
  }
}

const isProtocol = (protocol: number) => (packet: Buffer) => packet[0] >> 4 === 4 && packet[9] === protocol
const isUdp = isProtocol(UDP)

/** Opens a device with the kernel at 10.77.0.1/24, and closes it when the test ends. */
async function open(t: TestContext, settings: TunOptions = {}): Promise<TunLink> {
  const link = openTun(settings)
  t.after(() => link.close())
  await configureKernelSide(link.name, { addresses: ['10.77.0.1/24'] })
  return link
}

async function udpSocket(t: TestContext, address = '10.77.0.1'): Promise<Socket> {
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}

function sendTo(socket: Socket, payload: Uint8Array, port = 7, address = '10.77.0.2'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(payload, port, address, error => (error ? reject(error) : resolve()))
  })
}

function checksum(bytes: Buffer): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** An IPv4 packet from 10.77.0.2 to 10.77.0.1. */
function ipv4(protocol: number, payload: Buffer): Buffer {
  const header = Buffer.from([0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 77, 0, 2, 10, 77, 0, 1])
  header.writeUInt16BE(20 + payload.length, 2)
  header.writeUInt16BE(checksum(header), 10)
  return Buffer.concat([header, payload])
}

/** A UDP datagram over IPv4, without a checksum. */
function udp(port: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(7, 0)
  header.writeUInt16BE(port, 2)
  header.writeUInt16BE(8 + payload.length, 4)
  return ipv4(UDP, Buffer.concat([header, payload]))
}

/** With 64 bytes in front, for a header of the link's. */
const withRoom = (packet: Buffer): Buffer => Buffer.concat([Buffer.alloc(64), packet])

const payloadOf = (packet: Buffer) => packet.subarray(28)

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' })

function isTunError(code: string, message: RegExp): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof TunError)
    assert.equal(error.code, code)
    assert.match(error.message, message)
    return true
  }
}

const moduleUrl = new URL('../../src/links/tun.js', import.meta.url).href
const sink = '{ packet() {}, batchEnd() {}, failed() {} }'

/** Runs a program that has `openTun`; a hanging one is killed, and fails. */
function run(code: string, command: string[] = []): Promise<{ stdout: string }> {
  const program = `import { openTun } from ${JSON.stringify(moduleUrl)}\n${code}`
  const [file, ...args] = [...command, process.execPath, '--input-type=module', '-e', program]
  return promisify(execFile)(file, args, { timeout: 30_000, killSignal: 'SIGKILL' })
}

describe('openTun, anywhere', () => {
  it('says how to get koffi when it is missing', async () => {
    const { stdout } = await run(`
      import Module from 'node:module'
      Object.defineProperty(process, 'platform', { value: 'linux' })
      const resolve = Module._resolveFilename
      Module._resolveFilename = (request, ...rest) => {
        if (request !== 'koffi') return resolve(request, ...rest)
        throw Object.assign(new Error('not found'), { code: 'MODULE_NOT_FOUND' })
      }
      try { openTun() } catch (error) { console.log(error.name, error.code, error.message) }`)
    assert.match(stdout, /^TunError ERR_KOFFI_MISSING .*npm i koffi/)
  })

  it('says that it is for Linux elsewhere', async () => {
    const { stdout } = await run(`
      Object.defineProperty(process, 'platform', { value: 'darwin' })
      try { openTun() } catch (error) { console.log(error.name, error.code, error.message) }`)
    assert.match(stdout, /^TunError ERR_NOT_LINUX .*darwin/)
  })
})

for (const mode of ['tun', 'tap'] as const)
  describe(`queues of a ${mode}`, options, () => {
    it('are links of their own, and the interface is gone with the last', t => {
      const links = [1, 2, 3].map(() => openTun({ name: 'tuntest0', mode, multiQueue: true }))
      t.after(() => {
        for (const link of links) link.close()
      })
      for (const link of links) {
        assert.equal(link.name, 'tuntest0')
        ip('link', 'show', 'dev', 'tuntest0')
        link.close()
      }
      assert.throws(() => ip('link', 'show', 'dev', 'tuntest0'))
    })
  })

describe('queues of a tun, with the kernel', options, () => {
  for (const offload of [true, false])
    it(`get each flow by the queue that it was sent to by, ${offload ? 'with offload' : 'without'}`, async t => {
      const settings = { name: 'tuntest0', multiQueue: true, offload }
      const first = await open(t, settings)
      const second = openTun(settings)
      t.after(() => second.close())
      const inboxes = [first, second].map(link => {
        const inbox = new Inbox()
        // Whoever has `offer` knows of offload.
        const offer: LinkReceiver['offer'] = (bytes, offset, length) => {
          inbox.packet(bytes, offset, length)
          return false
        }
        link.attach(offload ? Object.assign(inbox, { offer }) : inbox)
        return inbox
      })
      for (const [i, link] of [first, second, first, second].entries()) {
        const socket = await udpSocket(t)
        const hello = udp(socket.address().port, Buffer.from('hello'))
        assert.equal(link.send(withRoom(hello), 64, hello.length), true)
        await once(socket, 'message')
        for (let j = 0; j < 10; j++) await sendTo(socket, Buffer.from(`${i} ${j}`))
        const mine = inboxes[i % 2]
        await mine.until(() => mine.packets.length === 10)
        assert.equal(payloadOf(mine.packets[9]).toString(), `${i} 9`)
        mine.packets.length = 0
      }
      assert.deepEqual(
        inboxes.map(({ packets }) => packets.length),
        [0, 0],
      )
    })
})

describe('tun', options, () => {
  it('opens with the name given, and the MTU of the interface', t => {
    const link = openTun({ name: 'tuntest0' })
    t.after(() => link.close())
    assert.deepEqual([link.name, link.kind, link.mode, link.mtu], ['tuntest0', 'ip', 'tun', 1500])
    assert.equal(link.hardwareAddress, undefined)
  })

  it('lets the kernel choose the name', t => {
    const links = [openTun(), openTun({ name: 'some%d' }), openTun({ mode: 'tap' })]
    t.after(() => {
      for (const link of links) link.close()
    })
    assert.match(links.map(link => link.name).join(), /^tun\d+,some\d+,tap\d+$/)
  })

  it('sets and reads the MTU', async t => {
    ip('tuntap', 'add', 'dev', 'tuntest0', 'mode', 'tun')
    t.after(() => removeKernelSide('tuntest0'))
    ip('link', 'set', 'dev', 'tuntest0', 'mtu', '1280')
    const first = openTun({ name: 'tuntest0' })
    assert.equal(first.mtu, 1280)
    first.close()
    const second = openTun({ name: 'tuntest0', mtu: 9000 })
    assert.equal(second.mtu, 9000)
    second.close()
    assert.throws(
      () => openTun({ name: 'tuntest0', mtu: 10 }),
      isTunError('EINVAL', /MTU of 'tuntest0' to 10/),
    )
  })

  it('closes more than once, attached or not, and the interface is gone at once', () => {
    for (let i = 0; i < 20; i++) {
      const link = openTun({ name: 'tuntest0' })
      if (i % 2 === 1) link.attach(new Inbox())
      link.close()
      link.close()
      assert.equal(link.closed, true)
      assert.equal(link.send(new Uint8Array(20), 0, 20), false)
      assert.throws(() => link.attach(new Inbox()), isTunError('EBADF', /closed/))
      assert.throws(() => ip('link', 'show', 'dev', 'tuntest0'))
    }
  })

  it('attaches once', t => {
    const link = openTun()
    t.after(() => link.close())
    link.attach(new Inbox())
    assert.throws(() => link.attach(new Inbox()), isTunError('EINVAL', /attached already/))
  })

  it('carries packets from the kernel', async t => {
    const link = await open(t)
    const socket = await udpSocket(t)
    const inbox = new Inbox()
    link.attach(inbox)
    await sendTo(socket, Buffer.from('hello'))
    const packet = await inbox.next()
    assert.equal(payloadOf(packet).toString(), 'hello')
    assert.equal(packet.readUInt16BE(20), socket.address().port)
    assert.ok(link.counters.received >= 1 && link.counters.receivedBytes >= packet.length)
  })

  it('carries packets to the kernel, from any offset', async t => {
    const link = await open(t)
    const socket = await udpSocket(t)
    const seen: string[] = []
    for (const [text, headroom] of [
      ['plain', 0],
      ['headroom', 64],
      ['again', 64],
      ['more', 10],
    ] as const) {
      const packet = udp(socket.address().port, Buffer.from(text))
      const arrived = once(socket, 'message')
      const bytes = Buffer.concat([Buffer.alloc(headroom, 0xff), packet, Buffer.alloc(20, 0xff)])
      assert.equal(link.send(bytes, headroom, packet.length), true)
      seen.push(String((await arrived)[0]))
    }
    assert.deepEqual(seen, ['plain', 'headroom', 'again', 'more'])
    assert.equal(link.counters.sent, 4)
    assert.throws(() => link.send(new Uint8Array(100), 50, 51), RangeError)
  })

  it('is answered by the kernel when it pings it', async t => {
    const link = await open(t)
    const inbox = new Inbox(isProtocol(ICMP))
    link.attach(inbox)
    const request = Buffer.from([8, 0, 0, 0, 0x12, 0x34, 0, 1, 1, 2, 3, 4])
    request.writeUInt16BE(checksum(request), 2)
    assert.equal(link.send(ipv4(ICMP, request), 0, 32), true)
    const reply = (await inbox.next()).subarray(20)
    assert.equal(reply[0], 0)
    assert.deepEqual(reply.subarray(4), request.subarray(4))
  })

  it('carries packets of 9000 bytes', async t => {
    const link = await open(t, { mtu: 9000 })
    const socket = await udpSocket(t)
    const inbox = new Inbox()
    link.attach(inbox)
    const payload = Buffer.from(Uint8Array.from({ length: 8972 }, (_, i) => i * 7))
    await sendTo(socket, payload)
    const packet = await inbox.next()
    assert.equal(packet.length, 9000)
    assert.ok(payloadOf(packet).equals(payload))
    const arrived = once(socket, 'message')
    const back = udp(socket.address().port, payload)
    assert.equal(link.send(back, 0, 9000), true)
    assert.ok(payload.equals((await arrived)[0]))
  })

  it('carries 10,000 packets both ways without losing one', async t => {
    const link = await open(t)
    const socket = await udpSocket(t)
    const inbox = new Inbox()
    link.attach(inbox)
    let arrived = 0
    socket.on('message', message => {
      assert.equal(message.readUInt32BE(), arrived++)
    })
    const total = 10_000
    const window = 100 // below the interface's queue of 500 and the socket's buffer
    const payload = Buffer.alloc(32)
    for (let base = 0; base < total; base += window) {
      const sends: Promise<void>[] = []
      for (let i = base; i < base + window; i++) {
        const numbered = Buffer.alloc(32)
        numbered.writeUInt32BE(i)
        sends.push(sendTo(socket, numbered))
      }
      await Promise.all(sends)
      await inbox.until(() => inbox.packets.length === base + window)
    }
    inbox.packets.forEach((packet, i) => {
      assert.equal(payloadOf(packet).readUInt32BE(), i)
    })
    for (let base = 0; base < total; base += window) {
      for (let i = base; i < base + window; i++) {
        payload.writeUInt32BE(i)
        const packet = udp(socket.address().port, payload)
        assert.equal(link.send(packet, 0, packet.length), true)
      }
      while (arrived < base + window) await once(socket, 'message')
    }
    assert.equal(arrived, total)
    const { counters } = link
    assert.deepEqual([counters.sent, counters.sentBytes, counters.sendDropped], [total, total * 60, 0])
    assert.ok(counters.received >= total && counters.receivedBytes >= total * 60)
  })

  it('ends a burst after 256 packets and lets others run before the next', async t => {
    const link = await open(t)
    const socket = await udpSocket(t)
    await Promise.all(Array.from({ length: 300 }, () => sendTo(socket, Buffer.alloc(10))))
    const events: (number | 'others')[] = []
    let batch = 0
    let total = 0
    await new Promise<void>(resolve => {
      link.attach({
        packet: (bytes, offset, length) => {
          batch++
          if (isUdp(Buffer.from(bytes.slice(offset, offset + length)))) total++
        },
        batchEnd: () => {
          events.push(batch)
          batch = 0
          if (total === 300) resolve()
          else setImmediate(() => events.push('others'))
        },
        failed: error => assert.fail(error),
      })
    })
    assert.deepEqual(events.slice(0, 2), [256, 'others'])
  })

  it('drops, and counts, while the interface is down', async t => {
    const link = openTun()
    t.after(() => link.close())
    assert.equal(link.send(udp(9, Buffer.alloc(8)), 0, 36), false)
    assert.deepEqual([link.counters.sendDropped, link.counters.sendDown, link.counters.sent], [1, 1, 0])
    await configureKernelSide(link.name, {})
    assert.equal(link.send(udp(9, Buffer.alloc(8)), 0, 36), true)
    assert.equal(link.send(Buffer.alloc(36, 0xff), 0, 36), false, 'not an IP packet')
    assert.deepEqual([link.counters.sendDropped, link.counters.sendDown, link.counters.sent], [2, 1, 1])
  })

  it('fails when its interface is deleted', async () => {
    const link = openTun({ name: 'tuntest0' })
    const inbox = new Inbox()
    link.attach(inbox)
    ip('link', 'delete', 'dev', 'tuntest0')
    await inbox.until(() => inbox.errors.length > 0)
    assert.ok(isTunError('ENODEV', /tuntest0 was deleted/)(inbox.errors[0]))
    assert.equal(link.closed, true)
    link.close()
  })

  it('can be closed from inside a delivery', async t => {
    const link = await open(t)
    const socket = await udpSocket(t)
    for (let i = 0; i < 10; i++) await sendTo(socket, Buffer.alloc(10))
    let packets = 0
    await new Promise<void>(resolve => {
      link.attach({
        packet: () => {
          packets++
          link.close()
          resolve()
        },
        batchEnd: () => assert.fail('no batch ends on a closed link'),
        failed: error => assert.fail(error),
      })
    })
    assert.equal(packets, 1)
  })

  it('takes one thread of the pool, however many devices are open', async t => {
    const links = Array.from({ length: 8 }, (_, i) => openTun({ name: `tuntest${i}` }))
    t.after(() => {
      for (const link of links) link.close()
    })
    const inboxes = links.map(link => {
      const inbox = new Inbox()
      link.attach(inbox)
      return inbox
    })
    assert.ok((await readFile('/proc/self/stat')).length > 0)
    const socket = await udpSocket(t, '0.0.0.0')
    for (const [i, link] of links.entries()) {
      await configureKernelSide(link.name, { addresses: [`10.78.${i}.1/24`] })
      await sendTo(socket, Buffer.from(link.name), 7, `10.78.${i}.2`)
      assert.equal(payloadOf(await inboxes[i].next()).toString(), link.name)
    }
    links[3].close()
    await sendTo(socket, Buffer.from('still here'), 7, '10.78.4.2')
    assert.equal(payloadOf(await inboxes[4].next()).toString(), 'still here')
  })
})

describe('tap', options, () => {
  it('has a station address of its own', t => {
    const links = [openTun({ mode: 'tap' }), openTun({ mode: 'tap' })]
    t.after(() => {
      for (const link of links) link.close()
    })
    for (const { kind, hardwareAddress, kernelHardwareAddress } of links) {
      assert.equal(kind, 'ethernet')
      assert.equal(hardwareAddress?.length, 6)
      assert.equal(hardwareAddress[0] & 3, 2, 'locally administered, one station')
      assert.notDeepEqual(hardwareAddress, kernelHardwareAddress)
    }
    assert.notDeepEqual(links[0].hardwareAddress, links[1].hardwareAddress)
  })

  it('takes a station address, unless it is wrong or the kernel has it', async t => {
    ip('tuntap', 'add', 'dev', 'tuntest0', 'mode', 'tap')
    t.after(() => removeKernelSide('tuntest0', 'tap'))
    const own = Uint8Array.of(2, 0, 0, 0, 0, 9)
    const link = openTun({ name: 'tuntest0', mode: 'tap', hardwareAddress: own })
    const kernel = link.kernelHardwareAddress
    link.close()
    assert.deepEqual(link.hardwareAddress, own)
    const attempt = (hardwareAddress: Uint8Array | undefined, mode: 'tun' | 'tap' = 'tap') => {
      openTun({ name: 'tuntest0', mode, hardwareAddress }).close()
    }
    assert.throws(() => attempt(kernel), isTunError('EINVAL', /kernel's own address/))
    assert.throws(() => attempt(Uint8Array.of(1, 0, 0, 0, 0, 9)), isTunError('EINVAL', /one station/))
    assert.throws(() => attempt(new Uint8Array(5)), isTunError('EINVAL', /one station/))
    assert.throws(() => attempt(own, 'tun'), isTunError('EINVAL', /a tap has/))
  })

  it('carries frames: it answers an ARP request, and the datagram follows', async t => {
    const link = await open(t, { mode: 'tap' })
    const mac = Buffer.from(link.hardwareAddress as Uint8Array)
    const kernelMac = Buffer.from(link.kernelHardwareAddress as Uint8Array)
    const inbox = new Inbox(frame => {
      const type = frame.readUInt16BE(12)
      return type === 0x0806 || (type === 0x0800 && isUdp(frame.subarray(14)))
    })
    link.attach(inbox)
    const socket = await udpSocket(t)
    await sendTo(socket, Buffer.from('hello'))
    const request = await inbox.next()
    assert.equal(request.readUInt16BE(12), 0x0806)
    assert.deepEqual([...request.subarray(38, 42)], [10, 77, 0, 2], 'who has 10.77.0.2?')
    const reply = Buffer.concat([
      kernelMac,
      mac,
      Buffer.from([8, 6, 0, 1, 8, 0, 6, 4, 0, 2]),
      mac,
      Buffer.from([10, 77, 0, 2]),
      kernelMac,
      Buffer.from([10, 77, 0, 1]),
    ])
    assert.equal(link.send(reply, 0, reply.length), true)
    const frame = await inbox.next()
    assert.ok(frame.subarray(0, 6).equals(mac))
    assert.ok(frame.subarray(6, 12).equals(kernelMac))
    assert.equal(payloadOf(frame.subarray(14)).toString(), 'hello')
  })
})

describe('tun errors', options, () => {
  it('EBUSY', t => {
    const link = openTun({ name: 'tuntest0' })
    t.after(() => link.close())
    assert.throws(() => openTun({ name: 'tuntest0' }), isTunError('EBUSY', /'tuntest0' is already open/))
  })

  it('names that are no names', () => {
    assert.throws(() => openTun({ name: 'sixteen-letters-' }), isTunError('ENAMETOOLONG', /16 bytes.* 15/))
    assert.throws(() => openTun({ name: 'ééééééé-' + 'é' }), isTunError('ENAMETOOLONG', /17 bytes/))
    for (const name of ['a b', 'a/b', 'a:b', '..']) {
      assert.throws(() => openTun({ name }), isTunError('EINVAL', /cannot name an interface/))
    }
    const longest = openTun({ name: 'fifteen-letters' })
    assert.equal(longest.name, 'fifteen-letters')
    longest.close()
  })

  it('interfaces of the other mode, or of none', async t => {
    ip('tuntap', 'add', 'dev', 'tuntest0', 'mode', 'tap')
    ip('tuntap', 'add', 'dev', 'tuntest1', 'mode', 'tun')
    t.after(async () => {
      await removeKernelSide('tuntest0', 'tap')
      await removeKernelSide('tuntest1', 'tun')
    })
    assert.throws(() => openTun({ name: 'tuntest0' }), isTunError('ERR_TUN_MODE', /'tuntest0'.*mode 'tap'/))
    assert.throws(
      () => openTun({ name: 'tuntest1', mode: 'tap' }),
      isTunError('ERR_TUN_MODE', /'tuntest1'.*mode 'tun'/),
    )
    assert.throws(() => openTun({ name: 'lo' }), isTunError('ERR_TUN_MODE', /'lo' exists and is not a tun/))
  })

  it('interfaces with one queue where several are asked for, and the other way round', async t => {
    ip('tuntap', 'add', 'dev', 'tuntest0', 'mode', 'tun')
    ip('tuntap', 'add', 'dev', 'tuntest1', 'mode', 'tun', 'multi_queue')
    t.after(async () => {
      await removeKernelSide('tuntest0')
      await removeKernelSide('tuntest1', 'tun', true)
    })
    assert.throws(
      () => openTun({ name: 'tuntest0', multiQueue: true }),
      isTunError('ERR_TUN_MODE', /one queue: open it without multiQueue, or make it with .*multi_queue/),
    )
    assert.throws(
      () => openTun({ name: 'tuntest1' }),
      isTunError('ERR_TUN_MODE', /made with multi_queue: then open it with multiQueue/),
    )
  })

  it('more queues than there can be', t => {
    const links: TunLink[] = []
    t.after(() => {
      for (const link of links) link.close()
    })
    while (links.length < 256) links.push(openTun({ name: 'tuntest0', multiQueue: true }))
    assert.throws(() => openTun({ name: 'tuntest0', multiQueue: true }), isTunError('E2BIG', /256/))
  })

  it('no permission: three ways out', async t => {
    const drop = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin']
    try {
      execFileSync(drop[0], [...drop.slice(1), 'true'], { stdio: 'pipe' })
    } catch {
      t.skip('setpriv cannot drop CAP_NET_ADMIN here')
      return
    }
    const { stdout } = await run(
      `try { openTun({ name: 'tuntest0' }) } catch (error) { console.log(error.code, error.message) }`,
      drop,
    )
    assert.match(stdout, /^EPERM .*CAP_NET_ADMIN/)
    assert.match(stdout, /run as root/)
    assert.match(stdout, /unshare -Urn/)
    assert.match(stdout, /sudo ip tuntap add dev tuntest0 mode tun user \$USER/)
  })
})

describe('an open tun and its process', options, () => {
  /** A program that says it is ready, and that it got a datagram, and then closes its tun. */
  async function untilPacket(
    t: TestContext,
    preparation: string,
    options = `{ name: 'tuntest0' }`,
  ): Promise<void> {
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { openTun } from ${JSON.stringify(moduleUrl)}
      const link = openTun(${options})
      link.attach({
        packet(bytes, at) {
          if (bytes[at] !== 0x45 || bytes[at + 9] !== ${UDP}) return
          console.log('packet')
          link.close()
        },
        batchEnd() {}, failed() {},
      })
      ${preparation}
      console.log('ready')`,
    ])
    t.after(() => child.kill('SIGKILL'))
    const exited = once(child, 'exit')
    await output(child, 'ready')
    await configureKernelSide('tuntest0', { addresses: ['10.77.0.1/24'] })
    const socket = await udpSocket(t)
    const received = output(child, 'packet')
    await sendTo(socket, Buffer.alloc(10))
    await received
    assert.deepEqual(await exited, [0, null])
  }

  /** Resolves once the child has printed `text`; rejects if it ends before. */
  function output(child: ChildProcess, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let all = ''
      child.stdout?.on('data', data => {
        all += data
        if (all.includes(text)) resolve()
      })
      child.once('close', () => reject(new Error(`the child ended; it said '${all}'`)))
    })
  }

  it('keeps it alive until it is closed', t => untilPacket(t, ''))

  it('keeps it alive again after unref and ref', t => untilPacket(t, 'link.unref(); link.ref()'))

  it('keeps it alive when ref comes in the pause of an unreferenced wait', t =>
    untilPacket(t, 'link.unref(); process.once("beforeExit", () => link.ref())'))

  it('serves packets while unreferenced, when something else keeps the process alive', t =>
    untilPacket(
      t,
      `link.unref()
      const alive = setInterval(() => { if (link.closed) clearInterval(alive) }, 1)`,
    ))

  it('lets it end after unref, at once or in the middle of a wait', async () => {
    await run(`const link = openTun(); link.attach(${sink}); link.unref()`)
    await run(
      `const link = openTun(); link.attach(${sink}); setImmediate(() => setImmediate(() => link.unref()))`,
    )
  })

  it('lets it end after close, at once or in the middle of a wait', async () => {
    await run(`const link = openTun(); link.attach(${sink}); link.close()`)
    await run(
      `const link = openTun(); link.attach(${sink}); setImmediate(() => setImmediate(() => link.close()))`,
    )
  })

  it('does the same in the loop itself', async t => {
    const link = `const link = openTun({ readiness: 'loop' }); link.attach(${sink}); `
    const later = (what: string) => `setImmediate(() => setImmediate(() => link.${what}()))`
    for (const end of ['link.unref()', 'link.close()', later('unref'), later('close')]) await run(link + end)
    await untilPacket(t, '', `{ name: 'tuntest0', readiness: 'loop' }`)
    await untilPacket(t, 'link.unref(); link.ref()', `{ name: 'tuntest0', readiness: 'loop' }`)
  })

  it('lets it end when it was never attached', async () => {
    await run('openTun()')
  })

  it('does not hold up process.exit, or the end by an uncaught exception', async () => {
    const wait = 'setImmediate(() => setImmediate(() => '
    const program = `const link = openTun(); link.attach(${sink}); ${wait}`
    await assert.rejects(run(`${program} process.exit(7)))`), { code: 7, killed: false })
    await assert.rejects(run(`${program} { throw new Error('user code') }))`), { code: 1, killed: false })
  })

  function inWorker(code: string): Worker {
    const program = `
      const { parentPort } = require('node:worker_threads')
      process.on('warning', warning => parentPort.postMessage(warning.message))
      import(${JSON.stringify(moduleUrl)}).then(({ openTun }) => { ${code} })`
    return new Worker(program, { eval: true })
  }

  it('works in a worker, without warnings', async () => {
    const worker = inWorker(
      `const link = openTun(); link.attach(${sink}); setImmediate(() => setImmediate(() => link.close()))`,
    )
    const messages: unknown[] = []
    worker.on('message', message => messages.push(message))
    assert.deepEqual(await once(worker, 'exit'), [0])
    assert.deepEqual(messages, [])
  })

  it('refuses to wait in the loop of a worker, which would not survive its end', async () => {
    const worker = inWorker(`
      try { openTun({ readiness: 'loop' }) } catch ({ code, message }) { parentPort.postMessage([code, message]) }`)
    const [[code, message]] = await once(worker, 'message')
    assert.equal(code, 'ENOTSUP')
    assert.match(message, /main thread only; in a worker use 'pool'/)
  })

  it('does not hold up the end of a worker', async () => {
    const worker = inWorker(`openTun({ name: 'tuntest0' }).attach(${sink}); parentPort.postMessage('open')`)
    assert.deepEqual(await once(worker, 'message'), ['open'])
    assert.equal(await worker.terminate(), 1)
    // The files of a worker are closed with it, so the name is free again.
    openTun({ name: 'tuntest0' }).close()
  })

  it('reports what its receiver throws, and goes on', async () => {
    const { stdout } = await run(`
      import { execFileSync } from 'node:child_process'
      import { createSocket } from 'node:dgram'
      const link = openTun({ name: 'tuntest0' })
      execFileSync('ip', ['address', 'add', '10.77.0.1/24', 'dev', 'tuntest0'])
      execFileSync('ip', ['link', 'set', 'dev', 'tuntest0', 'up'])
      const seen = []
      process.on('uncaughtException', error => seen.push(error.message))
      link.attach({
        packet(bytes, at) {
          if (bytes[at] !== 0x45 || bytes[at + 9] !== ${UDP}) return
          seen.push(bytes[at + 28])
          if (bytes[at + 28] === 1) throw new Error('user code')
          if (bytes[at + 28] === 3) setImmediate(() => {
            link.close()
            socket.close()
            console.log(seen.join())
          })
        },
        batchEnd() {}, failed() {},
      })
      const socket = createSocket('udp4')
      for (const i of [1, 2, 3]) socket.send(Uint8Array.of(i), 7, '10.77.0.2')`)
    assert.match(stdout, /^1,(user code,2|2,user code),3\n$/)
  })
})

describe('the kernel side', options, () => {
  it('gets addresses, MTU and the link up', async t => {
    const link = openTun({ name: 'tuntest0' })
    t.after(() => link.close())
    const side = { addresses: ['10.77.0.1/24', 'fd77::1/64'], mtu: 1400 }
    await configureKernelSide('tuntest0', side)
    await configureKernelSide('tuntest0', side)
    const cidrs = networkInterfaces().tuntest0?.map(address => address.cidr) ?? []
    assert.ok(cidrs.includes('10.77.0.1/24') && cidrs.includes('fd77::1/64'), String(cidrs))
    assert.match(String(ip('link', 'show', 'dev', 'tuntest0')), /mtu 1400/)
    const socket = createSocket('udp6')
    t.after(() => socket.close())
    socket.bind(0, 'fd77::1')
    await once(socket, 'listening')
  })

  it('has IPv6 addresses that take what comes at once', async t => {
    // The kernel takes a moment to make them its own, which is mostly over by itself.
    for (let round = 0; round < 40; round++) {
      const link = openTun({ name: 'tuntest0' })
      t.after(() => link.close())
      await configureKernelSide('tuntest0', { addresses: ['fd77::1/64'] })
      const stack = new Stack({ env: realtime() })
      stack.addInterface(link, { addresses: ['fd77::2/64'] })
      const socket = stack.connect({ remote: IpAddress.parse('fd77::1'), port: 9 })
      const error = await new Promise<TcpError | null>(resolve => {
        socket.handler = { closed: resolve }
      })
      assert.equal(error?.code, 'ECONNREFUSED')
      assert.equal(socket.status().segmentsRetransmitted, 0, `round ${round}`)
      stack.close()
    }
  })

  it('can have them before somebody opens it', async t => {
    ip('tuntap', 'add', 'dev', 'tuntest0', 'mode', 'tun')
    t.after(() => removeKernelSide('tuntest0'))
    await configureKernelSide('tuntest0', { addresses: ['fd77::1/64'] })
    assert.match(String(ip('-6', 'address', 'show', 'dev', 'tuntest0')), /fd77::1\/64/)
  })

  it('can stay down', async t => {
    const link = openTun({ name: 'tuntest0' })
    t.after(() => link.close())
    await configureKernelSide('tuntest0', { up: false, mtu: 1300 })
    assert.match(String(ip('link', 'show', 'dev', 'tuntest0')), /mtu 1300.* state DOWN/)
  })

  it('refuses what is no address with a prefix length', async () => {
    for (const cidr of [
      '10.0.0.1',
      '10.0.0.1/33',
      'fd00::1/129',
      '10.0.0/8',
      'x/24',
      '10.0.0.1/24/1',
      '/24',
    ]) {
      await assert.rejects(
        configureKernelSide('tuntest0', { addresses: [cidr] }),
        isTunError('EINVAL', /prefix length/),
      )
    }
  })

  it('says which interface there is not', async () => {
    await assert.rejects(
      configureKernelSide('tuntest9', { addresses: ['10.77.0.1/24'] }),
      isTunError('ENODEV', /ip address replace 10.77.0.1\/24 dev tuntest9.*no such interface/s),
    )
  })

  it('removes a persistent interface, unless it is open', async t => {
    ip('tuntap', 'add', 'dev', 'tuntest0', 'mode', 'tun')
    const link = openTun({ name: 'tuntest0' })
    t.after(() => link.close())
    await assert.rejects(removeKernelSide('tuntest0'), isTunError('EBUSY', /close it first/))
    link.close()
    await removeKernelSide('tuntest0')
    await removeKernelSide('tuntest0')
    assert.throws(() => ip('link', 'show', 'dev', 'tuntest0'))
  })
})
