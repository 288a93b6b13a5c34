import { useEffect } from 'preact/hooks'
import { instant } from '../format.js'
import { PlayBar, type Playback, takeKey } from '../play-bar.js'
import type { Player } from './player.js'
import { f } from './words.js'

/** A height of the ladder that is worth a mark. */
export interface Tick {
  readonly y: number
  readonly side: 0 | 1
  readonly title: string
}

/** The time of what was opened. `states` are the stops at which a state changes. */
export function Controls({
  player,
  ticks,
  states,
}: {
  player: Player
  ticks: readonly Tick[]
  states: readonly number[]
}) {
  useEffect(() => player.run(), [player])
  const { stops, last } = player
  const index = player.index.value
  const whole = Math.max(1, stops[last]?.y ?? 0)
  const playback: Playback = {
    toggle: () => player.toggle(),
    toStart: () => player.go(0),
    toEnd: () => player.go(last),
    step: by => player.step(by),
    jump: by => {
      const here = player.index.peek()
      const found = by > 0 ? states.find(i => i > here) : states.findLast(i => i < here)
      player.go(found ?? (by > 0 ? last : 0))
    },
  }
  useEffect(() => {
    const keys = (event: KeyboardEvent) => takeKey(event, playback)
    addEventListener('keydown', keys)
    return () => removeEventListener('keydown', keys)
  })
  const nearest = (y: number): number => {
    let found = 0
    stops.forEach((stop, i) => {
      if (Math.abs(stop.y - y) < Math.abs(stops[found]!.y - y)) found = i
    })
    return found
  }
  return (
    <PlayBar
      playback={playback}
      playing={player.playing.value}
      speed={player.speed}
      t={player.t.value}
      share={stops[index]!.y / whole}
      value={{
        now: index,
        most: last,
        text: `${instant(player.t.value)}, ${f('stop', index + 1, stops.length)}`,
      }}
      ticks={ticks.map(({ y, side, title }) => ({ share: y / whole, side, title }))}
      onDrag={part => player.go(nearest(part * whole))}
    />
  )
}
