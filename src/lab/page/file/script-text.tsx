import { useEffect, useMemo, useRef } from 'preact/hooks'
import { motion } from '../settings.js'
import type { ScriptFilm } from './script.js'
import { f } from './words.js'

/** Lines in the document at a time. */
const MOST_LINES = 1500

/** A script's text with its lines numbered: what has been run, where it is, and where it went wrong. */
export function ScriptText({
  text,
  film,
  at = 0,
  marked,
  onGo,
}: {
  text: string
  film?: ScriptFilm
  /** How many steps have been run. */
  at?: number
  /** A line in which something is wrong. */
  marked?: number | undefined
  /** Goes to a step. */
  onGo?(index: number): void
}) {
  const box = useRef<HTMLElement>(null)
  const lines = useMemo(() => text.replace(/\r/g, '').replace(/\n$/, '').split('\n'), [text])
  /** The step of each line in which an event begins, counted from 1. */
  const steps = useMemo(() => {
    const found = new Map<number, number>()
    film?.steps.forEach(({ event }, i) => {
      const { line } = film.written[event]!
      if (!found.has(line)) found.set(line, i + 1)
    })
    return found
  }, [film])
  const here = at > 0 && film ? film.written[film.steps[at - 1]!.event]! : undefined
  const focus = here?.line ?? marked ?? 1
  const first = Math.max(0, Math.min(lines.length - MOST_LINES, focus - MOST_LINES / 2))

  useEffect(() => {
    const element = box.current!
    const line = element.querySelector<HTMLElement>('[data-here], .marked')
    if (!line) return
    const top = line.offsetTop
    if (top < element.scrollTop + 30 || top > element.scrollTop + element.clientHeight - 60)
      element.scrollTo({
        top: Math.max(0, top - element.clientHeight / 2),
        behavior: motion.peek() ? 'smooth' : 'instant',
      })
  }, [focus, at])

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="script-text" ref={box} aria-label={f('scriptText')} tabIndex={0}>
      {lines.length > MOST_LINES && (
        <p class="quiet">{f('linesShown', first + 1, first + MOST_LINES, lines.length)}</p>
      )}
      <ol>
        {lines.slice(first, first + MOST_LINES).map((line, i) => {
          const number = first + i + 1
          const step = steps.get(number)
          const isHere = here !== undefined && number >= here.line && number <= here.end
          const bad = number === marked
          const past = step !== undefined && step < at
          const name = bad ? 'lineFailed' : isHere ? 'lineHere' : past ? 'lineOk' : undefined
          const sign = bad ? '✗' : isHere ? '▶' : past ? '✓' : ''
          return (
            <li
              key={number}
              class={`${bad ? 'marked' : ''} ${isHere ? 'here' : ''} ${past ? 'past' : ''} ${step ? 'event' : ''}`}
              data-line={number}
              data-here={isHere && number === here.line ? '' : undefined}
              aria-current={isHere && number === here.line ? 'step' : undefined}
            >
              <span class="sign">
                <span aria-hidden="true">{sign}</span>
                {name && <span class="sr">{f(name)} </span>}
              </span>
              {step && onGo ? (
                <button
                  type="button"
                  class="plain n"
                  aria-label={f('toLine', number)}
                  tabIndex={-1}
                  onClick={() => onGo(step)}
                >
                  {number}
                </button>
              ) : (
                <span class="n">{number}</span>
              )}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: so do the keys that step */}
              <code onClick={() => step && onGo?.(step)}>{line === '' ? ' ' : line}</code>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
