// The kernel's own TCP: the server that every peer measures against, and a client for comparison.
//   kernel serve ADDRESS PORT
//   kernel client ADDRESS PORT COMMAND…
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

#define READ_SIZE (1 << 20)
#define EVENTS 256

static uint8_t received[READ_SIZE];
static uint64_t outgoing[PATTERN_BUFFER(CHUNK)];

static struct addrinfo *address(const char *host, const char *port) {
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found;
  int error = getaddrinfo(host, port, &hints, &found);
  if (error) fail("%s %s: %s", host, port, gai_strerror(error));
  return found;
}

static void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void watch(int poll, int operation, int fd, uint32_t events, void *owner) {
  struct epoll_event event = {.events = events, .data.ptr = owner};
  if (epoll_ctl(poll, operation, fd, &event)) fail("epoll_ctl: %m");
}

static int would_block(void) { return errno == EAGAIN || errno == EINTR; }

// ---- The server ----

struct connection {
  int fd;
  char wants; // 's', 'r', 'e' or 'c'; 0 before the first byte has come
  uint64_t position;
  uint8_t *unsent; // an echo that did not fit the send buffer
  size_t unsent_from, unsent_to;
};

static void drop(struct connection *c, int reset) {
  struct linger now = {1, 0};
  if (reset) setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(c->fd);
  free(c->unsent);
  free(c);
}

// These return 0 when the connection is over.

static int server_send(struct connection *c) {
  // A few writes at a time, so that the other connections get their turn.
  for (int turn = 0; turn < 8; turn++) {
    uint8_t *from = pattern_fill(outgoing, CHUNK, c->position);
    ssize_t n = send(c->fd, from, CHUNK, 0);
    if (n < 0) return would_block();
    c->position += n;
    if (n < CHUNK) return 1; // the send buffer is full
  }
  return 1;
}

static int server_check(struct connection *c, const uint8_t *data, size_t length) {
  ssize_t wrong = pattern_check(data, length, c->position);
  if (wrong >= 0) {
    fprintf(stderr, "corrupt at %llu\n", (unsigned long long)(c->position + wrong));
    return 0;
  }
  c->position += length;
  return 1;
}

static int server_echo(struct connection *c, int poll, const uint8_t *data, size_t length) {
  ssize_t n = length ? send(c->fd, data, length, 0) : 0;
  if (n < 0) {
    if (!would_block()) return 0;
    n = 0;
  }
  if ((size_t)n == length) return 1;
  c->unsent = realloc(c->unsent, length - n);
  memcpy(c->unsent, data + n, length - n);
  c->unsent_from = 0;
  c->unsent_to = length - n;
  watch(poll, EPOLL_CTL_MOD, c->fd, EPOLLOUT, c); // read no more before this is gone
  return 1;
}

static int server_echo_more(struct connection *c, int poll) {
  ssize_t n = send(c->fd, c->unsent + c->unsent_from, c->unsent_to - c->unsent_from, 0);
  if (n < 0) return would_block();
  c->unsent_from += n;
  if (c->unsent_from == c->unsent_to) {
    c->unsent_from = c->unsent_to = 0;
    watch(poll, EPOLL_CTL_MOD, c->fd, EPOLLIN, c);
  }
  return 1;
}

static int server_event(struct connection *c, int poll, uint32_t events) {
  if (c->wants == 's') return events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP) ? 0 : server_send(c);
  if (c->unsent_to) return server_echo_more(c, poll);
  // An echo needs little room, and memory that stays in the cache.
  ssize_t n = recv(c->fd, received, c->wants == 'r' ? READ_SIZE : CHUNK, 0);
  if (n < 0) return would_block();
  if (n == 0) return 0;
  uint8_t *data = received;
  if (!c->wants) {
    c->wants = *data++;
    n--;
  }
  switch (c->wants) {
  case 's':
    watch(poll, EPOLL_CTL_MOD, c->fd, EPOLLOUT | EPOLLRDHUP, c);
    return server_send(c);
  case 'r':
    if (server_check(c, data, n)) return 1;
    drop(c, 1);
    return -1;
  case 'e':
    return server_echo(c, poll, data, n);
  case 'c':
    send(c->fd, "c", 1, 0);
    return 0;
  default:
    fprintf(stderr, "no such wish: %d\n", c->wants);
    return 0;
  }
}

static void serve(const char *host, const char *port) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  struct addrinfo *a = address(host, port);
  int listening = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listening, a->ai_addr, a->ai_addrlen) || listen(listening, 4096)) fail("cannot listen on %s %s: %m", host, port);
  int poll = epoll_create1(0);
  watch(poll, EPOLL_CTL_ADD, listening, EPOLLIN, NULL);
  puts("ready");
  fflush(stdout);

  for (;;) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(poll, events, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      if (c) {
        if (server_event(c, poll, events[i].events) == 0) drop(c, 0);
        continue;
      }
      for (int fd; (fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        no_delay(fd);
        c = calloc(1, sizeof *c);
        c->fd = fd;
        watch(poll, EPOLL_CTL_ADD, fd, EPOLLIN, c);
      }
    }
  }
}

// ---- The client ----

static struct stream {
  int fd;
  uint64_t position;
} streams[MOST_STREAMS];
static int opened;

static uint64_t unacknowledged(void) {
  uint64_t sum = 0;
  for (int i = 0, bytes; i < opened; i++)
    if (!ioctl(streams[i].fd, SIOCOUTQ, &bytes)) sum += bytes;
  return sum;
}

static void wish_for(int fd, char wish) {
  if (send(fd, &wish, 1, 0) != 1) fail("cannot send: %m");
}

static int connected(struct addrinfo *to) {
  int fd = socket(to->ai_family, SOCK_STREAM, 0);
  if (connect(fd, to->ai_addr, to->ai_addrlen)) fail("cannot connect: %m");
  no_delay(fd);
  return fd;
}

static void bulk(struct addrinfo *to, struct command command) {
  int sending = command.what == TX, poll = epoll_create1(0);
  // All are open before the first begins: no handshake waits behind data.
  for (int i = 0; i < command.count; i++) streams[i].fd = connected(to);
  for (int i = 0; i < command.count; i++) {
    wish_for(streams[i].fd, sending ? 'r' : 's');
    fcntl(streams[i].fd, F_SETFL, O_NONBLOCK);
    opened++;
    watch(poll, EPOLL_CTL_ADD, streams[i].fd, sending ? EPOLLOUT : EPOLLIN, &streams[i]);
  }
  struct count count;
  count_start(&count, command.seconds);
  if (sending) count.unacknowledged = unacknowledged;
  while (!count_over(&count)) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(poll, events, EVENTS, 100);
    for (int i = 0; i < n; i++) {
      struct stream *s = events[i].data.ptr;
      ssize_t moved = sending ? send(s->fd, pattern_fill(outgoing, CHUNK, s->position), CHUNK, 0)
                              : recv(s->fd, received, READ_SIZE, 0);
      if (moved < 0 && would_block()) continue;
      if (moved <= 0) fail("the connection ended: %s", moved ? strerror(errno) : "closed");
      if (!sending) pattern_spot_check(received, moved, s->position);
      s->position += moved;
      count.total += moved;
    }
  }
  count_print(&count, "bytes");
}

static void rtt(struct addrinfo *to, struct command command) {
  int fd = connected(to);
  wish_for(fd, 'e');
  double *times = calloc(command.count, sizeof *times), from = 0, cpu_from = 0;
  for (int i = -WARM_UP_ECHOES; i < command.count; i++) {
    double start = now();
    if (i == 0) {
      from = start;
      cpu_from = cpu();
    }
    uint8_t out = i, back;
    if (send(fd, &out, 1, 0) != 1 || recv(fd, &back, 1, 0) != 1) fail("the connection ended");
    if (out != back) fail("the echo is not what was sent");
    if (i >= 0) times[i] = now() - start;
  }
  rtt_print(times, command.count, now() - from, cpu() - cpu_from);
}

static void begin(struct addrinfo *to, int poll, struct stream *s) {
  s->fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  s->position = 0;
  if (connect(s->fd, to->ai_addr, to->ai_addrlen) && errno != EINPROGRESS) fail("cannot connect: %m");
  no_delay(s->fd);
  watch(poll, EPOLL_CTL_ADD, s->fd, EPOLLOUT, s);
}

static void cps(struct addrinfo *to, struct command command) {
  int poll = epoll_create1(0);
  for (int i = 0; i < command.count; i++) begin(to, poll, &streams[i]);
  struct count count;
  count_start(&count, command.seconds);
  while (!count_over(&count)) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(poll, events, EVENTS, 100);
    for (int i = 0; i < n; i++) {
      struct stream *s = events[i].data.ptr;
      if (events[i].events & EPOLLOUT) { // connected (or refused, which send() will tell)
        if (send(s->fd, "c", 1, 0) != 1) fail("cannot connect: %m");
        watch(poll, EPOLL_CTL_MOD, s->fd, EPOLLIN, s);
        continue;
      }
      uint8_t some[16];
      ssize_t got;
      while ((got = recv(s->fd, some, sizeof some, 0)) > 0) s->position += got;
      if (got < 0 && would_block()) continue;
      if (got < 0 || s->position != 1) fail("a connection went wrong: %s", got ? strerror(errno) : "not one byte");
      close(s->fd);
      count.total++;
      begin(to, poll, s);
    }
  }
  count_print(&count, "connections");
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc == 4 && !strcmp(argv[1], "serve")) serve(argv[2], argv[3]);
  if (argc < 6 || strcmp(argv[1], "client")) fail("kernel serve ADDRESS PORT | kernel client ADDRESS PORT COMMAND…");
  struct addrinfo *to = address(argv[2], argv[3]);
  struct command command = command_read(argv + 4);
  if (command.what == RTT) rtt(to, command);
  else if (command.what == CPS) cps(to, command);
  else bulk(to, command);
  return 0;
}
