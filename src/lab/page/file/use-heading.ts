import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** A heading that takes the focus when what had it has gone with another view: whoever uses the keyboard goes on there. */
export function useHeading(view: unknown): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body)
      heading.current?.focus({ preventScroll: true })
  }, [view])
  return heading
}
