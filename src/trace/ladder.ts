import { REACTIONS } from '../tcp/reactions.js'
import { type State, TRANSITIONS } from '../tcp/states.js'
import type { SegmentEvent, TraceEvent } from './events.js'
import { FATE_WORDS, type Language, REACTION_WORDS, TIMER_WORDS } from './words.js'

export interface LadderOptions {
  language?: Language
  colour?: boolean
  /** The host on the left and the host on the right; the same name twice for a host that speaks to itself. */
  hosts: readonly [string, string]
  /** The state in which each begins, by default CLOSED. */
  initial?: State
  /** Columns for the arrow between the hosts. */
  width?: number
}

const CODES = { dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, bold: 1 } as const
type Colour = keyof typeof CODES

/** How wide a string is on a terminal: Chinese characters take two columns. */
const widthOf = (text: string): number => {
  let width = 0
  for (const c of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(c)
        ? 2
        : 1
  return width
}

/**
 * Draws a trace as the ladder of textbooks: virtual time downwards, a host on each side with the state it is in, the
 * segments between them, and a line for each change of state. `line` may be fed event by event.
 */
export class Ladder {
  private readonly states = new Map<string, State>()
  private readonly width: number
  private readonly language: Language

  constructor(private readonly options: LadderOptions) {
    this.width = options.width ?? 62
    this.language = options.language ?? 'en'
  }

  private paint(text: string, ...colours: Colour[]): string {
    if (!this.options.colour || colours.length === 0) return text
    return `\u001b[${colours.map(c => CODES[c]).join(';')}m${text}\u001b[0m`
  }

  private colourOf(host: string): Colour {
    return host === this.options.hosts[0] ? 'cyan' : 'magenta'
  }

  header(): string {
    const [left, right] = this.options.hosts
    const zh = this.language === 'zh'
    const time = (zh ? '时间(ms)' : 'time (ms)').padStart(zh ? 9 : 11)
    return (
      this.paint(`${time}  `, 'dim') +
      this.paint(left.padEnd(13), 'bold', this.colourOf(left)) +
      ' '.repeat(this.width + 2) +
      this.paint(right, 'bold', this.colourOf(right))
    )
  }

  /** The text for one event; several lines are separated by newlines, nothing is the empty string. */
  line(event: TraceEvent): string {
    switch (event.kind) {
      case 'segment':
        return this.segment(event)
      case 'state': {
        const { from, to, host, id, cause } = event
        this.states.set(host, to)
        const said = TRANSITIONS[id][this.language]
        return this.remark(event.t, host, `${host}: ${from} → ${to}`, `(${cause}) ${said}`)
      }
      case 'timer':
        return this.remark(event.t, event.host, `${event.host}:`, TIMER_WORDS[event.timer][this.language])
      case 'note':
        return this.remark(event.t, event.host, `${event.host}:`, event.text[this.language])
      case 'congestion':
        return this.remark(
          event.t,
          event.host,
          `${event.host}:`,
          `cwnd ${event.cwnd} ssthresh ${event.ssthresh} (${event.cause})`,
        )
    }
  }

  /** What the receiver made of a segment, if a reader would wonder; known only once it has arrived. */
  verdict(event: SegmentEvent): string {
    const words = event.reaction && REACTION_WORDS[event.reaction]
    if (!words || event.arrives === undefined) return ''
    return this.remark(
      event.arrives,
      event.to,
      `${event.to}:`,
      `${words[this.language]} (${REACTIONS[event.reaction!].section})`,
    )
  }

  private time(t: number): string {
    return this.paint(t.toFixed(1).padStart(11), 'dim')
  }

  private remark(t: number, host: string, head: string, text: string): string {
    return `${this.time(t)}  ${this.paint('·', 'dim')} ${this.paint(head, this.colourOf(host))} ${this.paint(text, 'dim')}`
  }

  private segment(event: SegmentEvent): string {
    const [left, right] = this.options.hosts
    const rightwards = event.from === left
    const label = this.label(event)
    const lost = event.fate === 'lost'
    const dashes = Math.max(4, this.width - widthOf(label) - 4)
    const before = '─'.repeat(Math.floor(dashes / 2))
    const after = '─'.repeat(dashes - Math.floor(dashes / 2))
    // A lost segment's arrow ends in a cross before it gets there.
    const arrow = rightwards
      ? `${before} ${label} ${after}${lost ? '✗ ' : '─▶'}`
      : `${lost ? ' ✗' : '◀─'}${before} ${label} ${after}`
    const colour: Colour[] =
      event.fate === 'delivered' ? (event.flags.includes('RST') ? ['red'] : []) : lost ? ['red'] : ['yellow']
    const { initial = 'CLOSED' } = this.options
    const leftState = this.states.get(left) ?? initial
    const rightState = this.states.get(right) ?? initial
    return (
      `${this.time(event.t)}  ${this.paint(leftState.padEnd(13), this.colourOf(left))}` +
      `${this.paint(arrow, ...colour)}  ${this.paint(rightState, this.colourOf(right))}`
    )
  }

  private label(event: SegmentEvent): string {
    const { flags, seq, ack, len, win, options, fate } = event
    const parts = [flags.join(',') || '-', `seq=${seq}`]
    if (flags.includes('ACK')) parts.push(`ack=${ack}`)
    if (len > 0) parts.push(`len=${len}`)
    if (!flags.includes('RST')) parts.push(`win=${win}`)
    if (options.mss !== undefined) parts.push(`mss=${options.mss}`)
    for (const [start, end] of options.sack ?? []) parts.push(`sack=${start}..${end}`)
    if (fate !== 'delivered') parts.push(`[${FATE_WORDS[fate][this.language]}]`)
    return parts.join(' ')
  }
}

/** The whole ladder of a recorded trace, in order of time, remarks on segments where they arrive. */
export function drawLadder(events: readonly TraceEvent[], options: LadderOptions): string {
  const ladder = new Ladder(options)
  const lines: { t: number; order: number; draw: () => string }[] = []
  events.forEach((event, order) => {
    lines.push({ t: event.t, order, draw: () => ladder.line(event) })
    if (event.kind === 'segment' && event.reaction && event.arrives !== undefined)
      lines.push({
        t: event.arrives,
        order: whenJudged(events, order, event),
        draw: () => ladder.verdict(event),
      })
  })
  lines.sort((a, b) => a.t - b.t || a.order - b.order)
  return [ladder.header(), ...lines.map(line => line.draw()).filter(text => text !== '')].join('\n')
}

/** A verdict stands after the changes of state of its instant, and before what its host then sends. */
function whenJudged(events: readonly TraceEvent[], from: number, event: SegmentEvent): number {
  const answer = events.findIndex(
    (e, i) => i > from && e.kind === 'segment' && e.t === event.arrives && e.from === event.to,
  )
  return answer < 0 ? Number.POSITIVE_INFINITY : answer - 0.5
}
