import { cameTo, metWith, moves, stateAtEnd } from './goals.js'
import type { Tour } from './tour.js'

/** Walks through the stories of connections that end without a close. */
export const RESETS: readonly Tour[] = [
  {
    story: 'reset',
    steps: [
      {
        cue: { on: 'sent', from: 'client', data: true },
        text: {
          en: 'An open connection: the client has sent 100 bytes, and they are acknowledged.',
          zh: '连接已打开：客户端发送 100 字节，并得到了确认。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'CLOSED' },
        text: {
          en: 'The server’s user aborts: it wants no more of this connection. The server throws away what is queued and is in CLOSED at once. There is no FIN, and no TIME_WAIT.',
          zh: '服务器的用户中止连接，不想再与它有任何关系。服务器丢弃排队的数据，立即进入 CLOSED：没有 FIN，也没有 TIME_WAIT。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: ['RST'] },
        text: {
          en: 'The RST carries the sequence number that the client expects next. It will not be acknowledged, and it is not sent again if it is lost.',
          zh: 'RST 的序号正是客户端期待的下一个序号。它不会被确认，丢了也不会重传。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'CLOSED' },
        text: {
          en: 'The client is in CLOSED too. Its user gets ECONNRESET and not an end of data: it knows that something may be missing.',
          zh: '客户端也进入 CLOSED。用户得到的是 ECONNRESET，而不是数据结束，由此知道数据可能不完整。',
        },
      },
    ],
    without: {
      en: 'A user who throws a connection away could only close it in order, as if all were well, or vanish. The client would take an abandoned transfer for a complete one, or wait in vain.',
      zh: '用户想丢弃连接时，要么只能装作一切正常地有序关闭，要么悄然消失。客户端会把中途放弃的传送当作已经完成，或者一直空等。',
    },
    question: {
      ask: {
        en: 'Before the server’s user aborts at 200 ms, forge two RSTs in the server’s name: first one that the client answers with a challenge ACK, then one that it believes.',
        zh: '在服务器的用户于 200 ms 中止之前，以服务器的名义伪造两个 RST：先是一个让客户端回以挑战 ACK 的，再是一个让它相信的。',
      },
      hint: {
        en: 'Take the server’s ACK of 120 ms and make it a RST. It has just the sequence number that the client expects; one that is 1,000 higher is in the window, too, but is that enough?',
        zh: '拿服务器 120 ms 的 ACK，把标志改成 RST。它的序号恰好是客户端期待的；再大 1000 的序号也在窗口之内，但那样就够了吗？',
      },
      done: {
        en: 'A RST counts only if its number is exactly the next one expected. Elsewhere in the window it gets a challenge ACK, to which a peer that really is gone answers with the right RST (RFC 5961). An attacker who cannot see the numbers has to guess one among four billion.',
        zh: 'RST 的序号必须恰好等于期待的下一个序号才有效。落在窗口其他位置的 RST 只会引出挑战 ACK；如果对方真的已经没有这个连接，自会回以正确的 RST（RFC 5961）。看不到序号的攻击者，只能在四十多亿个序号中猜一个。',
      },
      goal: film => {
        const challenged = metWith(film, 'server', 'R19').find(({ event }) => event.flags.includes('RST'))
        const [believed] = moves(film, 'client', 'T32')
        if (challenged?.event.arrives === undefined || !believed) return false
        return challenged.event.arrives <= believed.t && believed.t < cameTo(film, 'server', 'CLOSED')
      },
      // The number that the client expects is 2,207,802,718: the server's ACK of 120 ms has it.
      solution: [
        { kind: 'forge', at: 150, side: 1, nth: 1, edit: { seq: 2_207_803_718, flags: ['RST'] } },
        { kind: 'forge', at: 160, side: 1, nth: 1, edit: { flags: ['RST'] } },
      ],
    },
  },
  {
    story: 'abort',
    steps: [
      {
        cue: { on: 'sent', from: 'client', data: true },
        text: {
          en: 'The client sends 3,000 bytes, in three segments.',
          zh: '客户端发送 3000 字节，分成三个报文段。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'CLOSED' },
        text: {
          en: 'Five milliseconds later its user aborts. Nothing is acknowledged yet, and nothing will be sent again: the client has forgotten all of it.',
          zh: '5 ms 之后用户中止连接。数据还没有得到确认，也不会再重传：客户端已经忘记了一切。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: ['RST'] },
        text: {
          en: 'A FIN would say that this was all the data. The RST makes no such promise. Its number, 3,001, follows the last byte that was sent.',
          zh: '若发 FIN，就等于说数据已全部发完；RST 不作这样的承诺。它的序号 3001 紧跟在已发送的最后一个字节之后。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: [] },
        text: {
          en: 'This time the data arrives before the RST, and the server acknowledges it. The client will not understand that any more.',
          zh: '这一次数据赶在 RST 之前到达，服务器予以确认；但客户端已经认不得这个确认了。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'CLOSED' },
        text: {
          en: 'The number of the RST is the one that the server expects, so the server is in CLOSED at once, and its user gets ECONNRESET.',
          zh: 'RST 的序号正是服务器期待的，于是服务器立即进入 CLOSED，用户得到 ECONNRESET。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: ['RST'], nth: 2 },
        text: {
          en: 'The ACK comes to a host that knows no such connection, and is answered with another RST. The server only listens by now and ignores it.',
          zh: '那个 ACK 到达时，客户端已没有这个连接，于是又回了一个 RST。服务器此时只剩侦听，不予理会。',
        },
      },
    ],
    without: {
      en: 'A program could end a connection only with the consent of the other side: FIN, its acknowledgment, the other FIN, 2MSL. It could not get rid of one whose other end takes nothing and says nothing.',
      zh: '程序要结束连接，就必须得到对方配合：FIN、对它的确认、对方的 FIN，再等 2MSL。遇到既不接收也不应答的对方，就无法摆脱。',
    },
    question: {
      ask: {
        en: 'Lose the RST, and see that the server hears of the abort all the same. Then bring it about that the server never does and stays in ESTABLISHED to the end.',
        zh: '丢掉 RST，会发现服务器仍然得知了中止。再设法让服务器永远不知情，自始至终停留在 ESTABLISHED。',
      },
      hint: {
        en: 'How many RSTs does the client send, and what provokes the second?',
        zh: '客户端一共发了几个 RST？第二个是由什么引起的？',
      },
      done: {
        en: 'A RST is never sent again by a timer. But whoever has no connection answers each of its segments with a new one, so the server would hear of it with its next segment. If it has nothing to send, it keeps a half-open connection; keep-alive would find that out.',
        zh: 'RST 不会因超时而重传。但没有这个连接的一方，对收到的每个报文段都会再回一个 RST，所以服务器只要再发报文段就会得知。如果它没有什么要发，就一直守着一个半开连接；保活可以发现这种情况。',
      },
      goal: film => moves(film, 'client', 'T27').length === 1 && stateAtEnd(film, 1) === 'ESTABLISHED',
      solution: [
        { kind: 'fate', at: 105, side: 0, nth: 5, fate: { what: 'drop' } },
        { kind: 'fate', at: 140, side: 0, nth: 6, fate: { what: 'drop' } },
      ],
    },
  },
  {
    story: 'half-open-crash',
    steps: [
      {
        cue: { on: 'sent', from: 'client', data: true },
        text: {
          en: 'An open connection, in use. Both sides are in ESTABLISHED.',
          zh: '连接已打开，正在使用，双方都处于 ESTABLISHED。',
        },
      },
      {
        cue: { on: 'note', host: 'server' },
        text: {
          en: 'The server crashes and starts again. It sends neither FIN nor RST, and afterwards it knows nothing of any connection. The client notices nothing: the connection is half-open.',
          zh: '服务器崩溃后重新启动。它没有发 FIN，也没有发 RST，之后对任何连接都一无所知。客户端毫无察觉：这就是半开连接。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', data: true, nth: 2 },
        text: {
          en: 'A second later the client goes on where it left off: sequence number 101, acknowledgment 1.',
          zh: '一秒之后，客户端从中断处继续：序号 101，确认号 1。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: ['RST'] },
        text: {
          en: 'For the server there is no such connection, so it answers with RST. The number of the RST is the acknowledgment number that the client sent: that is the one the client will believe.',
          zh: '服务器没有这个连接，于是回以 RST。RST 的序号取自客户端报文段中的确认号，客户端才会相信。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'CLOSED' },
        text: {
          en: 'The client is in CLOSED; its user gets ECONNRESET. That took one round trip after the first attempt to send.',
          zh: '客户端进入 CLOSED，用户得到 ECONNRESET。从第一次尝试发送算起，只用了一个往返。',
        },
      },
    ],
    without: {
      en: 'If a host kept silent about segments of connections that it does not know, the client would send its data again and again, and give up only after many minutes.',
      zh: '如果主机对不认识的连接的报文段保持沉默，客户端就会一遍遍重传数据，许多分钟之后才会放弃。',
    },
    question: {
      ask: {
        en: 'Make client and server connected again after the crash: at the end both are in ESTABLISHED.',
        zh: '让客户端与服务器在崩溃之后重新连接起来：最后双方都处于 ESTABLISHED。',
      },
      hint: {
        en: 'The new server listens on nothing until you tell it to, and the client has to ask anew.',
        zh: '重新启动的服务器没有侦听任何端口，要由你来吩咐；客户端也必须重新发起连接。',
      },
      done: {
        en: 'The old connection cannot be taken up again: its numbers are gone, and even a server that listens answers its data with RST. A new handshake agrees on new numbers.',
        zh: '旧连接无法恢复：序号已经丢失，即使服务器正在侦听，旧连接的数据也只会得到 RST。必须重新握手，商定新的序号。',
      },
      goal: film =>
        stateAtEnd(film, 0) === 'ESTABLISHED' &&
        stateAtEnd(film, 1) === 'ESTABLISHED' &&
        moves(film, 'server', 'T08').some(({ t }) => t > 1000),
      solution: [
        { kind: 'call', at: 1500, side: 1, call: 'listen' },
        { kind: 'call', at: 2100, side: 0, call: 'connect' },
      ],
    },
  },
]
