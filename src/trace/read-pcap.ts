import { CaptureError, type CaptureFile, MAX_FRAME, MAX_IP_FRAME, PacketCollector } from './capture-file.js'
import { isKnownLinkType } from './link-layer.js'

/** The classic capture format, of tcpdump and libpcap (draft-ietf-opsawg-pcap). */
const FILE_HEADER = 24
const RECORD_HEADER = 16
const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d

/** Whether a file begins as this format does, in either byte order. */
export function isPcap(bytes: Uint8Array): boolean {
  return magicOf(bytes) !== undefined
}

function magicOf(bytes: Uint8Array): { little: boolean; perSecond: number } | undefined {
  if (bytes.length < 4) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little)
    if (magic === MICROSECONDS) return { little, perSecond: 1e6 }
    if (magic === NANOSECONDS) return { little, perSecond: 1e9 }
  }
  return undefined
}

/** Reads a file that `isPcap`. Throws a CaptureError. */
export function readPcap(bytes: Uint8Array): CaptureFile {
  const { little, perSecond } = magicOf(bytes)!
  if (bytes.length < FILE_HEADER)
    throw new CaptureError(
      `a pcap file of ${bytes.length} bytes, which ends within its header`,
      `${bytes.length} 字节的 pcap 文件，在文件头中途结束`,
      bytes.length,
    )
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint16(4, little)
  if (version !== 2)
    throw new CaptureError(
      `pcap version ${version}, and only 2 is read`,
      `pcap 版本 ${version}，只能读取版本 2`,
      4,
    )
  // The upper bits say how long the FCS is, if there is one.
  const linkType = view.getUint32(20, little) & 0xffff
  const most = isKnownLinkType(linkType) ? MAX_IP_FRAME : MAX_FRAME
  const collector = new PacketCollector(bytes)
  let at = FILE_HEADER
  while (at + RECORD_HEADER <= bytes.length) {
    const captured = view.getUint32(at + 8, little)
    if (captured > most)
      throw new CaptureError(
        `a packet of ${captured} bytes, and none has more than ${most}`,
        `一个 ${captured} 字节的数据包，最多只能有 ${most}`,
        at + 8,
      )
    const start = at + RECORD_HEADER
    if (captured > bytes.length - start) break
    const moment = {
      seconds: view.getUint32(at, little),
      fraction: view.getUint32(at + 4, little) / perSecond,
    }
    collector.add(linkType, 0, moment, start, captured, view.getUint32(at + 12, little))
    at = start + captured
  }
  return collector.file('pcap', at < bytes.length)
}
