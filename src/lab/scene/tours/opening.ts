import { lost, metWith, moves, pathOf, sent } from './goals.js'
import type { Tour } from './tour.js'

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
  {
    story: 'simultaneous-open',
    steps: [
      {
        cue: { on: 'start' },
        text: {
          en: 'Nobody listens here. Both users connect: a from its port 40000 to port 80 of b, and b from its port 80 to port 40000 of a.',
          zh: '这里无人侦听，双方用户都发起连接：a 从自己的端口 40000 连到 b 的端口 80，b 从自己的端口 80 连到 a 的端口 40000。',
        },
      },
      {
        cue: { on: 'sent', from: 'b', flags: ['SYN'] },
        text: {
          en: 'The SYN of a is still on its way when b sends its own. The two cross, and both hosts are in SYN_SENT.',
          zh: 'a 的 SYN 还在途中，b 就发出了自己的 SYN。两个 SYN 交错而过，两台主机都处于 SYN_SENT。',
        },
      },
      {
        cue: { on: 'state', host: 'b', to: 'SYN_RECEIVED' },
        text: {
          en: 'b waits for a SYN,ACK and gets a SYN without ACK: so the other side opens too. It goes to SYN_RECEIVED and answers with SYN,ACK, in which its own SYN has the same number as before.',
          zh: 'b 等的是 SYN,ACK，到来的却是不带 ACK 的 SYN：可见对方也在主动打开。b 转入 SYN_RECEIVED，回应 SYN,ACK，其中自己的 SYN 序号与先前相同。',
        },
      },
      {
        cue: { on: 'state', host: 'a', to: 'SYN_RECEIVED' },
        text: {
          en: 'The same happens to a. Each host has now sent its SYN twice, once alone and once with an ACK. By its number it is still one SYN.',
          zh: 'a 的情形完全相同。每台主机的 SYN 都发了两遍，一遍单独发，一遍带着 ACK；序号相同，所以仍是同一个 SYN。',
        },
      },
      {
        cue: { on: 'state', host: 'a', to: 'ESTABLISHED' },
        text: {
          en: 'The SYN,ACK of b acknowledges the SYN of a. For a the connection is open; the SYN in this segment is a repetition and changes nothing.',
          zh: 'b 的 SYN,ACK 确认了 a 的 SYN，对 a 来说连接已经打开；其中的 SYN 只是重复，不起作用。',
        },
      },
      {
        cue: { on: 'state', host: 'b', to: 'ESTABLISHED' },
        text: {
          en: 'b follows. Four segments instead of three, and one connection instead of two: both SYNs name the same two addresses and ports. Nobody was client or server.',
          zh: 'b 随后也打开。报文段是四个而不是三个，连接是一个而不是两个，因为两个 SYN 指的是同一对地址和端口。这里没有客户与服务器之分。',
        },
      },
    ],
    without: {
      en: 'A TCP that takes only a SYN,ACK while it is in SYN_SENT would ignore or reset the bare SYN. Each side would wait for an answer that the other never gives, and both would give up.',
      zh: '如果处于 SYN_SENT 的 TCP 只认 SYN,ACK，就会忽略或复位单独的 SYN。双方都在等对方永远不会给出的回应，最后双双放弃。',
    },
    question: {
      ask: {
        en: 'Both users connect, as before. Yet only one of the two hosts shall pass through SYN_RECEIVED; the other is to go from SYN_SENT straight to ESTABLISHED.',
        zh: '双方用户照旧都发起连接，但只让一台主机经过 SYN_RECEIVED，另一台要从 SYN_SENT 直接进入 ESTABLISHED。',
      },
      hint: {
        en: 'A host goes straight to ESTABLISHED if the first thing it hears is a SYN,ACK. Which segment must not get there before it?',
        zh: '如果一台主机最先收到的是 SYN,ACK，它就直接进入 ESTABLISHED。哪个报文段不能抢在它前面到达？',
      },
      done: {
        en: 'A SYN,ACK says everything that the SYN said. The host that got it first behaves like any client; the bare SYN that comes later, or never, is not needed.',
        zh: 'SYN,ACK 包含了 SYN 的全部内容。先收到它的主机与普通客户端无异；单独的 SYN 迟到也好，不到也好，都不再需要。',
      },
      goal: film => {
        const both = ['a', 'b'].map(host => pathOf(film, host))
        const active = both.every(path => path.includes('SYN_SENT') && path.includes('ESTABLISHED'))
        return active && both.filter(path => path.includes('SYN_RECEIVED')).length === 1
      },
      solution: [{ kind: 'fate', at: 5, side: 1, nth: 0, fate: { what: 'delay', ms: 40 } }],
    },
  },
  {
    story: 'refused',
    steps: [
      {
        cue: { on: 'start' },
        text: {
          en: 'The client opens actively. The other host is up, but no process has opened port 80 passively: for this port it is in CLOSED.',
          zh: '客户端主动打开。对方主机在运行，但没有进程被动打开端口 80：就这个端口而言，它处于 CLOSED。',
        },
      },
      {
        cue: { on: 'arrives', from: 'client', flags: ['SYN'] },
        text: {
          en: 'In CLOSED every segment is answered with a RST, except a RST. This one acknowledges the SYN: its acknowledgment number is the number of the SYN plus one.',
          zh: '在 CLOSED 状态，除 RST 之外的任何报文段都以 RST 回应。这个 RST 确认了 SYN：确认号是 SYN 的序号加一。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'CLOSED' },
        text: {
          en: 'The acknowledgment number proves that the RST answers this very SYN, so the client believes it. Its user gets ECONNREFUSED after one round trip, 40 ms.',
          zh: '确认号证明这个 RST 回应的正是自己的 SYN，所以客户端相信它。用户在一个往返（40 ms）之后就得到 ECONNREFUSED。',
        },
      },
    ],
    without: {
      en: 'If nothing came back, the client could not tell a closed port from a lost SYN. It would send the SYN again and again and learn only after three minutes that nobody is there. A firewall that drops SYNs has this effect.',
      zh: '如果没有任何回应，客户端就分不清是端口关闭还是 SYN 丢失，只能一遍遍重传 SYN，三分钟后才知道无人应答。丢弃 SYN 的防火墙就会造成这种结果。',
    },
    question: {
      ask: {
        en: 'Make this same connect succeed: the client’s user calls it once, and it is not refused.',
        zh: '让这同一次连接成功：客户端的用户只发起一次，且不被拒绝。',
      },
      hint: {
        en: 'The SYN takes 20 ms. What has to be true on the other side when it arrives?',
        zh: 'SYN 在路上要走 20 ms。它到达时，另一边必须满足什么条件？',
      },
      done: {
        en: 'What counts is the moment at which the SYN arrives, not the one at which it was sent. A server that is in LISTEN by then answers with SYN,ACK.',
        zh: '关键在于 SYN 到达的时刻，而不是发出的时刻。只要那时服务器已处于 LISTEN，就会回应 SYN,ACK。',
      },
      goal: film =>
        moves(film, 'client', 'T02').length === 1 &&
        moves(film, 'client', 'T06').length === 1 &&
        sent(film, 'server', 'RST').length === 0,
      solution: [{ kind: 'call', at: 10, side: 1, call: 'listen' }],
    },
  },
  {
    story: 'old-duplicate-syn',
    steps: [
      {
        cue: { on: 'sent', from: 'client', flags: ['SYN'] },
        text: {
          en: 'The client sends a SYN. Somewhere in the network it is held up for 300 ms.',
          zh: '客户端发出一个 SYN，它在网络中某处滞留了 300 ms。',
        },
      },
      {
        cue: { on: 'state', host: 'client', to: 'CLOSED' },
        text: {
          en: 'The user does not wait and gives the attempt up. The client forgets it, but nobody can call the SYN back: it is now an old duplicate.',
          zh: '用户不再等待，放弃了这次尝试。客户端已经忘记它，但 SYN 无法收回：它成了已失效的连接请求报文段。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: ['SYN'], nth: 2 },
        text: {
          en: 'The user tries again, from the same port. The new SYN has another initial sequence number, 25,000 higher: the clock from which it is taken ticks every 4 µs, and 100 ms have passed.',
          zh: '用户从同一端口再次连接。新的 SYN 使用新的初始序号，比原来大 25000：产生序号的时钟每 4 µs 加一，而时间过去了 100 ms。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'SYN_RECEIVED' },
        text: {
          en: 'The old SYN arrives first. Nothing in it says that it is old, so the server answers with SYN,ACK and acknowledges the old number.',
          zh: '旧的 SYN 先到。它身上看不出新旧，于是服务器回应 SYN,ACK，确认的是旧的序号。',
        },
      },
      {
        cue: { on: 'sent', from: 'client', flags: ['RST'] },
        text: {
          en: 'The client is in SYN_SENT and knows which number it has sent. This acknowledgment is for another one, so it sends a RST, with the sequence number that the acknowledgment asked for, and goes on waiting.',
          zh: '处于 SYN_SENT 的客户端知道自己发的是哪个序号，而这个确认号与之不符。它发出 RST，序号取自那个确认号，然后继续等待。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'LISTEN', nth: 2 },
        text: {
          en: 'The server was opened passively, so the RST takes it from SYN_RECEIVED back to LISTEN. Its user does not hear of it.',
          zh: '服务器是被动打开的，RST 使它从 SYN_RECEIVED 回到 LISTEN，用户对此毫不知情。',
        },
      },
      {
        cue: { on: 'state', host: 'server', to: 'ESTABLISHED' },
        text: {
          en: 'The new SYN has come 10 ms later and has led to an ordinary handshake. A server that waits for the third segment cannot be deceived by an old SYN.',
          zh: '新的 SYN 在 10 ms 之后到达，随后是普通的三次握手。服务器要等到第三个报文段才打开连接，所以旧的 SYN 骗不了它。',
        },
      },
    ],
    without: {
      en: 'With two segments the server would be in ESTABLISHED as soon as the old SYN had come, for a connection with numbers that the client does not use. It would keep it, and wait for data that never comes.',
      zh: '若只有两次握手，旧的 SYN 一到，服务器就进入 ESTABLISHED，而这个连接的序号客户端并不使用。服务器将白白维持它，等待永远不会到来的数据。',
    },
    question: {
      ask: {
        en: 'Lose exactly one segment, so that the server is sent back to LISTEN by the new SYN and not by a RST. The connection is to open all the same.',
        zh: '只丢掉一个报文段，使服务器回到 LISTEN 的原因是新的 SYN，而不是 RST。连接最后仍要打开。',
      },
      hint: {
        en: 'What sent the server back to LISTEN so far? If that does not arrive, the new SYN finds it in SYN_RECEIVED.',
        zh: '原先是什么让服务器回到 LISTEN 的？如果它没有到达，新的 SYN 到来时服务器就还在 SYN_RECEIVED。',
      },
      done: {
        en: 'A second SYN, with another number inside the window, tells the server that something is wrong; having been opened passively, it goes back to LISTEN. That SYN is used up by this. The client’s timer sends it again at 1,100 ms, and then it is answered.',
        zh: '第二个 SYN 序号不同，却落在窗口之内，服务器由此知道出了差错；它是被动打开的，于是回到 LISTEN。这个 SYN 也就此用掉了。客户端的定时器在 1100 ms 时重传 SYN，这次才得到回应。',
      },
      goal: film =>
        lost(film).length === 1 &&
        moves(film, 'server', 'T35').length > 0 &&
        metWith(film, 'server', 'R08').length === 1 &&
        pathOf(film, 'server').includes('ESTABLISHED'),
      solution: [{ kind: 'fate', at: 340, side: 0, nth: 2, fate: { what: 'drop' } }],
    },
  },
  {
    story: 'self-connect',
    steps: [
      {
        cue: { on: 'start' },
        text: {
          en: 'There is one host, and it connects from its port 80 to its own port 80. Both ends of this connection have the same address and port, so they are one end.',
          zh: '只有一台主机，它从自己的端口 80 连接自己的端口 80。连接两端的地址和端口完全相同，所以两端其实是一端。',
        },
      },
      {
        cue: { on: 'state', host: 'a', to: 'SYN_RECEIVED' },
        text: {
          en: 'The SYN comes back over the loopback and finds its sender in SYN_SENT. A SYN without ACK means a simultaneous open, so the answer is SYN,ACK.',
          zh: 'SYN 经环回接口返回，遇到的正是处于 SYN_SENT 的发送者自己。不带 ACK 的 SYN 意味着同时打开，于是回应 SYN,ACK。',
        },
      },
      {
        cue: { on: 'state', host: 'a', to: 'ESTABLISHED' },
        text: {
          en: 'The SYN,ACK comes back too and acknowledges the SYN. The connection is open after two segments, and nothing is left to answer.',
          zh: 'SYN,ACK 也返回，确认了 SYN。两个报文段之后连接就打开了，不需要再回应什么。',
        },
      },
      {
        cue: { on: 'sent', from: 'a', data: true },
        text: {
          en: 'What it sends it receives: 26 bytes go out and come in. One sequence space counts both directions.',
          zh: '发出的就是收到的：26 个字节既出又入，两个方向共用一个序号空间。',
        },
      },
      {
        cue: { on: 'timer', host: 'a', timer: 'delayed-ack' },
        text: {
          en: 'It even acknowledges to itself, after the usual delay for an ACK that no data takes along.',
          zh: '连确认也是发给自己的：没有数据可以捎带，ACK 照例推迟了一会儿才发出。',
        },
      },
    ],
    without: {
      en: 'A TCP that has no rule for its own SYN may answer itself for ever. In 1997 a forged SYN, with the victim’s address as its source, stopped many hosts in this way (LAND).',
      zh: '如果 TCP 没有处理自身 SYN 的规则，就可能无休止地回应自己。1997 年的 LAND 攻击正是如此：伪造一个源地址为受害者自身的 SYN，就让许多主机陷于停顿。',
    },
    question: {
      ask: {
        en: 'Give the host a second connection with itself, one that has two ends: a server that was in LISTEN, and a client.',
        zh: '让这台主机与自己再建立一个连接，这次要有两端：一端是经过 LISTEN 的服务器，另一端是客户端。',
      },
      hint: {
        en: 'Listen first. Then connect: the lab takes a port of its own for each connect.',
        zh: '先侦听，再发起连接：实验台每次连接都使用一个新的本地端口。',
      },
      done: {
        en: 'Two ports make two ends, each with a state of its own, even on one host. Close the one and the other connection and compare: a FIN to oneself leads through CLOSING, never through CLOSE_WAIT.',
        zh: '两个端口就有两端，即使在同一台主机上，也各有各的状态。分别关闭这两个连接再作比较：发给自己的 FIN 会经过 CLOSING，绝不会经过 CLOSE_WAIT。',
      },
      goal: film =>
        moves(film, 'a', 'T05').length > 0 &&
        moves(film, 'a', 'T06').length > 0 &&
        moves(film, 'a', 'T08').length >= 2,
      solution: [
        { kind: 'call', at: 200, side: 0, call: 'listen' },
        { kind: 'call', at: 300, side: 0, call: 'connect' },
      ],
    },
  },
]
