import type { Shown } from './join.js'

/** The data file `shown.ts`, written and read: by file, so that it can be looked at. */

export type ShownByFile = Readonly<Record<string, readonly (readonly [title: string, ids: string])[]>>

export const unpack = (data: ShownByFile): Shown[] =>
  Object.entries(data).flatMap(([file, tests]) =>
    tests.map(([title, ids]) => ({ file, title, ids: idsOf(ids) })),
  )

const idsOf = (text: string): string[] => text.split(',').filter(id => id !== '')

/** The module that holds `shown`. */
export function moduleOf(shown: readonly Shown[]): string {
  const lines = [
    '// Written by `npm run conformance`: what each test that passes shows. Not to be edited.',
    '// biome-ignore-all format: one test, one line',
    "import type { ShownByFile } from './data.js'",
    '',
    'export const SHOWN: ShownByFile = {',
  ]
  for (const file of new Set(shown.map(test => test.file))) {
    lines.push(`  ${JSON.stringify(file)}: [`)
    for (const test of shown.filter(other => other.file === file))
      lines.push(`    [${JSON.stringify(test.title)}, ${JSON.stringify(test.ids.join(','))}],`)
    lines.push('  ],')
  }
  return [...lines, '}', ''].join('\n')
}
