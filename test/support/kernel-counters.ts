import { readFileSync } from 'node:fs'

/** What `nstat` calls TcpExt… of this namespace, without that prefix: each that has grown since, and by how much. */
export function kernelCounters(): () => Record<string, number> {
  const before = read()
  return () => {
    const grown = Object.entries(read()).map(([name, value]) => [name, value - (before[name] ?? 0)] as const)
    return Object.fromEntries(grown.filter(([, by]) => by !== 0))
  }
}

function read(): Record<string, number> {
  const lines = readFileSync('/proc/self/net/netstat', 'utf8').split('\n')
  const [names, values] = lines
    .filter(line => line.startsWith('TcpExt:'))
    .map(line => line.split(' ').slice(1))
  return Object.fromEntries(names.map((name, i) => [name, Number(values[i])]))
}
