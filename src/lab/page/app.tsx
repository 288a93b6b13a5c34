import { fieldsOf } from '../scene/edit-segment.js'
import { Check } from './check.js'
import { hostName } from './host-name.js'
import { HostPanel, stateOf } from './hosts.js'
import { Ladder } from './ladder.js'
import { lazy } from './lazy.js'
import { Panel, tab } from './panel.js'
import {
  absolute,
  chooseLanguage,
  chooseMotion,
  chooseTheme,
  language,
  motion,
  type Theme,
  theme,
  w,
} from './settings.js'
import { act, begin, film, layout, type Page, page, playing, problem, seek, selected, t } from './store.js'
import { Timeline } from './timeline.js'
import { Caption, Tour, TourHead } from './tour.js'
import type { Word } from './words.js'

const Congestion = lazy(() => import('./congestion.js'))
const OpenFile = lazy(() => import('./file.js'))
const Live = lazy(() => import('./live.js'))

export function App() {
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        {w('skip')}
      </button>
      <Header />
      <Problem />
      <main id="main" class={`page-${page.value}`} tabIndex={-1}>
        {page.value === 'stories' && <Stories />}
        {page.value === 'congestion' && <Congestion />}
        {page.value === 'file' && <OpenFile />}
        {page.value === 'live' && <Live />}
      </main>
      {page.value === 'stories' && <Timeline />}
    </>
  )
}

/** Not a link: the address belongs to the scene. */
function skip(): void {
  const ladder = document.querySelector<HTMLElement>('.ladder') ?? document.getElementById('main')
  ladder?.focus()
}

const PAGES: readonly { page: Page; word: Word; href: string }[] = [
  { page: 'stories', word: 'pageStories', href: '#/handshake' },
  { page: 'congestion', word: 'pageCongestion', href: '#/congestion' },
  { page: 'file', word: 'pageFile', href: '#/file' },
  { page: 'live', word: 'pageLive', href: '#/live' },
]

function Header() {
  return (
    <header class="top">
      <p class="brand">
        <b>estab</b> <span>{w('tagline')}</span>
      </p>
      <nav aria-label={w('nav')}>
        {PAGES.map(({ page: name, word, href }) => (
          <a
            key={name}
            href={href}
            aria-current={page.value === name ? 'page' : undefined}
            onClick={event => {
              if (name !== 'stories' || page.value !== 'stories') return
              event.preventDefault()
              begin('handshake')
            }}
          >
            {w(word)}
          </a>
        ))}
      </nav>
      <div class="choices">
        <label>
          <span class="sr">{w('theme')}</span>
          <select
            value={theme.value}
            title={w('theme')}
            onChange={event => {
              chooseTheme(event.currentTarget.value as Theme)
            }}
          >
            <option value="auto">{w('themeAuto')}</option>
            <option value="light">{w('themeLight')}</option>
            <option value="dark">{w('themeDark')}</option>
          </select>
        </label>
        <button
          type="button"
          aria-pressed={motion.value}
          title={w('motion')}
          onClick={() => {
            chooseMotion(!motion.value)
          }}
        >
          {w(motion.value ? 'motionOn' : 'motionOff')}
        </button>
        <button
          type="button"
          class="language"
          lang={language.value === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => chooseLanguage(language.value === 'zh' ? 'en' : 'zh')}
        >
          {w('otherLanguage')}
        </button>
      </div>
    </header>
  )
}

function Problem() {
  const text = problem.value?.[language.value]
  return (
    <div role="alert">
      {text !== undefined && (
        <p class="problem">
          {text}{' '}
          <button
            type="button"
            onClick={() => {
              problem.value = undefined
            }}
          >
            {w('dismiss')}
          </button>
        </p>
      )}
    </div>
  )
}

/** A scene: the text beside it, the two hosts, the ladder between them, and what is looked at below. */
function Stories() {
  const { hosts, segments, cut } = film.value
  const [left, right = left] = hosts
  const two = hosts.length > 1
  return (
    <>
      <TourHead />
      <div class={`stage ${two ? '' : 'alone'}`}>
        <HostPanel side={0} />
        <div class="middle">
          <p class="ladder-choices">
            <Check is={absolute} word={w('absolute')} />
            <output class="sr" aria-live="polite">
              {playing.value
                ? ''
                : hosts.map((name, i) => `${hostName(name)}: ${stateOf(i as 0 | 1).state}`).join(', ')}
            </output>
          </p>
          <Ladder
            hosts={[left!, right!]}
            layout={layout.value}
            t={t.value}
            selected={selected.value}
            playing={playing.value}
            onSelect={index => {
              selected.value = index
              playing.value = false
              if (index !== undefined) tab.value = 'segment'
            }}
            onSeek={seek}
            numbers={index => {
              const segment = segments[index]
              return segment && fieldsOf(segment.bytes)
            }}
            onDrop={index => {
              const { side, nth } = segments[index]!
              if (nth !== undefined) act({ kind: 'fate', at: t.value, side, nth, fate: { what: 'drop' } })
            }}
          />
          <Caption />
          {cut && <p class="quiet">{w('cutFilm')}</p>}
        </div>
        {two && <HostPanel side={1} />}
      </div>
      <Tour />
      <Panel />
    </>
  )
}
