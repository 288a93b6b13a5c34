import { cameTo, metWith, moves, sent } from './goals.js'
import type { Tour } from './tour.js'

/** Walks through the stories that show what TIME_WAIT is for. */
export const TIME_WAIT: readonly Tour[] = [
  {
    story: 'lost-last-ack',
    steps: [
      {
        cue: { on: 'state', host: 'server', to: 'LAST_ACK' },
        text: {
          en: 'The client has closed, and now the server has too. In LAST_ACK it waits for one thing only, the acknowledgment of its FIN.',
          zh: '客户端已经关闭，现在服务器也关闭了。它在 LAST_ACK 中只等一样东西：对自己 FIN 的确认。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'TIME_WAIT' },
        text: {
          en: 'The FIN arrives. The client acknowledges it and starts to wait for 2MSL.',
          zh: 'FIN 到达。客户端予以确认，开始等待 2MSL。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: [], nth: 2 },
        text: {
          en: 'This last ACK is lost. An ACK is not acknowledged itself, so the client cannot notice; it can only stay where it can be asked again.',
          zh: '这最后的 ACK 丢失了。ACK 本身得不到确认，客户端无从察觉，只能留在原处，以备对方再来询问。',
        },
      },
      {
        cue: { on: 'timer', host: 'server', timer: 'loss-probe' },
        text: {
          en: 'The server has waited for 200 ms in vain and sends its FIN again.',
          zh: '服务器白等了 200 ms，再次发出 FIN。',
        },
      },
      {
        cue: { on: 'arrives', from: 'server', flags: ['FIN'], nth: 2 },
        text: {
          en: 'In TIME_WAIT the client still knows this connection. It acknowledges the FIN once more, and 2MSL begin anew.',
          zh: '客户端处于 TIME_WAIT，仍记得这个连接。它再次确认 FIN，2MSL 从头计时。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'CLOSED' },
        text: {
          en: 'The server has its acknowledgment: it knows that its last byte and its FIN were received.',
          zh: '服务器得到了确认，知道自己的最后一个字节和 FIN 都已被对方收到。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'time-wait' },
        text: {
          en: 'No FIN has come again within 2MSL of the last one, so the ACK must have arrived. The client forgets the connection.',
          zh: '自上一个 FIN 起 2MSL 之内没有再收到 FIN，可见 ACK 已经送达。客户端释放连接。',
        },
      },
    ],
    without: {
      en: 'A client that forgot the connection with its last ACK would be in CLOSED when the FIN comes again, and answer it with RST. The server could not tell an orderly end from a failure.',
      zh: '如果客户端发出最后的 ACK 就忘记连接，FIN 再来时它已处于 CLOSED，只会回以 RST。服务器便分不清这是有序的结束还是出了故障。',
    },
    question: {
      ask: {
        en: 'Show what would happen without TIME_WAIT: make the FIN that comes again be answered with RST.',
        zh: '演示没有 TIME_WAIT 会怎样：让再次到来的 FIN 得到 RST。',
      },
      hint: {
        en: 'The client must have forgotten the connection before 370 ms. What makes a host forget?',
        zh: '客户端必须在 370 ms 之前忘记这个连接。什么会让主机忘记一切？',
      },
      done: {
        en: 'A host that knows nothing of a connection answers any segment of it with RST, even a FIN that deserved an ACK. The server is closed by the RST, without having heard that everything arrived.',
        zh: '主机若不知道某个连接，就对它的任何报文段回以 RST，哪怕是本该得到 ACK 的 FIN。服务器被 RST 关闭，始终没有得到数据全部送达的确认。',
      },
      goal: film => {
        const again = sent(film, 'server', 'FIN')[1]
        const answered = sent(film, 'client', 'RST').some(({ event }) => event.t === again?.event.arrives)
        return answered && moves(film, 'server', 'T33').length === 1
      },
      solution: [{ kind: 'call', at: 200, side: 0, call: 'reboot' }],
    },
  },
  {
    story: 'time-wait',
    steps: [
      {
        cue: { on: 'sent', from: 'server', data: true },
        text: {
          en: 'The server sends 200 bytes. The network makes a copy of this segment, which will be on its way for five seconds more.',
          zh: '服务器发送 200 字节。网络复制了这个报文段，副本还要在途中游荡五秒。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'FIN_WAIT_1' },
        text: {
          en: 'The client closes first. So it is the client that will have to wait in the end.',
          zh: '客户端先关闭，所以最后要等待的也是客户端。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'TIME_WAIT' },
        text: {
          en: 'TIME_WAIT lasts for 2MSL. The MSL is how long a segment can live in the network: two minutes in RFC 9293, 30 seconds in the BSDs and here. In practice TIME_WAIT takes between one minute and four.',
          zh: 'TIME_WAIT 持续 2MSL。MSL 是报文段在网络中的最大生存期：RFC 9293 取两分钟，BSD 系统和这里取 30 秒。因此实际的 TIME_WAIT 一般为一到四分钟。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'CLOSED' },
        text: {
          en: 'The server has the last ACK and is done. The client stays for two reasons: that ACK might have been lost, and old segments of this connection might still be around.',
          zh: '服务器收到最后的 ACK，到此结束。客户端留下来有两个原因：那个 ACK 可能丢失；这个连接的旧报文段可能还在网络中。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: [], nth: 4 },
        text: {
          en: 'Here is one: the copy from 100 ms. Its number is long past and so is its timestamp. The client does not take it and answers with an ACK that says where the connection stands.',
          zh: '果然来了一个：100 ms 时的副本。它的序号和时间戳都早已过去，客户端不接收，只回一个 ACK 说明连接的现状。',
        },
      },
      {
        cue: { on: 'sent', from: 'server', flags: ['RST'] },
        text: {
          en: 'The server has forgotten the connection, so it answers that ACK with RST. The client ignores the RST: it must not cut TIME_WAIT short (RFC 1337).',
          zh: '服务器已经忘记这个连接，对这个 ACK 回以 RST。客户端不理会它：RST 不应提前结束 TIME_WAIT（RFC 1337）。',
        },
      },
      {
        cue: { on: 'timer', host: 'client', timer: 'time-wait' },
        text: {
          en: '60 seconds after it began the wait is over. Whatever was in the network has died, and the ports are free.',
          zh: '等待开始 60 秒之后结束。网络中的旧报文段都已消失，这对端口可以重新使用。',
        },
      },
    ],
    without: {
      en: 'A new connection between the same two ports could begin at once. If its numbers happened to fit, the late copy would be taken for its data: 200 bytes that nobody sent to it.',
      zh: '同一对端口之间可能立即建立新的连接。假如序号恰好吻合，迟到的副本就会被当成新连接的数据：收到 200 字节根本没人发给它的内容。',
    },
    question: {
      ask: {
        en: 'Make TIME_WAIT last for more than 80 seconds. The late copy of the data did not lengthen it. A copy of which segment would?',
        zh: '让 TIME_WAIT 持续超过 80 秒。数据的迟到副本没有延长它，哪个报文段的副本可以？',
      },
      hint: {
        en: 'TIME_WAIT is there to answer one segment if it comes again. Duplicate that one, and let the copy arrive half a minute later.',
        zh: 'TIME_WAIT 的职责之一是应答再次到来的某个报文段。复制它，让副本晚半分钟到达。',
      },
      done: {
        en: 'Only the server’s FIN restarts the wait. If it comes again, its acknowledgment may have been lost; the client sends another, and that has to have 2MSL of time too.',
        zh: '只有服务器的 FIN 会让等待重新开始。它再次到来，说明确认可能丢失；客户端再发一个确认，也就要再等 2MSL。',
      },
      goal: film => {
        const [over] = moves(film, 'client', 'T23')
        return over !== undefined && over.t - cameTo(film, 'client', 'TIME_WAIT') > 80_000
      },
      solution: [{ kind: 'fate', at: 250, side: 1, nth: 3, fate: { what: 'duplicate', ms: 30_000 } }],
    },
  },
  {
    story: 'time-wait-reuse',
    steps: [
      {
        cue: { on: 'state', host: 'server', to: 'FIN_WAIT_1' },
        text: {
          en: 'This time the server closes first. Who waits at the end does not depend on who is client or server, but on who closes first.',
          zh: '这次是服务器先关闭。最后由谁等待，与客户或服务器的身份无关，只看谁先关闭。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'TIME_WAIT' },
        text: {
          en: 'The server is in TIME_WAIT: for a minute it remembers the two addresses and ports of this connection.',
          zh: '服务器进入 TIME_WAIT：在一分钟内，它记着这个连接的两对地址和端口。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'CLOSED' },
        text: {
          en: 'The client is in CLOSED and may use its port again at once.',
          zh: '客户端已处于 CLOSED，可以立即再次使用这个端口。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: ['SYN'], nth: 2 },
        text: {
          en: 'It does: a SYN from the same port to the same port. On the server this pair is still in TIME_WAIT.',
          zh: '它果然这样做了：一个 SYN 从同一端口发往同一端口。而在服务器上，这一对还处于 TIME_WAIT。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'SYN_RECEIVED', nth: 2 },
        text: {
          en: 'Can this be an old duplicate? Its timestamp is later than every one in the old connection, so no. RFC 6191 allows the server to leave TIME_WAIT for a new connection.',
          zh: '它会是旧的重复吗？它的时间戳晚于旧连接中的所有时间戳，所以不会。RFC 6191 允许服务器离开 TIME_WAIT，开始新的连接。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'ESTABLISHED', nth: 2 },
        text: {
          en: 'An ordinary handshake with new initial sequence numbers. The connection is open 60 ms after the SYN was sent, not a minute later.',
          zh: '随后是普通的三次握手，使用新的初始序号。SYN 发出 60 ms 之后连接就打开了，不必等上一分钟。',
        },
      },
    ],
    without: {
      en: 'A client that comes back from the same port would be kept out for a minute. Where a proxy makes many short connections to one server, its ports run out in this way.',
      zh: '从同一端口再来的客户端要被挡在外面一分钟。如果代理频繁地与同一台服务器建立短连接，端口就会这样耗尽。',
    },
    question: {
      ask: {
        en: 'Have a SYN arrive that the server in TIME_WAIT does not take for a new connection.',
        zh: '让一个 SYN 到达处于 TIME_WAIT 的服务器，而服务器不把它当作新的连接。',
      },
      hint: {
        en: 'It has to be older than the connection’s end. Which SYN is, and how can it come a second time, between 170 and 1,500 ms?',
        zh: '它必须比旧连接的结束更早。哪个 SYN 符合？怎样让它在 170 到 1500 ms 之间再来一次？',
      },
      done: {
        en: 'The copy of the first SYN has a timestamp from the beginning of the old connection: an old duplicate, dropped without a word. The SYN of 1,500 ms is still accepted.',
        zh: '第一个 SYN 的副本带着旧连接开始时的时间戳：这是旧的重复，被默默丢弃。1500 ms 的 SYN 仍被接受。',
      },
      goal: film => metWith(film, 'client', 'TW_DROP').some(({ event }) => event.flags.includes('SYN')),
      solution: [{ kind: 'fate', at: 0, side: 0, nth: 0, fate: { what: 'duplicate', ms: 500 } }],
    },
  },
]
