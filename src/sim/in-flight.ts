/** Packets that will arrive in the order in which they were sent, and when: a ring, for there may be thousands. */
export class InFlight {
  private packets: (Uint8Array | undefined)[] = new Array(64).fill(undefined)
  private times = new Float64Array(64)
  private first = 0
  length = 0

  /** When the first one arrives. */
  get next(): number {
    return this.times[this.first]!
  }

  push(packet: Uint8Array, at: number): void {
    if (this.length === this.packets.length) this.grow()
    const i = (this.first + this.length++) & (this.packets.length - 1)
    this.packets[i] = packet
    this.times[i] = at
  }

  shift(): Uint8Array {
    const packet = this.packets[this.first]!
    this.packets[this.first] = undefined
    this.first = (this.first + 1) & (this.packets.length - 1)
    this.length--
    return packet
  }

  private grow(): void {
    const { packets, times, first, length } = this
    this.packets = [...packets.slice(first), ...packets.slice(0, first), ...new Array(length).fill(undefined)]
    this.times = new Float64Array(2 * length)
    this.times.set(times.subarray(first))
    this.times.set(times.subarray(0, first), length - first)
    this.first = 0
  }
}
