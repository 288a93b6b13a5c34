import type { Film } from '../film.js'
import { lost, sent, stateAtEnd, timers } from './goals.js'
import type { Tour } from './tour.js'

/** Bytes that the server has received in order when a film ends, with SYN and FIN. */
const receivedByServer = (film: Film): number =>
  film.moments[film.moments.length - 1]?.hosts[1]?.connection?.receive.nxt ?? 0

/** Walks through the stories about data, and about silence. */
export const FLOWING: readonly Tour[] = [
  {
    story: 'zero-window',
    steps: [
      {
        cue: { on: 'sent', from: 'server', flags: ['SYN'] },
        text: {
          en: 'Every segment says how much its sender has room for: that is the window. The server has a buffer of 4,096 bytes, and its user does not read for now.',
          zh: '每个报文段都说明发送者还能接收多少，这就是窗口。服务器的缓冲区有 4096 字节，而它的用户暂时不读取数据。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', data: true },
        text: {
          en: 'The client’s user sends 6,000 bytes. Two full segments go out; then 1,200 bytes of window are left, less than a full segment, and the client waits for more room instead of sending small ones.',
          zh: '客户端的用户发送 6000 字节。先发出两个满的报文段；窗口还剩 1200 字节，不够一个满的报文段，客户端不发小报文段，先等待窗口变大。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'override' },
        text: {
          en: 'The window has not grown for 200 ms, so what fits is sent after all: 1,200 bytes.',
          zh: '200 ms 过去窗口仍未变大，于是能放下多少就发多少：1200 字节。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: ['ACK'], data: false, nth: 2 },
        text: {
          en: 'Everything is acknowledged, with a window of 0: the buffer is full. The client has 1,904 bytes left and may not send any.',
          zh: '数据全部得到确认，但窗口为 0：缓冲区满了。客户端还剩 1904 字节，一个也不能发。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'persist' },
        text: {
          en: 'The client probes the closed window with one byte. The server does not take it, but it has to answer with an ACK, and that tells the window. Probes follow after 200, 400, 800 ms, each time twice as long.',
          zh: '客户端用一个字节探测关闭的窗口。服务器不接收这个字节，但必须回应 ACK，其中带有当前窗口。探测的间隔为 200、400、800 ms，每次加倍。',
        },
      },
      {
        cue: { on: 'note', host: 'server' },
        text: {
          en: 'The user reads, the buffer is empty, and the server says so at once: an ACK that acknowledges nothing new and brings a window of 4,096. This is a window update.',
          zh: '用户读取数据，缓冲区空了。服务器立即告知：发出一个 ACK，不确认任何新数据，只带来 4096 的窗口。这就是窗口更新。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: ['ACK'], data: false, nth: 7 },
        text: {
          en: 'The rest has arrived within one round trip and is acknowledged: 6,001 is the next number expected.',
          zh: '余下的数据在一个往返之内全部到达并得到确认：期待的下一个序号是 6001。',
        },
      },
    ],
    without: {
      en: 'Without a window a fast sender would flood a slow receiver. Without probes, one lost window update would end everything: nobody acknowledges it, so it is not sent again; the client would wait for room, the server for data.',
      zh: '没有窗口，快的发送方会淹没慢的接收方。没有探测，丢失一个窗口更新就会让一切停顿：它不会得到确认，因而也不会重传；客户端等窗口，服务器等数据，双方一直等下去。',
    },
    question: {
      ask: {
        en: 'Lose the window update, so that the client learns from a probe that the window is open. All 6,000 bytes have to arrive.',
        zh: '丢掉窗口更新，让客户端通过探测才得知窗口已打开。6000 字节必须全部到达。',
      },
      hint: {
        en: 'It is the segment that the server sends when its user reads, at 3,000 ms.',
        zh: '就是服务器的用户在 3000 ms 读取时，服务器发出的那个报文段。',
      },
      done: {
        en: 'The window update was lost, and nobody sent it again. The client’s next probe found room: its byte was taken, and the answer told the window. This is why probing must never stop.',
        zh: '窗口更新丢失，谁也没有重传它。客户端的下一次探测遇到了空闲的缓冲区：那个字节被接收，回应中带来了窗口。因此探测绝不能停止。',
      },
      goal: film => {
        const update = lost(film, 'server').find(({ event }) => event.ack === 4097 && event.win > 0)
        if (!update) return false
        const heard = sent(film, 'server').find(
          ({ event }) => event.fate === 'delivered' && event.win > 0 && event.t > update.event.t,
        )
        const probed = timers(film, 'client', 'persist').find(({ t }) => t > update.event.t)
        return (
          heard !== undefined &&
          probed !== undefined &&
          probed.t < heard.event.t &&
          receivedByServer(film) === 6001
        )
      },
      solution: [{ kind: 'fate', at: 3000, side: 1, nth: 6, fate: { what: 'drop' } }],
    },
  },
  {
    story: 'retransmit',
    steps: [
      {
        cue: { on: 'sent', from: 'client', data: true },
        text: {
          en: 'Eight segments go out together. The second of them, with the bytes from 1,449 on, is lost.',
          zh: '八个报文段一起发出，其中第二个（从序号 1449 开始）丢失了。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: [] },
        text: {
          en: 'Six segments have arrived behind the gap. Each makes the server send an ACK at once: it still asks for 1,449, and its SACK option lists what is there already.',
          zh: '缺口之后到达了六个报文段。每到一个，服务器就立即发一个 ACK：确认号仍是 1449，SACK 选项列出已经收到的部分。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', data: true, nth: 9 },
        text: {
          en: 'So much has arrived behind it that the segment cannot just be late: the client sends it again at once. This is fast retransmit: no timer, one round trip. The loss may mean congestion, so the congestion window is cut, too.',
          zh: '后面的数据已到了这么多，这个报文段不可能只是迟到：客户端立即重传。这就是快速重传，不靠定时器，只用一个往返。丢失可能意味着拥塞，所以拥塞窗口也随之减小。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: [], nth: 7 },
        text: {
          en: 'The gap is filled. One ACK acknowledges all eight segments.',
          zh: '缺口补上了，一个 ACK 确认全部八个报文段。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', data: true, nth: 10 },
        text: {
          en: 'A lone segment of 100 bytes is lost. Nothing follows it that could show a gap; the server does not even know that it was sent.',
          zh: '单独一个 100 字节的报文段丢失。后面没有数据能暴露缺口，服务器甚至不知道有人发过它。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'loss-probe' },
        text: {
          en: 'Only time can tell. After 200 ms without an acknowledgment the client sends it again as a tail loss probe, which is lost as well.',
          zh: '只能靠时间来发现。200 ms 没有确认，客户端把它作为尾部丢失探测再发一次，可是也丢了。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'retransmit' },
        text: {
          en: 'Now the retransmission timer expires. The third attempt arrives. A timeout is the worst sign of all, so the congestion window falls to one segment.',
          zh: '这时重传定时器超时，第三次发送终于到达。超时是最坏的信号，拥塞窗口因此降到一个报文段。',
        },
      },
    ],
    without: {
      en: 'IP loses packets and does not tell. Without retransmission there would be no reliable stream; with a timer alone, every loss would cost 200 ms or more, where fast retransmit needs one round trip.',
      zh: 'IP 会丢失分组，而且不作声。没有重传就没有可靠的字节流；只靠定时器，每次丢失至少要耽搁 200 ms，而快速重传只需一个往返。',
    },
    question: {
      ask: {
        en: 'Take fast retransmit away from the second segment: before it is sent again, a timer of the client must have expired. Everything is to arrive in the end.',
        zh: '让第二个报文段享受不到快速重传：在重传它之前，客户端必须先有定时器超时。最后数据要全部到达。',
      },
      hint: {
        en: 'Fast retransmit lives on what the server reports at 120 ms. Set the loss of the line to 1 just before, and back to 0 soon after.',
        zh: '快速重传依靠服务器在 120 ms 的报告。在那之前把线路的丢失率调到 1，随后再调回 0。',
      },
      done: {
        en: 'ACKs that report a gap are what makes a loss known early. If they are lost too, the client hears nothing and is back to its timers, first the loss probe, then the retransmission timer.',
        zh: '报告缺口的 ACK 才使丢失及早暴露。它们也丢失时，客户端听不到任何消息，只好回到定时器：先是丢失探测，再是重传定时器。',
      },
      goal: film => {
        const [first, second] = sent(film, 'client').filter(
          ({ event }) => event.seq === 1449 && event.len > 0,
        )
        if (!first || !second) return false
        const waited = timers(film, 'client', 'loss-probe', 'retransmit').some(
          ({ t }) => t > first.event.t && t <= second.event.t,
        )
        return waited && receivedByServer(film) === 11_685
      },
      solution: [
        { kind: 'line', at: 110, line: { loss: 1 } },
        { kind: 'line', at: 130, line: { loss: 0 } },
      ],
    },
  },
  {
    story: 'out-of-order',
    steps: [
      {
        cue: { on: 'sent', from: 'client', data: true },
        text: {
          en: 'Four segments of 1,448 bytes go out together. The network holds the second one up for 10 ms; IP does not promise any order.',
          zh: '四个 1448 字节的报文段一起发出，网络让第二个多走了 10 ms；IP 不保证先后次序。',
        },
      },
      {
        cue: { on: 'arrives', from: 'client', data: true, nth: 3 },
        text: {
          en: 'The third segment and the fourth arrive before the second. The server sees by their numbers that 1,448 bytes are missing before them. It keeps them, but its user gets nothing of them yet.',
          zh: '第三、第四个报文段先于第二个到达。服务器从序号看出前面缺了 1448 字节。它保留这两个报文段，但暂不交付给用户。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: [] },
        text: {
          en: 'Each early arrival is answered at once with an ACK for 1,449, the number that is missing. The SACK option says that 2,897 to 5,792 are here.',
          zh: '每个提前到达的报文段都立即引起一个确认号为 1449 的 ACK，即所缺的序号。SACK 选项说明 2897 到 5792 已经收到。',
        },
      },
      {
        cue: { on: 'arrives', from: 'client', data: true, nth: 2 },
        text: {
          en: 'The second segment is here, and the gap is filled. All 4,344 bytes go to the user at once, in order, and one ACK acknowledges everything.',
          zh: '第二个报文段到达，缺口补上。4344 字节按顺序一次交付给用户，并用一个 ACK 确认全部数据。',
        },
      },
      {
        cue: { on: 'arrives', from: 'server', flags: [], nth: 3 },
        text: {
          en: 'The client had heard of the gap at 140 ms, but two reports might mean mere disorder. It waited a quarter of a round trip, and here is the ACK for everything: nothing was sent twice.',
          zh: '客户端在 140 ms 就得知有缺口，但两次报告也可能只是乱序。它多等了四分之一个往返时间，确认全部数据的 ACK 正好到来：没有重复发送任何数据。',
        },
      },
    ],
    without: {
      en: 'If the bytes went to the user as they come, they would be in the wrong order. If what comes too early were thrown away, each overtaking would cost a retransmission of everything behind it.',
      zh: '如果按到达的次序交付，用户得到的字节就是乱的。如果丢弃提前到达的数据，每次乱序都要把后面的数据全部重传一遍。',
    },
    question: {
      ask: {
        en: 'Make the client send some data a second time although no segment is lost.',
        zh: '不丢失任何报文段，却让客户端把某些数据又发送一遍。',
      },
      hint: {
        en: 'The client gives a late segment 10 ms after the first report of a gap. Hold the second segment up for longer than that.',
        zh: '从得知缺口算起，客户端给迟到的报文段 10 ms 的时间。让第二个报文段耽搁得更久一些。',
      },
      done: {
        en: 'Late and lost look alike from afar, so this retransmission was spurious. The server sees that it has these bytes already and reports them in a SACK block (DSACK), from which the client can tell that it was too quick.',
        zh: '从远处看，迟到与丢失毫无区别，所以这次重传是虚假重传。服务器发现这些字节已经收到，便用一个 SACK 块（DSACK）报告，客户端由此得知自己操之过急。',
      },
      goal: film => {
        const numbers = sent(film, 'client').flatMap(({ event }) => (event.len > 0 ? [event.seq] : []))
        return lost(film).length === 0 && new Set(numbers).size < numbers.length
      },
      solution: [{ kind: 'fate', at: 100, side: 0, nth: 3, fate: { what: 'delay', ms: 100 } }],
    },
  },
  {
    story: 'keepalive',
    steps: [
      {
        cue: { on: 'state', host: 'server', to: 'ESTABLISHED' },
        text: {
          en: 'The connection is open, and nobody says anything. TCP sends nothing of its own accord; without keep-alive this could go on for years.',
          zh: '连接已打开，谁也不说话。TCP 不会主动发送任何东西；如果没有保活，这种状态可以持续数年。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'keep-alive' },
        text: {
          en: 'The client has keep-alive on. After 5 seconds of silence (the usual default is two hours) it sends a probe: an ACK with a sequence number that the server has received long ago.',
          zh: '客户端打开了保活。沉默 5 秒之后（通常的默认值是两小时），它发出探测：一个 ACK，其序号是服务器早已收到过的。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: [] },
        text: {
          en: 'A segment outside the window has to be answered with an ACK. So the server shows that it is there, and its user knows nothing of it.',
          zh: '窗口之外的报文段必须以 ACK 回应。服务器由此表明自己还在，而它的用户毫不知情。',
        },
      },
      {
        cue: { on: 'note', host: 'client' },
        text: {
          en: 'The cable is pulled out. Nothing was on its way, so neither side notices.',
          zh: '网线被拔掉。当时途中没有任何报文段，双方都没有察觉。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'keep-alive', nth: 2 },
        text: {
          en: 'Five seconds after the last answer comes the next probe. It is lost, and from now on there is one every second.',
          zh: '上次得到回应 5 秒之后，发出下一个探测。它丢失了；此后每秒探测一次。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'CLOSED' },
        text: {
          en: 'Three probes were not answered. The client gives the connection up, sends a RST just in case, and its user gets ETIMEDOUT. The server, which has no keep-alive on, stays in ESTABLISHED.',
          zh: '三个探测都没有回应。客户端放弃连接，顺便发出一个 RST，用户得到 ETIMEDOUT。服务器没有打开保活，仍停留在 ESTABLISHED。',
        },
      },
    ],
    without: {
      en: 'A server that only waits for requests would keep the connection of every client that was switched off or carried away, until it runs out of memory.',
      zh: '只等待请求的服务器会一直保留那些已关机或已离开网络的客户端的连接，直到内存耗尽。',
    },
    question: {
      ask: {
        en: 'Plug the cable in again at the last moment: two probes in a row are lost, and the connection lives on.',
        zh: '在最后时刻重新插好网线：连续丢失两个探测，连接却仍然存活。',
      },
      hint: {
        en: 'Probes go out at 10,140, 11,140 and 12,140 ms. There is no fourth.',
        zh: '探测在 10140、11140 和 12140 ms 发出，没有第四个。',
      },
      done: {
        en: 'One answer is enough: the count starts from the beginning, and the next probe comes 5 seconds later. The break of more than three seconds has left no trace, because TCP keeps no connection but in the memory of its two ends.',
        zh: '一次回应就够了：计数从头开始，下一个探测在 5 秒之后。三秒多的中断没有留下任何痕迹，因为 TCP 连接只存在于两端的记忆之中。',
      },
      goal: film =>
        lost(film, 'client').filter(({ event }) => event.seq === 0 && event.len === 0).length >= 2 &&
        stateAtEnd(film, 0) === 'ESTABLISHED',
      solution: [{ kind: 'call', at: 11_500, side: 0, call: 'plug' }],
    },
  },
]
