import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import { atEnd } from './kernel-cleanup.js'

/**
 * Kernel sockets with all their options: a Python that does what it is told, a line at a time. Node's own sockets
 * read when they like, and know neither SO_LINGER nor MSG_OOB.
 */
export const AGENT = `
import sys, json, errno, hashlib, os, socket, struct, time
from socket import *

def new(version):
    return socket(AF_INET if version == 4 else AF_INET6, SOCK_STREAM)

def served(version, host, port=0):
    s = new(version)
    s.bind((host, port))
    s.listen(8)
    return s

def linger(s):
    s.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack('ii', 1, 0))

def pour(s, count):
    digest = hashlib.sha256()
    while count > 0:
        piece = os.urandom(min(count, 1 << 16))
        s.sendall(piece)
        digest.update(piece)
        count -= len(piece)
    return digest.hexdigest()

def drain(s):
    digest = hashlib.sha256()
    total = 0
    while piece := s.recv(1 << 18):
        digest.update(piece)
        total += len(piece)
    return [total, digest.hexdigest()]

def take(s, count):
    # So many bytes, of a connection that goes on.
    digest = hashlib.sha256()
    while count > 0:
        piece = s.recv(min(count, 1 << 18))
        digest.update(piece)
        count -= len(piece)
    return digest.hexdigest()

def fill(s):
    # Writes until the kernel takes no more.
    s.setblocking(False)
    total = 0
    try:
        while True: total += s.send(bytes(1 << 16))
    except BlockingIOError: pass
    s.setblocking(True)
    return total

scope = globals()
for line in sys.stdin:
    code = json.loads(line)
    reply = {}
    try:
        try: run = compile(code, '<test>', 'eval')
        except SyntaxError: exec(compile(code, '<test>', 'exec'), scope)
        else:
            value = eval(run, scope)
            reply['value'] = value.decode('latin-1') if isinstance(value, bytes) else value
    except TimeoutError as e: reply['error'] = errno.errorcode.get(e.errno or 0, 'TIMEOUT')
    except OSError as e: reply['error'] = errno.errorcode.get(e.errno or 0, repr(e))
    except BaseException as e: reply['error'] = repr(e)
    try: text = json.dumps(reply)
    except TypeError: text = '{}'
    print(text, flush=True)
`

/** What Python raised: `code` is the name of the system's error, or the exception in full. */
export class PythonError extends Error {
  readonly code: string
  constructor(code: string, ran: string) {
    super(`${code} from ${ran}`)
    this.code = code
  }
}

/** The agent at the other end of a process's standard input and output, which may be a machine around it. */
export class Agent {
  readonly #stdin: Writable
  #gone = false
  readonly #waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void; code: string }[] =
    []

  constructor(child: ChildProcess) {
    this.#stdin = child.stdin!
    const lines = createInterface({ input: child.stdout! })
    lines.on('line', line => {
      const { error, value } = JSON.parse(line)
      const call = this.#waiting.shift()
      if (error === undefined) call?.resolve(value)
      else call?.reject(new PythonError(error, call.code))
    })
    child.on('exit', () => {
      this.#gone = true
      for (const { reject, code } of this.#waiting.splice(0)) reject(new PythonError('exit', code))
    })
    // Of a test that ends before its calls do.
    this.#stdin.on('error', () => {})
  }

  /**
   * Runs statements, or an expression and returns its value: bytes as a string of Latin-1, objects as nothing. Calls
   * run one after the other; one that blocks lets everything else here go on. Rejects with a PythonError.
   */
  run<T = unknown>(code: string): Promise<T> {
    if (this.#gone) return Promise.reject(new PythonError('exit', code))
    const result = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ resolve: resolve as (value: unknown) => void, reject, code })
      this.#stdin.write(JSON.stringify(code) + '\n')
    })
    // A test that fails before it asks for this is told why once, not twice.
    result.catch(() => {})
    return result
  }
}

/** An agent on this machine, for one test. */
export class Python extends Agent {
  constructor(t: TestContext) {
    const child = spawn('python3', ['-u', '-c', AGENT])
    const exited = once(child, 'exit')
    super(child)
    child.stderr.on('data', data => process.stderr.write(data))
    atEnd(t, async () => {
      child.kill('SIGKILL')
      await exited
    })
  }
}
