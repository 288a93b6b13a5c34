// What the C peers share: the pattern that travels, clocks, the TUN, and the line of JSON.
#ifndef COMMON_H
#define COMMON_H

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 0.5          // seconds before anything is counted: slow start is not what is compared
#define WARM_UP_ECHOES 1000
#define CHUNK (128 * 1024)   // one write
#define MOST_STREAMS 1024

static inline void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

static inline double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

// Seconds of processor time this process has used, its own and the kernel's for it.
static inline double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

// ---- The pattern: the 8-byte little-endian integers 0, 1, 2, … (this machine is little-endian), from the ----
// ---- beginning again after a mebibyte, so that a sender may have it ready in memory                      ----

static inline uint64_t pattern_word(uint64_t position) { return position >> 3 & 0x1ffff; }

static inline uint8_t pattern_byte(uint64_t position) { return pattern_word(position) >> ((position & 7) * 8); }

// Fills `length` + 8 bytes of an aligned buffer with the integers around `position`, and says where in it the
// byte at `position` is: whole integers are written so that the compiler makes vector stores of the loop.
static inline uint8_t *pattern_fill(uint64_t *buffer, size_t length, uint64_t position) {
  size_t words = length / 8 + 2;
  for (size_t i = 0; i < words; i++) buffer[i] = pattern_word(position + i * 8);
  return (uint8_t *)buffer + (position & 7);
}
#define PATTERN_BUFFER(length) ((length) / 8 + 2)

static inline uint64_t word_at(const uint8_t *at) {
  uint64_t word;
  memcpy(&word, at, 8);
  return word;
}

// The whole of the pattern: the offset of the first byte that is wrong, or -1.
static inline ssize_t pattern_check(const uint8_t *at, size_t length, uint64_t position) {
  size_t i = 0;
  for (; i < length && (position + i) & 7; i++)
    if (at[i] != pattern_byte(position + i)) return i;
  // No branch inside a block, so that it is compared with vector instructions; a block that differs is
  // gone through byte by byte below.
  while (length - i >= 4096) {
    uint64_t differ = 0;
    for (size_t word = 0; word < 512; word++)
      differ |= word_at(at + i + word * 8) ^ pattern_word(position + i + word * 8);
    if (differ) break;
    i += 4096;
  }
  for (; i < length && (length - i) >= 8 && word_at(at + i) == pattern_word(position + i); i += 8);
  for (; i < length; i++)
    if (at[i] != pattern_byte(position + i)) return i;
  return -1;
}

// The first and the last whole integer of a piece: enough to notice lost, doubled or swapped bytes.
static inline void pattern_spot_check(const uint8_t *at, size_t length, uint64_t position) {
  size_t first = -position & 7;
  if (length < first + 8) return;
  size_t last = first + ((length - first - 8) & ~(size_t)7);
  if (word_at(at + first) != pattern_word(position + first) ||
      word_at(at + last) != pattern_word(position + last))
    fail("corrupt near %llu", (unsigned long long)position);
}

// ---- Counting: begins after the warm-up, ends `seconds` later ----

// What was written but is still in send buffers is taken off at both ends, or sending over many connections
// would be measured by how much memory they may fill.
struct count {
  uint64_t (*unacknowledged)(void); // bytes written and not acknowledged; NULL if there are none to speak of
  double seconds, started, from, cpu_from, took, cpu_took;
  uint64_t total, total_from, counted;
};

static inline void count_start(struct count *c, double seconds) {
  memset(c, 0, sizeof *c);
  c->seconds = seconds;
  c->started = now();
}

// Called often; true once the counted time is over.
static inline int count_over(struct count *c) {
  double t = now();
  if (t - (c->from ? c->from : c->started) < (c->from ? c->seconds : WARM_UP)) return 0;
  uint64_t done = c->total - (c->unacknowledged ? c->unacknowledged() : 0);
  if (!c->from) {
    c->from = t;
    c->cpu_from = cpu();
    c->total_from = done;
    return 0;
  }
  c->took = t - c->from;
  c->cpu_took = cpu() - c->cpu_from;
  c->counted = done - c->total_from;
  return 1;
}

static inline void count_print(const struct count *c, const char *name) {
  if (!c->counted) fail("nothing was counted in %.1f s", c->took);
  printf("{\"%s\":%llu,\"seconds\":%.6f,\"cpu\":%.6f}\n", name, (unsigned long long)c->counted, c->took, c->cpu_took);
  fflush(stdout);
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static inline void rtt_print(double *times, size_t count, double took, double cpu_took) {
  qsort(times, count, sizeof *times, compare_doubles);
  printf("{\"p50\":%.2f,\"p99\":%.2f,\"perSecond\":%.1f,\"cpu\":%.6f}\n", times[count / 2] * 1e6,
         times[count * 99 / 100] * 1e6, count / took, cpu_took);
  fflush(stdout);
}

// ---- The command and a watchdog ----

struct command {
  enum { RX, TX, RTT, CPS } what;
  double seconds;
  int count; // streams, echoes or connections at once
};

static void too_long(int signal) {
  (void)signal;
  static const char text[] = "gave up: the command did not end in time\n";
  ssize_t ignored = write(2, text, sizeof text - 1);
  (void)ignored;
  _exit(1);
}

static inline struct command command_read(char **words) {
  struct command c = {0};
  if (!words[0] || !words[1]) fail("commands: rx SECONDS [STREAMS] | tx SECONDS [STREAMS] | rtt COUNT | cps SECONDS CONCURRENT");
  if (!strcmp(words[0], "rtt")) {
    c.what = RTT;
    c.count = atoi(words[1]);
  } else {
    c.what = !strcmp(words[0], "rx") ? RX : !strcmp(words[0], "tx") ? TX : CPS;
    if (c.what == CPS && (strcmp(words[0], "cps") || !words[2])) fail("no such command, or not enough after it: %s", words[0]);
    c.seconds = atof(words[1]);
    c.count = words[2] ? atoi(words[2]) : 1;
  }
  if (c.count < 1 || (c.what != RTT && (c.count > MOST_STREAMS || c.seconds <= 0))) fail("a number is out of range");
  signal(SIGALRM, too_long);
  alarm(c.what == RTT ? 60u + c.count / 1000 : 20u + (unsigned)c.seconds);
  return c;
}

// ---- The TUN ----

// Opens the TUN, then waits until the driver has set up the kernel's side of it.
static inline int tun_open(const char *name, int *mtu) {
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = {0};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request)) fail("cannot open the TUN %s: %m", name);
  puts("up");
  fflush(stdout);
  char line[256];
  if (!fgets(line, sizeof line, stdin)) fail("standard input ended before the interface was ready");
  int any = socket(AF_INET, SOCK_DGRAM, 0);
  if (ioctl(any, SIOCGIFMTU, &request)) fail("cannot read the MTU of %s: %m", name);
  close(any);
  *mtu = request.ifr_mtu;
  return fd;
}

#endif
