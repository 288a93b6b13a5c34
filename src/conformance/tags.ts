/**
 * Tags: what a test says that it shows. In a title they stand in brackets, `[MUST-8 SHLD-1]` or `[RFC 6298]`; in the
 * head of a script for packetdrill on a comment line, `// Shows: MUST-36 SHLD-29 RFC 6298`.
 */

const ID = /(?:MUST|SHLD|MAY|REC)-\d+|U-\d\d|RFC \d+/
const GROUP = new RegExp(`^(?:${ID.source})(?: (?:${ID.source}))*$`)
const EACH = new RegExp(ID.source, 'g')
/** What looks as if it was meant for a tag. */
const MEANT = /^(?:MUST|SHLD|SHOULD|MAY|REC|U|RFC)[- ]?\d/i

export interface Tags {
  readonly ids: readonly string[]
  /** Bracketed text that looks like a tag and is none. */
  readonly malformed: readonly string[]
}

/** The tags in a test's title. */
export function tagsOfTitle(title: string): Tags {
  const ids = new Set<string>()
  const malformed: string[] = []
  for (const [, group] of title.matchAll(/\[([^[\]]+)\]/g)) {
    if (GROUP.test(group!)) for (const [id] of group!.matchAll(EACH)) ids.add(id)
    else if (MEANT.test(group!)) malformed.push(group!)
  }
  return { ids: [...ids], malformed }
}

/** A title without its tags, for readers. */
export const withoutTags = (title: string): string =>
  title.replace(/\s*\[([^[\]]+)\]/g, (all, group: string) => (GROUP.test(group) ? '' : all))

/** The tags of a script: of the comments and empty lines at its beginning, and of nothing behind them. */
export function tagsOfScript(text: string): Tags {
  const ids = new Set<string>()
  const malformed: string[] = []
  for (const line of text.split('\n')) {
    if (!/^\s*(?:\/\/|#|$)/.test(line)) break
    const list = /^\s*(?:\/\/|#)\s*Shows:\s*(.*?)\s*$/.exec(line)?.[1]
    if (list === undefined) continue
    const words = list.replaceAll(',', ' ').replace(/\s+/g, ' ').trim()
    if (GROUP.test(words)) for (const [id] of words.matchAll(EACH)) ids.add(id)
    else malformed.push(list)
  }
  return { ids: [...ids], malformed }
}
