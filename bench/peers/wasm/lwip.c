// lwIP in WebAssembly: its raw interface, for a host that has the TUN and the connections (bench/peers-lwip-wasm.ts). The
// host calls what is exported; what it must offer are the host_… functions. Packets and data are handed over where they
// lie: each is there until the call returns.
#include <stdlib.h>

#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/nd6.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define HOST(name) __attribute__((import_module("host"), import_name(#name)))

HOST(now) unsigned host_now(void);
HOST(packet) int host_packet(const void *bytes, unsigned length); // 1: taken
HOST(connected) void host_connected(int id);
HOST(received) void host_received(int id, const void *bytes, unsigned length); // no bytes: the end
HOST(acknowledged) void host_acknowledged(int id);
HOST(failed) void host_failed(int id, int error);

u32_t sys_now(void) { return host_now(); }

// ---- The interface ----

static struct netif interface;

#define PACKET 2048 // lwIP's largest segment is 1460 bytes here, whatever the MTU
// A packet on its way in. They are used again and again: lwIP says when it is done with one.
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

// Where the next packet is to be written: 2048 bytes, or none left.
EXPORT(packet_room) void *packet_room(void) {
  if (!unused) {
    struct packet *packet = malloc(sizeof *packet);
    if (!packet) return NULL;
    packet_done(&packet->pbuf.pbuf);
  }
  return unused->data;
}

// It has been.
EXPORT(packet_in) void packet_in(unsigned length) {
  struct packet *packet = unused;
  unused = packet->next;
  packet->pbuf.custom_free_function = packet_done;
  struct pbuf *p = pbuf_alloced_custom(PBUF_RAW, length, PBUF_REF, &packet->pbuf, packet->data, PACKET);
  if (interface.input(p, &interface) != ERR_OK) pbuf_free(p);
}

// From one place always: a new view of the memory for each packet costs the host more than the copy, and what lwIP has in
// several pieces needs one all the same.
static err_t link_write(struct pbuf *p) {
  static uint8_t outgoing[PACKET];
  if (p->tot_len > PACKET) return ERR_BUF;
  pbuf_copy_partial(p, outgoing, p->tot_len, 0);
  return host_packet(outgoing, p->tot_len) ? ERR_OK : ERR_IF;
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

// Text from the host: the own address, later the server's.
static char text[64];
EXPORT(text_room) char *text_room(void) { return text; }

// Begins, with the address that was written as text. 0 if it is none.
EXPORT(start) int start(int prefix, int mtu, unsigned seed) {
  srand(seed); // lwIP takes its first port from rand()
  lwip_init();
  ip_addr_t own;
  if (!ipaddr_aton(text, &own)) return 0;
  ip4_addr_t address = {0}, mask = {0}, gateway = {0};
  if (IP_IS_V4(&own)) {
    address = *ip_2_ip4(&own);
    mask.addr = prefix ? lwip_htonl(~0u << (32 - prefix)) : 0;
  }
  if (!netif_add(&interface, &address, &mask, &gateway, NULL, link_init, ip_input)) return 0;
  interface.mtu = interface.mtu6 = mtu;
  if (IP_IS_V6(&own)) {
    s8_t index;
    if (netif_add_ip6_address(&interface, ip_2_ip6(&own), &index) != ERR_OK) return 0;
    netif_ip6_addr_set_state(&interface, index, IP6_ADDR_PREFERRED); // nobody to ask whether it is taken
  }
  netif_set_default(&interface);
  netif_set_up(&interface);
  return 1;
}

EXPORT(timeouts) void timeouts(void) { sys_check_timeouts(); }

// ---- Connections: `id` is the host's name for one ----

static err_t on_connected(void *id, struct tcp_pcb *pcb, err_t error) {
  (void)pcb, (void)error;
  host_connected((int)id);
  return ERR_OK;
}

static err_t on_received(void *id, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
  (void)error;
  if (!p) {
    host_received((int)id, NULL, 0);
    return ERR_OK;
  }
  tcp_recved(pcb, p->tot_len);
  for (struct pbuf *part = p; part; part = part->next) host_received((int)id, part->payload, part->len);
  pbuf_free(p);
  return ERR_OK;
}

static err_t on_sent(void *id, struct tcp_pcb *pcb, u16_t length) {
  (void)pcb, (void)length;
  host_acknowledged((int)id);
  return ERR_OK;
}

static void on_error(void *id, err_t error) { host_failed((int)id, error); }

// To the server whose address was written as text; NULL if that cannot be begun.
EXPORT(connection_open) struct tcp_pcb *connection_open(int id, int port) {
  ip_addr_t server;
  if (!ipaddr_aton(text, &server)) return NULL;
  struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&server));
  if (!pcb) return NULL;
  tcp_arg(pcb, (void *)id);
  tcp_err(pcb, on_error);
  tcp_recv(pcb, on_received);
  tcp_sent(pcb, on_sent);
  tcp_nagle_disable(pcb);
  if (tcp_connect(pcb, &server, port, on_connected) == ERR_OK) return pcb;
  tcp_abort(pcb);
  return NULL;
}

// Where data to be written is put, a send buffer's worth.
EXPORT(data_room) void *data_room(void) {
  static uint8_t data[TCP_SND_BUF];
  return data;
}

EXPORT(send_buffer) unsigned send_buffer(void) { return TCP_SND_BUF; }

// How much it takes now: nothing if it is only a crumb, every write is a call and a segment's worth of copying.
EXPORT(connection_room) unsigned connection_room(struct tcp_pcb *pcb) {
  unsigned room = tcp_sndbuf(pcb);
  return room < TCP_MSS || tcp_sndqueuelen(pcb) >= TCP_SND_QUEUELEN - 4 ? 0 : room;
}

EXPORT(connection_pending) unsigned connection_pending(struct tcp_pcb *pcb) { return TCP_SND_BUF - tcp_sndbuf(pcb); }

EXPORT(connection_write) int connection_write(struct tcp_pcb *pcb, const void *bytes, unsigned length) {
  return tcp_write(pcb, bytes, length, TCP_WRITE_FLAG_COPY) == ERR_OK;
}

EXPORT(connection_output) void connection_output(struct tcp_pcb *pcb) { tcp_output(pcb); }

EXPORT(connection_close) int connection_close(struct tcp_pcb *pcb) {
  tcp_arg(pcb, NULL);
  tcp_err(pcb, NULL);
  tcp_sent(pcb, NULL);
  return tcp_close(pcb) == ERR_OK;
}

// A reset.
EXPORT(connection_abort) void connection_abort(struct tcp_pcb *pcb) {
  tcp_err(pcb, NULL);
  tcp_abort(pcb);
}
