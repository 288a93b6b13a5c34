import type { Cidr, IpAddress } from '../wire/address.js'
import type { Interface } from './interface.js'

export interface Route {
  readonly destination: Cidr
  readonly interface: Interface
  /** The next hop; undefined for neighbours on the link itself. */
  readonly via: IpAddress | undefined
}

/** Longest-prefix match over few routes. */
export class RouteTable {
  private routes: Route[] = []

  add(route: Route): void {
    this.routes.push(route)
    this.routes.sort((a, b) => b.destination.prefix - a.destination.prefix)
  }

  removeInterface(iface: Interface): void {
    this.routes = this.routes.filter(route => route.interface !== iface)
  }

  find(destination: IpAddress, only?: Interface): Route | undefined {
    return this.routes.find(
      route =>
        (!only || route.interface === only) &&
        destination.inPrefix(route.destination.address, route.destination.prefix),
    )
  }

  [Symbol.iterator](): Iterator<Route> {
    return this.routes[Symbol.iterator]()
  }
}
