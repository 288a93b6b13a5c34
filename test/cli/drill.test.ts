import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'estab-drill-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const estab = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'drill', ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    timeout: 120_000,
  })
  return { status, stdout, stderr }
}

const OPEN = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0 > S 0:0(0) <...>
`
const files: Record<string, string | Uint8Array> = {
  'good/pass.pkt': OPEN,
  'good/again/deep.pkt': OPEN,
  'fail.pkt': `${OPEN}+.5 > S 0:0(0) <...>`,
  'unsupported.pkt': '0 splice(4) = 0',
  'syntax.pkt': '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 nonsense\n',
  'option.pkt': '--nonsense=1\n0 close(3) = 0',
  'code.pkt': '0 %{\nassert 1\nassert =\n}%',
  'binary.pkt': Uint8Array.from({ length: 300 }, (_, i) => i & 255),
  'big.pkt': '// long\n'.repeat(1_400_000),
  'empty.pkt': '',
  'ifdef.pkt': '0 close(3) = -1 EBADF (x)\n#ifdef OTHER\n+0 close(3) = 0\n#endif\n',
}
for (const [name, text] of Object.entries(files)) {
  mkdirSync(join(scratch, name, '..'), { recursive: true })
  writeFileSync(join(scratch, name), text)
}
const at = (name: string) => join(scratch, name)

describe('estab drill', () => {
  it('runs scripts and directories of them, and counts', () => {
    assert.deepEqual(estab(at('good')), {
      status: 0,
      stdout: '2 passed, 0 failed, 0 unsupported\n',
      stderr: '',
    })
    assert.equal(estab('--ip', 'all', at('good')).stdout, '6 passed, 0 failed, 0 unsupported\n')
  })

  it('shows a failure: file, line, both packets, the trace up to it; exit status 1', () => {
    const { status, stdout } = estab(at('good'), at('fail.pkt'))
    assert.equal(status, 1)
    const lines = stdout.split('\n')
    assert.equal(
      lines[0],
      `${at('fail.pkt')}:5: fail (ipv4): timing error: expected the packet at 0.500000 s, it came at 1.000000 s (tolerance 0.004000 s)`,
    )
    assert.match(lines[1]!, /^ {4}script packet: +0\.500000 > S 0:0\(0\) <\.\.\.>$/)
    assert.match(lines[2]!, /^ {4}actual packet: +1\.000000 > S 0:0\(0\) win 65535 <mss 1460,/)
    assert.equal(lines[3], '    up to there:')
    assert.equal(lines.at(-2), '2 passed, 1 failed, 0 unsupported')
  })

  it('names what it does not have', () => {
    const { status, stdout } = estab(at('unsupported.pkt'))
    assert.equal(status, 0)
    assert.equal(
      stdout,
      `${at('unsupported.pkt')}:1: unsupported (ipv4): splice()\n0 passed, 0 failed, 1 unsupported\n`,
    )
  })

  it('one JSON line for each run, and nothing else on standard output', () => {
    const { stdout, stderr } = estab('--json', '--ip', 'all', at('fail.pkt'), at('unsupported.pkt'))
    const rows = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    assert.deepEqual(
      rows.map(row => [row.file, row.ip, row.verdict, row.line]),
      [
        ...['ipv4', 'ipv6', 'ipv4-mapped'].map(ip => [at('fail.pkt'), ip, 'fail', 5]),
        ...['ipv4', 'ipv6', 'ipv4-mapped'].map(ip => [at('unsupported.pkt'), ip, 'unsupported', 1]),
      ],
    )
    assert.deepEqual(Object.keys(rows[0]), ['file', 'ip', 'verdict', 'line', 'message'])
    assert.equal(stderr, '0 passed, 3 failed, 3 unsupported\n')
  })

  it('what cannot be read is one line with a position, exit status 2, and the others still run', () => {
    for (const [name, where, message] of [
      ['syntax.pkt', '3:1', /expected "\("/],
      ['option.pkt', '1:1', /no option --nonsense/],
      ['code.pkt', '3:1', /unexpected/],
      ['binary.pkt', '1:1', /NUL/],
      ['big.pkt', '1:1', /11200000 bytes/],
      ['empty.pkt', '1:1', /no event/],
    ] as const) {
      const { status, stdout, stderr } = estab(at(name), at('good'))
      assert.equal(status, 2, name)
      assert.match(stderr, /^estab: [^\n]+\n$/, name)
      assert.ok(stderr.startsWith(`estab: ${at(name)}:${where}: `), stderr)
      assert.match(stderr, message)
      assert.equal(stdout, '2 passed, 1 failed, 0 unsupported\n')
    }
    const missing = estab(at('nowhere.pkt'), at('good'))
    assert.equal(missing.stderr, `estab: ${at('nowhere.pkt')}: no such file or directory\n`)
    assert.deepEqual([missing.status, missing.stdout], [2, '2 passed, 1 failed, 0 unsupported\n'])
  })

  it('-D defines names', () => {
    assert.equal(estab(at('ifdef.pkt')).status, 0)
    assert.equal(estab('-D', 'OTHER', at('ifdef.pkt')).status, 1)
    assert.equal(estab('-DOTHER=1', at('ifdef.pkt')).status, 1)
    assert.match(estab('-D', '1x', at('ifdef.pkt')).stderr, /NAME or NAME=VALUE/)
  })

  it('wrong arguments are one line and exit status 2', () => {
    for (const args of [
      [],
      ['--profile', 'beos', at('good')],
      ['--ip', '5', at('good')],
      ['--nonsense', at('good')],
    ]) {
      const { status, stdout, stderr } = estab(...args)
      assert.match(stderr, /^estab: [^\n]+\n$/)
      assert.deepEqual([status, stdout], [2, ''])
    }
  })

  it('writes captures of each run', () => {
    const dir = at('captures')
    assert.equal(estab('--ip', 'all', '--pcap', dir, at('good/pass.pkt')).status, 0)
    const names = readdirSync(dir).sort()
    assert.equal(names.length, 3)
    assert.ok(
      names.every(name => /good-pass\.(ipv4|ipv6|ipv4-mapped)\.pcapng$/.test(name)),
      names.join(),
    )
    for (const name of names) assert.equal(readFileSync(join(dir, name)).readUInt32LE(0), 0x0a0d0d0a)
  })

  it('many scripts go to workers, and are told in order', () => {
    const dir = at('many')
    mkdirSync(dir)
    const names = Array.from({ length: 120 }, (_, i) => join(dir, `${String(i).padStart(3, '0')}.pkt`))
    for (const name of names) writeFileSync(name, OPEN)
    const { status, stdout } = estab('--json', dir)
    assert.equal(status, 0)
    const told = stdout.trim().split('\n')
    assert.deepEqual(
      told.map(line => JSON.parse(line).file),
      names,
    )
  })
})
