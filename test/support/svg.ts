import assert from 'node:assert/strict'

/** Fails unless `text` is one well-formed element, with numbers for numbers. No XML parser is at hand: tags are matched. */
export function wellFormed(text: string): void {
  const open: string[] = []
  const tag = /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g
  let at = 0
  for (const match of text.matchAll(tag)) {
    const between = text.slice(at, match.index)
    assert(
      !between.includes('<') && (open.length > 0 || between.trim() === ''),
      `text ${between.slice(0, 80)}`,
    )
    assert(!/&(?!(amp|lt|gt|quot|#\d+);)/.test(between), `entity in ${between.slice(0, 80)}`)
    at = match.index + match[0].length
    const [, closing, name, attributes, empty] = match
    assert(!/NaN|undefined|Infinity/.test(attributes!), match[0].slice(0, 200))
    if (closing) assert.equal(open.pop(), name)
    else if (!empty) open.push(name!)
    assert(open.length > 0 || at >= text.trimEnd().length, 'one element')
  }
  assert.equal(text.slice(at).trim(), '')
  assert.deepEqual(open, [])
}
