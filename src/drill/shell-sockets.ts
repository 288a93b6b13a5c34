import { type CountEffect, type ShellEffect, unsupported } from './shell-effects.js'
import { procState, statesNamed } from './shell-states.js'
import type { Command, Word } from './shell-words.js'

/** Checks made of a program that lists sockets and greps after it. */

/** What is known of the sockets that are counted. */
type Selection = { -readonly [K in 'states' | 'port' | 'address' | 'family' | 'program']?: CountEffect[K] }

class Unclear extends Error {}

const texts = (words: readonly Word[]) => words.map(word => word.text)

/** The effect of a pipeline that begins with a program that lists sockets; undefined if it does not. */
export function socketCheck(commands: readonly Command[]): ShellEffect | undefined {
  if (!listsSockets(commands[0])) return undefined
  try {
    return check(commands)
  } catch (error) {
    if (error instanceof Unclear) return unsupported(error.message)
    throw error
  }
}

const program = (command: Command) => command.words[0]?.text.replace(/^.*\//, '') ?? ''
const LISTERS: Record<string, (args: readonly string[]) => Selection> = { sockstat, netstat, ss }

/** A grep in /proc/net/tcp is one as well. */
function listsSockets(command: Command): boolean {
  if (Object.hasOwn(LISTERS, program(command))) return true
  const files = isGrep(command) ? grep(command)?.files : undefined
  return files !== undefined && files.length > 0 && files.every(file => /^\/proc\/net\/tcp6?$/.test(file))
}

function check(commands: readonly Command[]): ShellEffect {
  const lister = program(commands[0])
  const unknown = commands.flatMap(({ words }) => words).find(word => word.unknown !== undefined)
  if (unknown) throw new Unclear(`${lister} with ${unknown.unknown}`)
  const fromProc = !Object.hasOwn(LISTERS, lister)
  const selection = fromProc ? {} : LISTERS[lister](texts(commands[0].words.slice(1)))
  const greps = (fromProc ? commands : commands.slice(1)).map(command => {
    const found = isGrep(command) ? grep(command) : undefined
    if (!found) throw new Unclear(`${lister} | ${program(command)}`)
    return found
  })
  if (fromProc) {
    const files = greps[0].files
    if (files.length === 1) selection.family = files[0].endsWith('6') ? 6 : 4
  }
  if (greps.length === 0) return { kind: 'nothing', why: `${lister} only prints` }

  const counting = greps.findIndex(found => found.count)
  const selecting = counting < 0 ? greps : greps.slice(0, counting + 1)
  const checking = counting < 0 ? [] : greps.slice(counting + 1)
  if (checking.length > 1) throw new Unclear(`${lister} | grep -c with more than one grep after it`)
  for (const { pattern, invert } of selecting) {
    if (invert) throw new Unclear(`${lister} | grep -v`)
    select(selection, pattern, fromProc)
  }
  const { states, ...rest } = selection
  const [last] = checking
  return {
    kind: 'count',
    states,
    ...rest,
    // grep succeeds if it finds a line.
    expected: last
      ? last.fixed
        ? last.pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
        : last.pattern
      : '[1-9]',
    ...(last?.invert ? { invert: true } : {}),
  }
}

interface Grep {
  readonly pattern: string
  readonly files: readonly string[]
  readonly count: boolean
  readonly invert: boolean
  readonly fixed: boolean
}

const isGrep = (command: Command) => /^[ef]?grep$/.test(program(command))

/** Undefined if it has options that change what it does in a way that is not known. */
function grep(command: Command): Grep | undefined {
  const operands: string[] = []
  let pattern: string | undefined
  let flags = ''
  const args = texts(command.words.slice(1))
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '-e') pattern = args[++i]
    else if (/^-[cqvEFwxsnhio]+$/.test(args[i])) flags += args[i]
    else if (args[i].startsWith('-')) return undefined
    else operands.push(args[i])
  }
  pattern ??= operands.shift()
  if (pattern === undefined) return undefined
  // -w and -x bind the pattern to a whole word and to the whole line.
  if (flags.includes('x')) pattern = `^${pattern}$`
  else if (flags.includes('w')) pattern = `\\b${pattern}\\b`
  return {
    pattern,
    files: operands,
    count: flags.includes('c'),
    invert: flags.includes('v'),
    fixed: (program(command) === 'fgrep' || flags.includes('F')) && !/[xw]/.test(flags),
  }
}

/** What a line must have says which sockets it stands for. */
function select(selection: Selection, pattern: string, fromProc: boolean): void {
  const plain = pattern.replace(/\\b|\^|\$/g, '').trim()
  const proc = fromProc ? /^(?:([0-9A-Fa-f]{2})|:([0-9A-Fa-f]{4}))$/.exec(plain) : null
  if (proc) {
    const state = procState(proc[1] ?? '')
    if (proc[2] !== undefined) selection.port = Number.parseInt(proc[2], 16)
    else if (state !== undefined) selection.states = state
    else throw new Unclear(`grep ${plain} in /proc/net/tcp`)
    return
  }
  if (!fromProc && statesNamed(plain)) {
    if (selection.states !== undefined && !onlyThoseOf(plain, selection.states)) {
      throw new Unclear(`a check of two states, ${selection.states} and ${plain}`)
    }
    selection.states = plain
    return
  }
  if (/^packetdr\w*$/.test(plain)) {
    selection.program = plain
    return
  }
  const port = /^(?:\\?[*.:]|\[\.\])*(\d{1,5})$/.exec(plain)
  const end = /^([0-9A-Fa-f:.\\]*[0-9A-Fa-f:])[:.](\d{1,5})$/.exec(plain)
  const found = port?.[1] ?? end?.[2]
  if (fromProc || found === undefined) throw new Unclear(`grep ${plain} in a list of sockets`)
  if (selection.port !== undefined && selection.port !== Number(found)) {
    throw new Unclear(`a check of two ports, ${selection.port} and ${found}`)
  }
  selection.port = Number(found)
  if (!port && end) selection.address = end[1].replaceAll('\\', '')
}

function onlyThoseOf(pattern: string, outer: string): boolean {
  const allowed = statesNamed(outer) ?? []
  return (statesNamed(pattern) ?? []).every(state => allowed.includes(state))
}

function sockstat(args: readonly string[]): Selection {
  const selection: Selection = {}
  for (let i = 0; i < args.length; i++) {
    const option = args[i]
    if (option === '-4' || option === '-6') selection.family = option === '-4' ? 4 : 6
    else if (option === '-P') {
      if (args[++i] !== 'tcp') throw new Unclear(`sockstat -P ${args[i] ?? ''}`)
    } else if (option === '-p') {
      const port = args[++i] ?? ''
      if (!/^\d+$/.test(port)) throw new Unclear(`sockstat -p ${port}`)
      selection.port = Number(port)
    } else if (option === '-l') selection.states = 'LISTEN'
    else if (!/^-[sSnqvwC]+$/.test(option)) throw new Unclear(`sockstat ${option}`)
  }
  return selection
}

function netstat(args: readonly string[]): Selection {
  const selection: Selection = {}
  for (let i = 0; i < args.length; i++) {
    const option = args[i]
    if (option === '-p' && args[i + 1] === 'tcp') i++
    else if (option === '-f') {
      const family = args[++i]
      if (family !== 'inet' && family !== 'inet6') throw new Unclear(`netstat -f ${family ?? ''}`)
      selection.family = family === 'inet' ? 4 : 6
    } else if (!/^-[antWlp46]+$/.test(option)) throw new Unclear(`netstat ${option}`)
    else {
      if (option.includes('4')) selection.family = 4
      if (option.includes('6')) selection.family = 6
      if (option.includes('l')) selection.states = 'LISTEN'
    }
  }
  return selection
}

/** What ss lists unless it is told which states. */
const SS_USUAL = 'ESTAB|SYN-SENT|FIN-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING'
const SS_GROUPS: Record<string, string | undefined> = {
  all: undefined,
  connected: 'ESTAB|SYN|FIN-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING|TIME-WAIT',
  synchronized: 'ESTAB|SYN-RECV|FIN-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING|TIME-WAIT',
}
const SS_OPTIONS =
  /^(-[tnoeimpHO]+|--(options|extended|info|numeric|tcp|processes|memory|no-header|oneline))$/

function ss(args: readonly string[]): Selection {
  const selection: Selection = { states: SS_USUAL }
  // A filter may come as one word in quotes, or as many.
  const words = args.flatMap(arg => arg.trim().split(/\s+/)).filter(word => word !== '(' && word !== ')')
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (word === '-4' || word === '--ipv4') selection.family = 4
    else if (word === '-6' || word === '--ipv6') selection.family = 6
    else if (/^-[tnoeimpHO]*a[tnoeimpHO]*$|^--all$/.test(word)) selection.states = undefined
    else if (/^-[tnoeimpHO]*l[tnoeimpHO]*$|^--listening$/.test(word)) selection.states = 'LISTEN'
    else if (word === 'state') {
      const name = (words[++i] ?? '').toLowerCase()
      const states = Object.hasOwn(SS_GROUPS, name) ? SS_GROUPS[name] : name.toUpperCase()
      if (states !== undefined && !statesNamed(states)) throw new Unclear(`ss state ${name}`)
      selection.states = states
    } else if (word === 'sport' || word === 'dport') {
      const port = /^:(\d+)$/.exec(words[i + 2] ?? '')
      if (!port || !['=', '==', 'eq'].includes(words[i + 1])) throw new Unclear(`ss ${word}`)
      selection.port = Number(port[1])
      i += 2
    } else if (word === 'src') selection.address = (words[++i] ?? '').replace(/\/(32|128)$/, '')
    else if (!SS_OPTIONS.test(word)) throw new Unclear(`ss ${word}`)
  }
  return selection
}
