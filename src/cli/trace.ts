import { type Command, Option } from 'commander'
import { findStory, play, STORIES, type Story } from '../stories/index.js'
import { drawLadder, type Language, PcapngWriter, type TraceEvent, writeSegments } from '../trace/index.js'
import { localeLanguage, writeFile } from './output.js'
import { integer, UsageError, wantsColour } from './usage.js'

interface TraceOptions {
  lang?: Language
  json?: boolean
  pcap?: string
  seed: number
  delay: number
  congestion?: boolean
  list?: boolean
}

/** Virtual time has no date; captures are given one, so that Wireshark shows a sensible day. */
const EPOCH = Date.UTC(2026, 0, 1)

export function addTrace(estab: Command): void {
  estab
    .command('trace')
    .description('play a story between two hosts in virtual time and print the ladder')
    .argument('[story]', 'the story to play (see --list)')
    .addOption(new Option('--lang <language>', 'language of the explanations').choices(['en', 'zh']))
    .option('--json', 'print events as JSON Lines')
    .option('--pcap <file>', 'write the segments as pcapng, state changes as comments')
    .option('--seed <n>', 'seed of everything random', integer(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--delay <ms>', 'one-way delay between the hosts', integer(0, 10_000), 20)
    .option('--congestion', 'show changes of cwnd and ssthresh too')
    .option('--list', 'list the stories')
    .addHelpText(
      'after',
      '\nExamples:\n  $ estab trace close\n  $ estab trace lost-last-ack --lang zh\n  $ estab trace retransmit --pcap retransmit.pcapng --congestion\n  $ estab trace handshake --json | head -3',
    )
    .action((name: string | undefined, options: TraceOptions) => run(name, options))
}

function run(name: string | undefined, options: TraceOptions): void {
  const language = options.lang ?? localeLanguage()
  if (options.list) {
    for (const story of STORIES)
      console.log(
        options.json
          ? JSON.stringify({ name: story.name, ...story.title })
          : `${story.name.padEnd(20)}${story.title[language]}`,
      )
    return
  }
  if (name === undefined) throw new UsageError('which story? `estab trace --list` names them')
  const story = findStory(name)
  if (!story)
    throw new UsageError(`there is no story ${JSON.stringify(name)}; \`estab trace --list\` names them`)
  const { recorder } = play(story, {
    seed: options.seed,
    delay: options.delay,
    congestion: options.congestion === true,
  })
  if (options.pcap !== undefined) writeFile(options.pcap, capture(story, recorder.segments))
  if (options.json) {
    for (const event of recorder.events) console.log(JSON.stringify(rounded(event)))
    return
  }
  console.log(`${story.title[language]}\n\n${wrap(story.about[language], 100)}\n`)
  const [left, right = left] = story.hosts
  console.log(drawLadder(recorder.events, { language, colour: wantsColour(), hosts: [left, right] }))
}

function capture(story: Story, segments: Parameters<typeof writeSegments>[1]): Uint8Array {
  const blocks: Uint8Array[] = []
  const writer = new PcapngWriter(block => blocks.push(block), {
    application: 'estab trace',
    comment: story.title.en,
  })
  story.hosts.forEach((host, i) => {
    writer.addName(`10.0.0.${i + 1}`, host)
  })
  writeSegments(writer, segments, EPOCH)
  return Buffer.concat(blocks)
}

/** Times to the microsecond: what is beyond is the noise of doubles. */
function rounded(event: TraceEvent): TraceEvent {
  const round = (t: number) => Math.round(t * 1000) / 1000
  if (event.kind === 'segment' && event.arrives !== undefined)
    return { ...event, t: round(event.t), arrives: round(event.arrives) }
  return { ...event, t: round(event.t) }
}

function wrap(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
