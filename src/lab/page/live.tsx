import { signal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { LadderLayout } from '../scene/ladder-layout.js'
import type { LiveSegment } from '../scene/live-messages.js'
import { Check } from './check.js'
import { instant, size, time } from './format.js'
import { Ladder, reactionOf } from './ladder.js'
import './live/live.css'
import { headerOf, LiveFeed, type LiveFlow } from './live/feed.js'
import { LIVE_WORDS } from './live/words-live.js'
import { Plot } from './plot.js'
import { Octets } from './segment.js'
import { wordsOf } from './settings.js'

const l = wordsOf(LIVE_WORDS)

const token = new URLSearchParams(location.search).get('token')
const chosen = signal<string | undefined>(undefined)
const follows = signal(true)
const held = signal(false)
const picked = signal<number | undefined>(undefined)
/** It outlives the page's other parts: whoever looks elsewhere and comes back has missed nothing. */
let feed: LiveFeed | undefined

/** A stack that runs somewhere else, watched through its stream. */
export default function Live() {
  if (token === null) return <HowTo />
  feed ??= openFeed(token)
  return <Watch feed={feed} />
}

function openFeed(secret: string): LiveFeed {
  const opened = new LiveFeed(`live?token=${encodeURIComponent(secret)}`)
  opened.open()
  return opened
}

function HowTo() {
  return (
    <section class="live howto">
      <h1>{l('title')}</h1>
      <p>{l('none')}</p>
      <p>{l('how')}</p>
      <pre>
        {`npx estab serve --tun estab0 --create --kernel-address 10.9.0.1/24 \\
    --address 10.9.0.2/24 --root . --lab`}
      </pre>
      <p>{l('orCode')}</p>
      <pre>
        {`import { createLab } from 'estab/lab'

const lab = await createLab(stack)
console.log(lab.url)`}
      </pre>
    </section>
  )
}

function Watch({ feed }: { feed: LiveFeed }) {
  // Reading them is what makes this part be drawn again.
  const state = feed.state.value
  void (held.value ? undefined : feed.version.value)
  void chosen.value
  const flows = [...feed.flows.values()].reverse().filter(flow => flow.name.includes(' '))
  const newest = flows[0]
  if (follows.peek() && newest && newest.segments > 0) chosen.value = newest.name
  const flow = flows.find(({ name }) => name === chosen.value)
  return (
    <section class="live">
      <div class="live-head">
        <h1>{l('title')}</h1>
        <p role="status">
          {state !== 'open' && <b class={`feed-${state}`}>{l(state)}</b>}
          {feed.hello && (
            <span>
              {l('host')} {feed.hello.host} {feed.hello.addresses.join(', ')}
            </span>
          )}
        </p>
        <p class="quiet counts">
          <span>{l('rate', feed.rate)}</span>
          {feed.left > 0 && <b data-left={feed.left}>{l('left', feed.left)}</b>}
          {Object.entries(feed.latest?.states ?? {}).map(([name, n]) => (
            <span key={name}>
              {name} {n}
            </span>
          ))}
        </p>
        <p>
          <button
            type="button"
            aria-pressed={held.value}
            onClick={() => {
              held.value = !held.value
            }}
          >
            {l(held.value ? 'goOn' : 'pause')}
          </button>{' '}
          <Check is={follows} word={l('follow')} />
        </p>
      </div>
      <Flows flows={flows} />
      {flow && feed.hello ? (
        <FlowView flow={flow} host={feed.hello.host} version={feed.version.peek()} />
      ) : (
        <p class="quiet choose">{l('choose')}</p>
      )}
    </section>
  )
}

/** More rows than anybody reads. */
const MOST_ROWS = 100

function Flows({ flows }: { flows: readonly LiveFlow[] }) {
  return (
    <nav class="live-flows" aria-label={l('connections')}>
      <h2>{l('connections')}</h2>
      {flows.length === 0 && <p class="quiet">{l('noConnections')}</p>}
      <ul>
        {flows.slice(0, MOST_ROWS).map(flow => (
          <li key={flow.name}>
            <button
              type="button"
              aria-current={flow.name === chosen.value}
              onClick={() => {
                follows.value = false
                chosen.value = flow.name
                picked.value = undefined
              }}
            >
              <b>{flow.state}</b>
              <span>{flow.name}</span>
              {(flow.counted || flow.status) && (
                <small>
                  ↑ {size(flow.counted ? flow.acknowledged : flow.status!.bytesAcked)} ↓{' '}
                  {size(flow.counted ? flow.received : flow.status!.bytesReceived)}
                </small>
              )}
            </button>
          </li>
        ))}
      </ul>
      {flows.length > MOST_ROWS && <p class="quiet">{l('more', flows.length - MOST_ROWS)}</p>}
    </nav>
  )
}

function FlowView({ flow, host, version }: { flow: LiveFlow; host: string; version: number }) {
  // The events are added to in place; the version says when.
  const { layout, segments, last } = useMemo(() => {
    const events = flow.events.filter(event => event.kind !== 'congestion')
    return {
      layout: new LadderLayout([host, flow.peer], events, 0),
      segments: events.filter((event): event is LiveSegment => event.kind === 'segment'),
      last: events[events.length - 1]?.t ?? 0,
    }
  }, [flow, host, version])
  const segment = picked.value === undefined ? undefined : segments[picked.value]
  const s = flow.status
  return (
    <>
      <div class="live-ladder">
        <p class="quiet">
          <b data-flow-state={flow.state}>{flow.state}</b> {flow.name}
          {flow.forgotten > 0 && <em> {l('forgotten', flow.forgotten)}</em>}
        </p>
        <Ladder
          hosts={[host, flow.peer]}
          layout={layout}
          t={last}
          selected={picked.value}
          onSelect={index => {
            picked.value = index
            if (index !== undefined) held.value = true
          }}
          onSeek={() => {}}
          playing
        />
      </div>
      <div class="live-side">
        {segment ? (
          <>
            <h3>
              {segment.from} → {segment.to}, {instant(segment.t)}
            </h3>
            {segment.dropped && <p>{l('dropped', segment.dropped)}</p>}
            {reactionOf(segment) && <p>{reactionOf(segment)}</p>}
            <p class="quiet">{l('headersOnly')}</p>
            {segment.header !== '' && <Octets bytes={headerOf(segment)} headersOnly />}
          </>
        ) : (
          s && (
            <>
              <dl class="numbers">
                {(
                  [
                    ['cwnd', size(s.cwnd)],
                    ['ssthresh', s.ssthresh === null ? '∞' : size(s.ssthresh)],
                    ['SRTT', s.rtt < 0 ? '–' : time(s.rtt)],
                    ['RTO', time(s.rto)],
                    ['flight', size(s.flight)],
                    ['SND.WND', size(s.sndWnd)],
                    ['RCV.WND', size(s.rcvWnd)],
                    [l('sentBytes'), size(s.bytesAcked)],
                    [l('receivedBytes'), size(s.bytesReceived)],
                    [l('resent'), String(s.segmentsRetransmitted)],
                    [s.congestionControl, s.congestionState],
                  ] as const
                ).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
              {flow.times.length > 1 && (
                <>
                  <Plot
                    title="cwnd"
                    unit="B"
                    times={[...flow.times]}
                    series={[{ label: 'cwnd', colour: '--host-0', values: [...flow.cwnd], draw: 'steps' }]}
                    height={150}
                  />
                  <Plot
                    title="SRTT"
                    unit="ms"
                    times={[...flow.times]}
                    series={[{ label: 'SRTT', colour: '--host-1', values: [...flow.rtt] }]}
                    height={150}
                  />
                </>
              )}
            </>
          )
        )}
      </div>
    </>
  )
}
