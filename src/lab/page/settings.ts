import { computed, effect, signal } from '@preact/signals'
import type { Language } from '../../trace/index.js'
import { say, sayFrom, type Table, type Word } from './words.js'

/** What a reader has chosen about the page itself; kept by the browser. */

export type Theme = 'auto' | 'light' | 'dark'

const kept = (name: string): string | null => {
  try {
    return localStorage.getItem(`estab.${name}`)
  } catch {
    return null
  }
}

const keep = (name: string, value: string): void => {
  try {
    localStorage.setItem(`estab.${name}`, value)
  } catch {
    // Storage is forbidden here: the choice lasts as long as the page.
  }
}

function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? kept('language')
  if (asked === 'zh' || asked === 'en') return asked
  return navigator.languages
    .find(tag => /^(zh|en)/i.test(tag))
    ?.toLowerCase()
    .startsWith('zh')
    ? 'zh'
    : 'en'
}

const stillWished = matchMedia('(prefers-reduced-motion: reduce)')

export const language = signal<Language>(firstLanguage())
const THEMES: readonly Theme[] = ['auto', 'light', 'dark']
export const theme = signal<Theme>(THEMES.find(name => name === kept('theme')) ?? 'auto')

const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(prefersDark.matches)
prefersDark.addEventListener('change', event => {
  systemIsDark.value = event.matches
})
/** What the theme comes to. */
export const scheme = computed<'light' | 'dark'>(() => {
  if (theme.value !== 'auto') return theme.value
  return systemIsDark.value ? 'dark' : 'light'
})
/** Whether things move by themselves. */
export const motion = signal<boolean>(kept('motion') ? kept('motion') === 'on' : !stillWished.matches)
export const absolute = signal(false)

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
  document.title = say(language.value, 'title')
})
effect(() => {
  document.documentElement.dataset.theme = scheme.value
})
effect(() => {
  document.documentElement.dataset.motion = motion.value ? 'on' : 'off'
})

export function chooseLanguage(to: Language): void {
  language.value = to
  keep('language', to)
}

export function chooseTheme(to: Theme): void {
  theme.value = to
  keep('theme', to)
}

export function chooseMotion(on: boolean): void {
  motion.value = on
  keep('motion', on ? 'on' : 'off')
}

/** A word in the language of the page. */
export const w = (word: Word, ...values: (string | number)[]): string => say(language.value, word, ...values)

/** The same for a page with words of its own. */
export const wordsOf =
  <Name extends string>(table: Table<Name>) =>
  (word: Name, ...values: (string | number)[]): string =>
    sayFrom(table, language.value, word, ...values)

/** One of two texts that come from the stack. */
export const pick = (text: { readonly en: string; readonly zh: string }): string => text[language.value]
