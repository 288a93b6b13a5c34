import { type State, TRANSITION_LIST } from '../tcp/states.js'
import type { Language } from './words.js'

/** The moves of RFC 9293's Figure 5 and those that belong to an ordinary life; the rest leads to CLOSED. */
export const MAIN = [
  'T01',
  'T02',
  'T03',
  'T04',
  'T05',
  'T06',
  'T07',
  'T08',
  'T11',
  'T12',
  'T13',
  'T14',
  'T15',
  'T16',
  'T17',
  'T18',
  'T19',
  'T20',
  'T21',
  'T22',
  'T23',
  'T24',
  'T30',
]

/** One edge of the diagram, with what causes it and what it sends. */
export interface Edge {
  from: State
  to: State
  label: string
  ids: string[]
}

/** The edges, several causes of the same move together. */
export function edges(ids: readonly string[] = MAIN): Edge[] {
  const found = new Map<string, Edge>()
  for (const { id, from, to, cause, sent } of TRANSITION_LIST) {
    if (!ids.includes(id)) continue
    for (const state of from) {
      const label = sent === '' ? cause : `${cause} / ${sent}`
      const edge = found.get(`${state} ${to}`)
      if (edge) {
        edge.label += `; ${label}`
        edge.ids.push(id)
      } else found.set(`${state} ${to}`, { from: state, to, label, ids: [id] })
    }
  }
  return [...found.values()]
}

/** The state diagram in Mermaid's language, drawn from the one table. */
export function mermaid(language: Language): string {
  const rest = TRANSITION_LIST.filter(t => !MAIN.includes(t.id)).map(t => t.id)
  const note = language === 'zh' ? '其余转换' : 'the other transitions'
  return [
    'stateDiagram-v2',
    '  [*] --> CLOSED',
    ...edges().map(({ from, to, label }) => `  ${from} --> ${to}: ${label}`),
    `  %% ${note}: ${rest.join(' ')}`,
  ].join('\n')
}
