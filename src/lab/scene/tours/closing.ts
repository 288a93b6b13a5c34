import { metWith, moves, pathOf } from './goals.js'
import type { Tour } from './tour.js'

/** Walks through the stories of how a connection is closed. */
export const CLOSING: readonly Tour[] = [
  {
    story: 'close',
    steps: [
      {
        cue: { on: 'state', host: 'client', to: 'FIN_WAIT_1' },
        text: {
          en: 'A connection is full-duplex: it has two directions, and each is closed by itself. The client’s user has nothing more to send and closes first, which is the active close. FIN says: no more bytes from here.',
          zh: '连接是全双工的，两个方向要各自关闭。客户端的用户没有数据要发了，首先关闭，这称为主动关闭。FIN 的意思是：我这边不再发送。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'CLOSE_WAIT' },
        text: {
          en: 'FIN takes up one sequence number, as SYN does: its number is 301, it is acknowledged with 302. The server is in CLOSE_WAIT from the arrival of the FIN on, and waits for its own user to close.',
          zh: 'FIN 和 SYN 一样占用一个序号：它的序号是 301，确认号就是 302。服务器在收到 FIN 时进入 CLOSE_WAIT（而不是在自己发出 FIN 时），等待本地用户关闭。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'FIN_WAIT_2' },
        text: {
          en: 'The client’s FIN is acknowledged: its direction is closed. The other one is still open, so the client can go on receiving.',
          zh: '客户端的 FIN 得到确认，这个方向就关闭了。另一个方向仍然打开，客户端还可以接收数据。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'LAST_ACK' },
        text: {
          en: 'The server’s user closes too, 30 ms after it was told. With its own FIN the server leaves CLOSE_WAIT for LAST_ACK: only one acknowledgment is missing now.',
          zh: '服务器的用户得知后过了 30 ms 也关闭，这是被动关闭。服务器发出自己的 FIN，由 CLOSE_WAIT 进入 LAST_ACK：只差最后一个确认了。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'TIME_WAIT' },
        text: {
          en: 'The client acknowledges the second FIN. It cannot know whether this ACK arrives, so it does not forget the connection yet and waits for 2MSL in TIME_WAIT.',
          zh: '客户端确认第二个 FIN。它无从知道这个 ACK 能否送达，所以还不能忘记连接，而是在 TIME_WAIT 等待 2MSL。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'CLOSED' },
        text: {
          en: 'The last ACK is here, and the server is in CLOSED. Its way was ESTABLISHED, CLOSE_WAIT, LAST_ACK, CLOSED.',
          zh: '最后的 ACK 到达，服务器进入 CLOSED。它走过的路径是 ESTABLISHED、CLOSE_WAIT、LAST_ACK、CLOSED。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'time-wait' },
        text: {
          en: 'A minute later 2MSL are over, and the client is in CLOSED as well. Its way was ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT, CLOSED.',
          zh: '一分钟后 2MSL 结束，客户端也进入 CLOSED。它走过的路径是 ESTABLISHED、FIN_WAIT_1、FIN_WAIT_2、TIME_WAIT、CLOSED。',
        },
      },
    ],
    without: {
      en: 'If one FIN ended both directions, whoever is done first would cut the other short. And without an acknowledgment of each FIN, neither side could know that the other has received everything.',
      zh: '如果一个 FIN 就结束两个方向，先说完的一方会打断另一方。如果 FIN 得不到确认，双方都无法知道对方是否收齐了数据。',
    },
    question: {
      ask: {
        en: 'Make a close of three segments out of the close of four: the client is to go from FIN_WAIT_1 straight to TIME_WAIT.',
        zh: '把四次挥手变成三次：让客户端从 FIN_WAIT_1 直接进入 TIME_WAIT。',
      },
      hint: {
        en: 'The server’s FIN carries an acknowledgment as well. When is it the first that the client hears?',
        zh: '服务器的 FIN 也带有确认号。什么情况下，客户端最先得到的确认就是它？',
      },
      done: {
        en: 'Every segment carries the latest acknowledgment, so one FIN,ACK did the work of two. The same happens where nothing is lost, if the second user closes at once and the ACK travels with the FIN.',
        zh: '每个报文段都带有最新的确认号，所以一个 FIN,ACK 抵得上两个报文段。即使没有丢失，只要后关闭的用户立即关闭，ACK 与 FIN 合并发出，也会如此。',
      },
      goal: film => moves(film, 'client', 'T18').length === 1 && moves(film, 'server', 'T22').length === 1,
      solution: [{ kind: 'fate', at: 220, side: 1, nth: 2, fate: { what: 'drop' } }],
    },
  },
  {
    story: 'half-close',
    steps: [
      {
        cue: { on: 'state', host: 'client', to: 'FIN_WAIT_1' },
        text: {
          en: 'The client has sent a request of 50 bytes. Its user closes the sending direction only, which is a half-close: that was all of the request.',
          zh: '客户端发送了 50 字节的请求，用户随后只关闭发送方向，即半关闭，表示请求到此为止。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'CLOSE_WAIT' },
        text: {
          en: 'The server’s user is told that no more will come. In CLOSE_WAIT it may still send, for as long as it wants.',
          zh: '服务器的用户得知不会再有数据到来。在 CLOSE_WAIT 中它仍可发送，想发多久都可以。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'FIN_WAIT_2' },
        text: {
          en: 'The FIN is acknowledged. In FIN_WAIT_2 the client sends no data any more, but it receives.',
          zh: 'FIN 得到确认。客户端在 FIN_WAIT_2 中不再发送数据，但照常接收。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', data: true },
        text: {
          en: 'The answer, 2,000 bytes in two segments. A FIN received changes nothing about the numbers in which this side counts its own bytes.',
          zh: '服务器作答：2000 字节，分成两个报文段。收到 FIN 并不影响这一方为自己的数据编的序号。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: ['ACK'], data: false, nth: 2 },
        text: {
          en: 'The client acknowledges the data. Each of its ACKs has the sequence number 52, the one after its FIN, because an ACK by itself takes up no number.',
          zh: '客户端确认这些数据。它的每个 ACK 序号都是 52，即 FIN 之后的那个序号，因为单纯的 ACK 不占序号。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'LAST_ACK' },
        text: {
          en: 'The server has sent everything and closes its direction too.',
          zh: '服务器也发送完毕，关闭自己的方向。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'TIME_WAIT' },
        text: {
          en: 'Between the two FINs 450 ms have passed and 2,100 bytes. It could have been hours.',
          zh: '两个 FIN 之间过去了 450 ms，传送了 2100 字节；相隔几个小时也没有问题。',
        },
      },
    ],
    without: {
      en: 'Some programs cannot answer before they have seen the end of the question; sort is one. If a FIN closed both directions, the only way to mark the end would also cut off the answer.',
      zh: '有些程序不看到输入的结尾就无法作答，例如 sort。如果 FIN 会关闭两个方向，那么标记结尾的同时也就切断了回答。',
    },
    question: {
      ask: {
        en: 'Show how a close differs from a half-close: after the client’s FIN, make its user close for good, so that the server’s data is answered with RST.',
        zh: '演示完全关闭与半关闭的区别：在客户端发出 FIN 之后，让它的用户彻底关闭，使服务器的数据得到 RST。',
      },
      hint: {
        en: 'The client’s user must not want to read any more when the data arrives at 320 ms. Half-close says “I send no more”; which button says “I read no more” too?',
        zh: '数据在 320 ms 到达时，客户端的用户必须已经不想再读。半关闭表示“不再发送”；哪个按钮还表示“不再读取”？',
      },
      done: {
        en: 'The segments were the same up to there: FIN says nothing about reading. But data that nobody will read is lost, and RST says so; an ACK would claim that it was received. The server’s user gets ECONNRESET.',
        zh: '在此之前，线上的报文段毫无区别：FIN 只字不提读取。但没人读取的数据就是丢失的数据，RST 如实告知；若回以 ACK，就等于声称已经收到。服务器的用户得到 ECONNRESET。',
      },
      goal: film => moves(film, 'client', 'T37').length === 1 && moves(film, 'server', 'T32').length === 1,
      solution: [{ kind: 'call', at: 250, side: 0, call: 'close' }],
    },
  },
  {
    story: 'simultaneous-close',
    steps: [
      {
        cue: { on: 'state', host: 'a', to: 'FIN_WAIT_1' },
        text: {
          en: 'The user of a closes. In FIN_WAIT_1 it expects the acknowledgment of its FIN.',
          zh: 'a 的用户关闭连接。a 在 FIN_WAIT_1 中等待对自己 FIN 的确认。',
        },
      },
      {
        cue: { on: 'state', host: 'b', to: 'FIN_WAIT_1' },
        text: {
          en: 'Five milliseconds later the user of b closes; it cannot know yet, for the FIN takes 20 ms. Both closes are active ones, and the FINs cross.',
          zh: '5 ms 之后 b 的用户也关闭；FIN 要走 20 ms，b 此时还不可能知道。双方都是主动关闭，两个 FIN 在途中交错。',
        },
      },
      {
        cue: { on: 'state', host: 'b', to: 'CLOSING' },
        text: {
          en: 'b gets a FIN, but not the acknowledgment of its own: a had not seen that when it sent this. So b acknowledges and goes to CLOSING, where it waits for that one acknowledgment.',
          zh: 'b 收到了 FIN，却没有等到对自己 FIN 的确认，因为 a 发送时还没见过 b 的 FIN。于是 b 予以确认并进入 CLOSING，只等那一个确认。',
        },
      },
      {
        cue: { on: 'state', host: 'a', to: 'CLOSING' },
        text: {
          en: 'The same happens to a, 5 ms later.',
          zh: '5 ms 之后，a 的情形完全相同。',
        },
      },
      {
        cue: { on: 'state', host: 'a', to: 'TIME_WAIT' },
        text: {
          en: 'The acknowledgment of its FIN: both directions are closed. a has acknowledged a FIN and does not know whether that arrived, so it waits for 2MSL.',
          zh: '自己的 FIN 得到确认，两个方向都已关闭。a 也确认过对方的 FIN，却不知道确认是否送达，所以要等待 2MSL。',
        },
      },
      {
        cue: { on: 'state', host: 'b', to: 'TIME_WAIT' },
        text: {
          en: 'So does b. In an ordinary close only the one that closes first has to wait; here both closed first.',
          zh: 'b 也是如此。普通的关闭只有先关闭的一方需要等待；这里双方都是先关闭的一方。',
        },
      },
    ],
    without: {
      en: 'Without CLOSING, a FIN that arrives in FIN_WAIT_1 would have to pass for the end. The host would stop repeating its own FIN, which nobody has acknowledged; if that was lost, the other would stay in FIN_WAIT_2.',
      zh: '如果没有 CLOSING，在 FIN_WAIT_1 收到 FIN 就只能当作关闭完成，主机不再重传自己尚未得到确认的 FIN；万一那个 FIN 丢失，对方就会停在 FIN_WAIT_2。',
    },
    question: {
      ask: {
        en: 'Let only one of the two hosts pass through CLOSING. Both users close as before, and both hosts come to TIME_WAIT.',
        zh: '只让其中一台主机经过 CLOSING。双方用户照旧关闭，两台主机最后都进入 TIME_WAIT。',
      },
      hint: {
        en: 'A host is spared CLOSING if the ACK of its FIN gets there before the other FIN does. Hold one segment up.',
        zh: '如果对自己 FIN 的确认先于对方的 FIN 到达，主机就不会进入 CLOSING。让某个报文段晚一点到。',
      },
      done: {
        en: 'CLOSING is a matter of order: FIN before ACK. The host that got the ACK first went through FIN_WAIT_2, as in any close, although both users closed at nearly the same time.',
        zh: '是否进入 CLOSING 取决于先后：FIN 先于 ACK 到达才会。先得到 ACK 的主机像普通关闭那样经过 FIN_WAIT_2，尽管双方用户几乎同时关闭。',
      },
      goal: film => {
        const both = ['a', 'b'].map(host => pathOf(film, host))
        return (
          both.filter(path => path.includes('CLOSING')).length === 1 &&
          both.every(path => path.includes('FIN_WAIT_1') && path.includes('TIME_WAIT'))
        )
      },
      solution: [{ kind: 'fate', at: 105, side: 1, nth: 1, fate: { what: 'delay', ms: 50 } }],
    },
  },
  {
    story: 'lost-fin',
    steps: [
      {
        cue: { on: 'state', host: 'client', to: 'FIN_WAIT_1' },
        text: {
          en: 'The client’s user closes, and the client sends its FIN.',
          zh: '客户端的用户关闭连接，客户端发出 FIN。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: ['FIN'] },
        text: {
          en: 'The FIN is lost, and the server stays in ESTABLISHED. But a FIN takes up a sequence number: as long as that is not acknowledged, a timer runs.',
          zh: 'FIN 丢失，服务器仍处于 ESTABLISHED。但 FIN 占用一个序号：只要这个序号未被确认，定时器就一直在走。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'loss-probe' },
        text: {
          en: 'No acknowledgment for 200 ms: the FIN goes out again, with the same number. This first attempt is called a tail loss probe; were it lost too, the retransmission timer would follow.',
          zh: '200 ms 没有等到确认：FIN 以同一序号再次发出。这第一次尝试称为尾部丢失探测；假如它也丢失，接着就轮到重传定时器。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'CLOSE_WAIT' },
        text: {
          en: 'This FIN arrives. The server acknowledges it and is in CLOSE_WAIT, 200 ms later than it might have been.',
          zh: '这个 FIN 到达了。服务器予以确认，进入 CLOSE_WAIT，比原本晚了 200 ms。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'FIN_WAIT_2' },
        text: {
          en: 'The client’s FIN is acknowledged, and the timer stops.',
          zh: '客户端的 FIN 得到确认，定时器停止。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'TIME_WAIT' },
        text: {
          en: 'The rest is the close as always.',
          zh: '余下的过程与普通的四次挥手无异。',
        },
      },
    ],
    without: {
      en: 'If FIN were only a flag without a number, it could not be acknowledged, so nobody would notice its loss: the server would stay in ESTABLISHED, and the client in FIN_WAIT_1.',
      zh: '如果 FIN 只是不占序号的标志位，就无法被确认，丢了也无人察觉：服务器停在 ESTABLISHED，客户端停在 FIN_WAIT_1。',
    },
    question: {
      ask: {
        en: 'Make a FIN of the client arrive while the server has to stay in ESTABLISHED, because something before the FIN is missing.',
        zh: '让客户端的 FIN 到达服务器，而服务器因为 FIN 之前缺了数据，只能继续停留在 ESTABLISHED。',
      },
      hint: {
        en: 'Let the client’s user send something before it closes at 100 ms, and let that be lost.',
        zh: '在 100 ms 关闭之前，让客户端的用户发送一些数据，再让这些数据丢失。',
      },
      done: {
        en: 'The number of the FIN is the one after the last byte. The server keeps it as it keeps data that comes too early, and goes to CLOSE_WAIT only when the gap is filled: a FIN cannot overtake data.',
        zh: 'FIN 的序号排在最后一个字节之后。服务器把它当作提前到达的数据保留，缺口补上之后才进入 CLOSE_WAIT：FIN 不会越过数据。',
      },
      goal: film =>
        metWith(film, 'client', 'R25').some(({ event }) => event.flags.includes('FIN')) &&
        moves(film, 'server', 'T15').length === 1,
      solution: [
        { kind: 'call', at: 90, side: 0, call: 'send', bytes: 100 },
        { kind: 'fate', at: 90, side: 0, nth: 2, fate: { what: 'drop' } },
      ],
    },
  },
]
