import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { w } from './settings.js'

/** A component whose code is fetched when it is first shown. What cannot be fetched is said. */
export function lazy(load: () => Promise<{ default: ComponentType }>): ComponentType {
  let loaded: ComponentType | undefined
  return function Lazy() {
    const [Part, setPart] = useState<ComponentType | undefined>(() => loaded)
    const [error, setError] = useState<string>()
    useEffect(() => {
      if (loaded) return
      load().then(
        module => {
          loaded = module.default
          setPart(() => module.default)
        },
        (reason: unknown) => setError(String(reason)),
      )
    }, [])
    if (Part) return <Part />
    return (
      <p class="quiet" role="status">
        {error ? `${w('failed')}: ${error}` : w('loading')}
      </p>
    )
  }
}
