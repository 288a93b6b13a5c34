import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { CLOCK_START } from '../../../drill/clock.js'
import { IP_MODES, type IpMode } from '../../../drill/settings.js'
import { PROFILES, type ProfileName } from '../../../tcp/profiles.js'
import type { TraceEvent } from '../../../trace/events.js'
import type { RecordedSegment } from '../../../trace/recorder.js'
import { fieldsOf } from '../../scene/edit-segment.js'
import { LadderLayout } from '../../scene/ladder-layout.js'
import { Check } from '../check.js'
import { fraction, instant, time } from '../format.js'
import { hostName } from '../host-name.js'
import { HostState } from '../host-state.js'
import { Inside } from '../inside.js'
import { Ladder } from '../ladder.js'
import { Octets, SentBy, Told } from '../segment.js'
import { absolute, w } from '../settings.js'
import { Controls } from './controls.js'
import { Player } from './player.js'
import { drawnTimes, expectedAndCame, SCRIPT, type ScriptFilm, type Step, TESTED } from './script.js'
import { ScriptText } from './script-text.js'
import { choices, closeFile, PATIENCE, run, runScript, shown } from './store-file.js'
import { useHeading } from './use-heading.js'
import { f } from './words.js'

const HOSTS = [TESTED, SCRIPT] as const

/** A script: its text, and beside it what happens when it is run. */
export function ScriptView({ name, text }: { name: string; text: string }) {
  const [editing, edit] = useState(false)
  const heading = useHeading(name)
  const { value } = run
  const film = value.kind === 'film' ? value : undefined
  return (
    <>
      <header class="file-head">
        <h1 ref={heading} tabIndex={-1}>
          {name}
        </h1>
        <button type="button" onClick={closeFile}>
          {f('another')}
        </button>
        <button type="button" onClick={() => edit(!editing)} aria-pressed={editing}>
          {f(editing ? 'stopEditing' : 'edit')}
        </button>
        <Choices film={film} />
        <div class="verdict" role="status" data-verdict={film?.verdict ?? value.kind}>
          <Verdict />
        </div>
      </header>
      {editing ? (
        <Editor
          text={text}
          onRun={next => {
            edit(false)
            shown.value = { kind: 'script', name, text: next }
            runScript()
          }}
        />
      ) : film && film.steps.length > 0 ? (
        <FilmView key={text} film={film} text={text} />
      ) : (
        <div class="script-alone">
          <ScriptText text={text} marked={markedLine()} />
        </div>
      )}
    </>
  )
}

function markedLine(): number | undefined {
  const { value } = run
  if (value.kind === 'unreadable') return value.line
  return value.kind === 'film' && value.line > 0 ? value.line : undefined
}

function Choices({ film }: { film: ScriptFilm | undefined }) {
  return (
    <div class="script-choices">
      <label title={film?.declared ? f('declaredIp') : undefined}>
        {f('ipVersion')}{' '}
        <select
          value={film?.ip ?? choices.value.ip}
          disabled={film?.declared}
          data-choice="ip"
          onChange={event => {
            choices.value = { ...choices.value, ip: event.currentTarget.value as IpMode }
            runScript()
          }}
        >
          {IP_MODES.map(mode => (
            <option key={mode} value={mode}>
              {f(`ip_${mode}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {f('profile')}{' '}
        <select
          value={choices.value.profile}
          data-choice="profile"
          onChange={event => {
            choices.value = { ...choices.value, profile: event.currentTarget.value as ProfileName }
            runScript()
          }}
        >
          {(Object.keys(PROFILES) as ProfileName[]).map(profile => (
            <option key={profile} value={profile}>
              {f(`profile_${profile}`)}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

/** How the run ended, or why there was none. */
function Verdict() {
  const { value } = run
  switch (value.kind) {
    case 'running':
      return <p>{f('running')}</p>
    case 'too-long':
      return <p class="bad">{f('tooLong', time(PATIENCE))}</p>
    case 'fault':
      return <p class="bad">{f('fault', value.message)}</p>
    case 'unreadable':
      return (
        <p class="bad">
          <b>{f('unreadable', value.line, value.column)}</b> <span lang="en">{value.message}</span>
        </p>
      )
    case 'film': {
      const { verdict, line, message } = value
      const first = message.split('\n')[0]!
      return (
        <p class={verdict === 'pass' ? 'good' : 'bad'}>
          <b>
            {f(`verdict_${verdict}`)}
            {line > 0 && ` ${f('verdictAt', line)}`}
          </b>{' '}
          {first !== '' && <span lang="en">{first}</span>}
          {verdict === 'unsupported' && (
            <span class="quiet">
              {' '}
              {f('unsupportedHelp')} {f('besideHelp')}
            </span>
          )}
        </p>
      )
    }
  }
}

function Editor({ text, onRun }: { text: string; onRun(text: string): void }) {
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => area.current?.focus(), [])
  return (
    <form
      class="edit"
      onSubmit={event => {
        event.preventDefault()
        onRun(area.current!.value)
      }}
    >
      <textarea ref={area} defaultValue={text} spellcheck={false} aria-label={f('pasteLabel')} />
      <button type="submit" class="primary">
        {f('runIt')}
      </button>
    </form>
  )
}

/** Whole milliseconds are enough for most scripts. */
const digitsOf = (film: ScriptFilm): number =>
  film.events.some(event => Math.abs(event.t - Math.round(event.t)) > 1e-6) ? 6 : 3

function FilmView({ film, text }: { film: ScriptFilm; text: string }) {
  const { steps, written, events, segments } = film
  const player = useMemo(
    () => new Player([{ t: 0, y: 0 }, ...steps.map((step, i) => ({ t: step.t, y: (i + 1) * 55 }))]),
    [film],
  )
  useLayoutEffect(() => {
    fraction.value = digitsOf(film)
    return () => {
      fraction.value = 3
    }
  }, [film])
  const at = player.index.value
  const step = steps[at - 1]
  const happened = step?.events ?? 0
  const drawn = useMemo(() => drawnTimes(events, segments), [film])
  const layout = useMemo(
    () =>
      new LadderLayout(
        HOSTS,
        events.map((event, i) => drawnAt(event, drawn[i]!)),
        0,
      ),
    [film],
  )
  // A segment that was clicked stays selected until the script goes on.
  const [clicked, click] = useState<{ at: number; index: number | undefined }>()
  const selected = clicked?.at === at ? clicked.index : step?.segments[0]
  const segment = selected === undefined ? undefined : segments[selected]
  const tested = step?.tested
  const t = player.t.value
  // What has happened of an instant, and no more.
  const shownTo = useMemo(
    () => drawn.slice(0, happened).reduce((a, b) => Math.max(a, b), t),
    [film, happened, t],
  )
  const marks = stateSteps(steps)
  const here = step && written[step.event]!
  return (
    <>
      <div class="script-stage">
        <div class="script-side">
          <ScriptText
            text={text}
            film={film}
            at={at}
            marked={step?.verdict === 'failed' ? film.line : undefined}
            onGo={index => player.go(index)}
          />
        </div>
        <div class="middle">
          <p class="ladder-choices">
            <Check is={absolute} word={w('absolute')} />
            {film.cut && <span class="warning">{f('ladderCut', segments.length)}</span>}
          </p>
          <Ladder
            hosts={HOSTS}
            layout={layout}
            t={shownTo}
            selected={selected}
            playing={player.playing.value}
            onSelect={index => click({ at, index })}
            onSeek={when => player.go(1 + steps.findIndex(({ events: n }) => n > 0 && drawn[n - 1]! >= when))}
            numbers={index => fieldsOf(segments[index]!.bytes)}
          />
        </div>
        <HostState side={0} name={TESTED} path={tested?.path ?? ['CLOSED']} taken={tested?.taken ?? []}>
          <Inside
            side={0}
            state={tested?.state ?? 'CLOSED'}
            connection={tested?.inside}
            now={t + CLOCK_START}
          />
        </HostState>
      </div>
      <div class="panel">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls must be reachable by keyboard */}
        <section class="inner" tabIndex={0} aria-label={w('panel')}>
          <div class="segment">
            <div>
              <div aria-live="polite" class="step" data-step={at} data-line={here?.line ?? 0}>
                {step ? <StepView film={film} step={step} /> : <p>{f('beforeAll')}</p>}
              </div>
              {segment &&
                (segment.event.from === SCRIPT ? (
                  <Told segment={segment} now={shownTo} number={selected! + 1} />
                ) : (
                  <Sent segment={segment} number={selected! + 1} />
                ))}
            </div>
            {segment && <Octets bytes={segment.bytes} />}
          </div>
        </section>
      </div>
      <Controls
        player={player}
        ticks={marks.map(({ index, from, to }) => ({
          y: player.stops[index]!.y,
          side: 0,
          title: `${instant(player.stops[index]!.t)} ${from} → ${to}`,
        }))}
        states={marks.map(({ index }) => index)}
      />
    </>
  )
}

/** An event at the time at which it is drawn. */
const drawnAt = (event: TraceEvent, t: number): TraceEvent =>
  event.kind === 'segment' ? { ...event, t, arrives: t } : { ...event, t }

function stateSteps(steps: readonly Step[]): { index: number; from: string; to: string }[] {
  const marks: { index: number; from: string; to: string }[] = []
  let from = 'CLOSED'
  steps.forEach(({ tested }, i) => {
    if (tested.state !== from) marks.push({ index: i + 1, from, to: tested.state })
    from = tested.state
  })
  return marks
}

/** A segment of the stack's: what sent it. What a script makes of it is said where it expects it. */
function Sent({ segment, number }: { segment: RecordedSegment; number: number }) {
  const { event } = segment
  return (
    <>
      <h3>
        {w('segmentNumber', number)}: {hostName(event.from)} → {hostName(event.to)}
      </h3>
      <p class="quiet">{w('sentAt', instant(event.t))}</p>
      <SentBy segment={segment} />
    </>
  )
}

/** What one event of the script came to. */
function StepView({ film, step }: { film: ScriptFilm; step: Step }) {
  const { line, kind, returned, warnings } = film.written[step.event]!
  const failed = step.verdict === 'failed'
  const found = failed ? expectedAndCame(film.message) : undefined
  const rest = film.message.replace(/\n(script|actual) packet:.*/g, '')
  return (
    <>
      <h3>
        {f('stepOf', step.event + 1, film.written.length, line)}{' '}
        <span class="quiet">{f('at', instant(step.t))}</span>
      </h3>
      {!failed && <p>{f(`did_${kind}`)}</p>}
      {kind === 'call' && !failed && (
        <p class="quiet">
          {returned
            ? returned.at > step.t
              ? `${f('blocks')} ${f('returnedAt', returned.value, instant(returned.at))}`
              : f('returned', returned.value)
            : f('neverReturned')}
        </p>
      )}
      {failed && (
        <div class="mismatch">
          <h4>{f('mismatch')}</h4>
          {found && (
            <dl>
              <div>
                <dt>{f('expected')}</dt>
                <dd data-expected>{found.expected}</dd>
              </div>
              <div>
                <dt>{f('came')}</dt>
                <dd data-came>{found.came || f('nothingCame')}</dd>
              </div>
            </dl>
          )}
          {rest !== '' && <pre lang="en">{rest}</pre>}
        </div>
      )}
      {!found &&
        step.told.map((text, i) => (
          <p key={i}>
            <code>{text}</code>
          </p>
        ))}
      {warnings.map((text, i) => (
        <p key={i} class="warning" lang="en">
          {f('notFatal')} {text}
        </p>
      ))}
    </>
  )
}
