import {
  check,
  DEFAULT,
  type Description,
  describe,
  type FlowSetup,
  flowText,
  msText,
  type Problem,
  readProbability,
  readQueue,
  readRate,
  readTime,
  type Setup,
} from './setup.js'

/** A setup as an address: `rtt=100ms&rate=50mbit&queue=1bdp&flows=cubic,bbr@5s~200ms&duration=60s&seed=1`. */
export function writeSetup(setup: Setup): string {
  const { sample: _, ...rest } = describe(setup)
  const flows = setup.flows.map(
    flow => flowText(flow) + (flow.rtt === undefined ? '' : `~${msText(flow.rtt)}`),
  )
  const said: Description = { ...rest, flows: flows.join(',') }
  return Object.entries(said)
    .map(([key, value]) => `${key}=${value === true ? 'on' : value}`)
    .join('&')
}

/** An address that says no setup: which key, and what it says; or what is wrong with what it says. */
export class SetupError extends Error {
  override readonly name = 'SetupError'

  constructor(
    readonly key: string,
    readonly value: string,
    readonly why: 'unknownKey' | 'unreadable' | 'twice' | Problem,
  ) {
    super(`${key}=${value}`)
  }
}

type Draft = { -readonly [Key in keyof Setup]?: Setup[Key] }

const READERS: Readonly<Record<keyof Setup, (text: string, draft: Draft) => void>> = {
  rtt: (text, draft) => {
    draft.rtt = readTime(text)
  },
  rate: (text, draft) => {
    draft.rate = readRate(text)
  },
  queue: (text, draft) => {
    draft.queue = readQueue(text)
  },
  ecn: (text, draft) => {
    draft.ecn = readSwitch(text)
  },
  pacing: (text, draft) => {
    draft.pacing = readSwitch(text)
  },
  loss: (text, draft) => {
    draft.loss = readProbability(text)
  },
  reorder: (text, draft) => {
    draft.reorder = readProbability(text)
  },
  flows: (text, draft) => {
    draft.flows = text.split(',').map(readFlow)
  },
  duration: (text, draft) => {
    draft.duration = readTime(text)
  },
  seed: (text, draft) => {
    if (!/^\d+$/.test(text)) throw new SyntaxError('no number')
    draft.seed = Number(text)
  },
  window: (text, draft) => {
    const ends = text.split('-')
    if (ends.length !== 2) throw new SyntaxError('no two times')
    draft.window = [readTime(ends[0]!), readTime(ends[1]!)]
  },
}

/** Reads what `writeSetup` writes, and what people write; what is not said is as in `DEFAULT`. Throws a SetupError. */
export function readSetup(text: string): Setup {
  const draft: Draft = {}
  const said = new Map<string, string>()
  for (const [key, value] of new URLSearchParams(text)) {
    if (!Object.hasOwn(READERS, key)) throw new SetupError(key, value, 'unknownKey')
    if (said.has(key)) throw new SetupError(key, value, 'twice')
    said.set(key, value)
    try {
      READERS[key as keyof Setup](value.trim(), draft)
    } catch (error) {
      if (error instanceof SyntaxError) throw new SetupError(key, value, 'unreadable')
      throw error
    }
  }
  const setup = { ...DEFAULT, ...draft }
  const [problem] = check(setup)
  if (problem) throw new SetupError(problem.field, said.get(problem.field) ?? '', problem)
  return setup
}

function readFlow(text: string): FlowSetup {
  const [, controller, start, rtt] = /^([\w-]+)(?:@([^@~]+))?(?:~([^@~]+))?$/.exec(text.trim()) ?? []
  if (controller === undefined) throw new SyntaxError('no flow')
  return {
    controller,
    start: start === undefined ? 0 : readTime(start),
    ...(rtt === undefined ? {} : { rtt: readTime(rtt) }),
  }
}

function readSwitch(text: string): boolean {
  if (['on', '1', 'true', ''].includes(text)) return true
  if (['off', '0', 'false'].includes(text)) return false
  throw new SyntaxError('neither on nor off')
}
