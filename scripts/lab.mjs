// Bundles the lab's page into dist/lab, a folder that any web server can host: what is needed at first, and a chunk for
// each page that is opened later.
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const from = fileURLToPath(new URL('../src/lab/page/', import.meta.url))
const to = fileURLToPath(new URL('../dist/lab/', import.meta.url))
rmSync(to, { recursive: true, force: true })
mkdirSync(to, { recursive: true })
await build({
  // Besides the page: what workers run, and the style of a page that is opened later.
  entryPoints: {
    main: `${from}main.tsx`,
    'file-worker': `${from}file/worker.ts`,
    file: `${from}file/file.css`,
  },
  outdir: to,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['es2022'],
  minify: true,
  legalComments: 'linked',
  chunkNames: 'part-[hash]',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
})
for (const name of ['index.html', 'icon.svg']) copyFileSync(from + name, to + name)
// Files to try the page for files with.
for (const name of readdirSync(`${from}file/examples`))
  copyFileSync(`${from}file/examples/${name}`, to + name)
