import { FastOpenKeys } from '../stack/fast-open-keys.js'
import type { Stack } from '../stack/stack.js'
import type { VirtualClock } from './clock.js'
import type { TcpOption, TcpSpec } from './script.js'
import type { Settings } from './settings.js'

/** What the host allows of TCP Fast Open: net.ipv4.tcp_fastopen and its like. Off, as everywhere, until a script says so. */
export interface FastOpenChoices {
  client: boolean
  server: boolean
  /** A SYN without a cookie will do. */
  withoutCookie: boolean
  /** Listeners need not ask for it. */
  everyListener: boolean
}

/** Fast Open as sysctls and socket options steer it, and the cookie that scripts call TFO_COOKIE. */
export class FastOpenHost {
  readonly choices: FastOpenChoices = {
    client: false,
    server: false,
    withoutCookie: false,
    everyListener: false,
  }
  private readonly keys: FastOpenKeys

  constructor(
    private readonly stack: Stack,
    private readonly settings: Settings,
    private readonly clock: VirtualClock,
  ) {
    this.keys = new FastOpenKeys(clock)
  }

  change(choices: Partial<FastOpenChoices>): void {
    // FreeBSD forgets what it has learnt when it is turned off.
    if (choices.client === false) this.stack.forgetFastOpen()
    Object.assign(this.choices, choices)
  }

  setKeys(key: Uint8Array, last?: Uint8Array): void {
    this.keys.set(key, last)
    this.stack.setFastOpenKeys(key, last)
  }

  /** How many handshakes a listener may leave to cookies, if it asks for `asked` (0: it does not) and queues `backlog`. */
  queueLength(asked: number, backlog: number): number {
    const { server, everyListener } = this.choices
    if (!server) return 0
    return asked > 0 ? asked : everyListener ? Math.max(1, backlog) : 0
  }

  private named(name: 'right' | 'zero'): Uint8Array {
    const { local, remote } = this.settings
    if (name === 'right') return this.keys.cookie(local, remote, this.clock.now())
    const keys = new FastOpenKeys(this.clock)
    keys.set(new Uint8Array(16))
    return keys.cookie(local, remote, this.clock.now())
  }

  /** Puts cookies in the place of their names. */
  resolve(spec: TcpSpec): TcpSpec {
    if (spec.options === 'any' || !spec.options.some(isNamed)) return spec
    const fill = (o: TcpOption): TcpOption => (isNamed(o) ? { ...o, cookie: this.named(o.cookie) } : o)
    return { ...spec, options: spec.options.map(fill) }
  }
}

const isNamed = (o: TcpOption): o is TcpOption & { kind: 'fastOpen'; cookie: 'right' | 'zero' } =>
  o.kind === 'fastOpen' && typeof o.cookie === 'string'

/** Bits of net.ipv4.tcp_fastopen. */
export function linuxFastOpen(bits: number): FastOpenChoices {
  return {
    client: (bits & 1) !== 0,
    server: (bits & 2) !== 0,
    withoutCookie: (bits & 0x200) !== 0,
    everyListener: (bits & 0x400) !== 0,
  }
}

/** `01234567-89abcdef-…`, one key or two with a comma between; undefined if it is none. */
export function linuxKeys(text: string): { key: Uint8Array; last: Uint8Array | undefined } | undefined {
  const keys = text.split(',').map(keyOf)
  const [key, last] = keys
  return key && keys.length <= 2 && !(keys.length === 2 && !last) ? { key, last } : undefined
}

/** Four words in hexadecimal, each the octets of the key from the least one up. */
function keyOf(text: string): Uint8Array | undefined {
  const words = text.trim().split('-')
  if (words.length !== 4 || !words.every(word => /^[0-9a-fA-F]{1,8}$/.test(word))) return undefined
  const key = new Uint8Array(16)
  const view = new DataView(key.buffer)
  for (const [i, word] of words.entries()) view.setUint32(4 * i, Number.parseInt(word, 16), true)
  return key
}
