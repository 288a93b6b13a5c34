import { type Command, Option } from 'commander'
import { STATE_NAMES, STATES, TRANSITION_LIST } from '../tcp/states.js'
import { type Language, mermaid, svg } from '../trace/index.js'
import { localeLanguage, writeFile } from './output.js'

interface StatesOptions {
  lang?: Language
  json?: boolean
  mermaid?: boolean
  svg?: string
}

export function addStates(estab: Command): void {
  estab
    .command('states')
    .description('print the eleven states and every transition')
    .addOption(new Option('--lang <language>', 'language of the explanations').choices(['en', 'zh']))
    .addOption(new Option('--json', 'as JSON').conflicts('mermaid'))
    .option('--mermaid', 'as a Mermaid diagram')
    .option('--svg <file>', 'write the diagram as SVG')
    .addHelpText(
      'after',
      '\nExamples:\n  $ estab states --lang zh\n  $ estab states --json\n  $ estab states --svg states.svg',
    )
    .action((options: StatesOptions) => run(options))
}

function run(options: StatesOptions): void {
  const language = options.lang ?? localeLanguage()
  if (options.svg !== undefined) {
    writeFile(options.svg, svg(language))
    if (!options.json && !options.mermaid) return
  }
  if (options.json) console.log(JSON.stringify({ states: STATES, transitions: TRANSITION_LIST }, null, 2))
  else if (options.mermaid) console.log(mermaid(language))
  else console.log(table(language))
}

/** States first, in both languages, then the transitions in the reader's. */
function table(language: Language): string {
  const zh = language === 'zh'
  const lines = STATE_NAMES.flatMap(state => [
    `${state.padEnd(14)}${STATES[state].en}`,
    `${' '.repeat(14)}${STATES[state].zh}`,
  ])
  lines.push('')
  for (const { id, from, to, cause, sent, section, ...said } of TRANSITION_LIST) {
    const sends = sent === '' ? '' : zh ? `，发送 ${sent}` : `, sends ${sent}`
    lines.push(`${id}  ${from.join(', ')} → ${to}: ${cause}${sends} [${section}]`)
    lines.push(`     ${said[language]}`)
  }
  return lines.join('\n')
}
