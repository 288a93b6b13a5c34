import { signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { size } from '../format.js'
import { pick } from '../settings.js'
import { CaptureView } from './capture-view.js'
import { LARGEST_FILE } from './kind.js'
import { ScriptView } from './script-view.js'
import { closeFile, openFiles, openText, shown, type Trouble } from './store-file.js'
import { useHeading } from './use-heading.js'
import { f } from './words.js'
import type { FileWord } from './words-file.js'

/** Files are being dragged over the page. */
const dragged = signal(false)

/** The page that opens a file: a capture, or a script. */
export function OpenFile() {
  // At once: a file may be dropped as soon as the page is seen.
  useLayoutEffect(takeDropsAndPastes, [])
  useEffect(openNamedExample, [])
  const { value } = shown
  return (
    <div class={`file file-${value.kind}`}>
      {value.kind === 'capture' ? (
        <CaptureView name={value.name} summary={value.summary} reader={value.reader} />
      ) : value.kind === 'script' ? (
        <ScriptView name={value.name} text={value.text} />
      ) : (
        <Start />
      )}
      {dragged.value && (
        <div class="drop" aria-hidden="true">
          <p>{f('dropHere')}</p>
        </div>
      )}
    </div>
  )
}

function takeDropsAndPastes(): () => void {
  const over = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    dragged.value = true
  }
  const leave = (event: DragEvent) => {
    if (event.relatedTarget === null) dragged.value = false
  }
  const drop = (event: DragEvent) => {
    dragged.value = false
    const files = event.dataTransfer?.files
    if (!files || files.length === 0) return
    event.preventDefault()
    openFiles([...files])
  }
  const paste = (event: ClipboardEvent) => {
    const { clipboardData } = event
    if (!clipboardData || (event.target as HTMLElement).closest('input, textarea')) return
    if (clipboardData.files.length > 0) openFiles([...clipboardData.files])
    else if (clipboardData.getData('text')) openText(clipboardData.getData('text'), f('pasted'))
  }
  addEventListener('dragover', over)
  addEventListener('dragleave', leave)
  addEventListener('drop', drop)
  addEventListener('paste', paste)
  return () => {
    removeEventListener('dragover', over)
    removeEventListener('dragleave', leave)
    removeEventListener('drop', drop)
    removeEventListener('paste', paste)
  }
}

const EXAMPLES: readonly { file: string; word: FileWord; about: FileWord }[] = [
  { file: 'curl-nginx.pcapng', word: 'exampleCurl', about: 'exampleCurlAbout' },
  { file: 'fast-retransmit.pkt', word: 'exampleScript', about: 'exampleScriptAbout' },
  { file: 'fails.pkt', word: 'exampleFails', about: 'exampleFailsAbout' },
]

async function openExample(file: string): Promise<void> {
  try {
    const response = await fetch(new URL(`./${file}`, import.meta.url))
    if (!response.ok) throw new Error(`${response.status}`)
    await openFiles([new File([await response.blob()], file)])
  } catch (error) {
    const message = f('exampleMissing', error instanceof Error ? error.message : String(error))
    shown.value = { kind: 'trouble', trouble: { kind: 'fault', message, name: file } }
  }
}

/** `#/file?example=curl-nginx.pcapng`, for links. */
function openNamedExample(): void {
  const name = new URLSearchParams(location.hash.split('?')[1]).get('example')
  if (name && shown.value.kind === 'nothing' && EXAMPLES.some(({ file }) => file === name)) openExample(name)
}

/** Where no file is open: how to open one, and what went wrong with the last. */
function Start() {
  const { value } = shown
  const input = useRef<HTMLInputElement>(null)
  const heading = useHeading(value.kind)
  const reading = value.kind === 'reading'
  return (
    <div class="start">
      <h1 ref={heading} tabIndex={-1}>
        {f('title')}
      </h1>
      <p>{f('lead')}</p>
      <div role="alert">{value.kind === 'trouble' && <Said trouble={value.trouble} />}</div>
      <div class="open">
        <input
          ref={input}
          type="file"
          id="file-input"
          class="sr"
          multiple
          aria-label={f('choose')}
          tabIndex={-1}
          onChange={event => {
            openFiles([...(event.currentTarget.files ?? [])])
            event.currentTarget.value = ''
          }}
        />
        <button type="button" class="primary" disabled={reading} onClick={() => input.current?.click()}>
          {f('choose')}
        </button>
        <p>{f('orDrop')}</p>
        <p class="quiet">{f('kinds', size(LARGEST_FILE))}</p>
        <p class="stays">{f('stays')}</p>
        <div role="status">
          {reading && (
            <p class="reading">
              {f('reading', value.name)}{' '}
              <button type="button" onClick={closeFile}>
                {f('cancel')}
              </button>
            </p>
          )}
        </div>
      </div>
      <section class="examples" aria-label={f('examples')}>
        <h2>{f('examples')}</h2>
        <ul>
          {EXAMPLES.map(({ file, word, about }) => (
            <li key={file}>
              <button type="button" data-example={file} onClick={() => openExample(file)}>
                {f(word)}
              </button>
              <span class="quiet">{f(about)}</span>
            </li>
          ))}
        </ul>
      </section>
      <details class="paste">
        <summary>{f('paste')}</summary>
        <form
          onSubmit={event => {
            event.preventDefault()
            openText(String(new FormData(event.currentTarget).get('text')), f('pasted'))
          }}
        >
          <textarea name="text" rows={8} spellcheck={false} aria-label={f('pasteLabel')} required />
          <button type="submit">{f('runIt')}</button>
        </form>
      </details>
    </div>
  )
}

/** What is wrong with a file. */
function Said({ trouble }: { trouble: Trouble }) {
  const why =
    trouble.kind === 'refused'
      ? f(`why_${trouble.why}`, size(LARGEST_FILE))
      : trouble.kind === 'broken'
        ? f('broken', pick(trouble.text), trouble.offset)
        : f(trouble.kind, trouble.message)
  return (
    <div class="trouble">
      <p>
        <b>{f('cannot', trouble.name)}</b>
      </p>
      <p>{why}</p>
    </div>
  )
}
