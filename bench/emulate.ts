// `npm run bench:emulate`: how well `estab emulate` keeps its times, and what it carries; prints the two tables of
// docs/emulate.md. Needs root or user namespaces, and python3.
import { spawnSync } from 'node:child_process'
import { Paths } from './paths-run.js'

const INSIDE = 'ESTAB_EMULATE_INSIDE'

const row = (...cells: (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`)
const head = (...cells: string[]): void => {
  row(...cells)
  row(...cells.map(() => '--:'))
}

const SECONDS = 5

async function measure(): Promise<void> {
  const paths = new Paths()
  await paths.prepare()
  try {
    head('packets a second', 'Mbit/s', 'median', '90 %', '99 %', '99.9 %', 'most')
    for (const perSecond of [100, 1000, 4000, 20_000]) {
      const late = await paths.oneWay({ rtt: 50, rate: 1000, loss: 0, reorder: 0 }, perSecond, SECONDS)
      const at = (p: number) => late[Math.min(late.length - 1, Math.floor(late.length * p))]!.toFixed(2)
      row(perSecond, (perSecond * 1500 * 8) / 1e6, at(0.5), at(0.9), at(0.99), at(0.999), at(1))
    }
    console.log()
    head('--rate, Mbit/s', 'goodput, Mbit/s', '99 % later than meant, ms', 'packets not read')
    for (const rate of [10, 50, 100, 300, 500, 800, 10_000]) {
      const cell = { rtt: 10, rate, loss: 0, reorder: 0 }
      const { value, summary } = await paths.goodput(cell, 'linux-linux', 'cubic', 1, SECONDS)
      const { forward, lateness } = summary
      row(rate, ((value ?? 0) / 1e6).toFixed(1), lateness.p99.toFixed(2), forward.notRead)
    }
  } finally {
    paths.close()
  }
}

if (process.env[INSIDE]) await measure()
else {
  const again = [process.execPath, ...process.argv.slice(1)]
  const way = [['-n'], ['-Urn']].find(one => spawnSync('unshare', [...one, 'true']).status === 0)
  if (!way) throw new Error('no network namespace can be made here')
  const options = { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } } as const
  process.exitCode = spawnSync('unshare', [...way, ...again], options).status ?? 1
}
