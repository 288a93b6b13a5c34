import { CaptureError, type CaptureFile } from './capture-file.js'
import { isPcap, readPcap } from './read-pcap.js'
import { isPcapng, readPcapng } from './read-pcapng.js'

/**
 * Reads a capture: pcap of either byte order, in µs or ns, or pcapng, of one section or several. The packets are
 * views of `bytes`; nothing is copied, and nothing is allocated by a length that the file claims.
 *
 * A file that ends in the middle gives what was before, with `truncated`. Throws a CaptureError for what is no
 * capture and for one that is broken, saying what is wrong and at which byte.
 */
export function readCapture(bytes: Uint8Array): CaptureFile {
  if (isPcapng(bytes)) return readPcapng(bytes)
  if (isPcap(bytes)) return readPcap(bytes)
  const { en, zh } = kindOf(bytes)
  throw new CaptureError(`${en}, neither pcap nor pcapng`, `${zh}，既不是 pcap 也不是 pcapng`, 0)
}

/** What people have in place of a capture, most often. */
function kindOf(bytes: Uint8Array): { en: string; zh: string } {
  if (bytes.length === 0) return { en: 'an empty file', zh: '空文件' }
  const head = [...bytes.subarray(0, 4)].map(byte => byte.toString(16).padStart(2, '0')).join('')
  if (head.startsWith('1f8b')) return { en: 'a file compressed with gzip', zh: '以 gzip 压缩的文件' }
  if (head === '28b52ffd') return { en: 'a file compressed with zstd', zh: '以 zstd 压缩的文件' }
  if (head === '04224d18') return { en: 'a file compressed with lz4', zh: '以 lz4 压缩的文件' }
  if (head === 'a1b2cd34' || head === '34cdb2a1')
    return { en: 'a pcap file of the modified kind (Kuznetzov’s)', zh: '修改版（Kuznetzov）的 pcap 文件' }
  return { en: `a file that begins with ${head}`, zh: `以 ${head} 开头的文件` }
}
