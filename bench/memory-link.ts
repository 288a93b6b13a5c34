// One stream between two stacks over the link in memory, in any JavaScript runtime: what Node and a browser are compared by.
import { memoryPair } from '../src/links/memory.js'
import { realtime } from '../src/links/realtime.js'
import { IpAddress, Stack } from '../src/stack/index.js'

/** Bytes per second, both ends in this thread; what arrives is counted, and an octet of each piece checked. */
export async function throughMemory(bytes: number): Promise<number> {
  const [left, right] = memoryPair({ mtu: 1500 })
  const a = new Stack({ env: realtime() })
  const b = new Stack({ env: realtime() })
  a.addInterface(left, { addresses: ['10.0.0.1/24'] })
  b.addInterface(right, { addresses: ['10.0.0.2/24'] })
  const chunk = new Uint8Array(131_072).map((_, i) => (i * 7) & 255)
  const read = new Uint8Array(131_072)
  let got = 0
  let wrong = 0
  const began = performance.now()
  await new Promise<void>((resolve, reject) => {
    b.listen({
      port: 80,
      onConnection: socket => {
        socket.handler = {
          readable: () => {
            for (let n = socket.receiveInto(read); n > 0; n = socket.receiveInto(read)) {
              got += n
              // One octet of each piece tells whether its place is right.
              if (read[0] !== ((((got - n) % 131_072) * 7) & 255)) wrong++
            }
            if (got === bytes) resolve()
          },
          closed: error => reject(error ?? new Error('closed too soon')),
        }
      },
    })
    const socket = a.connect({ remote: IpAddress.parse('10.0.0.2'), port: 80 })
    let left = bytes
    const pump = () => {
      let more = true
      while (more && left > 0) {
        const piece = left < chunk.length ? chunk.subarray(0, left) : chunk
        left -= piece.length
        more = socket.send(piece)
      }
    }
    socket.handler = {
      open: pump,
      writable: pump,
      closed: error => reject(error ?? new Error('closed too soon')),
    }
  })
  const rate = (bytes / (performance.now() - began)) * 1000
  a.close()
  b.close()
  if (wrong > 0) throw new Error('what arrived is not what was sent')
  return rate
}
