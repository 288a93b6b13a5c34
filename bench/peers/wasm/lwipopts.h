// lwIP's settings are those of Debian's liblwip, which the native peer is linked with: the same windows, buffers and
// checksums. But WebAssembly has no threads, and so needs no locks, and nowhere to print to.
#ifndef PEERS_WASM_LWIPOPTS_H
#define PEERS_WASM_LWIPOPTS_H

#include <stdlib.h>

#include_next <lwipopts.h>

#undef NO_SYS
#define NO_SYS 1
#define LWIP_SOCKET 0
#undef LWIP_SOCKET_EXTERNAL_HEADERS
#define LWIP_NETCONN 0
#define SYS_LIGHTWEIGHT_PROT 0
#undef LWIP_TCPIP_CORE_LOCKING
#undef LWIP_ASSERT_CORE_LOCKED
#undef LWIP_MARK_TCPIP_THREAD
#undef LOCK_TCPIP_CORE
#undef UNLOCK_TCPIP_CORE

__attribute__((import_module("host"), import_name("broken"))) void host_broken(const char *what);
#define LWIP_PLATFORM_DIAG(arguments)
#define LWIP_PLATFORM_ASSERT(what) host_broken(what)

#endif
