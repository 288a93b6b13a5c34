import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { HistoryPanel } from './history.js'
import { lazy } from './lazy.js'
import { LinePanel } from './line.js'
import { SegmentPanel } from './segment.js'
import { w } from './settings.js'
import { SharePanel } from './share.js'
import type { Word } from './words.js'

const TABS: readonly { name: string; word: Word; Part: ComponentType }[] = [
  { name: 'segment', word: 'tabSegment', Part: SegmentPanel },
  { name: 'line', word: 'tabLine', Part: LinePanel },
  { name: 'plots', word: 'tabPlots', Part: lazy(() => import('./plots.js')) },
  { name: 'history', word: 'tabHistory', Part: HistoryPanel },
  { name: 'share', word: 'tabShare', Part: SharePanel },
]

export const tab = signal('segment')

/** What is below the ladder: one of several things at a time. */
export function Panel() {
  const { Part } = TABS.find(({ name }) => name === tab.value)!
  return (
    <section class="panel" aria-label={w('panel')}>
      <div
        class="tabs"
        role="tablist"
        aria-label={w('panel')}
        onKeyDown={event => {
          const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
          if (by === 0) return
          const i = TABS.findIndex(({ name }) => name === tab.value)
          tab.value = TABS[(i + by + TABS.length) % TABS.length]!.name
          document.getElementById(`tab-${tab.value}`)?.focus()
        }}
      >
        {TABS.map(({ name, word }) => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={tab.value === name}
            aria-controls="panel"
            tabIndex={tab.value === name ? 0 : -1}
            onClick={() => {
              tab.value = name
            }}
          >
            {w(word)}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls must be reachable by keyboard */}
      <div id="panel" role="tabpanel" aria-labelledby={`tab-${tab.value}`} tabIndex={0}>
        <Part />
      </div>
    </section>
  )
}
