import { ScriptSyntaxError } from './scanner.js'

const DIRECTIVE = /^[ \t]*#(ifdef|ifndef|else|endif)\b[ \t]*([A-Za-z_][A-Za-z0-9_]*)?/

/**
 * `#ifdef NAME … #else … #endif`: blanks the lines that are not for us, so that all others keep their numbers, and puts
 * values in the place of the names that have one.
 */
export function preprocess(text: string, definitions: ReadonlyMap<string, string>): string {
  const valued = [...definitions].filter(([, value]) => value !== '').map(([name]) => name)
  const words = valued.length > 0 ? new RegExp(`(?<![\\w-]|--define=)(?:${valued.join('|')})\\b`, 'g') : null
  const out: string[] = []
  const stack: { line: number; on: boolean; outer: boolean }[] = []
  let on = true
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    const directive = DIRECTIVE.exec(line)
    if (!directive) {
      const kept = on ? line : ''
      out.push(words ? kept.replace(words, word => definitions.get(word)!) : kept)
      continue
    }
    out.push('')
    const [, what, name] = directive
    const fail = (message: string) => new ScriptSyntaxError(message, i + 1, 1)
    if (what === 'ifdef' || what === 'ifndef') {
      if (name === undefined) throw fail(`#${what} needs a name`)
      const holds = definitions.has(name) === (what === 'ifdef')
      stack.push({ line: i + 1, on: holds, outer: on })
      on &&= holds
      continue
    }
    const top = stack.at(-1)
    if (!top) throw fail(`#${what} without #ifdef`)
    if (what === 'else') {
      top.on = !top.on
      on = top.outer && top.on
    } else {
      stack.pop()
      on = top.outer
    }
  }
  const open = stack.at(-1)
  if (open) throw new ScriptSyntaxError('this #ifdef has no #endif', open.line, 1)
  return out.join('\n')
}
