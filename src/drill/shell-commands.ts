import { nothing, type ShellEffect, unsupported } from './shell-effects.js'
import type { Command } from './shell-words.js'

/** What single commands mean. */

type Meaning = (args: readonly string[], command: Command) => ShellEffect[]

/** The effects of one command that is not part of a pipeline. */
export function commandEffects(command: Command): ShellEffect[] {
  const words = command.words.map(word => word.text)
  if (words[0] === 'sudo') return commandEffects({ ...command, words: command.words.slice(1) })
  const [first, ...args] = words
  if (first === undefined) return [unsupported('a redirection without a command')]
  if (/^\/tmp\/sysctl_restore_\S*\.sh$/.test(first)) return [nothing('sysctls need no restoring')]
  const unknown = command.words.find(word => word.unknown !== undefined)?.unknown
  if (unknown !== undefined) return [unsupported(`${first} with ${unknown}`)]
  if (/^[A-Za-z_]\w*\+?=/.test(first)) return [unsupported(`the shell variable ${first.split(/\+?=/)[0]}`)]
  const [interpreter, path, ...rest] = words
  if (/^(bash|sh|source|\.|python[23]?)$/.test(interpreter) && path?.includes('/')) return script(path, rest)
  if (first.includes('/') && /\.(sh|py)$/.test(first)) return script(first, args)
  const name = first.replace(/^.*\//, '')
  return Object.hasOwn(MEANINGS, name)
    ? MEANINGS[name](args, command)
    : [unsupported(name.trim() || 'a command without a name')]
}

function script(path: string, args: readonly string[]): ShellEffect[] {
  if (!/(^|\/)set_sysctls\.py$/.test(path)) return [{ kind: 'script', path, args }]
  return [{ kind: 'script', path, args, expanded: true }, ...args.flatMap(setting)]
}

/** `name=value`, the name with dots or as a path, below /proc/sys or not. */
function setting(text: string): ShellEffect[] {
  const at = text.indexOf('=')
  const name = sysctlName(text.slice(0, at))
  if (at < 0 || name === undefined) return [unsupported(`sysctl ${text}`)]
  const value = text
    .slice(at + 1)
    .trim()
    .replace(/\s+/g, ' ')
  if (name === 'net.inet.tcp.hostcache.purgenow' || /^net\.ipv[46]\.route\.flush$/.test(name)) {
    return [nothing('the metrics of former connections are not kept')]
  }
  return [{ kind: 'sysctl', name, value }]
}

function sysctlName(text: string): string | undefined {
  const name = text
    .trim()
    .replace(/^\/proc\/sys\//, '')
    .replaceAll('/', '.')
  return /^[A-Za-z_]\w*(\.[\w-]+)+$/.test(name) ? name : undefined
}

function sysctl(args: readonly string[]): ShellEffect[] {
  const settings = args.filter(arg => !arg.startsWith('-'))
  const odd = args.find(
    arg => arg.startsWith('-') && !/^-[awqenNbidWho]+$|^--(write|quiet|ignore|values)$/.test(arg),
  )
  if (odd !== undefined) return [unsupported(`sysctl ${odd}`)]
  if (settings.length === 0) return [nothing('sysctl only prints')]
  return settings.flatMap(text => {
    if (text.includes('=')) return setting(text)
    return sysctlName(text) === undefined
      ? [unsupported(`sysctl ${text}`)]
      : [nothing(`${text} is only printed`)]
  })
}

/** Text that goes to a file of the kernel is a setting. */
function echo(args: readonly string[], { redirections }: Command): ShellEffect[] {
  const value = args.filter((arg, i) => i > 0 || !/^-[neE]+$/.test(arg)).join(' ')
  const file = redirections.find(({ operator }) => /^(1?>[>|]?|&>>?)$/.test(operator))?.target
  if (file?.unknown !== undefined) return [unsupported(`echo into ${file.text}`)]
  if (file === undefined || /^\/dev\/(null|std\w+|tty)$/.test(file.text)) return [nothing('echo only prints')]
  const parameter = /^\/sys\/module\/(\w+)\/parameters\/(\w+)$/.exec(file.text)
  if (parameter) return [{ kind: 'sysctl', name: `module.${parameter[1]}.${parameter[2]}`, value }]
  if (file.text.startsWith('/proc/sys/')) return setting(`${file.text}=${value}`)
  return [unsupported(`echo into ${file.text}`)]
}

function tcpdrop(args: readonly string[]): ShellEffect[] {
  const [option, value, ...rest] = args[0] === '-l' ? args.slice(1) : args
  if (args[0] === '-l') return [nothing('tcpdrop -l only prints')]
  if (option === '-a' && value === undefined) return [{ kind: 'drop', all: true }]
  if (value === undefined || rest.length > 0) return [unsupported('tcpdrop of one connection')]
  if (option === '-s') return [{ kind: 'drop', state: value }]
  if (option === '-C') return [{ kind: 'drop', congestion: value }]
  return option === '-S' ? [{ kind: 'drop', stack: value }] : [unsupported(`tcpdrop ${option}`)]
}

function ethtool(args: readonly string[]): ShellEffect[] {
  const [option, , ...features] = args
  if (option === '-k' || option === '--show-features') return [nothing('ethtool only prints')]
  if (!/^(-K|--features|--offload)$/.test(option ?? ''))
    return [unsupported(`ethtool ${option ?? ''}`.trim())]
  if (features.length === 0) return [unsupported('ethtool -K without a feature')]
  const effects: ShellEffect[] = []
  for (let i = 0; i < features.length; i += 2) {
    const state = features[i + 1]
    if (state !== 'on' && state !== 'off')
      return [unsupported(`ethtool -K ${features[i]} ${state ?? ''}`.trim())]
    effects.push({ kind: 'offload', feature: features[i], on: state === 'on' })
  }
  return effects
}

/** Queueing disciplines that neither wait nor drop, short of a full queue. */
const PLAIN_QUEUES = new Set(['pfifo', 'bfifo', 'pfifo_fast', 'noqueue'])
/** Packets, or bytes: a queue that holds this much holds all that a script sends at once. */
const AMPLE = 100

function tc(args: readonly string[]): ShellEffect[] {
  const [object, action] = args
  if (object !== 'qdisc') return [unsupported(`tc ${object ?? ''}`.trim())]
  if (/^(del|delete|show|list|ls)$/.test(action ?? '')) return [nothing('there is no queue below the stack')]
  const words = args.slice(2)
  const limit = words.indexOf('limit')
  if (limit >= 0 && Number(words[limit + 1]) === 0)
    return [unsupported('tc limit 0: drops every packet that is sent')]
  const queue = words.filter((word, i) => word !== 'root' && word !== 'dev' && words[i - 1] !== 'dev')[0]
  if (queue === 'fq') return [unsupported('tc fq: paces what is sent')]
  if (!PLAIN_QUEUES.has(queue)) return [unsupported(`tc ${queue ?? ''}`.trim())]
  if (limit >= 0 && !(Number(words[limit + 1]) >= AMPLE))
    return [unsupported(`tc limit ${words[limit + 1] ?? ''}`)]
  return [nothing('there is no queue below the stack')]
}

/** Words of `ip route` that say where packets go, which a stack between two hosts does not ask. */
const ROUTE_PLACES = new Set(['via', 'dev', 'src', 'proto', 'scope', 'table', 'metric'])

function ip(args: readonly string[]): ShellEffect[] {
  const words = args.filter(arg => arg !== '-4' && arg !== '-6')
  const [object, action, destination, ...rest] = words
  if (object === 'tcp_metrics' && /^(flush|del|delete)$/.test(action ?? '')) {
    return [nothing('the metrics of former connections are not kept')]
  }
  if (/^(show|list|ls|get)$/.test(action ?? '')) return [nothing('ip only prints')]
  if (object !== 'route') return [unsupported(`ip ${object ?? ''}`.trim())]
  if (action === 'flush' && destination === 'cache') return [nothing('routes are not cached')]
  if (!/^(change|replace)$/.test(action ?? '') || destination === undefined) {
    return [unsupported(`ip route ${action ?? ''}`.trim())]
  }
  const metrics: Record<string, string> = {}
  const locked: string[] = []
  for (let i = 0; i < rest.length; i += 2) {
    const name = rest[i]
    if (rest[i + 1] === 'lock') locked.push(rest[i++])
    const value = rest[i + 1]
    if (value === undefined) return [unsupported(`ip route ${name}`)]
    if (!ROUTE_PLACES.has(name)) metrics[name] = value
  }
  return [{ kind: 'route', destination, metrics, locked }]
}

const SECONDS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

function sleep(args: readonly string[]): ShellEffect[] {
  let seconds = 0
  for (const arg of args) {
    const parts = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(arg)
    if (!parts) return [unsupported(`sleep ${arg}`)]
    seconds += Number(parts[1]) * SECONDS[parts[2]]
  }
  if (args.length === 0) return [unsupported('sleep without a time')]
  return seconds === 0 ? [nothing('sleeps for no time')] : [{ kind: 'sleep', seconds }]
}

const only =
  (why: string): Meaning =>
  () => [nothing(why)]

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ':': only('does nothing'),
  cat: only('only prints'),
  date: only('only prints'),
  echo,
  ethtool,
  exit: ([status = '0']) => [status === '0' ? nothing('ends the commands') : unsupported(`exit ${status}`)],
  ip,
  nstat: only('counters start at 0'),
  rm: only('there are no files'),
  set: only('an option of the shell'),
  setkey: ([option]) => [
    option === '-F' ? nothing('there are no keys to flush') : unsupported(`setkey ${option ?? ''}`.trim()),
  ],
  sleep,
  sync: only('there are no files'),
  sysctl,
  tc,
  tcpdrop,
  true: only('does nothing'),
  wait: only('nothing runs in the background'),
}
