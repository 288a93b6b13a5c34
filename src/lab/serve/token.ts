import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 128 random bits, as they can stand in a URL. */
export const newToken = (): string => randomBytes(16).toString('base64url')

/** Compares in a time that says nothing of where they differ, nor of how long the right one is. */
export function sameToken(given: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(right))
}
