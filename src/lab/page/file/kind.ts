import { LONGEST_SCRIPT } from '../../../drill/parser.js'
import { isPcap } from '../../../trace/read-pcap.js'
import { isPcapng } from '../../../trace/read-pcapng.js'

/** The largest file that is opened, in bytes: it has to fit in memory together with what is made of it. */
export const LARGEST_FILE = 200 * 1024 * 1024

/** Why a file is neither a capture nor a script. */
export type Refusal =
  | 'empty'
  | 'tooLarge'
  | 'longScript'
  | 'gzip'
  | 'zstd'
  | 'lz4'
  | 'zip'
  | 'modifiedPcap'
  | 'shortPcap'
  | 'snoop'
  | 'image'
  | 'pdf'
  | 'program'
  | 'binary'

export type Kind =
  | { readonly kind: 'capture' }
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: Refusal }

const refused = (why: Refusal): Kind => ({ kind: 'refused', why })

/** What people open by mistake, most often, by how it begins. */
const BEGINNINGS: readonly (readonly [string, Refusal])[] = [
  ['1f8b', 'gzip'],
  ['28b52ffd', 'zstd'],
  ['04224d18', 'lz4'],
  ['504b0304', 'zip'],
  ['a1b2cd34', 'modifiedPcap'],
  ['34cdb2a1', 'modifiedPcap'],
  ['736e6f6f70', 'snoop'],
  ['89504e47', 'image'],
  ['ffd8ff', 'image'],
  ['47494638', 'image'],
  ['25504446', 'pdf'],
  ['7f454c46', 'program'],
  ['4d5a', 'program'],
]
const SHORTEST_PCAP = 24

/** Tells by its content what a file is; a name says little. */
export function kindOf(bytes: Uint8Array): Kind {
  if (bytes.length === 0) return refused('empty')
  if (isPcapng(bytes)) return { kind: 'capture' }
  if (isPcap(bytes)) return bytes.length < SHORTEST_PCAP ? refused('shortPcap') : { kind: 'capture' }
  const head = [...bytes.subarray(0, 8)].map(byte => byte.toString(16).padStart(2, '0')).join('')
  const known = BEGINNINGS.find(([beginning]) => head.startsWith(beginning))
  // Two letters are a word as well as a magic number.
  if (known && (known[0].length > 4 || bytes.includes(0) || known[1] === 'gzip')) return refused(known[1])
  if (bytes.includes(0)) return refused('binary')
  if (bytes.length > 4 * LONGEST_SCRIPT) return refused('longScript')
  try {
    return scriptOf(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return refused('binary')
  }
}

/** The same for text that was pasted. */
export function scriptOf(text: string): Kind {
  if (text.trim() === '') return refused('empty')
  return text.length > LONGEST_SCRIPT ? refused('longScript') : { kind: 'script', text }
}
