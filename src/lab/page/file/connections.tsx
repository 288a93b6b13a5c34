import { signal } from '@preact/signals'
import { instant, size, time } from '../format.js'
import type { Row, Summary } from './capture.js'
import { choose, type SortKey } from './choose-rows.js'
import { f } from './words.js'
import type { FileWord } from './words-file.js'

/** Rows that are added to the list at a time. */
const ROWS = 200

const filter = signal('')
const sort = signal<{ key: SortKey; down: boolean }>({ key: 'start', down: false })
const most = signal(ROWS)

export function forgetList(): void {
  filter.value = ''
  sort.value = { key: 'start', down: false }
  most.value = ROWS
}

const COLUMNS: readonly { key: SortKey; word: FileWord; number?: true; help?: FileWord }[] = [
  { key: 'client', word: 'client' },
  { key: 'server', word: 'server' },
  { key: 'start', word: 'start', number: true },
  { key: 'duration', word: 'duration', number: true },
  { key: 'segments', word: 'segments', number: true },
  { key: 'up', word: 'bytesUp', number: true, help: 'bytesHelp' },
  { key: 'down', word: 'bytesDown', number: true, help: 'bytesHelp' },
  { key: 'states', word: 'finalStates' },
  { key: 'remarks', word: 'remarks', number: true },
]

/** The connections of a capture. */
export function Connections({ summary, onPick }: { summary: Summary; onPick(index: number): void }) {
  const { rows } = summary
  const found = choose(rows, filter.value, sort.value.key, sort.value.down)
  const listed = found.slice(0, most.value)
  return (
    <div class="connections">
      <p class="filter">
        <label>
          {f('filter')}{' '}
          <input
            type="search"
            value={filter.value}
            placeholder={f('filterHint')}
            onInput={event => {
              filter.value = event.currentTarget.value
              most.value = ROWS
            }}
          />
        </label>{' '}
        <output class="quiet">{f('matching', found.length, rows.length)}</output>
      </p>
      {found.length === 0 && <p>{f('noMatch', filter.value)}</p>}
      {found.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section class="table" aria-label={f('connections')} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {COLUMNS.map(column => (
                  <Heading key={column.key} column={column} />
                ))}
              </tr>
            </thead>
            <tbody>
              {listed.map(row => (
                <Line key={row.index} row={row} onPick={onPick} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {listed.length < found.length && (
        <p class="more">
          {f('listed', listed.length, found.length)}{' '}
          <button
            type="button"
            onClick={() => {
              most.value += ROWS
            }}
          >
            {f('more', Math.min(ROWS, found.length - listed.length))}
          </button>
        </p>
      )}
    </div>
  )
}

function Heading({ column: { key, word, number, help } }: { column: (typeof COLUMNS)[number] }) {
  const { value } = sort
  const here = value.key === key
  return (
    <th
      scope="col"
      class={number ? 'number' : ''}
      aria-sort={here ? (value.down ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        class="plain"
        title={help ? f(help) : f('sortBy', f(word))}
        onClick={() => {
          sort.value = { key, down: here ? !value.down : number === true && key !== 'start' }
        }}
      >
        {f(word)}
        <span aria-hidden="true">{here ? (value.down ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  )
}

function Line({ row, onPick }: { row: Row; onPick(index: number): void }) {
  const { index, client, server, start, duration, segments, bytes, states, remarks, beginning } = row
  return (
    <tr data-connection={index} onClick={() => onPick(index)}>
      <th scope="row">
        <button
          type="button"
          class="plain"
          onClick={event => {
            event.stopPropagation()
            onPick(index)
          }}
        >
          {client}
        </button>
      </th>
      <td data-label={f('server')}>{server}</td>
      <td class="number" data-label={f('start')}>
        {instant(start)}
      </td>
      <td class="number" data-label={f('duration')}>
        {time(duration)}
      </td>
      <td class="number" data-label={f('segments')}>
        {segments}
      </td>
      <td class="number" data-label={f('bytesUp')}>
        {size(bytes[0])}
      </td>
      <td class="number" data-label={f('bytesDown')}>
        {size(bytes[1])}
      </td>
      <td class="ends" data-label={f('finalStates')}>
        <b class="host-0">{states[0]}</b> <b class="host-1">{states[1]}</b>
        {!beginning && <em> {f('middle')}</em>}
      </td>
      <td class={`number ${remarks > 0 ? 'some' : ''}`} data-label={f('remarks')}>
        {remarks}
      </td>
    </tr>
  )
}
