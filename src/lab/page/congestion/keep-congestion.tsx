import { useSignal } from '@preact/signals'
import { saveAs } from '../keep.js'
import { seriesCsv } from './csv.js'
import { c } from './say-page.js'
import { commandOf } from './setup.js'
import { link, type Run, setup } from './state.js'

/** The link, the command, the files. */
export function Keep({ run }: { run: Run | undefined }) {
  const written = link.value
  return (
    <section class="part keep">
      <h2>{c('keep')}</h2>
      {written !== undefined && (
        <>
          <Copied
            label={c('link')}
            text={new URL(`#/congestion?${written}`, location.href).href}
            name="link"
          />
          <Copied label={c('command')} text={commandOf(setup.value)} name="command" help={c('commandHelp')} />
        </>
      )}
      {run && (
        <p class="exports">
          <button
            type="button"
            data-export="json"
            onClick={() =>
              saveAs(`${nameOf(run)}.json`, 'application/json', `${JSON.stringify(run.outcome.result)}\n`)
            }
          >
            {c('saveJson')}
          </button>
          <button
            type="button"
            data-export="csv"
            onClick={() => saveAs(`${nameOf(run)}.csv`, 'text/csv', seriesCsv(run.outcome.result))}
          >
            {c('saveCsv')}
          </button>
        </p>
      )}
    </section>
  )
}

const nameOf = ({ setup: { flows, seed } }: Run): string =>
  `estab-${flows.map(({ controller }) => controller).join('-')}-seed-${seed}`

function Copied({ label, text, name, help }: { label: string; text: string; name: string; help?: string }) {
  const said = useSignal<'copied' | 'notCopied' | undefined>(undefined)
  return (
    <div class="copied">
      <label for={`keep-${name}`}>{label}</label>
      <span>
        <textarea
          id={`keep-${name}`}
          readOnly
          rows={text.includes('\n') ? 3 : 1}
          value={text}
          onFocus={event => event.currentTarget.select()}
        />
        <button
          type="button"
          data-copy={name}
          onClick={async () => {
            try {
              await navigator.clipboard.writeText(text)
              said.value = 'copied'
            } catch {
              said.value = 'notCopied'
            }
            setTimeout(() => {
              said.value = undefined
            }, 2500)
          }}
        >
          {c(said.value === 'copied' ? 'copied' : 'copy')}
        </button>
      </span>
      <span class="sr" role="status">
        {said.value && c(said.value)}
      </span>
      {help !== undefined && <p class="quiet">{said.value === 'notCopied' ? c('notCopied') : help}</p>}
    </div>
  )
}
