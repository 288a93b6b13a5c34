// Bundles the lab's page into dist/lab, a folder that any web server can host: what is needed at first, and a chunk for
// each page that is opened later. Simulations that take
// long, and files, have a worker each, which is a file of its own.
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const from = fileURLToPath(new URL('../src/lab/page/', import.meta.url))
const to = fileURLToPath(new URL('../dist/lab/', import.meta.url))
rmSync(to, { recursive: true, force: true })
mkdirSync(to, { recursive: true })
await build({
  entryPoints: [
    { in: `${from}main.tsx`, out: 'main' },
    { in: `${from}congestion/worker.ts`, out: 'congestion-worker' },
    { in: `${from}file/worker.ts`, out: 'file-worker' },
  ],
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
// A chunk that is fetched later does not bring its styles: they are few, and are in the page's from the beginning.
for (const name of readdirSync(to)
  .filter(name => /^part-.*\.css$/.test(name))
  .sort()) {
  appendFileSync(`${to}main.css`, readFileSync(to + name))
  rmSync(to + name)
}
for (const name of ['index.html', 'icon.svg']) copyFileSync(from + name, to + name)
// Files to try the page for files with.
for (const name of readdirSync(`${from}file/examples`))
  copyFileSync(`${from}file/examples/${name}`, to + name)
