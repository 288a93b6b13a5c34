import type { Part, Summary } from './capture.js'
import type { Refusal } from './kind.js'
import type { ScriptChoices, ScriptFilm, Unreadable } from './script.js'

/** What the page asks of its worker, and what it is answered. */

export type Request =
  /** A file, or a text that was pasted. */
  | { readonly kind: 'open'; readonly what: Blob | string }
  | { readonly kind: 'part'; readonly index: number; readonly from: number }
  | { readonly kind: 'octets'; readonly index: number; readonly segment: number }
  | {
      readonly kind: 'script'
      readonly name: string
      readonly text: string
      readonly choices: ScriptChoices
      /** Files that were opened together with it, by name. */
      readonly beside: readonly (readonly [string, string])[]
    }

export type Opened =
  | { readonly kind: 'capture'; readonly summary: Summary }
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: Refusal }
  /** A capture that is none after all; why, and at which byte. */
  | {
      readonly kind: 'broken'
      readonly text: { readonly en: string; readonly zh: string }
      readonly offset: number
    }

export type Result = Opened | Part | Uint8Array | ScriptFilm | Unreadable
