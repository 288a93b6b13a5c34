import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { REACTIONS } from '../../tcp/reactions.js'
import { TRANSITIONS } from '../../tcp/states.js'
import type { StateEvent } from '../../trace/events.js'
import type { RecordedSegment } from '../../trace/recorder.js'
import { REACTION_WORDS } from '../../trace/words.js'
import type { FlagName } from '../../wire/tcp.js'
import { dissect, dissectCaptured, type Field } from '../scene/dissect.js'
import { fieldsOf } from '../scene/edit-segment.js'
import type { Edit, SegmentFate } from '../scene/scene.js'
import { instant } from './format.js'
import { hostName } from './host-name.js'
import { language, pick, w } from './settings.js'
import { act, film, segment, t } from './store.js'
import { fieldIn } from './words.js'

/** The segment looked at: what it is, what was done with it, and what can be done to it. */
export function SegmentPanel() {
  const shown = segment.value
  if (!shown)
    return (
      <p class="quiet">
        {w('pickSegment')} {w('shortcutsText')}
      </p>
    )
  return (
    <div class="segment">
      <div>
        <Told segment={shown} now={t.value} number={shown.index + 1}>
          <BreakIt key={`${film.value.scene.story} ${shown.index}`} />
        </Told>
      </div>
      <Octets bytes={shown.bytes} />
    </div>
  )
}

/** Whence and whither, when, and what the receiver did. */
export function Told({
  segment: s,
  now,
  number,
  children,
}: {
  segment: RecordedSegment
  now: number
  number: number
  children?: ComponentChildren
}) {
  const { event } = s
  const there = event.arrives !== undefined && event.arrives <= now
  return (
    <>
      <h3>
        {w('segmentNumber', number)}: {hostName(event.from)} → {hostName(event.to)}
      </h3>
      <p class="quiet">
        {w('sentAt', instant(event.t))},{' '}
        {event.arrives === undefined ? w('neverArrives') : w('arrivesAt', instant(event.arrives))}
      </p>
      {children}
      <SentBy segment={s} />
      <h4>{w('receiverDid', hostName(event.to))}</h4>
      {there ? (
        <Consequences segment={s} />
      ) : (
        <p class="quiet">{w(event.arrives === undefined ? 'neverArrives' : 'notArrivedYet')}</p>
      )}
    </>
  )
}

/** The changes of state that sent it. */
export function SentBy({ segment: { before } }: { segment: RecordedSegment }) {
  if (before.length === 0) return null
  return (
    <>
      <h4>{w('closedBy')}</h4>
      <Moves moves={before} />
    </>
  )
}

/** Changes of state in words, each with where the RFC says so. */
const Moves = ({ moves, children }: { moves: readonly StateEvent[]; children?: ComponentChildren }) => (
  <ul class="told">
    {moves.map(({ id, from, to }) => (
      <li key={id}>
        <b>
          {from} → {to}
        </b>{' '}
        {pick(TRANSITIONS[id])} <cite>RFC 9293 {TRANSITIONS[id].section}</cite>
      </li>
    ))}
    {children}
  </ul>
)

function Consequences({ segment: { event, after } }: { segment: RecordedSegment }) {
  const { reaction } = event
  if (after.length === 0 && !reaction) return <p class="quiet">{w('nothingSpecial')}</p>
  const words = reaction ? REACTION_WORDS[reaction] : undefined
  return (
    <Moves moves={after}>
      {reaction && (
        <li>
          {words ? words[language.value] : pick(REACTIONS[reaction])}{' '}
          <cite>{cite(REACTIONS[reaction].section)}</cite>
        </li>
      )}
    </Moves>
  )
}

const cite = (section: string): string => (section.startsWith('RFC') ? section : `RFC 9293 ${section}`)

const lit = signal<Field | undefined>(undefined)

/** The fields of a packet beside its octets; each lights the other. */
export function Octets({
  bytes,
  headersOnly = false,
  captured = false,
}: {
  bytes: Uint8Array
  headersOnly?: boolean
  captured?: boolean
}) {
  const fields = captured ? dissectCaptured(bytes) : dissect(bytes, headersOnly)
  const most = Math.min(bytes.length, 160)
  const at = (i: number) => fields.find(field => i >= field.from && i < field.to)
  const light = (field: Field | undefined) => {
    lit.value = field
  }
  const isLit = (field: Field | undefined) =>
    field !== undefined && lit.value?.from === field.from && lit.value.to === field.to
  return (
    <div class="octets-view">
      <table>
        <caption class="sr">{w('field')}</caption>
        <tbody>
          {fields.map(field => (
            <tr
              key={field.from}
              class={`${field.part} ${isLit(field) ? 'lit' : ''}`}
              onMouseEnter={() => light(field)}
              onMouseLeave={() => light(undefined)}
            >
              <th scope="row">
                <button
                  type="button"
                  class="plain"
                  onFocus={() => light(field)}
                  onBlur={() => light(undefined)}
                >
                  {fieldIn(language.value, field.name)}
                </button>
              </th>
              <td>{field.value}</td>
              <td class="section">{field.section}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <pre class="hex">
        {Array.from({ length: Math.ceil(most / 8) }, (_, row) => (
          <div key={row}>
            <span class="offset">{(row * 8).toString(16).padStart(3, '0')}</span>
            {Array.from({ length: Math.min(8, most - row * 8) }, (_, column) => {
              const i = row * 8 + column
              const field = at(i)
              return (
                // biome-ignore lint/a11y/noStaticElementInteractions: the fields beside it do the same by keyboard
                <span
                  key={i}
                  class={`octet ${field?.part ?? ''} ${isLit(field) ? 'lit' : ''}`}
                  onMouseEnter={() => light(field)}
                  onMouseLeave={() => light(undefined)}
                >
                  {bytes[i]!.toString(16).padStart(2, '0')}
                </span>
              )
            })}
          </div>
        ))}
        {most < bytes.length && <div class="offset">… {bytes.length - most}</div>}
      </pre>
    </div>
  )
}

const FLAGS: readonly FlagName[] = ['SYN', 'ACK', 'FIN', 'RST', 'PSH', 'URG', 'ECE', 'CWR']

/** Lets the segment be lost, delayed, duplicated, damaged; or edited, in its place or as a forgery beside it. */
function BreakIt() {
  const shown = segment.value!
  const { side, nth } = shown
  if (nth === undefined) return <p class="quiet">{w('cannotTouch')}</p>
  const decide = (fate: SegmentFate) => act({ kind: 'fate', at: t.value, side, nth, fate })
  return (
    <fieldset class="break">
      <legend>{w('breakIt')}</legend>
      <button type="button" data-fate="drop" onClick={() => decide({ what: 'drop' })}>
        {w('drop')}
      </button>
      <span class="pair">
        <button type="button" data-fate="delay" onClick={() => decide({ what: 'delay', ms: later.value })}>
          {w('delayIt')}
        </button>
        <button
          type="button"
          data-fate="duplicate"
          onClick={() => decide({ what: 'duplicate', ms: later.value })}
        >
          {w('duplicateIt')}
        </button>
        <label>
          <input
            type="number"
            min={0}
            max={100_000}
            step={10}
            value={later.value}
            aria-label={w('ms')}
            onInput={event => {
              const ms = event.currentTarget.valueAsNumber
              if (ms >= 0 && ms <= 100_000) later.value = ms
            }}
          />{' '}
          {w('ms')}
        </label>
      </span>
      <button type="button" data-fate="corrupt" onClick={() => decide({ what: 'corrupt' })}>
        {w('corruptIt')}
      </button>
      <details>
        <summary>{w('editIt')}</summary>
        <Editor
          onEdit={edit => decide({ what: 'edit', edit })}
          onForge={edit => act({ kind: 'forge', at: t.value, side, nth, edit })}
        />
      </details>
    </fieldset>
  )
}

const later = signal(100)

function Editor({ onEdit, onForge }: { onEdit(edit: Edit): void; onForge(edit: Edit): void }) {
  const has = fieldsOf(segment.value!.bytes)
  if (!has) return null
  const read = (form: HTMLFormElement): Edit => {
    const data = new FormData(form)
    const number = (name: 'seq' | 'ack' | 'window') => {
      const value = Number(data.get(name))
      return Number.isInteger(value) && value >= 0 && value !== has[name] ? { [name]: value } : {}
    }
    const flags = FLAGS.filter(flag => data.get(`flag-${flag}`) !== null)
    const same = flags.length === has.flags.length && flags.every(flag => has.flags.includes(flag))
    return { ...number('seq'), ...number('ack'), ...number('window'), ...(same ? {} : { flags }) }
  }
  return (
    <form
      class="editor"
      onSubmit={event => {
        event.preventDefault()
        onEdit(read(event.currentTarget))
      }}
    >
      {(['seq', 'ack', 'window'] as const).map(name => (
        <label key={name}>
          {w(name === 'window' ? 'windowField' : name)}
          <input
            name={name}
            type="number"
            min={0}
            max={name === 'window' ? 65_535 : 4_294_967_295}
            defaultValue={String(has[name])}
            required
          />
        </label>
      ))}
      <fieldset class="flags">
        <legend>{w('flags')}</legend>
        {FLAGS.map(flag => (
          <label key={flag}>
            <input type="checkbox" name={`flag-${flag}`} defaultChecked={has.flags.includes(flag)} /> {flag}
          </label>
        ))}
      </fieldset>
      <button type="submit">{w('apply')}</button>
      <button type="button" data-forge onClick={event => onForge(read(event.currentTarget.form!))}>
        {w('forgeIt')}
      </button>
    </form>
  )
}
