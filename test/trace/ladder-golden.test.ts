import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findStory, play } from '../../src/stories/index.js'
import { drawLadder } from '../../src/trace/ladder.js'
import type { Language } from '../../src/trace/words.js'

const ladder = (name: string, language: Language): string[] => {
  const story = findStory(name)!
  const { recorder } = play(story)
  return drawLadder(recorder.events, { hosts: story.hosts as [string, string], language }).split('\n')
}

describe('drawLadder, word for word', () => {
  it('handshake, en', () => {
    assert.deepEqual(ladder('handshake', 'en'), [
      '  time (ms)  client                                                                       server',
      '        0.0  · server: CLOSED → LISTEN (passive OPEN) The server opens passively and waits for a SYN.',
      '        0.0  · client: CLOSED → SYN_SENT (active OPEN) The client opens actively and sends its SYN with its initial sequence number.',
      '        0.0  SYN_SENT     ─────────────── SYN seq=0 win=65535 mss=1460 ────────────────▶  LISTEN',
      '       20.0  · server: LISTEN → SYN_RECEIVED (receive SYN) A SYN arrives at the listener: it answers with its own SYN and acknowledges the one it got.',
      '       20.0  SYN_SENT     ◀─────────── SYN,ACK seq=0 ack=1 win=65535 mss=1460 ──────────  SYN_RECEIVED',
      '       40.0  · client: SYN_SENT → ESTABLISHED (receive SYN,ACK) Its SYN is acknowledged and the other SYN is here: the connection is open, the third segment says so.',
      '       40.0  ESTABLISHED  ─────────────── ACK seq=1 ack=1 win=1048576 ─────────────────▶  SYN_RECEIVED',
      '       60.0  · server: SYN_RECEIVED → ESTABLISHED (receive ACK of SYN) Its SYN is acknowledged: the connection is open.',
    ])
  })

  it('handshake, zh', () => {
    assert.deepEqual(ladder('handshake', 'zh'), [
      '   时间(ms)  client                                                                       server',
      '        0.0  · server: CLOSED → LISTEN (passive OPEN) 服务器被动打开，等待 SYN。',
      '        0.0  · client: CLOSED → SYN_SENT (active OPEN) 客户端主动打开，发送带有初始序号的 SYN。',
      '        0.0  SYN_SENT     ─────────────── SYN seq=0 win=65535 mss=1460 ────────────────▶  LISTEN',
      '       20.0  · server: LISTEN → SYN_RECEIVED (receive SYN) 侦听方收到 SYN：回应自己的 SYN，并确认收到的 SYN。',
      '       20.0  SYN_SENT     ◀─────────── SYN,ACK seq=0 ack=1 win=65535 mss=1460 ──────────  SYN_RECEIVED',
      '       40.0  · client: SYN_SENT → ESTABLISHED (receive SYN,ACK) 自己的 SYN 得到确认，对方的 SYN 也已到达：连接打开，并以第三个报文段告知对方。',
      '       40.0  ESTABLISHED  ─────────────── ACK seq=1 ack=1 win=1048576 ─────────────────▶  SYN_RECEIVED',
      '       60.0  · server: SYN_RECEIVED → ESTABLISHED (receive ACK of SYN) 自己的 SYN 得到确认：连接打开。',
    ])
  })

  it('close, en', () => {
    assert.deepEqual(ladder('close', 'en'), [
      '  time (ms)  client                                                                       server',
      '        0.0  · server: CLOSED → LISTEN (passive OPEN) The server opens passively and waits for a SYN.',
      '        0.0  · client: CLOSED → SYN_SENT (active OPEN) The client opens actively and sends its SYN with its initial sequence number.',
      '        0.0  SYN_SENT     ─────────────── SYN seq=0 win=65535 mss=1460 ────────────────▶  LISTEN',
      '       20.0  · server: LISTEN → SYN_RECEIVED (receive SYN) A SYN arrives at the listener: it answers with its own SYN and acknowledges the one it got.',
      '       20.0  SYN_SENT     ◀─────────── SYN,ACK seq=0 ack=1 win=65535 mss=1460 ──────────  SYN_RECEIVED',
      '       40.0  · client: SYN_SENT → ESTABLISHED (receive SYN,ACK) Its SYN is acknowledged and the other SYN is here: the connection is open, the third segment says so.',
      '       40.0  ESTABLISHED  ─────────────── ACK seq=1 ack=1 win=1048576 ─────────────────▶  SYN_RECEIVED',
      '       60.0  · server: SYN_RECEIVED → ESTABLISHED (receive ACK of SYN) Its SYN is acknowledged: the connection is open.',
      '      100.0  · client: the user sends 300 bytes',
      '      100.0  ESTABLISHED  ───────── PSH,ACK seq=1 ack=1 len=300 win=1048576 ───────────▶  ESTABLISHED',
      '      120.0  ESTABLISHED  ◀─────────────── ACK seq=1 ack=301 win=1048576 ───────────────  ESTABLISHED',
      '      200.0  · client: the user closes',
      '      200.0  · client: ESTABLISHED → FIN_WAIT_1 (CLOSE) The user closes: after all the data a FIN says that no more will come.',
      '      200.0  FIN_WAIT_1   ──────────── FIN,ACK seq=301 ack=1 win=1048576 ──────────────▶  ESTABLISHED',
      '      220.0  · server: ESTABLISHED → CLOSE_WAIT (receive FIN) The other side will send no more: its FIN is acknowledged, the user is told.',
      '      220.0  FIN_WAIT_1   ◀─────────────── ACK seq=1 ack=302 win=1048576 ───────────────  CLOSE_WAIT',
      '      240.0  · client: FIN_WAIT_1 → FIN_WAIT_2 (receive ACK of FIN) Its FIN is acknowledged; the other direction is still open.',
      '      250.0  · server: the user closes',
      '      250.0  · server: CLOSE_WAIT → LAST_ACK (CLOSE) The second side closes as well and sends its FIN.',
      '      250.0  FIN_WAIT_2   ◀───────────── FIN,ACK seq=1 ack=302 win=1048576 ─────────────  LAST_ACK',
      '      270.0  · client: FIN_WAIT_2 → TIME_WAIT (receive FIN) The other side closes too: it sends the last acknowledgment and waits 2MSL.',
      '      270.0  TIME_WAIT    ────────────── ACK seq=302 ack=2 win=1048576 ────────────────▶  LAST_ACK',
      '      290.0  · server: LAST_ACK → CLOSED (receive ACK of FIN) The last acknowledgment is here: this side is done.',
      '    60270.0  · client: 2MSL timer expires',
      '    60270.0  · client: TIME_WAIT → CLOSED (2MSL timeout) 2MSL are over: the connection is forgotten.',
    ])
  })

  it('close, zh', () => {
    assert.deepEqual(ladder('close', 'zh'), [
      '   时间(ms)  client                                                                       server',
      '        0.0  · server: CLOSED → LISTEN (passive OPEN) 服务器被动打开，等待 SYN。',
      '        0.0  · client: CLOSED → SYN_SENT (active OPEN) 客户端主动打开，发送带有初始序号的 SYN。',
      '        0.0  SYN_SENT     ─────────────── SYN seq=0 win=65535 mss=1460 ────────────────▶  LISTEN',
      '       20.0  · server: LISTEN → SYN_RECEIVED (receive SYN) 侦听方收到 SYN：回应自己的 SYN，并确认收到的 SYN。',
      '       20.0  SYN_SENT     ◀─────────── SYN,ACK seq=0 ack=1 win=65535 mss=1460 ──────────  SYN_RECEIVED',
      '       40.0  · client: SYN_SENT → ESTABLISHED (receive SYN,ACK) 自己的 SYN 得到确认，对方的 SYN 也已到达：连接打开，并以第三个报文段告知对方。',
      '       40.0  ESTABLISHED  ─────────────── ACK seq=1 ack=1 win=1048576 ─────────────────▶  SYN_RECEIVED',
      '       60.0  · server: SYN_RECEIVED → ESTABLISHED (receive ACK of SYN) 自己的 SYN 得到确认：连接打开。',
      '      100.0  · client: 用户发送 300 字节',
      '      100.0  ESTABLISHED  ───────── PSH,ACK seq=1 ack=1 len=300 win=1048576 ───────────▶  ESTABLISHED',
      '      120.0  ESTABLISHED  ◀─────────────── ACK seq=1 ack=301 win=1048576 ───────────────  ESTABLISHED',
      '      200.0  · client: 用户关闭连接',
      '      200.0  · client: ESTABLISHED → FIN_WAIT_1 (CLOSE) 用户关闭：在全部数据之后用 FIN 表示不再发送。',
      '      200.0  FIN_WAIT_1   ──────────── FIN,ACK seq=301 ack=1 win=1048576 ──────────────▶  ESTABLISHED',
      '      220.0  · server: ESTABLISHED → CLOSE_WAIT (receive FIN) 对方不再发送：确认它的 FIN，并通知用户。',
      '      220.0  FIN_WAIT_1   ◀─────────────── ACK seq=1 ack=302 win=1048576 ───────────────  CLOSE_WAIT',
      '      240.0  · client: FIN_WAIT_1 → FIN_WAIT_2 (receive ACK of FIN) 自己的 FIN 得到确认；另一个方向仍然打开。',
      '      250.0  · server: 用户关闭连接',
      '      250.0  · server: CLOSE_WAIT → LAST_ACK (CLOSE) 后关闭的一方也关闭，发出自己的 FIN。',
      '      250.0  FIN_WAIT_2   ◀───────────── FIN,ACK seq=1 ack=302 win=1048576 ─────────────  LAST_ACK',
      '      270.0  · client: FIN_WAIT_2 → TIME_WAIT (receive FIN) 对方也关闭了：发出最后的确认，并等待 2MSL。',
      '      270.0  TIME_WAIT    ────────────── ACK seq=302 ack=2 win=1048576 ────────────────▶  LAST_ACK',
      '      290.0  · server: LAST_ACK → CLOSED (receive ACK of FIN) 收到最后的确认：这一方结束。',
      '    60270.0  · client: 2MSL 定时器超时',
      '    60270.0  · client: TIME_WAIT → CLOSED (2MSL timeout) 2MSL 已过：连接被彻底释放。',
    ])
  })
})
