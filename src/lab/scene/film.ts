import { findStory, Stage, type Story } from '../../stories/index.js'
import type { TraceEvent } from '../../trace/events.js'
import type { RecordedSegment } from '../../trace/recorder.js'
import { FREE } from './free.js'
import { type Inspection, inspect } from './inspect.js'
import { Bench } from './perform.js'
import type { Scene, Side } from './scene.js'

/** A host at one moment. */
export interface HostView {
  readonly listening: boolean
  /** The connection it made or accepted last; absent where only a record stands for it, or nothing. */
  readonly connection: Inspection | undefined
}

/** Everything that is to be seen at an instant at which something happened, when all that happens then has. */
export interface Moment {
  readonly t: number
  /** How many of the film's events have happened. */
  readonly events: number
  readonly hosts: readonly HostView[]
}

/** A segment of a film: on the line between two hosts, it has a number among those of its side. */
export interface FilmSegment extends RecordedSegment {
  readonly index: number
  readonly side: Side
  /** Absent on a loopback: nothing can be done to it there. */
  readonly nth: number | undefined
}

/** A scene that was played to its end. The same scene gives the same film. */
export interface Film {
  readonly scene: Scene
  readonly story: Story
  readonly hosts: readonly string[]
  readonly events: readonly TraceEvent[]
  readonly segments: readonly FilmSegment[]
  /** In order of time, each at an instant of its own; the first is the beginning. */
  readonly moments: readonly Moment[]
  /** There would be more, of which nothing is shown. */
  readonly cut: boolean
}

/** Moments of one film, at most. */
const MOST_MOMENTS = 60_000
/** How long a scene goes on after the last thing that was done, ms of virtual time. */
const AFTERWARDS = 20 * 60_000

export const storyOf = (scene: Scene): Story => findStory(scene.story) ?? FREE

/** Plays a scene to its end. */
export function shoot(scene: Scene): Film {
  return new Camera(scene).shoot()
}

class Camera {
  private readonly story: Story
  private readonly stage: Stage
  private readonly bench: Bench
  private readonly moments: Moment[] = []
  private readonly segments: FilmSegment[] = []
  /** What arrives at an instant. */
  private readonly arrivals = new Map<number, FilmSegment[]>()
  private told = 0
  private cut = false

  constructor(private readonly scene: Scene) {
    this.story = storyOf(scene)
    const { tcp } = this.story
    this.stage = new Stage({
      hosts: this.story.hosts,
      seed: scene.seed,
      delay: scene.delay,
      congestion: true,
      shared: true,
      ...(tcp ? { tcp } : {}),
    })
    this.bench = new Bench(this.stage, scene.actions)
    this.story.play(this.stage)
  }

  shoot(): Film {
    const { scene, story, stage } = this
    this.look(0)
    for (const action of scene.actions) {
      this.advance(action.at)
      // A fate was known from the beginning: at the instant at which it was chosen nothing happens.
      if (action.kind === 'fate') continue
      this.bench.perform(action)
      this.number()
      if (stage.world.next > action.at) this.look(action.at)
    }
    const last = scene.actions[scene.actions.length - 1]
    this.advance(
      last ? Math.max(story.until ?? 0, last.at + AFTERWARDS) : (story.until ?? Number.POSITIVE_INFINITY),
    )
    return {
      scene,
      story,
      hosts: story.hosts,
      events: stage.recorder.events,
      segments: this.segments,
      moments: this.moments,
      cut: this.cut,
    }
  }

  /** Lets time pass until `until`, with a look at every instant at which something happens. */
  private advance(until: number): void {
    const { world } = this.stage
    while (world.next <= until && world.next !== Number.POSITIVE_INFINITY) {
      if (this.moments.length >= MOST_MOMENTS) {
        this.cut = true
        return
      }
      const t = world.next
      while (world.next <= t) world.step()
      if (world.errors.length > 0) throw world.errors[0]
      this.number()
      const arrived = this.arrivals.get(t)
      this.arrivals.delete(t)
      if (this.stage.cable?.forward.connected === false) for (const segment of arrived ?? []) miss(segment)
      const happened = this.stage.recorder.events.length > this.told || arrived !== undefined
      if (happened) this.look(t)
    }
    if (until !== Number.POSITIVE_INFINITY) world.runSync(until)
  }

  private look(t: number): void {
    this.told = this.stage.recorder.events.length
    const moment = { t, events: this.told, hosts: this.stage.actors.map(actor => this.view(actor)) }
    if (this.moments[this.moments.length - 1]?.t === t) this.moments[this.moments.length - 1] = moment
    else this.moments.push(moment)
  }

  private view({ sockets, listener }: Stage['actors'][number]): HostView {
    const socket = sockets[sockets.length - 1]
    return { listening: listener !== undefined, connection: socket ? inspect(socket) : undefined }
  }

  /** Gives the segments that were recorded since their numbers. */
  private number(): void {
    const { recorder, actors } = this.stage
    for (let i = this.segments.length; i < recorder.segments.length; i++) {
      const recorded = recorder.segments[i]!
      const side: Side = recorded.event.from === actors[0]!.name ? 0 : 1
      const segment = { ...recorded, index: i, side, nth: this.bench.numbers[i] }
      this.segments.push(segment)
      const { arrives } = recorded.event
      if (arrives === undefined) continue
      const others = this.arrivals.get(arrives)
      if (others) others.push(segment)
      else this.arrivals.set(arrives, [segment])
    }
  }
}

/** The plug was out when it should have arrived: what the wire said of it when it was sent did not come true. */
function miss({ event, nth }: FilmSegment): void {
  if (nth === undefined) return
  event.fate = 'lost'
  delete event.arrives
}
