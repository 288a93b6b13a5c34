import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { StackObserver } from '../../src/stack/observe.js'
import { LiveCapture } from '../../src/trace/capture.js'
import { PcapngWriter } from '../../src/trace/pcapng.js'
import { hasTshark, tsharkComplaints, tsharkFields } from './tshark.js'

/** What passes a stack, in a file, as far as there is room; judged by tshark when all is over. */
export class Capture {
  readonly observer: StackObserver
  readonly #live: LiveCapture
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'estab-kernel-'))
  readonly #file = path.join(this.#directory, 'capture.pcapng')
  readonly #fd = openSync(this.#file, 'w')

  constructor(limit: number) {
    let room = limit
    const writer = new PcapngWriter(block => {
      writeSync(this.#fd, block)
    })
    this.#live = new LiveCapture(writer, 'estab', performance.timeOrigin)
    const { packet, state } = this.#live.observer
    this.observer = {
      packet: (...args) => {
        if ((room -= args[4]) > 0) packet?.(...args)
      },
      state: (...args) => {
        if (room > 0) state?.(...args)
      },
    }
  }

  /** Throws if there is anything wrong with a packet. Leaves the file behind then. */
  check(): void {
    this.#live.flush()
    closeSync(this.#fd)
    const complaints = hasTshark() ? tsharkComplaints(this.#file).filter(text => !this.#isNoFault(text)) : []
    assert.deepEqual(complaints, [], `what tshark says of ${this.#file}`)
    rmSync(this.#directory, { recursive: true })
  }
  #isNoFault(complaint: string): boolean {
    // What an ICMP error quotes of a segment is cut off, so its checksum cannot be right.
    if (/^frame \d+ \[raw:ip(v6)?:icmp(v6)?:ip(v6)?:tcp.*: bad tcp checksum; Bad checksum/.test(complaint))
      return true
    // Linux itself writes a checksum of 0 as 0xffff, as only UDP has to: one of 65,536 of its segments.
    if (!complaint.includes('Checksum 0xffff instead of 0x0000')) return false
    const frame = /^frame (\d+) /.exec(complaint)?.[1]
    const received = `frame.packet_flags_direction == 1 && frame.number == ${frame}`
    return tsharkFields(this.#file, ['frame.number'], received).length === 1
  }
}
