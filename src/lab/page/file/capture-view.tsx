import { signal } from '@preact/signals'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { TRANSITIONS } from '../../../tcp/states.js'
import type { StateEvent } from '../../../trace/events.js'
import { LadderLayout } from '../../scene/ladder-layout.js'
import { Check } from '../check.js'
import { fraction, instant, time } from '../format.js'
import { HostState } from '../host-state.js'
import { Ladder } from '../ladder.js'
import { Octets } from '../segment.js'
import { absolute, language, pick, w } from '../settings.js'
import { MOST_PACKETS, PART, type Part, type Summary } from './capture.js'
import type { Reader } from './client.js'
import { Connections, forgetList } from './connections.js'
import { Controls } from './controls.js'
import { Player } from './player.js'
import { closeFile, shown } from './store-file.js'
import { useHeading } from './use-heading.js'
import { f } from './words.js'
import type { FileWord } from './words-file.js'

/** Which connection is shown, and from which of its segments on; undefined for the list. */
const picked = signal<{ index: number; from: number } | undefined>(undefined)

/** A capture: its connections, and the ladder of the one that is picked. */
export function CaptureView({ name, summary, reader }: { name: string; summary: Summary; reader: Reader }) {
  useEffect(() => {
    forgetList()
    picked.value = summary.rows.length === 1 ? { index: 0, from: 0 } : undefined
  }, [summary])
  useEffect(() => {
    fraction.value = 6
    return () => {
      fraction.value = 3
    }
  }, [])
  const { value } = picked
  const heading = useHeading(value?.index)
  const inside = value !== undefined && value.index < summary.rows.length
  return (
    <>
      <header class="file-head">
        <h1 ref={heading} tabIndex={-1}>
          {name}
        </h1>
        <button type="button" onClick={closeFile}>
          {f('another')}
        </button>
        {inside && summary.rows.length > 1 && <Between summary={summary} index={value.index} />}
        {(!inside || summary.rows.length === 1) && <About summary={summary} />}
        {inside && summary.rows.length > 1 && (
          <div class="about">
            <Warnings summary={summary} />
          </div>
        )}
      </header>
      {inside ? (
        <Connection key={`${value.index} ${value.from}`} at={value} reader={reader} name={name} />
      ) : summary.rows.length === 0 ? (
        <p class="none">{f('noConnections')}</p>
      ) : (
        <Connections
          summary={summary}
          onPick={index => {
            picked.value = { index, from: 0 }
          }}
        />
      )}
    </>
  )
}

/** From one connection to others. */
function Between({ summary, index }: { summary: Summary; index: number }) {
  const count = summary.rows.length
  const go = (to: number) => {
    picked.value = { index: to, from: 0 }
  }
  return (
    <nav aria-label={f('connections')} class="between">
      <button
        type="button"
        data-all
        onClick={() => {
          picked.value = undefined
        }}
      >
        {f('allConnections')}
      </button>
      <button
        type="button"
        aria-label={f('previous')}
        title={f('previous')}
        disabled={index === 0}
        onClick={() => go(index - 1)}
      >
        ←
      </button>
      <span>{f('connection', index + 1, count)}</span>
      <button
        type="button"
        aria-label={f('next')}
        title={f('next')}
        disabled={index === count - 1}
        onClick={() => go(index + 1)}
      >
        →
      </button>
    </nav>
  )
}

const count = (n: number): string => n.toLocaleString(language.value)

/** What was read of the file, and what was not. */
function About({ summary }: { summary: Summary }) {
  const { rows, total, format, start, skipped, duplicates, untimed } = summary
  const left = skipped.map(([reason, n]) => f(`skip_${reason}` as FileWord, n))
  if (duplicates > 0) left.push(f('skip_twice', duplicates))
  const whole = !summary.truncated && summary.beyond === 0
  const when = new Date(start).toLocaleString(language.value, { dateStyle: 'medium', timeStyle: 'medium' })
  return (
    <div class="about">
      <p data-total={total} data-connections={rows.length}>
        <b>{rows.length === 1 ? f('oneConnection') : f('tcpConnections', count(rows.length))}</b>,{' '}
        {f('readPackets', count(total), format)}
        {total > 0 && `, ${f('captured', when)}`}
      </p>
      {left.length > 0 ? (
        <p>{f('leftOut', left.join(language.value === 'zh' ? '、' : ', '))}</p>
      ) : (
        whole && <p>{f('nothingLeftOut')}</p>
      )}
      <Warnings summary={summary} />
      {untimed > 0 && <p>{f('untimed', untimed)}</p>}
    </div>
  )
}

/** What a reader of any connection has to know. */
function Warnings({ summary: { truncated, beyond } }: { summary: Summary }) {
  return (
    <>
      {truncated && <p class="warning">{f('cutFile')}</p>}
      {beyond > 0 && <p class="warning">{f('beyond', count(MOST_PACKETS), count(beyond))}</p>}
    </>
  )
}

function Connection({
  at,
  reader,
  name,
}: {
  at: { index: number; from: number }
  reader: Reader
  name: string
}) {
  const [part, setPart] = useState<Part>()
  useEffect(() => {
    let gone = false
    reader.part(at.index, at.from).then(
      got => {
        if (!gone) setPart(got)
      },
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        if (!gone) shown.value = { kind: 'trouble', trouble: { kind: 'fault', message, name } }
      },
    )
    return () => {
      gone = true
    }
  }, [])
  if (!part)
    return (
      <p class="quiet" role="status">
        {w('loading')}
      </p>
    )
  return <PartView part={part} reader={reader} />
}

/** A connection, or a part of one, on its ladder. */
function PartView({ part, reader }: { part: Part; reader: Reader }) {
  const { row, events } = part
  const hosts = [row.client, row.server] as const
  const layout = useMemo(() => new LadderLayout(hosts, events, 0), [part])
  const player = useMemo(() => new Player(layout.times.map(t => ({ t, y: layout.yOf(t) }))), [layout])
  const [selected, select] = useState<number>()
  const t = player.t.value
  const states = events.filter((event): event is StateEvent => event.kind === 'state')
  const walked = (side: 0 | 1) => {
    const { path: begun, taken: taking } = part.walks[side]
    const [path, taken] = [[...begun], [...taking]]
    for (const { host, from, to, id, t: when } of states) {
      if (host !== hosts[side] || when > t) continue
      taken.push(id)
      if (path.at(-1) !== from) path.push(from)
      path.push(to)
    }
    return { path, taken }
  }
  const alone = row.client === row.server
  const times = new Set(states.map(event => event.t))
  return (
    <>
      <Parts part={part} />
      <div class={`stage ${alone ? 'alone' : ''}`}>
        <HostState side={0} name={row.client} role={f('client')} {...walked(0)} />
        <div class="middle">
          <p class="ladder-choices">
            <Check is={absolute} word={w('absolute')} />
          </p>
          <Ladder
            hosts={hosts}
            layout={layout}
            t={t}
            selected={selected}
            playing={player.playing.value}
            onSelect={select}
            onSeek={when => player.seek(when)}
            numbers={index => part.segments[index]}
          />
        </div>
        {!alone && <HostState side={1} name={row.server} role={f('server')} {...walked(1)} />}
      </div>
      <div class="panel">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls must be reachable by keyboard */}
        <section class="inner" tabIndex={0} aria-label={w('tabSegment')}>
          {selected === undefined ? (
            <p class="quiet">
              {f('pickSegment')} {f('timesHere')}
            </p>
          ) : (
            <Segment key={selected} part={part} index={selected} layout={layout} reader={reader} />
          )}
        </section>
      </div>
      <Controls
        player={player}
        ticks={states.map(event => ({
          y: layout.yOf(event.t),
          side: event.host === hosts[0] ? 0 : 1,
          title: `${instant(event.t)} ${event.host}: ${event.from} → ${event.to}`,
        }))}
        states={player.stops.flatMap((stop, i) => (times.has(stop.t) ? [i] : []))}
      />
    </>
  )
}

/** Which part of a long connection is shown. */
function Parts({ part: { row, from, to } }: { part: Part }) {
  if (row.segments <= PART) return null
  const parts = Array.from({ length: Math.ceil(row.segments / PART) }, (_, i) => i * PART)
  return (
    <p class="parts">
      <label>
        {f('partHelp')}{' '}
        <select
          value={String(from)}
          onChange={event => {
            picked.value = { index: row.index, from: Number(event.currentTarget.value) }
          }}
        >
          {parts.map(first => (
            <option key={first} value={String(first)}>
              {f(
                'partOf',
                first + 1,
                first === from ? to : Math.min(row.segments, first + PART),
                row.segments,
              )}
            </option>
          ))}
        </select>
      </label>
    </p>
  )
}

/** A captured segment: when, what it brought about, what is remarkable, its fields and octets. */
function Segment({
  part,
  index,
  layout,
  reader,
}: {
  part: Part
  index: number
  layout: LadderLayout
  reader: Reader
}) {
  const { before, after, remarks } = part.segments[index]!
  const { row } = part
  const [bytes, setBytes] = useState<Uint8Array>()
  useEffect(() => {
    let gone = false
    reader.octets(row.index, part.from + index).then(
      got => {
        if (!gone) setBytes(got)
      },
      () => {},
    )
    return () => {
      gone = true
    }
  }, [])
  const event = layout.slants.find(slant => slant.index === index)!.event
  const changes = [...before, ...after]
  return (
    <div class="segment">
      <div>
        <h3>
          {w('segmentNumber', part.from + index + 1)}: {event.from} → {event.to}
        </h3>
        <p class="quiet">{f('capturedAt', instant(event.t), time(row.start + event.t))}</p>
        {remarks.length > 0 && (
          <>
            <h4>{f('remarked')}</h4>
            <ul class="told remarks">
              {remarks.map((text, i) => (
                <li key={i}>{pick(text)}</li>
              ))}
            </ul>
          </>
        )}
        <h4>{f('brought')}</h4>
        {changes.length === 0 ? (
          <p class="quiet">{f('nothingChanged')}</p>
        ) : (
          <ul class="told">
            {changes.map(({ id, from, to, host }, i) => (
              <li key={i} class={`host-${host === row.client ? 0 : 1}`}>
                <b>
                  {host === row.client ? f('client') : f('server')}: {from} → {to}
                </b>{' '}
                {pick(TRANSITIONS[id])} <cite>RFC 9293 {TRANSITIONS[id].section}</cite>
              </li>
            ))}
          </ul>
        )}
      </div>
      {bytes && <Octets bytes={bytes} captured />}
    </div>
  )
}
