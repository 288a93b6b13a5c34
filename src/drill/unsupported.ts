import { Calls } from './calls.js'
import { CodeError, checkCode } from './code.js'
import { effectsOf } from './commands.js'
import type { Expression } from './expression.js'
import { ScriptSyntaxError } from './scanner.js'
import type { Script, ScriptEvent, TcpSpec } from './script.js'
import type { Settings } from './settings.js'
import { missingOption } from './socket-options.js'
import { sysctl } from './sysctls.js'
import { INFO_FIELDS } from './tcp-info.js'

/** What a script needs that estab does not have, and where it needs it. */
export interface Missing {
  readonly line: number
  readonly feature: string
}

/**
 * Looks through a script, before it is run, for features that estab does not have; so that what is said of them does
 * not depend on how far a run would get. Throws a ScriptSyntaxError for code that cannot be read.
 */
export function whyUnsupported(
  script: Script,
  settings: Settings,
  readFile: (path: string) => string | undefined,
): Missing | undefined {
  if (settings.unsupported !== undefined) return { line: 1, feature: settings.unsupported }
  for (const event of script.events) {
    const feature = eventFeature(event, readFile)
    if (feature !== undefined) return { line: event.line, feature }
  }
  return undefined
}

function eventFeature(
  event: ScriptEvent,
  readFile: (path: string) => string | undefined,
): string | undefined {
  const { action } = event
  switch (action.kind) {
    case 'packet': {
      const { segment } = action
      if (segment.kind === 'other') return segment.feature
      if (segment.wrapped !== undefined) return segment.wrapped
      return segment.kind === 'tcp' ? segmentFeature(segment) : undefined
    }
    case 'call':
      if (!Calls.knows(action.name)) return Calls.missing(action.name)
      if (action.name === 'getsockopt' || action.name === 'setsockopt') {
        const option = action.args[2]
        if (option?.kind === 'word') return missingOption(option.name)
      }
      if (action.name.startsWith('recv') && action.args.some(e => mentions(e, 'MSG_OOB')))
        return 'reading out of band (MSG_OOB)'
      return action.args.map(argumentFeature).find(feature => feature !== undefined)
    case 'command':
      for (const effect of effectsOf(action.text, readFile)) {
        if (effect.kind === 'unsupported') return effect.what
        if (effect.kind === 'route') return 'metrics of routes'
        if (effect.kind !== 'sysctl') continue
        const setting = sysctl(effect.name, effect.value)
        if (setting.kind === 'unsupported') return setting.feature
      }
      return undefined
    case 'code':
      return codeFeature(event.line, action.text)
  }
}

function segmentFeature(spec: TcpSpec): string | undefined {
  if (spec.options === 'any') return undefined
  const foreign = spec.options.find(option => option.kind === 'foreign')
  return foreign?.kind === 'foreign' ? foreign.feature : undefined
}

const FLAGS: Readonly<Record<string, string>> = {
  MSG_ZEROCOPY: 'zero-copy sending (MSG_ZEROCOPY)',
  MSG_EOR: 'record boundaries (MSG_EOR)',
  MSG_EOF: 'MSG_EOF',
  MSG_ERRQUEUE: 'error queues (MSG_ERRQUEUE)',
}

const mentions = (e: Expression, name: string): boolean =>
  e.kind === 'word' ? e.name === name : e.kind === 'or' && (mentions(e.left, name) || mentions(e.right, name))

function argumentFeature(e: Expression): string | undefined {
  if (e.kind === 'word') return FLAGS[e.name]
  if (e.kind === 'or') return argumentFeature(e.left) ?? argumentFeature(e.right)
  return undefined
}

function codeFeature(line: number, text: string): string | undefined {
  try {
    const { reads } = checkCode(text)
    const unknown = [...reads].find(name => name.startsWith('tcpi_') && !INFO_FIELDS.has(name))
    return unknown === undefined ? undefined : `the field ${unknown} of TCP_INFO`
  } catch (error) {
    if (!(error instanceof CodeError)) throw error
    if (error.kind === 'unsupported') return error.message
    throw new ScriptSyntaxError(error.message, line + error.line, 1)
  }
}
