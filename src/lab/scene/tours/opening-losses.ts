import { lost, metWith, moves, sent } from './goals.js'
import type { Tour } from './tour.js'

/** Walks through the stories in which one segment of the handshake is lost. */
export const OPENING_LOSSES: readonly Tour[] = [
  {
    story: 'lost-syn',
    steps: [
      {
        cue: { on: 'start' },
        text: {
          en: 'The server is in LISTEN. The client opens actively, sends its SYN and is in SYN_SENT.',
          zh: '服务器处于 LISTEN。客户端主动打开，发出 SYN，进入 SYN_SENT。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: ['SYN'] },
        text: {
          en: 'The SYN is lost. The server has seen nothing, and the client cannot tell a lost segment from a slow one. What it has is a timer: one second, the initial RTO, for it has not measured any round trip yet.',
          zh: 'SYN 丢失了。服务器什么也没看到，客户端也分不清是丢失还是迟到。它只有一个定时器：还没有测得往返时间，RTO 取初始值一秒。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'retransmit' },
        text: {
          en: 'A second has passed without an answer: the same SYN goes out again, with the same number. The timer now runs for two seconds; it doubles each time.',
          zh: '一秒过去没有回应：重传同一个 SYN，序号不变。定时器改为两秒，此后每次加倍。',
        },
      },
      {
        cue: { on: 'arrives', from: 'client', flags: ['SYN'], nth: 2 },
        text: {
          en: 'This one arrives. To the server it is the first, and it answers with SYN,ACK as always.',
          zh: '这一个到达了。在服务器看来它就是第一个 SYN，于是照常回应 SYN,ACK。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'ESTABLISHED' },
        text: {
          en: 'The connection is open at 1,060 ms instead of 60 ms. One lost SYN costs a second.',
          zh: '连接在 1060 ms 打开，而不是 60 ms：丢失一个 SYN 的代价是一秒钟。',
        },
      },
    ],
    without: {
      en: 'IP promises no delivery. Without a timer on the SYN, one lost packet would leave the client in SYN_SENT for ever.',
      zh: 'IP 不保证送达。如果没有为 SYN 设置定时器，丢一个分组就会让客户端永远停在 SYN_SENT。',
    },
    question: {
      ask: {
        en: 'Make the client give up by itself, so that its user is told ETIMEDOUT. How many SYNs does it send, and how long does it take?',
        zh: '让客户端自己放弃，用户得到 ETIMEDOUT。它一共发了几个 SYN，用了多长时间？',
      },
      hint: {
        en: 'No SYN may arrive, however often it is sent. A pulled cable loses everything.',
        zh: '无论重传多少次，SYN 都不能到达。拔掉网线，一切都会丢失。',
      },
      done: {
        en: 'Eight SYNs, at 0, 1, 3, 7, 15, 31, 63 and 123 seconds: the wait doubles until it is 60 s. After 183 s the limit is reached that RFC 9293 calls R2; for a SYN it must be three minutes or more.',
        zh: '一共八个 SYN，在第 0、1、3、7、15、31、63、123 秒发出：等待时间逐次加倍，直到 60 秒为止。183 秒时达到 RFC 9293 所说的界限 R2；对 SYN 而言，它至少要有三分钟。',
      },
      goal: film => moves(film, 'client', 'T39').length > 0,
      solution: [{ kind: 'call', at: 500, side: 0, call: 'unplug' }],
    },
  },
  {
    story: 'lost-syn-ack',
    steps: [
      {
        cue: { on: 'state', host: 'server', to: 'SYN_RECEIVED' },
        text: {
          en: 'The SYN has arrived. The server is in SYN_RECEIVED: it has received a SYN and sent one, and waits until its own is acknowledged.',
          zh: 'SYN 到达，服务器进入 SYN_RECEIVED：它收到了一个 SYN，也发出了一个 SYN，等待自己的 SYN 被确认。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: ['SYN'] },
        text: {
          en: 'Its SYN,ACK is lost. The client, in SYN_SENT, sees just what it would see if its SYN had been lost: nothing. Each side has a timer of one second running.',
          zh: 'SYN,ACK 丢失了。处于 SYN_SENT 的客户端看到的，与 SYN 丢失时一模一样：没有任何回应。双方各有一个一秒的定时器在走。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'retransmit' },
        text: {
          en: 'The client’s timer was started 20 ms earlier and expires first. It sends its SYN again.',
          zh: '客户端的定时器早启动 20 ms，先超时。它重传 SYN。',
        },
      },
      {
        cue: { on: 'arrives', from: 'client', flags: ['SYN'], nth: 2 },
        text: {
          en: 'The server knows this SYN by its number, so it makes no second connection and repeats its SYN,ACK. Its own timer expires at this very moment, and so two go out.',
          zh: '服务器凭序号认出这是同一个 SYN，不会另建连接，只是重发 SYN,ACK。它自己的定时器也恰在此刻超时，所以一共发出两个。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'ESTABLISHED' },
        text: {
          en: 'The first of them opens the connection. The second is a SYN on an open connection; it is answered with an ACK and does no harm.',
          zh: '第一个 SYN,ACK 使连接打开。第二个成了已打开连接上的 SYN，只得到一个 ACK，没有害处。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'ESTABLISHED' },
        text: {
          en: 'The third segment is here, and the server’s SYN is acknowledged.',
          zh: '第三个报文段到达，服务器的 SYN 得到确认。',
        },
      },
    ],
    without: {
      en: 'If the server ignored a SYN that it has already, or took it for another connection, the client would repeat it in vain, and the server would hold a half-open connection for each one.',
      zh: '如果服务器对已收到过的 SYN 不予理睬，或把它当成另一个连接，客户端的重传就是徒劳，而服务器每收到一次都会多一个半开连接。',
    },
    question: {
      ask: {
        en: 'Let the server’s timer repair the loss alone: the connection opens, although the server never has to answer the repeated SYN, and sends its SYN,ACK just twice.',
        zh: '让服务器的定时器独自弥补这次丢失：服务器不必回应重传的 SYN，SYN,ACK 总共只发两次，而连接仍能打开。',
      },
      hint: {
        en: 'Two SYN,ACKs went out at 1,020 ms, for two reasons. Take one of the reasons away.',
        zh: '1020 ms 时发出了两个 SYN,ACK，原因有两个。去掉其中一个原因。',
      },
      done: {
        en: 'Both sides sent a SYN, and each SYN has a timer of its own at the side that sent it. Either of them is enough to repair the handshake.',
        zh: '双方都发了 SYN，每个 SYN 在发送方都有自己的定时器。任何一个都足以让握手完成。',
      },
      goal: film =>
        moves(film, 'client', 'T06').length === 1 &&
        moves(film, 'server', 'T08').length === 1 &&
        metWith(film, 'client', 'R13').length === 0 &&
        sent(film, 'server', 'SYN').length === 2 &&
        lost(film, 'server').length === 1,
      solution: [{ kind: 'fate', at: 500, side: 0, nth: 1, fate: { what: 'drop' } }],
    },
  },
  {
    story: 'lost-handshake-ack',
    steps: [
      {
        cue: { on: 'state', host: 'client', to: 'ESTABLISHED' },
        text: {
          en: 'The SYN,ACK has arrived: for the client the connection is open, and its user may send.',
          zh: 'SYN,ACK 到达：对客户端来说连接已经打开，用户可以发送数据。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: [] },
        text: {
          en: 'The third segment is lost. It is a bare ACK: it takes up no sequence number, nobody acknowledges it, and so the client has no timer for it and never sends it again by itself.',
          zh: '第三个报文段丢失了。它是单纯的 ACK：不占序号，也没有谁会确认它，所以客户端没有为它设定时器，也不会主动重传。',
        },
      },
      {
        cue: { on: 'timer', host: 'server', timer: 'retransmit' },
        text: {
          en: 'The server is still in SYN_RECEIVED. Its SYN takes up a number and is not acknowledged, so its timer expires after a second and SYN,ACK goes out again.',
          zh: '服务器还在 SYN_RECEIVED。它的 SYN 占用序号而尚未得到确认，一秒后定时器超时，重传 SYN,ACK。',
        },
      },
      {
        cue: { on: 'arrives', from: 'server', flags: ['SYN'], nth: 2 },
        text: {
          en: 'To the client this is a SYN on an open connection. It answers with an ACK that says where it is, and that is the segment that was missing.',
          zh: '在客户端看来，这是已打开连接上的 SYN。它回应一个 ACK，说明自己的当前序号，而这正是先前缺少的报文段。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'ESTABLISHED' },
        text: {
          en: 'For a second the two sides were in different states. Now both are in ESTABLISHED.',
          zh: '有一秒钟的时间双方状态不一致；现在双方都处于 ESTABLISHED。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', data: true },
        text: {
          en: 'Data carries an ACK too, as every segment does after the first SYN. Had it come earlier, it would have done the work of the lost segment.',
          zh: '数据报文段也带有 ACK；除了第一个 SYN，每个报文段都如此。数据若来得早些，就能代替丢失的那个报文段。',
        },
      },
    ],
    without: {
      en: 'If the server did not repeat its SYN,ACK, the loss of one small segment would leave it in SYN_RECEIVED, while the client waits for a greeting on a connection it believes open.',
      zh: '如果服务器不重传 SYN,ACK，丢掉这一个小小的报文段就会让它一直停在 SYN_RECEIVED，而客户端还在它以为已打开的连接上等待对方的数据。',
    },
    question: {
      ask: {
        en: 'Let data bring the server to ESTABLISHED: the segment that does it has to carry bytes of the client’s user.',
        zh: '让数据把服务器带入 ESTABLISHED：使它转换状态的报文段必须携带客户端用户的数据。',
      },
      hint: {
        en: 'The client may send as soon as it is in ESTABLISHED, at 40 ms. The server’s timer expires at 1,020 ms.',
        zh: '客户端从 40 ms 进入 ESTABLISHED 起就可以发送。服务器的定时器在 1020 ms 超时。',
      },
      done: {
        en: 'Every segment repeats the latest acknowledgment, so a lost ACK is made good by whatever follows. The data itself is taken at once: it lies in the window.',
        zh: '每个报文段都会带上最新的确认号，所以丢失的 ACK 由后续的任何报文段弥补。数据本身也落在窗口内，立即被接收。',
      },
      goal: film =>
        film.segments.some(
          ({ event, after }) =>
            event.len > 0 && after.some(({ host, id }) => host === 'server' && id === 'T08'),
        ),
      solution: [{ kind: 'call', at: 200, side: 0, call: 'send', bytes: 100 }],
    },
  },
]
