import { type PathLike, writeFileSync } from 'node:fs'

/** Writes a file; an error says which. */
export function writeFile(path: PathLike, data: string | Uint8Array): void {
  try {
    writeFileSync(path, data)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`cannot write ${String(path)}: ${code ?? String(error)}`)
  }
}

/** The language of the user's locale, as far as we speak it. */
export function localeLanguage(): 'en' | 'zh' {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en'
}
