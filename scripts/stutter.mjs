// Runs a command on a machine that stands still now and then, as a busy one does: again and again, at random times,
// what descends from the command is stopped and continued a little later, all of it at once or one process alone.
// What passes here does not lean on an idle machine.
//   node scripts/stutter.mjs [--seed N] [--pause MS] -- npm test -- kernel/
// A pause takes 20 ms to --pause (400), and what is between two up to half as long. The same seed gives the same times,
// if not the same processes.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const SHORTEST = 20
const USAGE = 'usage: node scripts/stutter.mjs [--seed N] [--pause MS] -- COMMAND...'

const { values, positionals } = parse()
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const longest = Number(values.pause ?? 400)
if (positionals.length === 0 || !Number.isInteger(seed) || !(longest >= SHORTEST)) usage()

function parse() {
  try {
    return parseArgs({
      options: { seed: { type: 'string' }, pause: { type: 'string' } },
      allowPositionals: true,
    })
  } catch {
    usage()
  }
}

function usage() {
  console.error(USAGE)
  process.exit(2)
}

let state = seed
/** From 0 to 1 (mulberry32). */
function random() {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
const between = (least, most) => least + random() * (most - least)

/** The process and all that descends from it: pid to the pids of its children. */
function family(root) {
  const children = new Map()
  for (const name of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    let stat
    try {
      stat = readFileSync(`/proc/${name}/stat`, 'latin1')
    } catch {
      continue
    }
    // What is in parentheses is the program's name, whatever it contains.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found = new Map()
  const add = pid => {
    found.set(pid, children.get(pid) ?? [])
    found.get(pid).forEach(add)
  }
  add(root)
  return found
}

const stopped = new Set()

/** A process may have ended since it was seen, or be somebody else's by its mode. */
function signal(pid, name) {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

function stop(pid) {
  if (!stopped.has(pid) && signal(pid, 'SIGSTOP')) stopped.add(pid)
}

function goOn() {
  for (const pid of stopped) signal(pid, 'SIGCONT')
  stopped.clear()
}

/** Again, until nobody is left who started another in the meantime. */
function stopAll() {
  for (let before = -1; stopped.size > before; ) {
    before = stopped.size
    for (const pid of family(command.pid).keys()) stop(pid)
  }
}

/** One that works, or has started one that does: those above only wait. */
function stopOne() {
  const all = family(command.pid)
  const isLeaf = pid => all.get(pid).length === 0
  const working = [...all.keys()].filter(pid => isLeaf(pid) || all.get(pid).some(isLeaf))
  stop(working[Math.floor(random() * working.length)])
}

const command = spawn(positionals[0], positionals.slice(1), { stdio: 'inherit' })
let ended = false
let pauses = 0
process.on('exit', goOn)
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(name, () => {
    goOn()
    // All of them, as at Ctrl-C: who waits for a child would leave it behind.
    for (const pid of family(command.pid).keys()) signal(pid, name)
    process.exit(128 + os.constants.signals[name])
  })
command.on('error', error => {
  console.error(`${positionals[0]}: ${error.message}`)
  process.exit(127)
})
command.on('exit', (code, name) => {
  ended = true
  goOn()
  console.log(`stutter: ${pauses} pauses, seed ${seed}; the command ended with ${name ?? code}`)
  process.exit(code ?? 128 + os.constants.signals[name])
})

while (!ended) {
  await sleep(between(SHORTEST, Math.max(SHORTEST, longest / 2)))
  if (ended) break
  if (random() < 0.5) stopAll()
  else stopOne()
  pauses++
  await sleep(between(SHORTEST, longest))
  goOn()
}
