import type { Socket } from '../faces/net/index.js'
import { endpoint } from './live-ladder.js'

/** What Linux calls TCP_INFO, a line for each field, on standard error. */
export function printStatus(socket: Socket): void {
  const { tcp } = socket
  if (!tcp) return
  const { local, localPort, remote, remotePort } = tcp
  console.error(
    `connection ${endpoint(local.toString(), localPort)} → ${endpoint(remote.toString(), remotePort)}`,
  )
  for (const [name, value] of Object.entries(tcp.status()))
    console.error(`  ${name.padEnd(22)} ${shown(value)}`)
}

const shown = (value: unknown): string =>
  typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(3) : String(value)
