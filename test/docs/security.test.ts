import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { limitsOf } from '../../src/stack/limits.js'
import { Listener } from '../../src/stack/listener.js'
import { DEFAULT_CONFIG } from '../../src/tcp/config.js'

const root = new URL('../../../', import.meta.url)
const page = readFileSync(new URL('docs/security.md', root), 'utf8')

/** How many rows there are in each part. */
const PARTS = { A: 15, B: 17, C: 7, D: 6, E: 14, F: 10 }
const IDS = Object.entries(PARTS).flatMap(([letter, n]) =>
  Array.from({ length: n }, (_, i) => letter + String(i + 1).padStart(2, '0')),
)

/** Titles of the tests in a file, as they stand there. */
const titles = (path: string): string[] =>
  [...readFileSync(new URL(path, root), 'utf8').matchAll(/^\s*(?:test|it)\(\s*(['"`])(.*)\1/gm)].map(
    m => m[2]!,
  )

test('docs/security.md has a row for every named attack, with a link to a test whose title bears its id', () => {
  const rows = new Map<string, string>()
  for (const [, id, link] of page.matchAll(/^\| ([A-F]\d\d) \|.*\| \[[^\]]*\]\(\.\.\/([^)]+)\) \|$/gm)) {
    assert.ok(!rows.has(id!), `${id} has two rows`)
    rows.set(id!, link!)
  }
  assert.deepEqual([...rows.keys()], IDS)
  for (const [id, path] of rows) {
    assert.ok(existsSync(new URL(path, root)), `${id}: there is no ${path}`)
    assert.ok(
      titles(path).some(title => title.startsWith(`${id} `)),
      `${path} has no test whose title begins with ${id}`,
    )
  }
})

test('the limits that docs/security.md gives are those of the code', () => {
  const { backlog, synBacklog } = new Listener({ port: 1 }, DEFAULT_CONFIG, () => {})
  const { connections, connectionsPerPeer, orphanMemory, stallTime, stallRate } = limitsOf()
  const n = (value: number) => value.toLocaleString('en')
  for (const said of [
    `\`synBacklog\`, ${n(synBacklog)};`,
    `\`backlog\`, ${n(backlog)} |`,
    `\`limits.connections\`, ${n(connections)} |`,
    `\`limits.orphanMemory\`, ${orphanMemory >> 20} MiB`,
    `\`limits.stallTime\` (${stallTime / 1000} s)`,
    `\`limits.stallRate\` (${stallRate} bytes a second)`,
    `\`receiveBuffer\`, ${DEFAULT_CONFIG.receiveBuffer >> 20} MiB`,
    `\`sendBuffer\`, ${DEFAULT_CONFIG.sendBuffer >> 10} KiB`,
    `\`reassemblyBlocks\`, ${n(DEFAULT_CONFIG.reassemblyBlocks)} a connection`,
    `\`challengeAckLimit\`, ${DEFAULT_CONFIG.challengeAckLimit} a second`,
    `\`minMss\` ${DEFAULT_CONFIG.minMss}`,
  ])
    assert.ok(page.includes(said), `"${said}" is not on the page`)
  assert.equal(connectionsPerPeer * 4, connections)
})
