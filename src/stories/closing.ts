import type { Story } from './story.js'

const PORT = 80
const LOCAL = 40000

/** Stories about how a connection ends. */
export const CLOSING: Story[] = [
  {
    name: 'close',
    title: { en: 'The four-way close', zh: '四次挥手' },
    about: {
      en: 'Each direction is closed by itself: FIN and its ACK, twice. Who closes first goes through FIN_WAIT_1 and FIN_WAIT_2 and holds TIME_WAIT; who closes second goes through CLOSE_WAIT and LAST_ACK.',
      zh: '两个方向各自关闭：FIN 与它的 ACK，各两次。先关闭的一方经历 FIN_WAIT_1、FIN_WAIT_2 并停留在 TIME_WAIT；后关闭的一方经历 CLOSE_WAIT 与 LAST_ACK。',
    },
    hosts: ['client', 'server'],
    play: ({ first, second, at }) => {
      second.listen(PORT, { closeAfter: 30 })
      at(0, () => first.connect(second, PORT, LOCAL))
      at(100, () => first.send(300))
      at(200, () => first.close())
    },
  },
  {
    name: 'half-close',
    title: { en: 'Half-close: data after the FIN of the other side', zh: '半关闭：对方 FIN 之后的数据' },
    about: {
      en: 'A FIN closes one direction only. The client has no more to say, but the server still sends, and the client in FIN_WAIT_2 receives and acknowledges, for as long as it takes.',
      zh: 'FIN 只关闭一个方向。客户端不再发送，但服务器仍在发送，处于 FIN_WAIT_2 的客户端照常接收和确认，想持续多久都可以。',
    },
    hosts: ['client', 'server'],
    play: ({ first, second, at }) => {
      second.listen(PORT)
      at(0, () => first.connect(second, PORT, LOCAL))
      at(100, () => first.send(50))
      at(150, () => first.close())
      at(300, () => second.send(2000))
      at(500, () => second.send(100))
      at(600, () => second.close())
    },
  },
  {
    name: 'simultaneous-close',
    title: { en: 'Simultaneous close', zh: '同时关闭' },
    about: {
      en: 'Both users close before either FIN has arrived; the FINs cross. Each side acknowledges the other’s FIN in CLOSING, and both wait 2MSL.',
      zh: '双方用户在任何一个 FIN 到达之前都关闭了连接，FIN 在途中交错。双方都在 CLOSING 中确认对方的 FIN，并且都要等待 2MSL。',
    },
    hosts: ['a', 'b'],
    play: ({ first, second, at }) => {
      second.listen(PORT)
      at(0, () => first.connect(second, PORT, LOCAL))
      at(100, () => first.close())
      at(105, () => second.close())
    },
  },
  {
    name: 'lost-fin',
    title: { en: 'The FIN is lost', zh: 'FIN 丢失' },
    about: {
      en: 'A FIN has a sequence number and is retransmitted like data, until it is acknowledged.',
      zh: 'FIN 占用一个序号，像数据一样被重传，直到得到确认。',
    },
    hosts: ['client', 'server'],
    play: stage => {
      const { first, second } = stage
      second.listen(PORT, { closeAfter: 30 })
      stage.lose(first, 1, p => p.has('FIN'))
      stage.at(0, () => first.connect(second, PORT, LOCAL))
      stage.at(100, () => first.close())
    },
  },
  {
    name: 'lost-last-ack',
    title: { en: 'The last acknowledgment is lost', zh: '最后的确认丢失' },
    about: {
      en: 'This is what TIME_WAIT is for: the server’s FIN comes again, is acknowledged again, and the 2MSL wait starts from the beginning. Without it the repeated FIN would be answered with RST.',
      zh: '这正是 TIME_WAIT 存在的意义：服务器的 FIN 再次到来，再次得到确认，2MSL 从头开始计时。否则，重发的 FIN 只会得到 RST。',
    },
    hosts: ['client', 'server'],
    play: stage => {
      const { first, second } = stage
      second.listen(PORT, { closeAfter: 30 })
      stage.at(0, () => first.connect(second, PORT, LOCAL))
      stage.at(100, () => {
        first.close()
        // From now on the client sends one ACK only: the last.
        stage.lose(first, 1, p => p.has('ACK') && !p.has('FIN'))
      })
    },
  },
  {
    name: 'time-wait',
    title: { en: 'TIME_WAIT and its 2MSL', zh: 'TIME_WAIT 与 2MSL' },
    about: {
      en: 'The side that closed first stays for two maximum segment lifetimes. A late copy of the server’s data comes by and does no harm: the connection is still remembered, so nothing else can be mistaken for it.',
      zh: '先关闭的一方再停留两个最大报文段生存期。服务器数据的一份迟到副本到来，也不会造成危害：连接仍被记着，不会与新的连接混淆。',
    },
    hosts: ['client', 'server'],
    play: stage => {
      const { first, second } = stage
      second.listen(PORT, { closeAfter: 30 })
      stage.nth(second, 1, p => p.payloadLength > 0, { repeat: 5000 })
      stage.at(0, () => first.connect(second, PORT, LOCAL))
      stage.at(100, () => second.send(200))
      stage.at(200, () => first.close())
    },
  },
  {
    name: 'time-wait-reuse',
    title: { en: 'A new connection out of TIME_WAIT', zh: '从 TIME_WAIT 中开启新连接' },
    about: {
      en: 'The server closed first and holds TIME_WAIT. The client comes again from the same port: its timestamp and sequence number show that this is no old duplicate, so the server takes the new connection at once (RFC 6191).',
      zh: '服务器先关闭，处于 TIME_WAIT。客户端又从同一端口连接：时间戳与序号表明这不是旧的重复，服务器立即接受新连接（RFC 6191）。',
    },
    hosts: ['client', 'server'],
    until: 3000,
    play: ({ first, second, at }) => {
      second.listen(PORT)
      at(0, () => first.connect(second, PORT, LOCAL, { closeAfter: 30 }))
      at(100, () => second.close())
      at(1500, () => first.connect(second, PORT, LOCAL))
      at(1700, () => first.send(100))
    },
  },
  {
    name: 'reset',
    title: { en: 'The server resets the connection', zh: '服务器复位连接' },
    about: {
      en: 'The server’s user throws the connection away. A RST tells the client, whose user gets ECONNRESET, not an orderly end.',
      zh: '服务器的用户丢弃了连接。RST 通知客户端，其用户得到的是 ECONNRESET，而不是有序的结束。',
    },
    hosts: ['client', 'server'],
    play: ({ first, second, at }) => {
      second.listen(PORT)
      at(0, () => first.connect(second, PORT, LOCAL))
      at(100, () => first.send(100))
      at(200, () => second.abort())
    },
  },
  {
    name: 'abort',
    title: { en: 'The client aborts with data in flight', zh: '客户端在数据途中中止' },
    about: {
      en: 'ABORT throws away what is queued and sends RST at once: no FIN, no TIME_WAIT, and no promise that the data arrived.',
      zh: 'ABORT 丢弃排队的数据并立即发送 RST：没有 FIN，没有 TIME_WAIT，也不保证数据已经到达。',
    },
    hosts: ['client', 'server'],
    play: ({ first, second, at }) => {
      second.listen(PORT)
      at(0, () => first.connect(second, PORT, LOCAL))
      at(100, () => first.send(3000))
      at(105, () => first.abort())
    },
  },
  {
    name: 'half-open-crash',
    title: { en: 'One side crashes', zh: '一方崩溃' },
    about: {
      en: 'The server loses its memory and starts again. The client still believes the connection open; its next segment finds no connection there and is answered with RST.',
      zh: '服务器失去记忆并重新启动。客户端仍以为连接打开着；它的下一个报文段在那里找不到连接，得到 RST。',
    },
    hosts: ['client', 'server'],
    play: ({ first, second, at }) => {
      second.listen(PORT)
      at(0, () => first.connect(second, PORT, LOCAL))
      at(100, () => first.send(100))
      at(1000, () => second.reboot())
      at(2000, () => first.send(100))
    },
  },
]
