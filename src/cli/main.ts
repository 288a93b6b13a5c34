#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { addConformance } from './conformance.js'
import { addDrill } from './drill.js'
import { addEmulate } from './emulate.js'
import { addGet } from './get.js'
import { addLab } from './lab.js'
import { addNc } from './nc.js'
import { addServe } from './serve.js'
import { addSim } from './sim.js'
import { addStates } from './states.js'
import { addTrace } from './trace.js'
import { UsageError } from './usage.js'

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }

/** The whole command. Wrong arguments give one clear line and exit status 2, failures one line and 1. */
export function program(): Command {
  const estab = new Command('estab')
    .description('A complete TCP/IP stack that can be watched while it works.')
    .version(version)
    .showHelpAfterError(false)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'estab: ')) })
    .exitOverride()
  addLab(estab)
  addTrace(estab)
  addStates(estab)
  addDrill(estab)
  addSim(estab)
  addConformance(estab)
  addServe(estab)
  addGet(estab)
  addNc(estab)
  addEmulate(estab)
  return estab
}

async function main(): Promise<void> {
  // `estab trace handshake | head` closes our output early: that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const estab = program()
  try {
    if (process.argv.length <= 2) {
      estab.outputHelp()
      return
    }
    await estab.parseAsync(process.argv)
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else if (error instanceof UsageError) {
      console.error(`estab: ${error.message}`)
      process.exitCode = 2
    } else {
      console.error(`estab: ${error instanceof Error ? error.message : String(error)}`)
      if (process.env['ESTAB_DEBUG']) console.error(error)
      process.exitCode = 1
    }
  }
}

await main()
