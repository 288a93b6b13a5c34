#!/bin/bash
# Builds the peers of the comparison into build/: kernel (also the server), gvisor, lwip and lwip.wasm. What is missing
# for them is installed from Debian. A peer that cannot be built is left out and named; without `kernel`
# there is nothing to measure against, and the script fails.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p build

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Installs those of the packages that are missing, or says which one there is none of.
updated=
packages() {
  local package missing=()
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return 0
  # The lists are fetched once, and only if there is something to install.
  if [ -z "$updated" ]; then
    apt-get -q update >&2 || true
    updated=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${missing[@]}" >&2 ||
    { why="cannot install ${missing[*]}"; return 1; }
}

# Builds one peer: its name, the packages it needs, then the command. An older build of a peer that fails
# now must not be measured, so it goes first.
peer() {
  local name=$1 needs=$2 why='it does not compile'
  shift 2
  rm -f "build/$name"
  # shellcheck disable=SC2086 # the packages are words
  if packages $needs && "$@" -o "build/$name" "${sources[@]}"; then
    echo "$name: built"
  else
    rm -f "build/$name"
    echo "$name: left out, $why"
  fi
}

sources=(kernel.c)
peer kernel 'gcc libc6-dev ethtool iproute2' gcc -O3 -Wall -Wextra

# Debian's gVisor is a tree of sources, not a module: Go finds it by GOPATH, and nothing is fetched.
sources=(gvisor.go)
peer gvisor 'golang-go golang-gvisor-gvisor-dev' \
  env GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS= go build

# The headers include each other as <lwip/…>, <arch/…> and <lwipopts.h>.
sources=(lwip.c -llwip)
peer lwip 'gcc libc6-dev liblwip-dev' gcc -O3 -Wall -Wextra -I/usr/include/lwip

# The sources of the liblwip that is installed, unpacked into build/lwip-source.
lwip_source() {
  local version site here=$PWD/build/lwip-source
  version=$(dpkg-query -W -f='${Version}' liblwip-dev) || return
  [ "$(cat "$here/version" 2>/dev/null)" = "$version" ] && return
  rm -rf "$here" && mkdir -p "$here/lists/partial" || return
  # From where the package itself comes. Whoever has no deb-src lines keeps it so: the lists are of this folder only.
  site=$(apt-get download --print-uris "liblwip-dev=$version" | sed -n "s|^'\(.*\)/pool/.*|\1|p")
  echo "deb-src $site $(. /etc/os-release && echo "$VERSION_CODENAME") main" >"$here/sources.list"
  local apt=(apt-get -q -o "Dir::Etc::SourceList=$here/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$here/lists" -o APT::Sandbox::User=root)
  "${apt[@]}" update >&2 && (cd "$here" && "${apt[@]}" source "lwip=$version" >&2) &&
    rm -rf "$here/lists" && echo "$version" >"$here/version"
}

# Compiles them with the headers and settings of the installed library: its arguments are -o, the file to make, and
# what to compile besides.
lwip_wasm() {
  local out=$2 source=("${@:3}") core
  lwip_source || { why='cannot get the sources of lwIP'; return 1; }
  core=$(echo build/lwip-source/lwip-*/src)
  local clang=(clang --target=wasm32-wasi -O3 -flto -msimd128 -mbulk-memory)
  rm -rf build/wasm && mkdir build/wasm || return
  for file in "${source[@]}" "$core"/core/*.c "$core"/core/ipv[46]/*.c "$core"/netif/ethernet.c; do
    "${clang[@]}" -Wall -Wextra -Iwasm -I/usr/include/lwip -c "$file" -o "build/wasm/$(basename "$file" .c).o" || return
  done
  # As much memory as a thousand streams with full buffers take: what does not grow does not move either. Linked without
  # -O, or clang would run wasm-opt without telling it of the features.
  clang --target=wasm32-wasi -mexec-model=reactor -flto -Wl,--lto-O3,--strip-debug,--initial-memory=268435456 \
    build/wasm/*.o -o build/wasm/linked &&
    wasm-opt -O3 --enable-simd --enable-bulk-memory build/wasm/linked -o "$out"
}
sources=(wasm/lwip.c)
peer lwip.wasm 'liblwip-dev dpkg-dev clang lld wasi-libc libclang-rt-dev-wasm32 binaryen' lwip_wasm

# Not fetched from here: tcpip-js.sh says why, and how it gets here.
if [ -e build/node_modules/tcpip ]; then
  echo 'tcpip.js: there'
else
  echo 'tcpip.js: left out, see tcpip-js.sh'
fi

[ -x build/kernel ]
