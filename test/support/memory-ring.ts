import type { Arrival, Seat, SeatReceiver } from '../../src/stack/seat.js'

interface Handed {
  bytes: Uint8Array
  arrival: Arrival
}

/** A ring of stacks in one thread; what is handed on waits until the test lets it go. */
export class MemoryRing {
  readonly seats: Seat[]
  /** Who handed on, in order. */
  readonly passed: number[] = []
  private readonly receivers: (SeatReceiver | undefined)[] = []
  private readonly queues: Handed[][]

  /** `capacity`: how many packets may wait at a seat. */
  constructor(count: number, capacity = Number.POSITIVE_INFINITY) {
    this.queues = Array.from({ length: count }, () => [])
    this.seats = this.queues.map((_, index) => ({
      index,
      count,
      fastOpenKey: new Uint8Array(16).fill(42),
      attach: receiver => {
        this.receivers[index] = receiver
      },
      handOn: (bytes, offset, length, arrival) => {
        const queue = this.queues[(index + 1) % count]!
        if (queue.length >= capacity) return false
        this.passed.push(index)
        queue.push({ bytes: bytes.slice(offset, offset + length), arrival })
        return true
      },
      close: () => {
        this.receivers[index] = undefined
      },
    }))
  }

  get isEmpty(): boolean {
    return this.queues.every(queue => queue.length === 0)
  }

  /** Delivers until nothing is on its way any more. */
  run(): void {
    for (let rounds = 0; !this.isEmpty; rounds++) {
      if (rounds > 1000) throw new Error('something goes round for ever')
      this.queues.forEach((queue, index) => {
        const receiver = this.receivers[index]
        for (const { bytes, arrival } of queue.splice(0)) receiver?.packet(bytes, arrival)
        receiver?.batchEnd()
      })
    }
  }
}
