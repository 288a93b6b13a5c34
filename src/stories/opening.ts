import type { Story } from './story.js'

const PORT = 80
const LOCAL = 40000

/** Stories about how a connection begins, and how it fails to. */
export const OPENING: Story[] = [
  {
    name: 'handshake',
    title: { en: 'The three-way handshake', zh: '三次握手' },
    about: {
      en: 'The client sends SYN, the server answers SYN,ACK, the client acknowledges. Each side now knows the other’s initial sequence number, and knows that the other knows its own.',
      zh: '客户端发送 SYN，服务器回应 SYN,ACK，客户端再确认。双方由此都知道了对方的初始序号，也知道对方已收到自己的序号。',
    },
    hosts: ['client', 'server'],
    until: 1000,
    play: ({ first, second, at }) => {
      second.listen(PORT)
      at(0, () => first.connect(second, PORT, LOCAL))
    },
  },
  {
    name: 'simultaneous-open',
    title: { en: 'Simultaneous open', zh: '同时打开' },
    about: {
      en: 'Both hosts open actively at the same time; the SYNs cross. Each answers the other’s SYN with SYN,ACK, and one connection comes of it, not two.',
      zh: '两台主机同时主动打开，SYN 在途中交错。双方各以 SYN,ACK 回应对方的 SYN，最终只形成一个连接。',
    },
    hosts: ['a', 'b'],
    until: 1000,
    play: ({ first, second, at }) => {
      at(0, () => first.connect(second, PORT, LOCAL))
      at(5, () => second.connect(first, LOCAL, PORT))
    },
  },
  {
    name: 'lost-syn',
    title: { en: 'The SYN is lost', zh: 'SYN 丢失' },
    about: {
      en: 'Nothing comes back, so the client’s retransmission timer expires after its initial second and the SYN goes out again.',
      zh: '没有任何回应，客户端的重传定时器在最初的一秒之后超时，再次发出 SYN。',
    },
    hosts: ['client', 'server'],
    until: 3000,
    play: stage => {
      const { first, second } = stage
      second.listen(PORT)
      stage.lose(first, 1, p => p.has('SYN'))
      stage.at(0, () => first.connect(second, PORT, LOCAL))
    },
  },
  {
    name: 'lost-syn-ack',
    title: { en: 'The SYN,ACK is lost', zh: 'SYN,ACK 丢失' },
    about: {
      en: 'The server waits in SYN_RECEIVED, the client in SYN_SENT. Whichever timer expires first sends again; a SYN that comes again makes the server repeat its SYN,ACK.',
      zh: '服务器停在 SYN_RECEIVED，客户端停在 SYN_SENT。先超时的一方重发；服务器再次收到 SYN 时会重发 SYN,ACK。',
    },
    hosts: ['client', 'server'],
    until: 3000,
    play: stage => {
      const { first, second } = stage
      second.listen(PORT)
      stage.lose(second, 1, p => p.has('SYN', 'ACK'))
      stage.at(0, () => first.connect(second, PORT, LOCAL))
    },
  },
  {
    name: 'lost-handshake-ack',
    title: { en: 'The third segment is lost', zh: '第三个报文段丢失' },
    about: {
      en: 'The client believes the connection open, the server does not yet. Either the server repeats its SYN,ACK, or data from the client brings the missing acknowledgment along.',
      zh: '客户端认为连接已打开，服务器却还没有。要么服务器重发 SYN,ACK，要么客户端的数据捎来缺失的确认。',
    },
    hosts: ['client', 'server'],
    until: 4000,
    play: stage => {
      const { first, second } = stage
      second.listen(PORT)
      stage.lose(first, 1, p => p.has('ACK') && !p.has('SYN'))
      stage.at(0, () => first.connect(second, PORT, LOCAL))
      stage.at(2500, () => first.send(100))
    },
  },
  {
    name: 'refused',
    title: { en: 'Connection refused', zh: '连接被拒绝' },
    about: {
      en: 'Nobody listens on the port: the server’s TCP answers the SYN with RST,ACK, and the client’s user gets ECONNREFUSED.',
      zh: '端口上无人侦听：服务器的 TCP 以 RST,ACK 回应 SYN，客户端的用户得到 ECONNREFUSED。',
    },
    hosts: ['client', 'server'],
    play: ({ first, second, at }) => {
      at(0, () => first.connect(second, PORT, LOCAL))
    },
  },
  {
    name: 'old-duplicate-syn',
    title: { en: 'An old duplicate SYN', zh: '旧的重复 SYN' },
    about: {
      en: 'A SYN from an attempt that was given up comes late, before the new one. The server answers it, the client sees an acknowledgment that is not for its SYN and resets it, and the server goes back to LISTEN: this is why there are three segments.',
      zh: '一次已放弃的尝试留下的 SYN 迟到，且先于新的 SYN 到达。服务器回应了它，客户端发现确认的不是自己的 SYN，便将其复位，服务器回到 LISTEN：这正是需要三次握手的原因。',
    },
    hosts: ['client', 'server'],
    until: 1000,
    play: stage => {
      const { first, second } = stage
      second.listen(PORT)
      stage.nth(first, 1, p => p.has('SYN'), { hold: 300 })
      stage.at(0, () => first.connect(second, PORT, LOCAL))
      stage.at(50, () => first.abort())
      stage.at(100, () => {
        stage.nth(first, 1, p => p.has('SYN'), { hold: 250 })
        first.connect(second, PORT, LOCAL)
      })
    },
  },
  {
    name: 'self-connect',
    title: { en: 'A connection with oneself', zh: '与自己连接' },
    about: {
      en: 'A host connects from a port to the same port of its own address. Its SYN comes back to it: a simultaneous open with itself, which has to end in one open connection and not in a loop.',
      zh: '主机从某端口连接到自己地址的同一端口。它的 SYN 回到自己手中：这是与自己的同时打开，必须得到一个打开的连接，而不是死循环。',
    },
    hosts: ['a'],
    until: 1000,
    play: ({ first, at }) => {
      at(0, () => first.connect(first, PORT, PORT))
      at(100, () => first.send(26))
    },
  },
]
