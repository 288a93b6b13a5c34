import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Run by a child with `--experimental-vm-modules`: links the ES module graph of `entry` in a context that has the
 * globals of ECMAScript and nothing else, and runs it. Imports of anything but files are refused.
 */
const LINKER = `
import { readFileSync } from 'node:fs'
import vm from 'node:vm'
const [root, entry] = process.argv.slice(-2)
const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } })
vm.runInContext('delete globalThis.console; delete globalThis.WebAssembly', context)
const modules = new Map()
const load = url => {
  let module = modules.get(url)
  if (!module) {
    const text = url === 'test:entry' ? entry : readFileSync(new URL(url), 'utf8')
    module = new vm.SourceTextModule(text, { context, identifier: url })
    modules.set(url, module)
  }
  return module
}
const main = load('test:entry')
await main.link((specifier, from) => {
  if (!/^\\.\\.?\\//.test(specifier)) throw new Error(from.identifier + ' imports ' + specifier)
  return load(new URL(specifier, from.identifier === 'test:entry' ? root : from.identifier).href)
})
const before = vm.runInContext('Object.getOwnPropertyNames(globalThis).sort().join()', context)
await main.evaluate()
const after = vm.runInContext('Object.getOwnPropertyNames(globalThis).sort().join()', context)
process.stdout.write(JSON.stringify({ ...main.namespace.result(), leaks: after === before ? '' : after, globals: before, modules: modules.size }))
`

/** Two stacks on a cable of two arrays, in time that goes when nothing else does: a handshake, a transfer, a close. */
const HANDSHAKE = `
import * as wire from './wire/index.js'
import * as tcp from './tcp/index.js'
import { IpAddress, Stack } from './stack/index.js'

let now = 0
let alarms = []
const log = []
const errors = []
const ends = []

function host(address, seed) {
  let state = seed
  const env = {
    now: () => now,
    fillRandom: bytes => { for (let i = 0; i < bytes.length; i++) bytes[i] = (state = Math.imul(state, 69069) + 1 | 0) >>> 24 },
    wakeAt: (at, callback) => { env.cancelWake(); alarms.push({ env, at, callback }) },
    cancelWake: () => { alarms = alarms.filter(alarm => alarm.env !== env) },
    reportError: error => errors.push(String(error)),
  }
  const stack = new Stack({ env })
  const end = { queue: [], receiver: undefined }
  ends.push(end)
  const link = {
    kind: 'ip',
    mtu: 1500,
    attach: receiver => { end.receiver = receiver },
    send: (bytes, offset, length) => {
      ends[1 - ends.indexOf(end)].queue.push(bytes.slice(offset, offset + length))
      return true
    },
    close: () => {},
  }
  stack.addInterface(link, { addresses: address })
  return stack
}

const client = host(['10.0.0.1/24', 'fd00::1/64'], 1)
const server = host(['10.0.0.2/24', 'fd00::2/64'], 2)
server.listen({ port: 80, onConnection: socket => {
  socket.handler = {
    readable: () => { for (let part; (part = socket.receive()); ) socket.send(part) },
    end: () => socket.close(),
    closed: error => log.push('server ' + error),
  }
} })
for (const remote of ['10.0.0.2', 'fd00::2']) {
  let received = 0
  const socket = client.connect({ remote: IpAddress.parse(remote), port: 80, handler: {
    open: () => { socket.send(new Uint8Array(20000).fill(7)); socket.close() },
    readable: () => { for (let part; (part = socket.receive()); ) received += part.length },
    closed: error => log.push('client ' + received + ' ' + error),
  } })
}

for (let steps = 0; steps < 10000; steps++) {
  const end = ends.find(e => e.queue.length > 0)
  if (end) {
    for (const bytes of end.queue.splice(0)) end.receiver.packet(bytes, 0, bytes.length)
    end.receiver.batchEnd()
    continue
  }
  alarms.sort((a, b) => a.at - b.at)
  const alarm = alarms.shift()
  if (!alarm) break
  now = Math.max(now, alarm.at)
  alarm.callback()
}
const drops = Object.values(server.counters.drops).reduce((a, b) => a + b)
const census = JSON.stringify(client.census)
export const result = () => ({ log: log.sort(), errors, drops, census, exports: Object.keys(wire).length + Object.keys(tcp).length > 50 })
`

describe('wire, tcp and stack', () => {
  it('need nothing but ECMAScript: two stacks talk in a context without a single global of Node or the DOM', async () => {
    const src = new URL('../../src/', import.meta.url).href
    const flags = ['--no-warnings', '--experimental-vm-modules', '--input-type=module', '--eval', LINKER]
    const { stdout } = await run(process.execPath, [...flags, '--', src, HANDSHAKE], {
      cwd: fileURLToPath(new URL('.', src)),
    })
    const { globals, modules, ...result } = JSON.parse(stdout)
    const names: string[] = globals.split(',')
    for (const name of [
      'process',
      'Buffer',
      'setTimeout',
      'performance',
      'crypto',
      'TextEncoder',
      'console',
      'queueMicrotask',
      'structuredClone',
    ])
      assert.ok(!names.includes(name), name)
    assert.ok(names.includes('Uint8Array') && modules > 60, `${modules} modules`)
    assert.deepEqual(result, {
      log: ['client 20000 null', 'client 20000 null', 'server null', 'server null'],
      errors: [],
      drops: 0,
      census: '{"sockets":0,"halfOpen":0,"timeWait":0,"listeners":0}',
      exports: true,
      leaks: '',
    })
  })
})
