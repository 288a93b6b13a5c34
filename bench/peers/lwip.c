// lwIP, as Debian builds it, on a plain TUN.
//   lwip TUN OWN-CIDR KERNEL-ADDRESS PORT COMMAND…
// Its raw interface is used, from one thread: lwip_init() starts no thread of its own, and everything here
// is called from the loop that reads the TUN.
#include "common.h"

#include <errno.h>
#include <poll.h>
#include <sys/uio.h>

#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/nd6.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>

static int tun;
static struct netif interface;
static struct command command;
static struct count count;
static int over; // set when the command is done

// ---- The TUN as an interface of lwIP ----

// A packet on its way in. They are used again and again: lwIP says when it is done with one.
#define PACKET 2048 // lwIP's largest segment is 1460 bytes here, whatever the MTU
struct packet {
  struct pbuf_custom pbuf; // first, so that a pointer to it is one to the packet
  struct packet *next;
  uint8_t data[PACKET];
};
static struct packet *unused;

static void packet_done(struct pbuf *p) {
  struct packet *packet = (struct packet *)p;
  packet->next = unused;
  unused = packet;
}

static void link_read(void) {
  for (int i = 0; i < 64 && !over; i++) { // then the timers and the clock have their turn
    struct packet *packet = unused;
    if (packet) unused = packet->next;
    else if (!(packet = malloc(sizeof *packet))) fail("no memory");
    ssize_t n = read(tun, packet->data, PACKET);
    if (n <= 0) {
      packet_done(&packet->pbuf.pbuf);
      if (n < 0 && errno != EAGAIN && errno != EINTR) fail("the TUN ended: %m");
      return;
    }
    packet->pbuf.custom_free_function = packet_done;
    struct pbuf *p = pbuf_alloced_custom(PBUF_RAW, n, PBUF_REF, &packet->pbuf, packet->data, PACKET);
    if (interface.input(p, &interface) != ERR_OK) pbuf_free(p);
  }
}

static err_t link_write(struct pbuf *p) {
  struct iovec parts[16];
  int used = 0;
  for (; p && used < 16; p = p->next) {
    parts[used].iov_base = p->payload;
    parts[used++].iov_len = p->len;
  }
  return writev(tun, parts, used) < 0 ? ERR_IF : ERR_OK;
}

static err_t link_write4(struct netif *n, struct pbuf *p, const ip4_addr_t *to) {
  (void)n, (void)to;
  return link_write(p);
}

static err_t link_write6(struct netif *n, struct pbuf *p, const ip6_addr_t *to) {
  (void)n, (void)to;
  return link_write(p);
}

static err_t link_init(struct netif *n) {
  n->name[0] = 't';
  n->name[1] = 'n';
  n->output = link_write4;
  n->output_ip6 = link_write6;
  n->flags |= NETIF_FLAG_LINK_UP;
  return ERR_OK;
}

static void link_up(char *cidr, int mtu) {
  char *slash = strchr(cidr, '/');
  if (!slash) fail("not a CIDR: %s", cidr);
  *slash = 0;
  int prefix = atoi(slash + 1);
  ip_addr_t own;
  if (!ipaddr_aton(cidr, &own)) fail("not an address: %s", cidr);
  ip4_addr_t address = {0}, mask = {0}, gateway = {0};
  if (IP_IS_V4(&own)) {
    address = *ip_2_ip4(&own);
    mask.addr = prefix ? lwip_htonl(~0u << (32 - prefix)) : 0;
  }
  if (!netif_add(&interface, &address, &mask, &gateway, NULL, link_init, ip_input)) fail("no interface");
  interface.mtu = interface.mtu6 = mtu > 65535 ? 65535 : mtu;
  if (IP_IS_V6(&own)) {
    s8_t index;
    if (netif_add_ip6_address(&interface, ip_2_ip6(&own), &index) != ERR_OK) fail("cannot take %s", cidr);
    netif_ip6_addr_set_state(&interface, index, IP6_ADDR_PREFERRED); // nobody to ask whether it is taken
  }
  netif_set_default(&interface);
  netif_set_up(&interface);
}

// ---- Connections ----

struct stream {
  struct tcp_pcb *pcb;
  uint64_t position;
};
static struct stream streams[MOST_STREAMS];
static ip_addr_t server;
static u16_t port;

static void on_error(void *owner, err_t error) {
  (void)owner;
  if (!over) fail("the connection ended: lwIP error %d", error);
}

static void begin(struct stream *s);

// As much of the pattern as the send buffer takes (64 KiB at the most, so there are no writes of 128).
static void send_more(struct stream *s) {
  static uint64_t outgoing[PATTERN_BUFFER(65536)];
  for (;;) {
    size_t room = tcp_sndbuf(s->pcb);
    // Not in crumbs: every write is a call and a segment's worth of copying.
    if (room < 1460 || tcp_sndqueuelen(s->pcb) >= TCP_SND_QUEUELEN - 4) return;
    uint8_t *from = pattern_fill(outgoing, room, s->position);
    if (tcp_write(s->pcb, from, room, TCP_WRITE_FLAG_COPY) != ERR_OK) return; // the next acknowledgement makes room
    s->position += room;
    count.total += room;
  }
}

static uint64_t unacknowledged(void) {
  uint64_t sum = 0;
  for (int i = 0; i < command.count; i++)
    if (streams[i].pcb) sum += TCP_SND_BUF - tcp_sndbuf(streams[i].pcb);
  return sum;
}

static err_t on_sent(void *owner, struct tcp_pcb *pcb, u16_t length) {
  (void)pcb, (void)length;
  send_more(owner);
  return ERR_OK;
}

// ---- The echoes ----

static double *times, echo_start, rtt_start, rtt_took, rtt_cpu;
static int echo;

static void echo_send(struct stream *s) {
  uint8_t one = echo;
  echo_start = now();
  if (tcp_write(s->pcb, &one, 1, TCP_WRITE_FLAG_COPY) != ERR_OK) fail("cannot send");
  tcp_output(s->pcb);
}

static void echo_back(struct stream *s, struct pbuf *p) {
  if (p->tot_len != 1 || *(uint8_t *)p->payload != (uint8_t)echo) fail("the echo is not what was sent");
  double t = now();
  if (echo >= 0) times[echo] = t - echo_start;
  if (++echo == 0) {
    rtt_start = t;
    rtt_cpu = cpu();
  }
  if (echo < command.count) return echo_send(s);
  rtt_took = t - rtt_start;
  rtt_cpu = cpu() - rtt_cpu;
  over = 1;
}

static err_t on_received(void *owner, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
  struct stream *s = owner;
  if (error != ERR_OK) fail("cannot receive: lwIP error %d", error);
  if (!p) {
    if (command.what != CPS) fail("the connection ended");
    if (s->position != 1) fail("a connection went wrong: %llu bytes", (unsigned long long)s->position);
    tcp_arg(pcb, NULL);
    tcp_err(pcb, NULL);
    if (tcp_close(pcb) != ERR_OK) fail("cannot close");
    count.total++;
    begin(s);
    return ERR_OK;
  }
  if (command.what == RX)
    for (struct pbuf *part = p; part; part = part->next) {
      pattern_spot_check(part->payload, part->len, s->position);
      s->position += part->len;
      count.total += part->len;
    }
  else s->position += p->tot_len;
  tcp_recved(pcb, p->tot_len);
  if (command.what == RTT) echo_back(s, p);
  pbuf_free(p);
  return ERR_OK;
}

static void start(struct stream *s) {
  static const char wishes[] = {[RX] = 's', [TX] = 'r', [RTT] = 'e', [CPS] = 'c'};
  if (tcp_write(s->pcb, &wishes[command.what], 1, TCP_WRITE_FLAG_COPY) != ERR_OK) fail("cannot send");
  if (command.what == TX) send_more(s);
  if (command.what == RTT) echo_send(s);
  tcp_output(s->pcb);
}

// Streams are opened one after the other, and all are open before the first begins: no handshake waits behind data.
static err_t on_connected(void *owner, struct tcp_pcb *pcb, err_t error) {
  (void)pcb, (void)error;
  static int open;
  if (command.what == RTT || command.what == CPS) start(owner);
  else if (++open < command.count) begin(&streams[open]);
  else
    for (int i = 0; i < command.count; i++) start(&streams[i]);
  return ERR_OK;
}

static void begin(struct stream *s) {
  s->position = 0;
  s->pcb = tcp_new_ip_type(IP_GET_TYPE(&server));
  if (!s->pcb) fail("no connection block");
  tcp_arg(s->pcb, s);
  tcp_err(s->pcb, on_error);
  tcp_recv(s->pcb, on_received);
  if (command.what == TX) tcp_sent(s->pcb, on_sent);
  tcp_nagle_disable(s->pcb);
  err_t error = tcp_connect(s->pcb, &server, port, on_connected);
  if (error != ERR_OK) fail("cannot connect: lwIP error %d", error);
}

int main(int argc, char **argv) {
  if (argc < 6) fail("lwip TUN OWN-CIDR KERNEL-ADDRESS PORT COMMAND…");
  if (!ipaddr_aton(argv[3], &server)) fail("not an address: %s", argv[3]);
  port = atoi(argv[4]);
  command = command_read(argv + 5);
  if (command.what == RTT) times = calloc(command.count, sizeof *times);
  echo = -WARM_UP_ECHOES;

  int mtu;
  tun = tun_open(argv[1], &mtu);
  srand(time(NULL) ^ getpid()); // lwIP takes its first port from rand()
  lwip_init();
  link_up(argv[2], mtu);

  int connections = command.what == RTT ? 1 : command.count;
  for (int i = 0; i < (command.what == CPS ? connections : 1); i++) begin(&streams[i]);
  count_start(&count, command.seconds);
  if (command.what == TX) count.unacknowledged = unacknowledged;
  while (!over) {
    struct pollfd ready = {.fd = tun, .events = POLLIN};
    u32_t sleep = sys_timeouts_sleeptime(); // until lwIP's next timer
    if (poll(&ready, 1, sleep > 50 ? 50 : (int)sleep) > 0) link_read();
    sys_check_timeouts();
    if (command.what != RTT && count_over(&count)) over = 1;
  }
  // A reset, so that the server does not go on sending to an interface that is gone.
  for (int i = 0; i < connections; i++)
    if (streams[i].pcb) tcp_abort(streams[i].pcb);
  if (command.what == RTT) rtt_print(times, command.count, rtt_took, rtt_cpu);
  else count_print(&count, command.what == CPS ? "connections" : "bytes");
  return 0;
}
