import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Net } from '../src/faces/net/index.js'
import { median } from './measure.js'
import type { Row } from './rows.js'

/** What a page of a small service answers with: letters of which hardly any is where its neighbour should be. */
const BODY = Array.from({ length: 1024 }, (_, i) => String.fromCharCode(97 + ((i * i + i) % 26))).join('')
const answer: http.RequestListener = (_request, response) => {
  response.setHeader('content-type', 'text/plain')
  response.end(BODY)
}

export const hasWrk = (): boolean => spawnSync('wrk', ['-v'], { stdio: 'ignore' }).error === undefined

/** Serves over the kernel's sockets, or those of estab's. Resolves when it listens. */
export function serveHttp(net: Net | undefined, port: number): Promise<http.Server> {
  const server = http.createServer(answer)
  return new Promise(resolve => {
    if (net) net.serve(server, port, undefined, () => resolve(server))
    else server.listen(port, () => resolve(server))
  })
}

/** wrk's own program, which looks at every answer. */
const CHECK = `
local expected = "${BODY}"
local threads = {}
wrong = 0
function setup(thread) table.insert(threads, thread) end
function response(status, headers, body) if body ~= expected then wrong = wrong + 1 end end
function done()
  local all = 0
  for _, thread in ipairs(threads) do all = all + thread:get("wrong") end
  print("Wrong bodies: " .. all)
end
`

/** Requests per second, as wrk counts them. Throws if any failed, or had another body. */
function wrk(url: string, connections: number, seconds: number): Promise<number> {
  const script = path.join(mkdtempSync(path.join(tmpdir(), 'estab-wrk-')), 'check.lua')
  writeFileSync(script, CHECK)
  const child = spawn('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url])
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => {
      rmSync(path.dirname(script), { recursive: true })
      const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1])
      if (!(rate > 0) || /Non-2xx|Socket errors/.test(text) || !/Wrong bodies: 0\b/.test(text))
        reject(new Error(`wrk:\n${text}`))
      else resolve(rate)
    })
  })
}

export async function requests(name: string, url: string, runs: number): Promise<Row[]> {
  const rows: Row[] = []
  for (const connections of [1, 64]) {
    await wrk(url, connections, 1)
    const values: number[] = []
    for (let i = 0; i < runs; i++) values.push(await wrk(url, connections, 2))
    const what = `${name}: HTTP requests, 1 KB, ${connections === 1 ? 'one connection' : `${connections} connections`}`
    rows.push({
      what,
      unit: '/s',
      value: median(values),
      low: Math.min(...values),
      high: Math.max(...values),
    })
    console.error(`${what}: ${Math.round(median(values))} /s`)
  }
  return rows
}
