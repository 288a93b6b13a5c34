import { closeSync, fstatSync, openSync } from 'node:fs'
import { TunError } from './tun-error.js'
import { getLibc } from './tun-libc.js'

/** Where `ip netns` keeps the namespaces that have names. */
export const NAMED_NAMESPACES = '/run/netns'

/**
 * A network namespace of this machine, open. What is made in it (a TUN, a child process) stays in it, wherever we are
 * afterwards.
 */
export class NetworkNamespace {
  readonly #fd: number
  #closed = false

  /**
   * `where` is a name that `ip netns` knows, the id of a process that is in the namespace, or a path with a slash such
   * as /proc/123/ns/net. Throws a TunError: ENOENT, EACCES, EINVAL.
   */
  constructor(readonly where: string) {
    const path = namespacePath(where)
    try {
      this.#fd = openSync(path, 'r')
    } catch (error) {
      const { code = 'EIO' } = error as NodeJS.ErrnoException
      const missing = code === 'ENOENT' || code === 'ESRCH'
      throw new TunError(
        missing ? 'ENOENT' : code,
        missing
          ? `there is no network namespace ${where} (${path})`
          : `cannot open the network namespace ${where} (${path}): ${code}${code === 'EACCES' ? '; run as root' : ''}`,
        { cause: error },
      )
    }
  }

  /** True if both are the same namespace, whatever they were called. */
  is(other: NetworkNamespace): boolean {
    const [mine, its] = [fstatSync(this.#fd), fstatSync(other.#fd)]
    return mine.ino === its.ino && mine.dev === its.dev
  }

  /**
   * Runs `body` in the namespace. It must not be asynchronous: this thread is back where it was when `run` returns.
   * Processes that it starts are born in the namespace.
   *
   * Throws what `body` throws, or a TunError: EPERM (it needs CAP_SYS_ADMIN), EINVAL (this is no network namespace).
   */
  run<T>(body: () => T): T {
    const libc = getLibc()
    const home = openSync('/proc/thread-self/ns/net', 'r')
    try {
      this.#enter()
      try {
        return body()
      } finally {
        libc.setns(home)
      }
    } finally {
      closeSync(home)
    }
  }

  #enter(): void {
    try {
      getLibc().setns(this.#fd)
    } catch (error) {
      const { code } = error as TunError
      const why =
        code === 'EPERM'
          ? 'not allowed to enter'
          : code === 'EINVAL'
            ? 'not a network namespace:'
            : `cannot enter (${code})`
      const help =
        code === 'EPERM' ? ': that needs CAP_SYS_ADMIN, as root has it (or `unshare -Urn` for you alone)' : ''
      throw new TunError(code, `${why} the network namespace ${this.where}${help}`, { cause: error })
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#fd)
  }
}

function namespacePath(where: string): string {
  if (where.includes('/')) return where
  if (/^\d+$/.test(where)) return `/proc/${where}/ns/net`
  return `${NAMED_NAMESPACES}/${where}`
}
