/** What must hold at every moment of a random world: on the wire, and inside each connection. */
import assert from 'node:assert/strict'
import { distance, ge, gt, le, lt } from '../../src/tcp/sequence.js'
import type { Tcb } from '../../src/tcp/tcb.js'
import { IpView, PROTO_TCP, parseIp } from '../../src/wire/ip.js'
import { ACK, FIN, RST, SegmentView, SYN } from '../../src/wire/tcp.js'

/** One end of a connection, as its host's wire shows it. */
interface End {
  iss: number
  /** Shifts that count only if both SYNs have them; -1 if not offered. */
  ownScale: number
  peerScale: number
  peerMss: number
  /** The right edges promised to the peer and by it; undefined before any. */
  promised: number | undefined
  allowed: number | undefined
  /** The window of the peer's SYN. */
  synWindow: number
}

const fresh = (): End => ({
  iss: 0,
  ownScale: -1,
  peerScale: -1,
  peerMss: -1,
  promised: undefined,
  allowed: undefined,
  synWindow: 0,
})

/** Watches what one host sends and receives, and judges what it sends. */
export class WireWatch {
  private readonly ends = new Map<string, End>()
  private readonly ip = new IpView()
  private readonly seg = new SegmentView()
  segments = 0

  constructor(
    private readonly host: string,
    private readonly mtu: number,
    /** Connections may begin with a cookie: on the wire that is no beginning. */
    private readonly cookies: boolean,
  ) {}

  packet(direction: 'in' | 'out', bytes: Uint8Array, offset: number, length: number): void {
    const { ip, seg } = this
    const bad = parseIp(ip, bytes, offset, length)
    if (direction === 'out') assert.equal(bad, undefined, `${this.host} sent a bad packet: ${bad}`)
    if (bad || ip.protocol !== PROTO_TCP) return
    const reason = seg.parse(ip)
    if (direction === 'out') {
      assert.equal(reason, undefined, `${this.host} sent a bad segment: ${reason}`)
      assert(length <= this.mtu, `${this.host} sent ${length} bytes over an MTU of ${this.mtu}`)
      this.segments++
      this.judge(this.end(seg.srcPort, seg.dstPort), seg)
    } else if (!reason) this.learn(this.end(seg.dstPort, seg.srcPort), seg)
  }

  private end(own: number, peer: number): End {
    const key = `${own} ${peer}`
    let end = this.ends.get(key)
    if (!end) this.ends.set(key, (end = fresh()))
    return end
  }

  private learn(end: End, seg: SegmentView): void {
    if (seg.flags & SYN) {
      end.peerScale = seg.windowScale
      end.peerMss = seg.mss
      end.synWindow = seg.window
    }
    if (!(seg.flags & ACK) || seg.flags & RST) return
    const scaled = !(seg.flags & SYN) && end.ownScale >= 0 && end.peerScale >= 0
    const edge = (seg.ack + seg.window * (scaled ? 2 ** end.peerScale : 1)) | 0
    if (end.allowed === undefined || gt(edge, end.allowed)) end.allowed = edge
  }

  private judge(end: End, seg: SegmentView): void {
    if (seg.flags & RST) return
    const say = (what: string) => `${this.host}:${seg.srcPort} ${what}`
    if (seg.flags & SYN) {
      end.iss = seg.seq
      end.promised = undefined
      // A SYN has been acknowledged by nobody: what the peer's SYN said begins behind ours.
      end.allowed = (seg.seq + 1 + (seg.flags & ACK ? end.synWindow : 0)) | 0
      end.ownScale = seg.windowScale
    }
    // What an old incarnation in TIME_WAIT has to say is its own.
    if (!ge(seg.seq, end.iss)) return
    if (seg.flags & ACK) {
      const scaled = !(seg.flags & SYN) && end.ownScale >= 0 && end.peerScale >= 0
      const edge = (seg.ack + seg.window * (scaled ? 2 ** end.ownScale : 1)) | 0
      const before = end.promised
      // What rounding to the unit of the scale takes back is no retraction (RFC 7323 section 2.4).
      const rounding = scaled ? 2 ** end.ownScale - 1 : 0
      const kept = before === undefined || this.cookies || distance(edge, before) <= rounding
      assert(kept, say(`took back ${distance(edge, before!)} of its window`))
      if (before === undefined || gt(edge, before)) end.promised = edge
    }
    const length = seg.payloadLength + (seg.flags & FIN ? 1 : 0)
    if (length === 0 || seg.flags & SYN) return
    const beyond = distance(end.allowed!, (seg.seq + length) | 0)
    assert(beyond <= 0 || (beyond === 1 && length === 1), say(`sent ${beyond} bytes beyond the window`))
    if (end.peerMss >= 0) assert(seg.payloadLength <= end.peerMss, say(`sent ${seg.payloadLength} > MSS`))
  }
}

/** Bytes that rounding the window up to the unit of its scale may cost, twice. */
const slack = (tcb: Tcb): number => 2 * 2 ** tcb.rcvScale

/** The scoreboard covers what is outstanding, and its sums are those of its entries. */
function checkScoreboard({ scoreboard, sndUna, sndNxt }: Tcb): void {
  let at = sndUna
  const sums = { sacked: 0, lost: 0, resent: 0 }
  scoreboard.forEach(segment => {
    assert(segment.seq === at && lt(at, segment.end), 'a gap in the scoreboard')
    at = segment.end
    if (segment.sacked) sums.sacked += segment.length
    if (segment.lost) sums.lost += segment.length
    if (segment.lost && segment.resent) sums.resent += segment.length
    assert(!(segment.sacked && segment.lost), 'reported and lost')
  })
  assert(at === sndNxt, 'the scoreboard ends elsewhere than SND.NXT')
  const { sacked, lost, resent } = scoreboard
  assert.deepEqual({ sacked, lost, resent }, sums, 'the sums of the scoreboard')
  let inFlight = 0
  let before = Number.NEGATIVE_INFINITY
  for (let segment = scoreboard.oldest; segment; segment = segment.newer) {
    assert(segment.inFlight, 'what is not in flight is in the order of transmission')
    assert(segment.sentAt >= before, 'not in the order of transmission')
    before = segment.sentAt
    inFlight += segment.length
  }
  assert(inFlight === scoreboard.pipe, 'the pipe is not what is in flight')
}

/** Checks a connection at rest, between two events. */
export function checkTcb(tcb: Tcb, now: number): void {
  const { state, config, sndUna, sndNxt } = tcb
  if (state === 'CLOSED') {
    assert.equal(tcb.deadline, Number.POSITIVE_INFINITY, 'a timer in CLOSED')
    assert.equal(tcb.owed, 0, 'something owed in CLOSED')
    assert.equal(tcb.sendQueue.length, 0, 'bytes to send in CLOSED')
    return
  }
  assert(le(sndUna, sndNxt), 'SND.UNA > SND.NXT')
  if (tcb.synAcked) checkScoreboard(tcb)
  assert(le(tcb.rcvNxt, tcb.rcvAdv), 'RCV.NXT beyond the right edge')
  assert(le(sndNxt, (tcb.queueEnd + (tcb.finSent ? 1 : 0)) | 0), 'SND.NXT beyond the queue')
  assert(tcb.rcvWnd <= config.receiveBuffer + slack(tcb), `a window of ${tcb.rcvWnd}`)
  assert(
    tcb.receiveQueue.length <= config.receiveBuffer + slack(tcb),
    `${tcb.receiveQueue.length} unread bytes`,
  )
  const held = tcb.receiveQueue.length + (tcb.reassembly?.bytes ?? 0)
  assert(held <= config.receiveBuffer + slack(tcb), `${held} bytes held`)
  if (tcb.reassembly) assert(tcb.reassembly.count <= config.reassemblyBlocks, 'too many blocks')
  assert(tcb.deadline >= now - 1, `a timer is ${now - tcb.deadline} ms late`)
  assert.equal(tcb.owed, 0, `owed: ${tcb.owed}`)
  if (state === 'TIME_WAIT') {
    assert.notEqual(tcb.lingerAt, Number.POSITIVE_INFINITY, 'TIME_WAIT without its timer')
    return
  }
  if (tcb.mss > 0 && tcb.congestion.cwnd > 0) {
    assert(tcb.congestion.cwnd >= tcb.mss, `cwnd ${tcb.congestion.cwnd} < MSS ${tcb.mss}`)
    assert(tcb.congestion.ssthresh >= 2 * tcb.mss, `ssthresh ${tcb.congestion.ssthresh}`)
  }
  const waits =
    tcb.flight > 0 || (state !== 'SYN_RECEIVED' && (tcb.unsent > 0 || (tcb.finQueued && !tcb.finSent)))
  // Or for the time that pacing leaves between segments.
  const timer = Math.min(tcb.retransmitAt, tcb.paceTimerAt)
  if (waits) assert.notEqual(timer, Number.POSITIVE_INFINITY, `${state} waits without a timer`)
}
