const TRAILER = 'TRAILER!!!'

/** An archive in the format that Linux unpacks when it boots ("newc", Documentation/driver-api/early-userspace). */
export class Cpio {
  readonly #parts: Buffer[] = []
  readonly #folders = new Set<string>()
  #inode = 0

  /** `name` is absolute; the folders it is in are made. */
  file(name: string, bytes: Uint8Array, mode = 0o755): this {
    this.folder(name.slice(0, name.lastIndexOf('/')))
    return this.#add(name, 0o100000 | mode, bytes)
  }

  folder(name: string): this {
    if (name === '' || this.#folders.has(name)) return this
    this.folder(name.slice(0, name.lastIndexOf('/')))
    this.#folders.add(name)
    return this.#add(name, 0o040755)
  }

  end(): Buffer {
    this.#add(`/${TRAILER}`, 0)
    return Buffer.concat(this.#parts.splice(0))
  }

  #add(name: string, mode: number, bytes: Uint8Array = Buffer.alloc(0)): this {
    const path = Buffer.from(`${name.slice(1)}\0`)
    // inode, mode, uid, gid, links, mtime, size, four numbers of devices, length of the name, checksum
    const fields = [++this.#inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, path.length, 0]
    const header = `070701${fields.map(n => n.toString(16).padStart(8, '0')).join('')}`
    this.#parts.push(...padded(Buffer.from(header), path), ...padded(bytes))
    return this
  }
}

/** These, and zeros up to a multiple of four. */
function padded(...parts: Uint8Array[]): Buffer[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return [...parts.map(part => Buffer.from(part)), Buffer.alloc(-length & 3)]
}
