import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const DEMO = fileURLToPath(new URL('../../src/cli/demo.js', import.meta.url))

const scratch = mkdtempSync(join(tmpdir(), 'estab-cli-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

interface Result {
  status: number | null
  stdout: string
  stderr: string
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    input: '',
    env: { ...process.env, LC_ALL: 'C.UTF-8', NO_COLOR: '1', ...env },
    timeout: 60_000,
  })
  return { status, stdout, stderr }
}

const estab = (...args: string[]): Result => run(MAIN, args)

/** One line that begins with the program's name, nothing on standard output, and this exit status. */
function fails(args: readonly string[], status: 1 | 2, line: RegExp): void {
  const result = run(MAIN, args)
  assert.match(result.stderr, /^estab: [^\n]+\n$/, 'one line')
  assert.match(result.stderr, line)
  assert.equal(result.stdout, '')
  assert.equal(result.status, status)
}

const EMULATE = ['emulate', '--a', 'estabnone1', '--b', 'estabnone2']
const TUN = ['--tun', 'estabnone', '--address', '10.60.0.2/24']

describe('help', () => {
  it('is what the command says without arguments', () => {
    const { status, stdout, stderr } = estab()
    assert.equal(status, 0)
    assert.equal(stderr, '')
    assert.equal(stdout, estab('--help').stdout)
    for (const command of ['lab', 'trace', 'states', 'conformance', 'sim', 'serve', 'get', 'nc', 'emulate'])
      assert.match(stdout, new RegExp(`^  ${command} `, 'm'))
  })

  for (const command of ['lab', 'trace', 'states', 'conformance', 'sim', 'serve', 'get', 'nc', 'emulate'])
    it(`of ${command}`, () => {
      const { status, stdout, stderr } = estab(command, '--help')
      assert.equal(status, 0)
      assert.equal(stderr, '')
      assert.match(stdout, new RegExp(`^Usage: estab ${command} `))
      assert.equal(estab('help', command).stdout, stdout)
    })

  for (const command of ['serve', 'get', 'nc'])
    it(`of ${command} has examples`, () => {
      const { stdout } = estab(command, '--help')
      assert.match(stdout, new RegExp(`Examples:\\n.*estab ${command} `, 's'))
      for (const option of [
        '--tun',
        '--address',
        '--create',
        '--kernel-address',
        '--trace',
        '--pcap',
        '--lab',
      ])
        assert.ok(stdout.includes(option), option)
    })

  it('has the version of the package', () => {
    const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }
    assert.equal(estab('--version').stdout, `${version}\n`)
  })
})

describe('wrong arguments: one line and exit status 2', () => {
  const wrong: Record<string, [args: string[], line: RegExp]> = {
    'an unknown command': [['frobnicate'], /unknown command 'frobnicate'/],
    'an unknown option': [['trace', 'close', '--wat'], /unknown option '--wat'/],
    'an unknown story': [['trace', 'nosuch'], /no story "nosuch".*--list/],
    'no story': [['trace'], /which story\?/],
    'a story too many': [['trace', 'close', 'reset'], /too many arguments/],
    'a language nobody speaks': [['trace', 'close', '--lang', 'la'], /Allowed choices are en, zh/],
    'a seed that is no number': [['trace', 'close', '--seed', 'x'], /integer/],
    'a negative delay': [['trace', 'close', '--delay', '-1'], /integer/],
    'two formats at once': [['states', '--json', '--mermaid'], /cannot be used with/],
    'no TUN': [['serve', '--address', '10.60.0.2/24'], /--tun <name>' not specified/],
    'no address': [['serve', '--tun', 'estabnone'], /--address <cidr>' not specified/],
    'an address that is none': [['serve', '--tun', 'x', '--address', '10.60.0.300/24'], /prefix length/],
    'a prefix too long': [['nc', 'h', '1', '--tun', 'x', '--address', '10.60.0.2/33'], /prefix length/],
    'a group address': [['serve', '--tun', 'x', '--address', '224.0.0.1/4'], /one host/],
    'a gateway that is none': [['serve', ...TUN, '--gateway', 'home'], /IPv4 or IPv6 address/],
    'a gateway of another version': [['serve', ...TUN, '--gateway', 'fd60::1'], /no IPv6 address/],
    'two gateways': [['serve', ...TUN, '--gateway', '10.60.0.1', '--gateway', '10.60.0.3'], /only one IPv4/],
    'an MTU too small': [['serve', ...TUN, '--mtu', '67'], /from 68 to 65535/],
    'an MTU too small for IPv6': [['serve', ...TUN, '--address', 'fd60::2/64', '--mtu', '1279'], /1280/],
    "the kernel's address without --create": [
      ['serve', ...TUN, '--kernel-address', '10.60.0.1/24'],
      /--create/,
    ],
    "the stack's address for the kernel": [
      ['serve', ...TUN, '--create', '--kernel-address', '10.60.0.2/24'],
      /both the stack's address and the kernel's/,
    ],
    'a port that is none': [['serve', ...TUN, '--port', '65536'], /from 0 to 65535/],
    'an echo port that is none': [['serve', ...TUN, '--echo', '0'], /from 1 to 65535/],
    'one port for two': [['serve', ...TUN, '--echo', '80'], /cannot share port 80/],
    'workers that are watched': [
      ['serve', ...TUN, '--workers', '2', '--lab'],
      /--lab watches one stack: leave out --workers/,
    ],
    'workers on a TAP': [['serve', ...TUN, '--workers', '2', '--tap'], /--workers needs a TUN/],
    'more workers than threads to wait on': [
      ['serve', ...TUN, '--workers', '4'],
      /--workers 4 needs UV_THREADPOOL_SIZE=5 or more/,
    ],
    'workers in the loop': [
      ['serve', ...TUN, '--workers', '2', '--readiness', 'loop'],
      /--readiness loop is for one stack/,
    ],
    'no workers': [['serve', ...TUN, '--workers', '0'], /integer from 1 to 256/],
    'a page that nobody asked for': [['serve', ...TUN, '--lab-port', '8080'], /--lab-port needs --lab/],
    'no URL': [['get', ...TUN], /missing required argument 'url'/],
    'a URL that is none': [['get', '10.60.0.1', ...TUN], /not a URL/],
    'a URL of another protocol': [['get', 'ftp://10.60.0.1/', ...TUN], /cannot fetch ftp:/],
    'nobody to connect to': [['nc', ...TUN], /connect to what\?/],
    'no port to connect to': [['nc', '10.60.0.1', ...TUN], /connect to what\?/],
    'a port to connect to that is none': [['nc', '10.60.0.1', 'http', ...TUN], /from 1 to 65535/],
    'a path with one end': [['emulate', '--a', 'x'], /--b <namespace>' not specified/],
    'a rate without unit': [[...EMULATE, '--rate', '50'], /It is not a rate such as/],
    'a rate of nothing': [[...EMULATE, '--rate', '0'], /lets nothing through/],
    'a delay without unit': [[...EMULATE, '--delay', '25'], /It is not a time such as/],
    'a loss that is no percentage': [[...EMULATE, '--loss', '5'], /It is not a probability/],
    'a queue without a rate': [[...EMULATE, '--queue', '1bdp'], /--queue needs a --rate/],
    'three directions': [[...EMULATE, '--delay', '1ms/2ms/3ms'], /at most one slash/],
    'one address for both ends': [
      [...EMULATE, '--address-a', '10.60.0.1/24', '--address-b', '10.60.0.1/24'],
      /both ends/,
    ],
    'an MTU too small for the addresses': [[...EMULATE, '--mtu', '1000'], /1280 that IPv6 needs/],
    'a route to nowhere': [[...EMULATE, '--route-a', 'home'], /prefix length/],
    'both directions': [['nc', '10.60.0.1', '7', '-l', '7', ...TUN], /no host to connect to/],
  }
  for (const [what, [args, line]] of Object.entries(wrong)) it(what, () => fails(args, 2, line))
})

describe('failures: one line and exit status 1', () => {
  const missing = join(scratch, 'nowhere', 'file')
  const file = join(scratch, 'file')
  writeFileSync(file, '')

  it('a capture that cannot be written', () => {
    fails(['trace', 'close', '--pcap', missing], 1, /cannot write .*nowhere.*ENOENT/)
    for (const args of [['serve'], ['get', 'http://10.60.0.1/'], ['nc', '10.60.0.1', '7']])
      fails([...args, ...TUN, '--create', '--pcap', missing], 1, /cannot write .*nowhere.*ENOENT/)
  })

  it('a diagram that cannot be written', () => {
    fails(['states', '--svg', missing], 1, /cannot write .*nowhere.*ENOENT/)
  })

  it('a directory that is none', () => {
    fails(['serve', ...TUN, '--root', missing], 1, /is not a directory/)
    fails(['serve', ...TUN, '--root', file], 1, /is not a directory/)
  })

  it('no such interface', { skip: process.platform !== 'linux' && 'needs Linux' }, () => {
    for (const args of [['serve'], ['get', 'http://10.60.0.1/'], ['nc', '10.60.0.1', '7']])
      fails([...args, ...TUN], 1, /there is no interface estabnone; --create makes it/)
  })

  it('no TUN to be had says what to do', { skip: process.platform !== 'linux' && 'needs Linux' }, () => {
    // A name that is too long is refused before anything is opened, with or without rights.
    const args = ['--create', '--tun', 'estab-name-too-long', '--address', '10.60.0.2/24']
    fails(['nc', '10.60.0.1', '7', ...args], 1, /Linux allows 15/)
  })
})

describe('npm start', () => {
  it('refuses a seed that is none', () => {
    const { status, stderr } = run(DEMO, ['--seed', '1.5'])
    assert.equal(status, 2)
    assert.match(stderr, /--seed must be a non-negative integer/)
  })

  it('--kernel says what it lacks where no namespace can be made', () => {
    // Without a PATH there is no unshare, whoever we are.
    const { status, stderr } = run(DEMO, ['--kernel'], { PATH: scratch })
    assert.equal(status, 1)
    if (process.platform === 'linux')
      assert.match(stderr, /not installed \(package util-linux\).*What helps:/s)
    else assert.match(stderr, /the Linux kernel/)
  })
})
