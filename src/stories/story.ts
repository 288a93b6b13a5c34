import type { TcpConfig } from '../tcp/config.js'
import type { State } from '../tcp/states.js'
import { type HostName, Stage, type Text } from './stage.js'

/** A scene from the life of TCP, played by the real stack. */
export interface Story {
  readonly name: string
  readonly title: Text
  /** What happens and why, in two or three sentences. */
  readonly about: Text
  readonly hosts: readonly [HostName, HostName] | readonly [HostName]
  readonly tcp?: Partial<TcpConfig>
  /** When the story is over, in ms; by default when nothing is left to happen. */
  readonly until?: number
  /** Sets the scene: everything that will be done, at its time. */
  readonly play: (stage: Stage) => void
}

export interface PlayOptions {
  seed?: number
  /** One-way delay in ms. */
  delay?: number
  congestion?: boolean
}

/** Plays a story to its end. The same seed gives the same events. */
export function play(story: Story, options: PlayOptions = {}): Stage {
  const stage = new Stage({
    hosts: story.hosts,
    seed: options.seed ?? 1,
    delay: options.delay ?? 20,
    congestion: options.congestion ?? false,
    ...(story.tcp ? { tcp: story.tcp } : {}),
  })
  story.play(stage)
  stage.world.runSync(story.until)
  return stage
}

/** The states each host of a story goes through. */
export const paths = (stage: Stage): Record<string, State[]> =>
  Object.fromEntries(stage.actors.map(actor => [actor.name, stage.recorder.path(actor.name)]))
