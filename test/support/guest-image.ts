import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Cpio } from './cpio.js'
import type { Addresses } from './estab-host.js'
import { AGENT } from './kernel-python.js'

/** What the agent imports, and what runs `ss`. Without OpenSSL's hashes, whose libraries are as large as all the rest. */
const IMPORTS = `import sys; sys.modules['_hashlib'] = None; import subprocess\n${AGENT}`
const FILES = `
program = os.path.realpath(sys.executable)
files = {program}
for m in sys.modules.values():
    for name in (getattr(m, '__file__', None), getattr(m, '__cached__', None)):
        if name and os.path.exists(name): files.add(name)
print(json.dumps({'program': program, 'files': sorted(files)}))`

/**
 * All that a Linux needs to run the agent, as an initramfs: busybox, this machine's Python and `ss` with their libraries,
 * and the kernel's modules for a network card. When the agent ends, so does the machine.
 */
export function guestImage(modules: string, addresses: Addresses): Buffer {
  const cpio = new Cpio()
  const busybox = which('busybox')
  const python = JSON.parse(said('python3', '-S', '-c', IMPORTS + FILES))
  const files: string[] = [...python.files, which('ss')]
  const executable = files.filter(name => !/\.pyc?$/.test(name))
  for (const name of [...files, ...librariesOf([...executable, busybox])]) cpio.file(name, readFileSync(name))
  const order = readFileSync(path.join(modules, 'order'), 'utf8').trim().split('\n')
  for (const name of order) cpio.file(`/modules/${name}`, readFileSync(path.join(modules, name)))
  cpio.file('/bin/busybox', readFileSync(busybox))
  cpio.file('/agent.py', Buffer.from(AGENT))
  cpio.file('/init', Buffer.from(init(python.program, order, addresses)))
  for (const name of ['/dev', '/proc', '/sys', '/tmp']) cpio.folder(name)
  return cpio.end()
}

const init = (python: string, modules: string[], addresses: Addresses) => `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin:/usr/local/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
${modules.map(name => `insmod /modules/${name}`).join('\n')}
echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad
echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad
ip link set lo up
ip address add ${addresses[4]}/24 dev eth0
ip address add ${addresses[6]}/64 dev eth0
ip link set eth0 up
# The port comes when the kernel has talked to QEMU about it, of which nobody is told.
until [ -e /dev/vport?p1 ]; do sleep 0.05; done
exec ${python} -u -S /agent.py 0<>$(echo /dev/vport?p1) 1>&0
`

/** What a program prints. It is given nothing to read. */
const said = (program: string, ...args: string[]) =>
  execFileSync(program, args, { input: '', encoding: 'utf8' }).trim()

const which = (program: string) => said('sh', '-c', `command -v ${program}`)

/** The shared libraries that these load, and what loads them. */
function librariesOf(executable: string[]): string[] {
  // It complains of what needs none, as a static busybox.
  const { stdout } = spawnSync('ldd', executable, { encoding: 'utf8' })
  return [...new Set(stdout.match(/\/\S+(?= \(0x)/g))]
}
