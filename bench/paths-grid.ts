/** One path: round-trip time in ms, rate in Mbit/s, loss and reordering in per cent. */
export interface PathCell {
  rtt: number
  rate: number
  loss: number
  reorder: number
}

/** Who sends to whom. */
export type Pairing = 'linux-linux' | 'estab-linux' | 'linux-estab'

export const PAIRINGS: readonly Pairing[] = ['linux-linux', 'estab-linux', 'linux-estab']

/** What one pairing did on one path from one seed. */
export interface PathResult extends PathCell {
  controller: string
  pairing: Pairing
  seed: number
  /** Bits per second that the receiver's program got, after slow start. */
  goodput: number | null
  /** Milliseconds from connect to the last byte, for each transfer; null for one that was given up. */
  ms100k: (number | null)[]
  ms1m: (number | null)[]
  /** What the emulator says of the goodput run: packets of the data's direction, lost at random, dropped at the queue. */
  packets: number
  lost: number
  queueDrops: number
  /** Milliseconds: 99 % of packets left the emulator no later than this after their time. */
  lateness99: number
  /** The date, and what was compared. */
  date: string
  estab: string
  machine: string
  seconds: number
}

/** ms: an emulator of which 1 % of packets were later than this did not do what it was to do. */
export const DISTURBED = 10

export interface Grid {
  rtt: number[]
  rate: number[]
  loss: number[]
  reorder: number[]
  controllers: string[]
  seconds?: number
  repeat: number
  transfers: number
}

/** What the issue asks for; it takes hours. */
export const FULL: Grid = {
  rtt: [10, 50, 200],
  rate: [10, 50],
  loss: [0, 0.1, 1, 3],
  reorder: [0, 1],
  controllers: ['cubic', 'bbr', 'bbr1', 'reno'],
  repeat: 2,
  transfers: 3,
}

/** A glance, in four minutes or so. */
export const QUICK: Grid = {
  rtt: [10, 50],
  rate: [10],
  loss: [0, 1],
  reorder: [0],
  controllers: ['cubic', 'reno'],
  seconds: 4,
  repeat: 1,
  transfers: 2,
}

/** How long a goodput is measured, in seconds: a hundred round trips at least, so that one loss does not decide. */
export const secondsFor = ({ rtt }: PathCell): number => Math.max(6, rtt / 10)

export function* cells(grid: Grid): Generator<PathCell> {
  for (const rtt of grid.rtt)
    for (const rate of grid.rate)
      for (const loss of grid.loss) for (const reorder of grid.reorder) yield { rtt, rate, loss, reorder }
}

export const cellKey = ({ rtt, rate, loss, reorder }: PathCell): string =>
  [rtt, rate, loss, reorder].join('/')

export const resultKey = (r: Pick<PathResult, keyof PathCell | 'controller' | 'pairing' | 'seed'>): string =>
  [cellKey(r), r.controller, r.pairing, r.seed].join('/')

/** By path, so that a table of them reads from good to bad. */
export const byPath = (a: PathCell, b: PathCell): number =>
  a.rtt - b.rtt || a.rate - b.rate || a.reorder - b.reorder || a.loss - b.loss
