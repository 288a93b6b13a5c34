// Files over HTTP between estab and the programs that everybody uses, over the kernel's TCP: 64 MiB each way, at each
// MTU that matters, and not a bit of them changed.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { createAgent, createNet } from '../../src/faces/net/index.js'
import {
  kernelSkip,
  kernelTest,
  openPair,
  type Pair,
  type PairOptions,
  type Version,
} from '../support/kernel.js'
import { atEnd } from '../support/kernel-cleanup.js'
import { Content, MiB } from '../support/kernel-content.js'
import { contentServer, digestOf, request } from '../support/kernel-http.js'
import { needs, scratch, shell, start } from '../support/kernel-program.js'

const SIZE = 64 * MiB
const curl = { skip: needs('curl') }

/** A file for the programs, and what they are given; made once. */
let content: Content
const site = mkdtempSync(path.join(tmpdir(), 'estab-site-'))
const file = path.join(site, 'content')

before(() => {
  if (kernelSkip) return
  content = new Content(SIZE)
  writeFileSync(file, Buffer.concat([...content.pieces()]))
})
after(() => rmSync(site, { recursive: true, force: true }))

const url = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}/`

/** A server of Node's on estab's stack. */
async function serving(t: TestContext, version: Version, options: PairOptions = {}, given = content) {
  const pair = await openPair(t, options)
  const host = pair.hosts(version).estab
  const server = createNet(pair.stack).serve(contentServer(given), 80, host)
  await once(server, 'listening')
  return { pair, host, url: url(host, 80) }
}

/** How Node's client goes over estab's stack. */
function overEstab(pair: Pair, host: string, port: number): RequestOptions {
  return { host, port, agent: createAgent(createNet(pair.stack)) }
}

async function gets(options: RequestOptions): Promise<void> {
  const response = await request(options)
  assert.equal(response.statusCode, 200)
  assert.equal(await digestOf(response), content.digest)
}

async function posts(options: RequestOptions): Promise<void> {
  const response = await request({ ...options, method: 'POST' }, content)
  assert.equal(response.statusCode, 200)
  let answer = ''
  for await (const piece of response) answer += piece
  assert.equal(answer, content.digest)
}

for (const version of [4, 6] as const) {
  describe(`HTTP on estab, curl on the kernel, IPv${version}`, {
    ...kernelTest,
    skip: kernelSkip || needs('curl'),
  }, () => {
    for (const mtu of version === 4 ? [576, 1280, 1500, 9000] : [1280, 1500, 9000]) {
      it(`64 MiB down, MTU ${mtu}`, curl, async t => {
        const { url } = await serving(t, version, { mtu })
        assert.equal(await shell(`curl -sSf '${url}' | sha256sum`), `${content.digest}  -`)
      })

      it(`64 MiB up, MTU ${mtu}`, curl, async t => {
        const { url } = await serving(t, version, { mtu })
        assert.equal(await shell(`curl -sSf -T '${file}' '${url}'`), content.digest)
      })
    }

    it('POST, which curl asks for permission to', curl, async t => {
      const { url } = await serving(t, version)
      const posted = `curl -sSf -H 'Expect: 100-continue' --data-binary '@${file}' '${url}'`
      assert.equal(await shell(posted), content.digest)
    })

    it('both ways at once, and one after the other on one connection', curl, async t => {
      const { url, pair } = await serving(t, version)
      const up = `curl -sSf -T '${file}' '${url}'`
      const down = `curl -sSf '${url}' '${url}' | sha256sum`
      const twice = createHash('sha256')
      for (let i = 0; i < 2; i++) for (const piece of content.pieces()) twice.update(piece)
      assert.deepEqual(await Promise.all([shell(up), shell(down)]), [
        content.digest,
        `${twice.digest('hex')}  -`,
      ])
      assert.equal(pair.moves.filter(m => m.id === 'T08').length, 2)
    })

    it('sixteen connections at once', curl, async t => {
      const part = new Content(SIZE / 16)
      const { url, pair } = await serving(t, version, {}, part)
      const directory = scratch(t)
      await shell(`curl -sSf -Z --parallel-immediate --parallel-max 16 -o '${directory}/#1' '${url}?[1-16]'`)
      assert.equal(pair.moves.filter(m => m.id === 'T08').length, 16)
      const sums = await shell(`cd '${directory}' && sha256sum * | cut -d' ' -f1 | sort -u`)
      assert.equal(sums, part.digest)
    })
  })

  describe(`HTTP of Node at both ends, IPv${version}`, kernelTest, () => {
    it('the server on estab', async t => {
      const { host } = await serving(t, version)
      await gets({ host, port: 80 })
      await posts({ host, port: 80 })
    })

    it('the client on estab', async t => {
      const pair = await openPair(t)
      const { kernel } = pair.hosts(version)
      const server = contentServer(content).listen(0, kernel)
      await once(server, 'listening')
      atEnd(t, () => {
        server.close()
        server.closeAllConnections()
      })
      const options = overEstab(pair, kernel, (server.address() as AddressInfo).port)
      await gets(options)
      await posts(options)
    })
  })

  describe(`HTTP clients on estab, servers on the kernel, IPv${version}`, kernelTest, () => {
    it('nginx', { skip: needs('nginx') }, async t => {
      const pair = await openPair(t)
      const { kernel } = pair.hosts(version)
      const directory = scratch(t)
      mkdirSync(path.join(directory, 'put'))
      const listen = version === 4 ? kernel : `[${kernel}]`
      const config = path.join(directory, 'nginx.conf')
      writeFileSync(
        config,
        `user root; daemon off; master_process off; pid ${directory}/pid; error_log stderr notice;
        events { worker_connections 64; }
        http {
          access_log off;
          client_max_body_size 0;
          client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
          fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi;
          scgi_temp_path ${directory}/scgi;
          server {
            listen ${listen}:8080;
            root ${site};
            location /put/ { root ${directory}; dav_methods PUT; }
          }
        }`,
      )
      await start(t, 'nginx', ['-c', config, '-p', directory, '-e', 'stderr'], /OS: Linux/)
      const options = overEstab(pair, kernel, 8080)
      await gets({ ...options, path: '/content' })
      const response = await request({ ...options, method: 'PUT', path: '/put/file' }, content)
      assert.equal(response.statusCode, 201)
      response.resume()
      const put = readFileSync(path.join(directory, 'put/file'))
      assert.equal(createHash('sha256').update(put).digest('hex'), content.digest)
    })

    it(`Python's http.server`, { skip: needs('python3') }, async t => {
      const pair = await openPair(t)
      const { kernel } = pair.hosts(version)
      const args = ['-u', '-m', 'http.server', '8081', '--bind', kernel, '--directory', site]
      await start(t, 'python3', args, /Serving HTTP/)
      await gets({ ...overEstab(pair, kernel, 8081), path: '/content' })
    })
  })
}
