import type { IpAddress } from '../wire/address.js'

/** The stack's own addresses, which very many records have in common: each is kept once, for as long as one has it. */
export class OwnAddresses {
  private readonly addresses: (IpAddress | null)[] = []
  private readonly uses: number[] = []
  private recent = 0

  /** A record has `address`; returns what stands for it. */
  join(address: IpAddress): number {
    const place = this.find(address)
    this.recent = place
    this.addresses[place] ??= address
    this.uses[place] = (this.uses[place] ?? 0) + 1
    return place
  }

  leave(place: number): void {
    if (--this.uses[place]! === 0) this.addresses[place] = null
  }

  at(place: number): IpAddress {
    return this.addresses[place]!
  }

  private find(address: IpAddress): number {
    if (this.addresses[this.recent]?.equals(address)) return this.recent
    const known = this.addresses.findIndex(a => a?.equals(address))
    if (known >= 0) return known
    const free = this.addresses.indexOf(null)
    return free >= 0 ? free : this.addresses.length
  }
}
