import type { Story } from './story.js'

const PORT = 80
const LOCAL = 40000

/** Stories about data on its way, and about silence. */
export const FLOWING: Story[] = [
  {
    name: 'zero-window',
    title: { en: 'The window closes', zh: '窗口关闭' },
    about: {
      en: 'The server’s user does not read, so its buffer fills and its window closes. The client probes the closed window, ever more slowly, until the user reads and the window opens again.',
      zh: '服务器的用户不读取数据，缓冲区被填满，窗口关闭。客户端以越来越慢的节奏探测关闭的窗口，直到用户读取、窗口重新打开。',
    },
    hosts: ['client', 'server'],
    tcp: { receiveBuffer: 4096 },
    until: 6000,
    play: ({ first, second, at }) => {
      second.listen(PORT, { reads: false })
      at(0, () => first.connect(second, PORT, LOCAL))
      at(100, () => first.send(6000))
      at(3000, () => second.read())
      at(3500, () => second.read())
    },
  },
  {
    name: 'retransmit',
    title: {
      en: 'Lost data: fast retransmit, loss probe and timeout',
      zh: '数据丢失：快速重传、丢失探测与超时重传',
    },
    about: {
      en: 'When more segments follow a lost one, what is reported behind the gap shows it within a round trip: fast retransmit. A lone segment that is lost is found missing only by time: a tail loss probe goes out, and if that is lost too the retransmission timer expires.',
      zh: '丢失的报文段后面若还有数据，选择确认在一个往返内就会暴露缺口：快速重传。单独一个报文段丢失时，只能靠时间发现：先发出一个尾部丢失探测；若探测也丢失，重传定时器便会超时。',
    },
    hosts: ['client', 'server'],
    until: 3000,
    play: stage => {
      const { first, second } = stage
      second.listen(PORT)
      stage.lose(first, 2, p => p.payloadLength > 1000)
      stage.lose(first, 1, p => p.payloadLength === 100)
      stage.lose(first, 1, p => p.payloadLength === 100)
      stage.at(0, () => first.connect(second, PORT, LOCAL))
      stage.at(100, () => first.send(8 * 1448))
      stage.at(1000, () => first.send(100))
    },
  },
  {
    name: 'out-of-order',
    title: { en: 'Segments overtake each other', zh: '报文段乱序到达' },
    about: {
      en: 'The second of four segments is held up and comes last. What arrives early is kept, each early arrival repeats the acknowledgment, and when the gap is filled everything is delivered at once.',
      zh: '四个报文段中的第二个被耽搁，最后才到。先到的数据被保留，每个提前到达的报文段都引起一次重复确认；缺口一旦补上，全部数据立即交付。',
    },
    hosts: ['client', 'server'],
    until: 2000,
    play: stage => {
      const { first, second } = stage
      second.listen(PORT)
      stage.nth(first, 2, p => p.payloadLength > 0, { hold: 10 })
      stage.at(0, () => first.connect(second, PORT, LOCAL))
      stage.at(100, () => first.send(4 * 1448))
    },
  },
  {
    name: 'keepalive',
    title: { en: 'Keep-alive finds a dead peer', zh: '保活发现对方已死' },
    about: {
      en: 'Nothing is sent on an idle connection, so a pulled cable goes unnoticed. With keep-alive on, a silent peer is probed; it answers while it lives, and when several probes in a row go unanswered the connection is given up.',
      zh: '空闲的连接不发送任何报文，拔掉网线也无人察觉。打开保活后，会探测沉默的对方；对方活着就会回应，连续几次探测都没有回应时，连接被放弃。',
    },
    hosts: ['client', 'server'],
    play: stage => {
      const { first, second } = stage
      second.listen(PORT)
      stage.at(0, () => first.connect(second, PORT, LOCAL))
      stage.at(100, () => first.socket.setKeepAlive(true, 5000, 1000, 3))
      stage.at(8000, () => stage.unplug())
    },
  },
]
