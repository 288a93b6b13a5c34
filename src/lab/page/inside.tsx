import type { State } from '../../tcp/states.js'
import type { Inspection } from '../scene/inspect.js'
import type { Side } from '../scene/scene.js'
import { size, time, trim } from './format.js'
import { w } from './settings.js'
import type { Word } from './words.js'

/** What a connection knows: its sequence spaces with the octets in them, its timers, its congestion controller. */
export function Inside({
  side,
  state,
  connection: c,
  now,
}: {
  side: Side
  state: State
  connection: Inspection | undefined
  now: number
}) {
  if (!c) return <p class="inside none">{state === 'SYN_RECEIVED' ? w('halfOpen') : w('noConnection')}</p>
  return (
    <section class="inside" aria-label={w('inside')}>
      <SendSpace c={c} side={side} />
      <ReceiveSpace c={c} side={side} />
      <dl class="numbers">
        <Entry name="cwnd" value={size(c.cwnd)} title="RFC 5681" />
        <Entry name="ssthresh" value={size(c.ssthresh)} title="RFC 5681" />
        <Entry name="SRTT" value={c.srtt < 0 ? '–' : `${trim(c.srtt, 1)} ms`} title="RFC 6298" />
        <Entry name="RTO" value={time(c.rto)} title="RFC 6298" />
        <Entry name="flight" value={size(c.flight)} title="RFC 5681" />
        <Entry name="MSS" value={size(c.mss)} title="RFC 9293 3.7.1" />
      </dl>
      <h3>{w('timers')}</h3>
      {c.timers.length === 0 ? (
        <p class="quiet">{w('noTimers')}</p>
      ) : (
        <ul class="timers">
          {c.timers.map(({ name, due }) => (
            <li key={name}>
              <span>{w(`timer_${name}` as Word)}</span>
              <b>{w('inTime', time(Math.max(0, due - now)))}</b>
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>
          {w('controller')}: {c.controller.name}, {c.recovery}
        </summary>
        <dl class="numbers">
          {c.controller.fields.map(([name, value]) => (
            <Entry key={name} name={name} value={value} />
          ))}
        </dl>
      </details>
      <p class="quiet">
        {w('agreed')}: {agreed(c)}
      </p>
    </section>
  )
}

function agreed({ options: o }: Inspection): string {
  const names = [o.scale && 'wscale', o.sack && 'SACK', o.timestamps && 'timestamps', o.ecn && 'ECN']
  return names.filter(Boolean).join(', ') || '–'
}

function Entry({ name, value, title }: { name: string; value: string; title?: string }) {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

interface Piece {
  kind: string
  from: number
  to: number
}

/** SND.UNA, SND.NXT and the window (RFC 9293 Figure 3), with what is known of each octet between. */
function SendSpace({ c, side }: { c: Inspection; side: Side }) {
  const { una, nxt, wnd, queued, runs } = c.send
  const edge = Math.max(nxt, una + wnd)
  const pieces: Piece[] = [
    ...(una > 0 ? [{ kind: 'acked', from: 0, to: una }] : []),
    ...(runs.length > 0
      ? runs.map(run => ({ kind: run.kind as string, from: run.from, to: run.to }))
      : nxt > una
        ? [{ kind: 'flight', from: una, to: nxt }]
        : []),
    ...(queued > nxt ? [{ kind: 'unsent', from: nxt, to: queued }] : []),
  ]
  return (
    <Space
      title={w('sending')}
      side={side}
      pieces={pieces}
      window={[una, una + wnd]}
      to={Math.max(edge, queued)}
      focus={una}
      marks={[
        ['SND.UNA', una],
        ['SND.NXT', nxt],
        ['SND.UNA+SND.WND', una + wnd],
      ]}
      legend={`SND.UNA ${size(una)} · SND.NXT ${size(nxt)} · SND.WND ${size(wnd)}`}
    />
  )
}

/** RCV.NXT and the window (RFC 9293 Figure 4), with what has come early. */
function ReceiveSpace({ c, side }: { c: Inspection; side: Side }) {
  const { nxt, wnd, unread, outOfOrder } = c.receive
  const pieces: Piece[] = [
    ...(nxt - unread > 0 ? [{ kind: 'read', from: 0, to: nxt - unread }] : []),
    ...(unread > 0 ? [{ kind: 'unread', from: nxt - unread, to: nxt }] : []),
    ...outOfOrder.map(run => ({ kind: 'outOfOrder', from: run.from, to: run.to })),
  ]
  return (
    <Space
      title={w('receiving')}
      side={side}
      pieces={pieces}
      window={[nxt, nxt + wnd]}
      to={nxt + wnd}
      focus={nxt}
      marks={[
        ['RCV.NXT', nxt],
        ['RCV.NXT+RCV.WND', nxt + wnd],
      ]}
      legend={`RCV.NXT ${size(nxt)} · RCV.WND ${size(wnd)}`}
    />
  )
}

/**
 * A piece of the sequence space, from a little before `focus` on. A window is often a thousand times of what is in it, so
 * what is empty is drawn shorter than it is: the scale is that of the octets that are there.
 */
function Space(p: {
  title: string
  side: Side
  pieces: Piece[]
  window: [number, number]
  to: number
  focus: number
  marks: [string, number][]
  legend: string
}) {
  const busy = Math.max(p.focus + 1, ...p.pieces.map(piece => piece.to))
  const early = Math.min(
    p.focus,
    ...p.pieces.filter(piece => piece.kind !== 'acked' && piece.kind !== 'read').map(piece => piece.from),
  )
  const from = Math.max(0, early - Math.max(1, (busy - early) * 0.35))
  const x = (seq: number): number => {
    if (seq <= busy) return 4 + (Math.max(0, seq - from) / Math.max(1, busy - from)) * 200
    return 204 + (1 - 1 / (1 + (seq - busy) / Math.max(1, busy - from))) * 92
  }
  const said = p.pieces
    .map(piece => `${w(`kind_${piece.kind}` as Word)} ${piece.from}–${piece.to}`)
    .join(', ')
  return (
    <figure class="space">
      <figcaption>
        <b>{p.title}</b> <span>{p.legend}</span>
      </figcaption>
      <svg viewBox="0 0 300 30" role="img" aria-label={`${p.title}: ${p.legend}. ${said}`}>
        <rect
          class="window"
          x={x(p.window[0])}
          y="4"
          width={Math.max(0, x(p.window[1]) - x(p.window[0]))}
          height="20"
        />
        {p.pieces.map(piece => (
          <rect
            key={`${piece.kind} ${piece.from}`}
            class={`octets ${piece.kind}`}
            x={x(Math.max(from, piece.from))}
            y="8"
            width={Math.max(piece.to > from ? 1.5 : 0, x(piece.to) - x(Math.max(from, piece.from)))}
            height="12"
          >
            <title>{`${w(`kind_${piece.kind}` as Word)}: ${piece.from}–${piece.to} (${size(piece.to - piece.from)})`}</title>
          </rect>
        ))}
        {p.marks.map(([name, seq]) => (
          <line key={name} class="mark" x1={x(seq)} x2={x(seq)} y1="2" y2="27">
            <title>{`${name} = ${seq}`}</title>
          </line>
        ))}
      </svg>
    </figure>
  )
}
