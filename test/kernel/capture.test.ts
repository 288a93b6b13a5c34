// What dumpcap writes of curl and a server of Python's on loopback opens with the states the two must have been in.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type Conversation, conversations } from '../../src/trace/conversations.js'
import { drawLadder } from '../../src/trace/ladder.js'
import { readCapture } from '../../src/trace/read-capture.js'
import { kernelTest } from '../support/kernel.js'
import { needs, scratch, shell, start } from '../support/kernel-program.js'

const skip = kernelTest.skip || needs('dumpcap', 'curl', 'python3')

const OPENED = ['CLOSED', 'SYN_SENT', 'ESTABLISHED']
const ACCEPTED = ['CLOSED', 'LISTEN', 'SYN_RECEIVED', 'ESTABLISHED']
/** Who closes first, by way of two segments or of one; and who closes second. */
const FIRST = /^FIN_WAIT_1 (FIN_WAIT_2 |CLOSING )?TIME_WAIT$/
const SECOND = /^CLOSE_WAIT LAST_ACK CLOSED$/
const PORT = 8099

const walked = ({ events }: Conversation, host: string): string[] => {
  const moves = events.flatMap(e => (e.kind === 'state' && e.host === host ? [e] : []))
  return moves.length === 0 ? [] : [moves[0]!.from, ...moves.map(e => e.to)]
}

/** Captures what goes on on `iface` while `run` does. The capture is in `format`, and has all of it. */
async function capture(
  t: TestContext,
  iface: string,
  format: 'pcap' | 'pcapng',
  run: () => Promise<void>,
): Promise<Uint8Array> {
  const file = path.join(scratch(t), `capture.${format}`)
  const kind = format === 'pcap' ? ['-P'] : ['-n']
  const program = await start(t, 'dumpcap', [...kind, '-i', iface, '-f', 'tcp', '-w', file], /File: /)
  // It says so before it captures: a SYN to nobody shows that it does.
  const count = () => {
    try {
      return readCapture(readFileSync(file)).total
    } catch {
      return 0
    }
  }
  while (count() === 0) await shell(`curl -s http://127.0.0.1:1/ ; sleep 0.1`)
  await run()
  await shell(`curl -s http://127.0.0.1:2/ || true`)
  // It writes what it has some time later.
  const ended = () =>
    conversations(readCapture(readFileSync(file)).packets).conversations.some(c => c.server.endsWith(':2'))
  while (!ended()) await shell('sleep 0.1')
  const closed = once(program, 'close')
  program.kill('SIGINT')
  await closed
  return readFileSync(file)
}

describe('a capture of the kernel with itself', { ...kernelTest, skip }, () => {
  for (const [iface, format] of [
    ['lo', 'pcap'],
    ['any', 'pcapng'],
  ] as const)
    it(`${format} of ${iface}: curl opens and closes, and so does the server`, async t => {
      execFileSync('ip', ['link', 'set', 'lo', 'up'])
      const directory = scratch(t)
      writeFileSync(path.join(directory, 'big.bin'), new Uint8Array(300_000))
      const serve = ['-u', '-m', 'http.server', String(PORT), '--bind', '127.0.0.1', '--directory', directory]
      await start(t, 'python3', serve, /Serving/)
      const bytes = await capture(t, iface, format, async () => {
        await shell(`curl -sf http://127.0.0.1:${PORT}/big.bin -o ${directory}/got`)
        await shell(`curl -sf http://127.0.0.1:${PORT}/ -o ${directory}/got`)
      })
      const file = readCapture(bytes)
      assert.deepEqual([file.format, file.truncated], [format, false])
      const told = conversations(file.packets)
      const ours = told.conversations.filter(c => c.server === `127.0.0.1:${PORT}`)
      assert.equal(ours.length, 2)
      for (const each of ours) {
        assert(each.beginning)
        const [client, server] = [walked(each, each.client), walked(each, each.server)]
        assert.deepEqual(client.slice(0, 3), OPENED)
        assert.deepEqual(server.slice(0, 4), ACCEPTED)
        const closings = [client.slice(3).join(' '), server.slice(4).join(' ')]
        const ordinary =
          closings.filter(c => FIRST.test(c)).length === 1 && closings.some(c => SECOND.test(c))
        // Or both at once.
        assert(ordinary || closings.every(c => FIRST.test(c)), closings.join(' / '))
        const ladder = drawLadder(each.events, { hosts: [each.client, each.server] })
        assert.doesNotMatch(ladder, /does not fit|does not have/)
      }
      const text = ours[0]!.segments.reduce(
        (n, { event: e }) => n + (e.from === ours[0]!.server ? e.len : 0),
        0,
      )
      assert(text > 300_000 && text < 301_000, String(text))
      const refused = told.conversations.find(c => c.server === '127.0.0.1:2')!
      assert.deepEqual(walked(refused, refused.client), ['CLOSED', 'SYN_SENT', 'CLOSED'])
      assert.deepEqual(walked(refused, refused.server), [])
    })
})
