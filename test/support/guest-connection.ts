import type { TestContext } from 'node:test'
import type { HostOptions, Version } from './estab-host.js'
import type { Guest } from './guest.js'
import { among, infoOf, parseSockets } from './kernel-ss.js'
import { LinuxConnection, openedByEstab, openedByLinux } from './linux-connection.js'

/** A connection with the Linux in QEMU. */
export class GuestConnection extends LinuxConnection {
  async kernelInfo(): Promise<Record<string, string>> {
    const said = await this.python.run<string>(
      "subprocess.run(['ss', '-HtanOio'], capture_output=True, text=True).stdout",
    )
    return infoOf(among(parseSockets(said), this.kernelPort, this.estabPort))
  }
}

export async function fromGuest(
  t: TestContext,
  guest: Guest,
  version: Version,
  options: HostOptions,
): Promise<GuestConnection> {
  return new GuestConnection(...(await openedByLinux(guest.host(t, options), guest.python, version)))
}

export async function toGuest(
  t: TestContext,
  guest: Guest,
  version: Version,
  options: HostOptions,
): Promise<GuestConnection> {
  return new GuestConnection(...(await openedByEstab(guest.host(t, options), guest.python, version)))
}
