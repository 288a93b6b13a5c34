import type { StackObserver } from '../stack/observe.js'
import { TRANSITIONS } from '../tcp/states.js'
import type { StateEvent } from './events.js'
import type { PcapngWriter } from './pcapng.js'
import type { RecordedSegment } from './recorder.js'

const say = (event: { host: string; from: string; to: string; cause: string }): string =>
  `${event.host}: ${event.from} → ${event.to} (${event.cause})`

/**
 * Writes what a recorder collected as a capture of the wire between its hosts: each segment once, the changes of
 * state it came from and led to as its comment. `epoch` is the wall time of virtual time 0, in ms.
 */
export function writeSegments(writer: PcapngWriter, segments: readonly RecordedSegment[], epoch = 0): void {
  const iface = writer.addInterface({ name: 'wire', description: 'estab, virtual time', linkType: 'ip' })
  for (const { event, bytes, before, after } of [...segments].sort((a, b) => a.event.t - b.event.t)) {
    const remarks = [...before, ...after].map((change: StateEvent) => say(change))
    if (event.fate === 'lost') remarks.push('lost on the way')
    if (event.fate === 'duplicated') remarks.push('duplicated on the way')
    const comment = remarks.length > 0 ? remarks.join('; ') : undefined
    // A corrupted packet is written as it arrived; whoever captured at the sender would not see it.
    if (event.fate === 'corrupted') continue
    writer.packet({ interface: iface, time: epoch + event.t, bytes, ...(comment ? { comment } : {}) })
  }
}

/**
 * An observer that writes a live stack's packets to a capture, a change of state as the comment of the packet that
 * came with it. Call `flush` at the end. `epoch` is what to add to the stack's clock to get wall time, in ms.
 */
export class LiveCapture {
  private held:
    | { bytes: Uint8Array; time: number; direction: 'in' | 'out'; iface: number; remarks: string[] }
    | undefined
  private remarks: string[] = []
  private readonly interfaces = new Map<string, number>()

  constructor(
    private readonly writer: PcapngWriter,
    private readonly host: string,
    private readonly epoch: number,
  ) {}

  readonly observer: StackObserver = {
    packet: (direction, iface, bytes, offset, length, now) => {
      // What a stack sends to itself would be there twice.
      if (iface.isLoopback && direction === 'in') return
      this.flush()
      let index = this.interfaces.get(iface.name)
      if (index === undefined) {
        index = this.writer.addInterface({ name: iface.name, linkType: 'ip' })
        this.interfaces.set(iface.name, index)
      }
      const copy = bytes.slice(offset, offset + length)
      this.held = { bytes: copy, time: this.epoch + now, direction, iface: index, remarks: this.remarks }
      this.remarks = []
    },
    state: (_flow, from, to, id) => {
      const remark = say({ host: this.host, from, to, cause: TRANSITIONS[id].cause })
      if (TRANSITIONS[id].kind === 'segment' && this.held?.direction === 'in') this.held.remarks.push(remark)
      else this.remarks.push(remark)
    },
  }

  /** Writes the packet that is being held for its remarks. */
  flush(): void {
    const { held } = this
    if (!held) return
    this.held = undefined
    const { bytes, time, direction, iface, remarks } = held
    const comment = remarks.length > 0 ? { comment: remarks.join('; ') } : {}
    this.writer.packet({ interface: iface, time, bytes, direction, ...comment })
  }
}
