#!/bin/bash
# Builds tcpip.js 0.3.6 (lwIP in WebAssembly, with streams: npm's `tcpip`) into build/node_modules/tcpip from its sources,
# as its Makefile and its tsup.config.ts do, but with the clang and the esbuild that are here (install.sh and npm ci bring
# them). install.sh does not fetch the package: the registry that this was written with did not have it, so nobody has
# looked at what comes by that name. Who has, and trusts it: npm install --prefix bench/peers/build tcpip@0.3.6
#
#   tcpip-js.sh TCPIP-JS LWIP      Git repositories, with or without a work tree: chipmk/tcpip.js and lwip-tcpip/lwip
set -euo pipefail
[ $# = 2 ] || { sed -n 's/^#   //p' "$0" >&2; exit 2; }
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the package was made of: its commit of that version, and the tag that its Makefile names.
mkdir "$work/package" "$work/lwip"
git -C "$1" archive 00691380b5114f94d9375f13f54e139276738244 | tar x -C "$work/package"
git -C "$2" archive STABLE-2_2_0_RELEASE src | tar x -C "$work/lwip"
(cd "$work" && npm pack --silent @bjorn3/browser_wasi_shim@0.3.0 && mkdir shim && tar xf bjorn3-*.tgz -C shim) >&2

wasm=$work/package/packages/tcpip/wasm core=$work/lwip/src out=$work/tcpip
mkdir "$work/own" "$work/core"
compile=(clang --target=wasm32-wasi -Oz -std=c11 -w "-I$core/include" "-I$wasm/include" -c)
(cd "$work/own" && "${compile[@]}" "$wasm"/*.c)
(cd "$work/core" && "${compile[@]}" "$core"/core/*.c "$core"/core/ipv4/*.c "$core"/netif/{ethernet,bridgeif,bridgeif_fdb}.c)
mkdir -p "$out/dist"
clang --target=wasm32-wasi -mexec-model=reactor "$work"/own/*.o "$work"/core/*.o -o "$out/tcpip.wasm" \
  -Wl,--gc-sections,--strip-all,--export=malloc,--export=free,--allow-undefined

packages=$work/package/packages
../../node_modules/.bin/esbuild "$packages/tcpip/src/index.ts" --log-level=error --bundle --minify --format=esm \
  --platform=node --target=node20 --inject:"$packages/tcpip/polyfills/disposable.ts" --outfile="$out/dist/index.js" \
  --alias:@tcpip/dns="$packages/dns/src/index.ts" --alias:@tcpip/wire="$packages/wire/src/index.ts" \
  --alias:@bjorn3/browser_wasi_shim="$work/shim/package/dist/index.js"
echo '{ "name": "tcpip", "version": "0.3.6", "type": "module" }' >"$out/package.json"

mkdir -p build/node_modules
rm -rf build/node_modules/tcpip
mv "$out" build/node_modules/tcpip
echo 'tcpip.js: built'
