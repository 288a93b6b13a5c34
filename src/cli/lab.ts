import { spawn } from 'node:child_process'
import { type Command, Option } from 'commander'
import type { Language } from '../trace/index.js'
import { interrupted } from './attachment.js'
import { labPage } from './lab-page.js'
import { port } from './usage.js'

interface LabFlags {
  port: number
  lang?: Language
  open?: boolean
}

export function addLab(estab: Command): void {
  estab
    .command('lab')
    .description('serve the lab: a page in which the stack runs, to play with')
    .option('--port <n>', 'port on 127.0.0.1; 0 takes one that is free', port, 8080)
    .addOption(new Option('--lang <language>', "the page's language").choices(['en', 'zh']))
    .option('--open', 'open the page in the browser')
    .addHelpText(
      'after',
      `
Examples:
  estab lab --open
  estab lab --port 0 --lang zh

Only this machine can see it. Ctrl-C ends. To watch a stack on a real interface: estab serve --lab.`,
    )
    .action((flags: LabFlags) => run(flags))
}

async function run(flags: LabFlags): Promise<void> {
  const { serveLab } = await import('../lab/serve/index.js')
  const server = await serveLab({ port: flags.port, ...labPage() })
  const stopped = interrupted()
  const url = `${server.url}${flags.lang ? `?lang=${flags.lang}` : ''}`
  console.log(`the lab is at ${url}`)
  if (flags.open) show(url)
  await stopped
  await server.close()
}

/** Opens a URL in the user's browser. That it cannot is worth a note, no more. */
function show(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '""', url]
        : ['xdg-open', url]
  const note = (why: string) => console.error(`estab: note: ${program} did not open the page: ${why}`)
  const child = spawn(program!, args, { stdio: 'ignore', detached: true })
  child.on('error', (error: NodeJS.ErrnoException) => note(error.code ?? error.message))
  child.on('exit', code => {
    if (code) note(`exit status ${code}`)
  })
  child.unref()
}
