import { commandEffects } from './shell-commands.js'
import { nothing, type ShellEffect, unsupported } from './shell-effects.js'
import { socketCheck } from './shell-sockets.js'
import { type AndOr, type Pipeline, parseLines } from './shell-words.js'

export type { CountEffect, ShellEffect } from './shell-effects.js'
export { statesNamed } from './shell-states.js'

/**
 * The effects of the commands that a script has in back-quotes, in order. Nothing is run. What is not understood
 * is an effect of the kind 'unsupported'; where that is the shell's own grammar (`if`, `$(…)`), so is all that
 * follows. A check whose outcome the script would not see, since other commands come after it, is nothing.
 */
export function parseShell(text: string): ShellEffect[] {
  const { lists, refused } = parseLines(text)
  const effects: ShellEffect[] = []
  for (const [i, list] of lists.entries()) {
    const found = listEffects(list)
    const seen = i === lists.length - 1 && refused === undefined
    effects.push(...(seen ? found : found.map(effect => (effect.kind === 'count' ? UNSEEN : effect))))
    if (isExit(list)) return effects
  }
  if (refused !== undefined) effects.push(unsupported(refused))
  return effects
}

/** The effects of the text of a file of shell commands, such as the defaults.sh of a suite. */
export function parseShellFile(text: string): ShellEffect[] {
  return parseShell(text.replace(/^\uFEFF/, ''))
}

const UNSEEN = nothing('the outcome of the check is not used')

const isExit = (list: AndOr) => list.length === 1 && list[0].pipeline.commands[0].words[0]?.text === 'exit'

/** Commands that have effects are taken to succeed, so that what follows `||` is not run. */
function listEffects(list: AndOr): ShellEffect[] {
  let effects: ShellEffect[] = []
  for (const { operator, pipeline } of list) {
    const found = pipelineEffects(pipeline)
    if (operator !== '||') effects.push(...found)
    else if (effects.some(({ kind }) => kind === 'count')) {
      // A check with an alternative never fails, if the alternative does not.
      effects = found.every(({ kind }) => kind === 'nothing')
        ? effects.map(effect => (effect.kind === 'count' ? UNSEEN : effect))
        : [unsupported('a check with an alternative')]
    }
  }
  return effects
}

function pipelineEffects({ negated, commands }: Pipeline): ShellEffect[] {
  const effects = plainEffects(commands)
  if (!negated) return effects
  return effects.map(effect => {
    if (effect.kind !== 'count')
      return effect.kind === 'unsupported' ? effect : unsupported("'!' of a command that is no check")
    const { invert, ...rest } = effect
    return invert ? rest : { ...rest, invert: true }
  })
}

function plainEffects(commands: Pipeline['commands']): ShellEffect[] {
  const check = socketCheck(commands)
  if (check) return [check]
  if (commands.length === 1) return commandEffects(commands[0])
  const names = commands.map(({ words }) => words[0]?.text.replace(/^.*\//, '') ?? '')
  // The commands of a pipeline work together; one that has no meaning here spoils them all.
  for (const command of commands) {
    const refused = commandEffects(command).find(({ kind }) => kind === 'unsupported')
    if (refused && !/^[ef]?grep$/.test(command.words[0]?.text ?? '')) return [refused]
  }
  return [unsupported(names.join(' | '))]
}
