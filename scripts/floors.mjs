// The check that imports only go down the floors (docs/architecture.md), that floors which run anywhere import no
// Node module, and that wire, tcp and stack import no package at all. Prints each offence; exit status 1 if any.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const FLOORS = [
  ['wire'],
  ['tcp'],
  ['stack'],
  ['links', 'sim', 'trace', 'drill', 'verify', 'conformance'],
  ['faces/net', 'faces/web', 'stories'],
  ['cli', 'lab/serve', 'lab/page', 'lab/scene'],
]
/** What a floor may use of its own floor, besides itself. */
const NEIGHBOURS = { cli: ['lab/serve'], 'lab/serve': ['lab/scene'], 'lab/page': ['lab/scene'] }
/** Where a Node module may be imported: a floor, or a single file. */
const NODE = ['cli', 'faces/net', 'lab/serve', 'links/tun', 'links/kernel-side', 'links/ring']
/** Where a package may be imported. */
const PACKAGES = ['cli', 'lab/page']

const partOf = file => {
  const [first, second] = file.split('/')
  return first === 'faces' || first === 'lab' ? `${first}/${second}` : first
}
const floorOf = part => FLOORS.findIndex(parts => parts.includes(part))

/** Offences in `files`, a map of path below src/ to text. */
export function offences(files) {
  const found = []
  for (const [file, text] of files) {
    if (file === 'index.ts') continue
    const part = partOf(file)
    const floor = floorOf(part)
    if (floor < 0) {
      found.push(`${file}: ${part} is on no floor`)
      continue
    }
    for (const match of text.matchAll(/\b(?:from\s+|import\s+|import\s*\(\s*)'([^'\n]+)'/g)) {
      const specifier = match[1]
      if (specifier.startsWith('.')) {
        const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
        const other = partOf(target)
        if (target.startsWith('..') || other === part) continue
        const below = floorOf(other) < floor || NEIGHBOURS[part]?.includes(other)
        if (!below) found.push(`${file}: imports ${target}, which is not below ${part}`)
      } else if (specifier.startsWith('node:') || specifier === 'koffi') {
        if (!NODE.some(place => part === place || file.startsWith(place)))
          found.push(`${file}: imports ${specifier}`)
      } else if (!PACKAGES.includes(part)) found.push(`${file}: imports the package ${specifier}`)
    }
  }
  return found
}

function read(root) {
  const files = new Map()
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue
    const full = path.join(entry.parentPath ?? entry.path, entry.name)
    files.set(path.relative(root, full).split(path.sep).join('/'), readFileSync(full, 'utf8'))
  }
  return files
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = offences(read(fileURLToPath(new URL('../src', import.meta.url))))
  for (const line of found) console.error(line)
  if (found.length > 0) process.exit(1)
  console.log('imports only go down')
}
