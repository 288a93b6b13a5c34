// An end of a transfer on estab's TCP, in a process and on a TUN of its own; what it does and prints is what the
// program in paths-linux.ts does and prints.
//
//   receive TUN KERNEL-CIDR CIDR PORT SECONDS
//   send TUN KERNEL-CIDR CIDR HOST PORT CONTROLLER BYTES COUNT PATIENCE
import { configureKernelSide } from '../src/links/kernel-side.js'
import { memoryPair } from '../src/links/memory.js'
import { realtime } from '../src/links/realtime.js'
import { openTun } from '../src/links/tun.js'
import { type Socket, Stack } from '../src/stack/index.js'
import { IpAddress } from '../src/wire/address.js'
import { CONTROLLERS } from './paths-controllers.js'

const PIECE = new Uint8Array(1 << 16)

const say = (what: object): void => console.log(JSON.stringify(what))

/** CLOCK_MONOTONIC, in seconds: the clock of Python's `time.monotonic()`. */
const monotonic = (): number => Number(process.hrtime.bigint()) / 1e9

function receive(stack: Stack, port: number, seconds: number, report: (what: object) => void): void {
  stack.listen({
    port,
    onConnection: socket => {
      const steady = monotonic() + seconds / 3
      let bytes = 0
      let steadyBytes = 0
      let over = false
      const read = () => {
        let piece: Uint8Array | undefined
        while (!over && socket.receiveQueued > 0 && (piece = socket.receive())) {
          bytes += piece.length
          if (seconds > 0 && monotonic() >= steady) steadyBytes += piece.length
        }
      }
      socket.handler = {
        readable: read,
        end: () => {
          read()
          if (over) return
          over = true
          report({ bytes, ended: monotonic() })
          socket.close()
        },
      }
      read()
      if (seconds === 0) return
      setTimeout(() => {
        over = true
        report({ bytes, steadyBytes, steadySeconds: (seconds * 2) / 3 })
        socket.abort()
      }, seconds * 1000)
    },
  })
}

/** One connection; resolves once both sides have closed it. */
function send(
  stack: Stack,
  host: string,
  port: number,
  controller: string,
  size: number,
  patience: number,
): Promise<object> {
  return new Promise(resolve => {
    const began = monotonic()
    let left = size || Number.POSITIVE_INFINITY
    const done = (failed?: string) => {
      clearTimeout(timer)
      resolve(failed === undefined ? { began } : { began, failed })
    }
    const timer = setTimeout(() => {
      socket.abort()
      done('timed out')
    }, patience * 1000)
    const pump = () => {
      while (left > 0) {
        const n = Math.min(left, PIECE.length)
        left -= n
        const room = socket.send(n === PIECE.length ? PIECE : PIECE.subarray(0, n))
        if (left <= 0) socket.close()
        else if (!room) return
      }
    }
    const congestion = CONTROLLERS[controller]
    const socket: Socket = stack.connect({
      remote: IpAddress.parse(host),
      port,
      ...(congestion ? { congestion } : {}),
      handler: {
        open: pump,
        writable: () => {
          if (socket.sendQueued < socket.sendLimit) pump()
        },
        end: () => done(),
        closed: error => done(error?.message),
      },
    })
  })
}

/** A transfer in memory, so that what is measured then is not the compiler. */
async function warmUp(): Promise<void> {
  const [left, right] = memoryPair({ mtu: 1500 })
  const [a, b] = [new Stack({ env: realtime() }), new Stack({ env: realtime() })]
  a.addInterface(left, { addresses: ['10.0.0.1/24'] })
  b.addInterface(right, { addresses: ['10.0.0.2/24'] })
  receive(b, 80, 0, () => {})
  await send(a, '10.0.0.2', 80, 'reno', 20e6, 30)
  a.close()
  b.close()
}

const [role, tun, kernel, own, ...rest] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  ...string[],
]
await warmUp()
const link = openTun({ name: tun, mtu: 1500 })
await configureKernelSide(link.name, { addresses: [kernel] })
const stack = new Stack({ env: realtime() })
stack.addInterface(link, { addresses: [own], gateways: [kernel.split('/')[0]!] })
if (role === 'receive') {
  receive(stack, Number(rest[0]), Number(rest[1]), say)
  say({ ready: true })
} else {
  const [host, port, controller, size, count, patience] = rest as [string, string, string, ...string[]]
  for (let i = 0; i < Number(count); i++)
    say(await send(stack, host, Number(port), controller, Number(size), Number(patience)))
  stack.close()
}
