import type { Story } from '../../stories/index.js'

/** Two hosts that do nothing by themselves. */
export const FREE: Story = {
  name: 'free',
  title: { en: 'An empty stage', zh: '空舞台' },
  about: {
    en: 'Two hosts and a line between them. Nothing happens until you make it happen: listen on one side, connect from the other, send, close, and break what you like.',
    zh: '两台主机，一条线路。你不动手，什么都不会发生：在一边侦听，从另一边连接，发送，关闭，想破坏什么都可以。',
  },
  hosts: ['client', 'server'],
  play: () => {},
}
