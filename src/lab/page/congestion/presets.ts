import { writeSetup } from './link.js'
import { DEFAULT, type Setup } from './setup.js'

export interface Preset {
  readonly name: string
  readonly title: readonly [string, string]
  /** What to look at, in a sentence: English, Chinese. What it says was seen with its seed. */
  readonly about: readonly [string, string]
  readonly setup: Setup
}

const flow = (controller: string, start = 0, rtt?: number) => ({
  controller,
  start,
  ...(rtt === undefined ? {} : { rtt }),
})
const droptail = (amount: number) => ({ kind: 'droptail', amount, unit: 'bdp' }) as const
const codel = { kind: 'codel', amount: 1000, unit: 'pkts' } as const

export const PRESETS: readonly Preset[] = [
  {
    name: 'cubic',
    title: ['One CUBIC flow, a buffer of 1 BDP', '一条 CUBIC 流，1 BDP 缓冲'],
    about: [
      'The window grows until the queue overflows, and falls to 70 %: a buffer of one BDP is enough for the line to stay busy.',
      '窗口增长到队列溢出，再降到 70 %：一个 BDP 的缓冲足以让线路一直忙碌。',
    ],
    setup: { ...DEFAULT, window: [0, 2000] },
  },
  {
    name: 'bufferbloat',
    title: ['Bufferbloat: a buffer of 8 BDP', '缓冲膨胀：8 BDP 缓冲'],
    about: [
      'Nothing is lost for a long time, so nobody slows down: the queue stays full, and a round trip of 50 ms takes 400 ms.',
      '长时间没有丢包，谁也不减速：队列一直很满，50 ms 的往返变成 400 ms。',
    ],
    setup: {
      ...DEFAULT,
      window: [20_000, 24_000],
      queue: droptail(8),
      flows: [flow('cubic'), flow('cubic', 20_000)],
    },
  },
  {
    name: 'codel',
    title: ['The same with CoDel', '同样的流，用 CoDel'],
    about: [
      'The queue looks at how long packets wait, and drops one early: nearly the same goodput, and round trips of 50 to 57 ms.',
      '队列关注分组等待的时间，提早丢弃一个：吞吐几乎不变，往返时间只有 50 到 57 ms。',
    ],
    setup: {
      ...DEFAULT,
      window: [20_000, 22_000],
      queue: codel,
      flows: [flow('cubic'), flow('cubic', 20_000)],
    },
  },
  {
    name: 'reno',
    title: ['CUBIC beside Reno', 'CUBIC 与 Reno 并行'],
    about: [
      'After a loss CUBIC gives up less and returns sooner than Reno, which adds one segment each round trip: it gets the larger share.',
      '丢包之后，CUBIC 让出得更少、恢复得更快，而 Reno 每个往返只加一个报文段：CUBIC 得到较大的份额。',
    ],
    setup: { ...DEFAULT, window: [0, 4000], rtt: 100, flows: [flow('cubic'), flow('reno')] },
  },
  {
    name: 'bbr',
    title: ['CUBIC beside BBR', 'CUBIC 与 BBR 并行'],
    about: [
      'In a short buffer BBR, which goes by the rate it measures, gets more than CUBIC, which steps back at each loss. Try 4 BDP: it turns round.',
      '缓冲较短时，依据实测速率的 BBR 比每次丢包都退让的 CUBIC 得到更多。试试 4 BDP：结果会反过来。',
    ],
    setup: { ...DEFAULT, window: [0, 2000], flows: [flow('cubic'), flow('bbr')] },
  },
  {
    name: 'two-bbr',
    title: ['Two BBR flows', '两条 BBR 流'],
    about: [
      'The second begins after 10 s. Both probe for more in turn, and every few seconds empty the queue to see the round trip without it.',
      '第二条在 10 秒后开始。两者轮流试探更高的速率，每隔几秒排空队列，以测得没有排队的往返时间。',
    ],
    setup: { ...DEFAULT, window: [10_000, 13_000], flows: [flow('bbr'), flow('bbr', 10_000)] },
  },
  {
    name: 'loss',
    title: ['1 % random loss: CUBIC, BBR', '1 % 随机丢失：CUBIC 与 BBR'],
    about: [
      'One packet in a hundred is lost on the way, with no queue to blame: CUBIC takes each for congestion and starves, BBR does not.',
      '每一百个分组在途中丢失一个，与队列无关：CUBIC 把每次都当作拥塞，几乎发不出去；BBR 则不会。',
    ],
    setup: { ...DEFAULT, window: [10_000, 11_000], loss: 0.01, flows: [flow('cubic'), flow('bbr')] },
  },
  {
    name: 'rtt',
    title: ['Different round trips: 40, 160 ms', '不同的往返时间：40 与 160 ms'],
    about: [
      'Two Reno flows over the same line, one from four times as far: it grows once where the other grows four times, and gets a sixth or a seventh of what the near one does.',
      '两条 Reno 流共享线路，其中一条距离是四倍：近处增长四次时它才增长一次，只得到近处的六分之一到七分之一。',
    ],
    setup: { ...DEFAULT, window: [0, 3000], rtt: 40, flows: [flow('reno', 0, 40), flow('reno', 0, 160)] },
  },
  {
    name: 'ecn',
    title: ['ECN: marks in place of drops', 'ECN：以标记代替丢弃'],
    about: [
      'CoDel marks packets of those who asked for it and drops none: both flows slow down in time, and nothing has to be sent again.',
      'CoDel 为支持 ECN 的流打标记而不丢弃：两条流都及时减速，没有任何东西需要重传。',
    ],
    setup: { ...DEFAULT, window: [0, 2000], queue: codel, ecn: true, flows: [flow('cubic'), flow('cubic')] },
  },
  {
    name: 'one-by-one',
    title: ['Four CUBIC flows, 10 s apart', '四条 CUBIC 流，相隔 10 秒加入'],
    about: [
      'Each newcomer finds a full queue: see how long it takes until the shares are alike.',
      '每个后来者遇到的都是满队列：看看份额要多久才能接近。',
    ],
    setup: {
      ...DEFAULT,
      window: [10_000, 12_000],
      flows: [flow('cubic'), flow('cubic', 10_000), flow('cubic', 20_000), flow('cubic', 30_000)],
    },
  },
]

/** The preset that a setup is, whichever part of it is looked at. */
export const presetOf = (setup: Setup): Preset | undefined =>
  PRESETS.find(preset => withoutWindow(preset.setup) === withoutWindow(setup))

function withoutWindow({ window: _, ...rest }: Setup): string {
  return writeSetup(rest)
}
