import { pathOf, type Tour } from './tour.js'

/** Walks through the stories of how a connection begins. */
export const OPENING: readonly Tour[] = [
  {
    story: 'handshake',
    steps: [
      {
        cue: { on: 'start' },
        text: {
          en: 'The server listens: it has a port, and waits. The client’s user asks for a connection.',
          zh: '服务器在侦听：它占有一个端口，静静等待。客户端的用户请求建立连接。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: ['SYN'] },
        text: {
          en: 'The first segment, SYN, says: “my bytes will be counted from this number”. The number is chosen so that nobody can guess it. The client is in SYN_SENT.',
          zh: '第一个报文段 SYN 说：“我的字节从这个序号数起”。这个序号难以猜测。客户端进入 SYN_SENT。',
        },
      },
      {
        cue: { on: 'arrives', from: 'client', flags: ['SYN'] },
        text: {
          en: 'One segment does two things: it acknowledges the client’s number, and announces the server’s own. SYN counts as one octet, so the acknowledgment is the number plus one.',
          zh: '一个报文段做两件事：确认客户端的序号，并宣布服务器自己的序号。SYN 占一个序号，所以确认号是该序号加一。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'ESTABLISHED' },
        text: {
          en: 'The client knows both numbers, and knows that the server has its own: for the client the connection is open. It says so with the third segment.',
          zh: '客户端知道了双方的序号，也知道服务器已收到自己的序号：对客户端来说连接已经打开。它用第三个报文段告知服务器。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'ESTABLISHED' },
        text: {
          en: 'Only now does the server know that its number arrived. Both sides are in ESTABLISHED; bytes can flow both ways.',
          zh: '直到此刻，服务器才知道自己的序号已送达。双方都处于 ESTABLISHED，数据可以双向传送。',
        },
      },
    ],
    without: {
      en: 'With two segments the server would believe every SYN, even one that wandered about the network since yesterday, and would keep a connection nobody asked for.',
      zh: '若只有两次握手，服务器会相信每一个 SYN，哪怕它昨天就在网络中游荡；于是会维持一个无人请求的连接。',
    },
    question: {
      ask: {
        en: 'Lose exactly one segment so that the server stays in SYN_RECEIVED for a second or more while the client is in ESTABLISHED.',
        zh: '只丢掉一个报文段，使客户端已处于 ESTABLISHED 时，服务器仍在 SYN_RECEIVED 停留一秒以上。',
      },
      hint: {
        en: 'Which segment does the server wait for? Click it, and let it be lost.',
        zh: '服务器在等待哪个报文段？点击它，让它丢失。',
      },
      done: {
        en: 'The third segment: until it arrives, or the server’s SYN,ACK is sent again and answered, the server cannot know that the client has heard it.',
        zh: '第三个报文段：在它到达之前，或在服务器重发 SYN,ACK 并得到回应之前，服务器无从知道客户端已听到自己。',
      },
      goal: film => {
        const lost = film.segments.filter(segment => segment.event.fate === 'lost').length
        const open = film.events.find(
          e => e.kind === 'state' && e.host === 'client' && e.to === 'ESTABLISHED',
        )
        const received = film.events.find(
          e => e.kind === 'state' && e.host === 'server' && e.to === 'SYN_RECEIVED',
        )
        const left = film.events.find(
          e => e.kind === 'state' && e.host === 'server' && e.from === 'SYN_RECEIVED',
        )
        if (lost !== 1 || !open || !received || !pathOf(film, 'server').includes('SYN_RECEIVED')) return false
        return (left?.t ?? Number.POSITIVE_INFINITY) - open.t >= 1000
      },
      solution: [{ kind: 'fate', at: 40, side: 0, nth: 1, fate: { what: 'drop' } }],
    },
  },
]
