import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Arrival, Seat, SeatReceiver } from '../stack/seat.js'

/**
 * One of the seats that `createRing` makes: plain data, for `workerData` or `postMessage` of node:worker_threads, with
 * `ports` as the list of what is transferred. The thread that it comes to makes a seat of it with `takeSeat`, once.
 */
export interface SeatTicket {
  /** Which of how many it is, from 0. */
  readonly index: number
  readonly count: number
  /** 16 bytes, for Fast Open cookies. */
  readonly fastOpenKey: Uint8Array
  /** Bytes that wait at each seat, handed on and not looked at yet: an int32 for each, shared by all. */
  readonly waiting: SharedArrayBuffer
  /** From the seat before, and to the next. */
  readonly ports: [MessagePort, MessagePort]
}

/** What may wait at a seat, in bytes. A flood of segments that nobody wants takes no more memory than that. */
const MOST_WAITING = 4 << 20
/** How many are taken before everyone else has a turn of the event loop. */
const BURST = 256
/** What a packet counts for besides its length: the message around it. */
const MESSAGE = 512

/** A packet on its way to the next seat. */
interface Handed {
  bytes: Uint8Array<ArrayBuffer>
  arrival: Arrival
}

/**
 * The seats of a ring of `count` stacks that are one host, each in a thread of its own. Throws a RangeError for a count that
 * is not 1 to 256, which is how many queues a TUN can have.
 *
 * ```ts
 * for (const ticket of createRing(2))
 *   new Worker(url, { workerData: { ticket }, transferList: ticket.ports })
 *
 * // in the worker
 * const stack = new Stack({ env: realtime(), seat: takeSeat(workerData.ticket) })
 * stack.addInterface(openTun({ name: 'tun0', multiQueue: true }), { addresses: ['10.0.0.2/24'] })
 * ```
 */
export function createRing(count: number): SeatTicket[] {
  if (!Number.isInteger(count) || count < 1 || count > 256)
    throw new RangeError(`a ring has 1 to 256 seats, not ${count}`)
  const waiting = new SharedArrayBuffer(4 * count)
  const fastOpenKey = crypto.getRandomValues(new Uint8Array(16))
  const channels = Array.from({ length: count }, () => new MessageChannel())
  return channels.map(({ port1: from }, index) => {
    const { port2: to } = channels[(index + 1) % count]!
    return { index, count, fastOpenKey, waiting, ports: [from, to] }
  })
}

/** Takes a seat in this thread. It keeps neither the thread nor the process alive: the link does. */
export function takeSeat(ticket: SeatTicket): Seat {
  return new PortSeat(ticket)
}

class PortSeat implements Seat {
  readonly index: number
  readonly count: number
  readonly fastOpenKey: Uint8Array
  readonly #waiting: Int32Array
  readonly #next: number
  readonly #from: MessagePort
  readonly #to: MessagePort

  constructor({ index, count, fastOpenKey, waiting, ports }: SeatTicket) {
    this.index = index
    this.count = count
    this.fastOpenKey = fastOpenKey
    this.#waiting = new Int32Array(waiting)
    this.#next = (index + 1) % count
    ;[this.#from, this.#to] = ports
  }

  attach(receiver: SeatReceiver): void {
    this.#from.on('message', (first: Handed) => {
      this.#take(receiver, first)
      // What has come besides is of the same batch: one acknowledgment answers it.
      for (let taken = 1; taken < BURST; taken++) {
        const next = receiveMessageOnPort(this.#from)
        if (!next) break
        this.#take(receiver, next.message as Handed)
      }
      receiver.batchEnd()
    })
    this.#from.unref()
    this.#to.unref()
  }

  handOn(bytes: Uint8Array, offset: number, length: number, arrival: Arrival): boolean {
    const charge = length + MESSAGE
    if (Atomics.add(this.#waiting, this.#next, charge) + charge > MOST_WAITING) {
      Atomics.sub(this.#waiting, this.#next, charge)
      return false
    }
    // Not a slice of a Buffer, which would be a view.
    const copy = new Uint8Array(length)
    copy.set(bytes.subarray(offset, offset + length))
    this.#to.postMessage({ bytes: copy, arrival } satisfies Handed, [copy.buffer])
    return true
  }

  #take(receiver: SeatReceiver, { bytes, arrival }: Handed): void {
    Atomics.sub(this.#waiting, this.index, bytes.length + MESSAGE)
    receiver.packet(bytes, arrival)
  }

  close(): void {
    this.#from.close()
    this.#to.close()
  }
}
