import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type LabServerOptions, serveLab } from '../../src/lab/serve/index.js'
import { ask, page } from '../support/lab.js'

const SCRIPT = 'export const answer = 42\n'.repeat(500)

async function serving(t: TestContext, options: Partial<LabServerOptions> = {}) {
  const directory = page(t, {
    'main.js': SCRIPT,
    'style.css': 'p{}',
    'chunks/a b.js': 'export {}',
    'one.png': Uint8Array.of(0x89, 0x50),
    strange: 'x',
  })
  const server = await serveLab({ port: 0, directory, ...options })
  t.after(() => server.close())
  return { ...server, directory }
}

describe('the page of the lab', () => {
  it('is served with its files, their types and headers that keep it to itself', async t => {
    const { url } = await serving(t)
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/)
    const { status, headers, body } = await ask(url, '/?lang=zh')
    assert.equal(status, 200)
    assert.match(String(body), /<title>lab/)
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(headers['cache-control'], 'no-cache')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    const policy = headers['content-security-policy'] as string
    for (const part of [
      "default-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "worker-src 'self' blob:",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ])
      assert.ok(policy.split('; ').includes(part), part)
    for (const [at, type] of [
      ['/index.html', 'text/html; charset=utf-8'],
      ['/main.js', 'text/javascript; charset=utf-8'],
      ['/style.css', 'text/css; charset=utf-8'],
      ['/chunks/a%20b.js', 'text/javascript; charset=utf-8'],
      ['/one.png', 'image/png'],
      ['/strange', 'application/octet-stream'],
    ] as const) {
      const answer = await ask(url, at)
      assert.equal(answer.status, 200, at)
      assert.equal(answer.headers['content-type'], type)
      assert.equal(answer.headers['content-length'], `${answer.body.length}`)
    }
  })

  it('is packed for those who can unpack it', async t => {
    const { url } = await serving(t)
    const get = (encoding?: string, at = '/main.js') =>
      ask(url, at, encoding === undefined ? {} : { headers: { 'Accept-Encoding': encoding } })
    for (const encoding of ['gzip', 'br, GZIP;q=0.5', '*']) {
      const { headers, body } = await get(encoding)
      assert.equal(headers['content-encoding'], 'gzip', encoding)
      assert.equal(headers['vary'], 'Accept-Encoding')
      assert.ok(body.length < SCRIPT.length / 10)
      assert.equal(String(gunzipSync(body)), SCRIPT)
    }
    for (const encoding of [undefined, 'br', 'gzip;q=0', 'x-gzip2']) {
      const { headers, body } = await get(encoding)
      assert.equal(headers['content-encoding'], undefined, encoding)
      assert.equal(String(body), SCRIPT)
    }
    assert.equal((await get('gzip', '/style.css')).headers['content-encoding'], undefined, 'no gain')
  })

  it('is not sent again to who has it', async t => {
    const { url } = await serving(t)
    const plain = (await ask(url, '/main.js')).headers.etag!
    const packed = (await ask(url, '/main.js', { headers: { 'Accept-Encoding': 'gzip' } })).headers.etag!
    assert.match(plain, /^"[\w-]{43}"$/)
    assert.notEqual(plain, packed)
    for (const tag of [plain, `"x", W/${plain}`, '*']) {
      const { status, body, headers } = await ask(url, '/main.js', { headers: { 'If-None-Match': tag } })
      assert.deepEqual([status, body.length, headers.etag], [304, 0, plain])
    }
    assert.equal((await ask(url, '/main.js', { headers: { 'If-None-Match': packed } })).status, 200)
  })

  it('answers HEAD, and refuses every other method', async t => {
    const { url } = await serving(t)
    const head = await ask(url, '/main.js', { method: 'HEAD' })
    assert.deepEqual(
      [head.status, head.body.length, head.headers['content-length']],
      [200, 0, `${SCRIPT.length}`],
    )
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await ask(url, '/main.js', { method })
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method)
    }
  })

  it('has nothing but its files: no way leads out, links are not followed', async t => {
    const outside = page(t, { 'site/index.html': 'x', 'outside.txt': 'x' })
    const directory = path.join(outside, 'site')
    symlinkSync('/etc/passwd', path.join(directory, 'passwd'))
    symlinkSync('/etc', path.join(directory, 'etc'))
    const { url } = await serving(t, { directory })
    for (const at of [
      '/nothing',
      '/live',
      '/passwd',
      '/etc/passwd',
      '/../outside.txt',
      '/%2e%2e/outside.txt',
      '/..%2foutside.txt',
      '/./index.html',
      '//index.html',
      '/index.html/',
      '/%',
      'http://elsewhere/index.html',
      '*',
      '/__proto__',
      '/constructor',
    ]) {
      assert.equal((await ask(url, at)).status, 404, at)
    }
  })

  it('answers to its own name only, so that no other name leads here', async t => {
    const { url, port } = await serving(t)
    const status = async (host: string) => (await ask(url, '/', { headers: { Host: host } })).status
    for (const host of ['localhost', 'LocalHost', '127.0.0.1', '[::1]'])
      assert.equal(await status(`${host}:${port}`), 200, host)
    for (const host of [
      'localhost',
      '127.0.0.1',
      `evil.example:${port}`,
      `localhost:${port + 1}`,
      `127.0.0.2:${port}`,
    ])
      assert.equal(await status(host), 421, host)
    const raw = net.connect(port, '127.0.0.1')
    let said = ''
    raw.setEncoding('utf8').on('data', text => (said += text))
    raw.end('GET / HTTP/1.0\r\n\r\n')
    await new Promise(resolve => raw.on('close', resolve))
    assert.match(said, /^HTTP\/1\.1 421 /)
  })

  it('listens on IPv6, too, and closes properly', async t => {
    const server = await serving(t, { host: '::1' })
    assert.match(server.url, /^http:\/\/\[::1\]:\d+\/$/)
    const status = await new Promise<string>((resolve, reject) => {
      const socket = net.connect(server.port, '::1', () =>
        socket.end(`GET / HTTP/1.1\r\nHost: [::1]:${server.port}\r\nConnection: close\r\n\r\n`),
      )
      socket.on('error', reject).once('data', data => resolve(String(data).slice(0, 15)))
    })
    assert.equal(status, 'HTTP/1.1 200 OK')
    const idle = net.connect(server.port, '::1')
    await new Promise(resolve => idle.once('connect', resolve))
    await Promise.all([server.close(), server.close()])
    await assert.rejects(ask(`http://127.0.0.1:${server.port}/`, '/'), { code: 'ECONNREFUSED' })
  })

  it('says what is wrong: no page, or a port in use', async t => {
    await assert.rejects(serveLab({ port: 0, directory: '/nonexistent' }), {
      message: "the lab's page is not built: npm run build",
    })
    const { port, directory } = await serving(t)
    await assert.rejects(serveLab({ port, directory }), {
      message: `port ${port} is in use; port 0 takes one that is free`,
    })
    await assert.rejects(
      serveLab({ port: 0, directory, host: '192.0.2.1' }),
      /cannot listen on port 0 of 192\.0\.2\.1/,
    )
  })
})
