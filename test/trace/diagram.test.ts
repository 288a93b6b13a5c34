import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mayTake, STATE_NAMES, STATES, TRANSITION_LIST } from '../../src/tcp/states.js'
import { edges, mermaid } from '../../src/trace/diagram-mermaid.js'
import { svg } from '../../src/trace/diagram-svg.js'

describe('the state diagram', () => {
  it('has edges of the table, and only those', () => {
    for (const { from, to, ids } of edges())
      for (const id of ids) {
        const row = TRANSITION_LIST.find(t => t.id === id)!
        assert(mayTake(row.id, from) && row.to === to)
      }
    const all = edges(TRANSITION_LIST.map(t => t.id))
    const ids = new Set(all.flatMap(edge => edge.ids))
    assert.equal(ids.size, TRANSITION_LIST.length)
    const pairs = all.map(({ from, to }) => `${from} ${to}`)
    assert.equal(new Set(pairs).size, pairs.length, 'one edge from a state to another')
    assert.equal(
      all.reduce((n, edge) => n + edge.ids.length, 0),
      TRANSITION_LIST.reduce((n, t) => n + t.from.length, 0),
    )
  })

  it('reaches every state', () => {
    const reached = new Set(['CLOSED'])
    for (const _ of STATE_NAMES) for (const { from, to } of edges()) if (reached.has(from)) reached.add(to)
    assert.deepEqual([...reached].sort(), [...STATE_NAMES].sort())
  })

  it('says what causes a move and what it sends', () => {
    const find = (from: string, to: string) => edges().find(e => e.from === from && e.to === to)!.label
    assert.equal(find('LISTEN', 'SYN_RECEIVED'), 'receive SYN / SYN,ACK')
    assert.equal(find('LISTEN', 'SYN_SENT'), 'active OPEN / SYN; SEND / SYN')
    assert.equal(find('TIME_WAIT', 'CLOSED'), '2MSL timeout')
  })

  it('is Mermaid, with every other transition in a comment', () => {
    const text = mermaid('en')
    const lines = text.split('\n')
    assert.equal(lines[0], 'stateDiagram-v2')
    assert(lines.includes('  [*] --> CLOSED'))
    assert(lines.slice(2, -1).every(line => /^ {2}[A-Z_\d]+ --> [A-Z_\d]+: [^:]+$/.test(line)))
    for (const { id } of TRANSITION_LIST)
      assert(edges().some(e => e.ids.includes(id)) || lines.at(-1)!.includes(id), id)
    assert(mermaid('zh').includes('其余转换'))
  })

  it('is well-formed SVG with each state and its meaning', () => {
    for (const language of ['en', 'zh'] as const) {
      const text = svg(language)
      const open: string[] = []
      for (const [, slash, name, closed] of text.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
        if (slash) assert.equal(open.pop(), name)
        else if (!closed) open.push(name!)
      }
      assert.deepEqual(open, [])
      assert(!/&(?!amp;|lt;|gt;|quot;|#)/.test(text))
      for (const state of STATE_NAMES) {
        assert(text.includes(`>${state}</text>`), state)
        assert(text.includes(STATES[state][language]))
      }
      const [, , width, height] = /viewBox="(\d+) (\d+) (\d+) (\d+)"/.exec(text)!.slice(1).map(Number)
      for (const [, x, y] of text.matchAll(/ x="([\d.]+)" y="([\d.]+)"/g))
        assert(Number(x) >= 0 && Number(x) < width! && Number(y) > 0 && Number(y) < height!)
    }
  })
})
