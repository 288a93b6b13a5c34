#!/bin/bash
# Builds the peers of the comparison into build/: kernel (also the server), gvisor and lwip. What is missing
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

[ -x build/kernel ]
