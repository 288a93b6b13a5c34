import { batch, signal } from '@preact/signals'
import type { Summary } from './capture.js'
import { Reader, TooLong } from './client.js'
import { LARGEST_FILE, type Refusal } from './kind.js'
import type { ScriptChoices, ScriptFilm, Unreadable } from './script.js'

/** What this page shows. */

export type Trouble =
  | { readonly kind: 'refused'; readonly why: Refusal; readonly name: string }
  | {
      readonly kind: 'broken'
      readonly text: { readonly en: string; readonly zh: string }
      readonly offset: number
      readonly name: string
    }
  | { readonly kind: 'fault'; readonly message: string; readonly name: string }

export type Shown =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'reading'; readonly name: string }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  | { readonly kind: 'capture'; readonly name: string; readonly summary: Summary; readonly reader: Reader }
  | { readonly kind: 'script'; readonly name: string; readonly text: string }

export type ScriptRun =
  | { readonly kind: 'running' }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'fault'; readonly message: string }
  | Unreadable
  | ScriptFilm

export const shown = signal<Shown>({ kind: 'nothing' })
export const run = signal<ScriptRun>({ kind: 'running' })
export const choices = signal<ScriptChoices>({ ip: 'ipv4', profile: 'rfc' })
/** Counts what was opened: views keep nothing of another file. */
export const opened = signal(0)

/** How long a script may run, ms. In virtual time they take a few. */
export const PATIENCE = 5_000

let reader: Reader | undefined
let beside: (readonly [string, string])[] = []

/** Text files that came together with a script: those it names. */
const LARGEST_BESIDE = 1 << 20

/** Opens the first of some files; the others are there for a script that names them. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const [first, ...others] = [...files].sort((a, b) => rank(a) - rank(b))
  if (!first) return
  beside = []
  for (const other of others)
    if (other.size <= LARGEST_BESIDE) beside.push([other.name, await other.text().catch(() => '')])
  await open(first, first.name)
}

/** A script is what is to be opened, if it comes with what it includes. */
const rank = ({ name }: File): number => (/\.(pkt|pcap|pcapng|cap)$/i.test(name) ? 0 : 1)

/** Opens a text that was pasted. */
export async function openText(text: string, name: string): Promise<void> {
  beside = []
  await open(text, name)
}

export function closeFile(): void {
  reader?.close()
  reader = undefined
  shown.value = { kind: 'nothing' }
}

async function open(what: Blob | string, name: string): Promise<void> {
  reader?.close()
  const trouble = (t: Trouble) => {
    shown.value = { kind: 'trouble', trouble: t }
  }
  if (typeof what !== 'string' && what.size > LARGEST_FILE)
    return trouble({ kind: 'refused', why: 'tooLarge', name })
  shown.value = { kind: 'reading', name }
  const own = (reader = new Reader())
  try {
    const result = await own.open(what)
    if (own !== reader) return
    opened.value++
    if (result.kind === 'refused' || result.kind === 'broken') return trouble({ ...result, name })
    if (result.kind === 'capture') {
      shown.value = { kind: 'capture', name, summary: result.summary, reader: own }
      return
    }
    batch(() => {
      shown.value = { kind: 'script', name, text: result.text }
      run.value = { kind: 'running' }
    })
    await runScript()
  } catch (error) {
    if (own === reader) trouble({ kind: 'fault', message: said(error), name })
  }
}

/** Runs the script that is shown, as it was chosen. */
export async function runScript(): Promise<void> {
  const { value } = shown
  if (value.kind !== 'script') return
  const { name, text } = value
  run.value = { kind: 'running' }
  if (!reader || reader.closed) reader = new Reader()
  const own = reader
  try {
    const request = { kind: 'script', name, text, choices: choices.value, beside } as const
    const result = await own.script(request, PATIENCE)
    if (own === reader && shown.value === value) run.value = result
  } catch (error) {
    if (own !== reader || shown.value !== value) return
    run.value = error instanceof TooLong ? { kind: 'too-long' } : { kind: 'fault', message: said(error) }
  }
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))
