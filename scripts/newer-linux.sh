#!/usr/bin/env bash
# Fetches a Linux newer than this machine's own for test/kernel/newer-linux.test.ts to boot in QEMU: Debian's newest cloud
# kernel from the backports to trixie, and the modules that the test loads. Nothing is installed, and nothing is
# fetched where it is there already. apt checks the signatures; where the mirror is, this machine's own apt knows.
set -euo pipefail

suite=trixie-backports
meta=linux-image-cloud-amd64
wanted=(virtio_net tcp_diag)
into=${ESTAB_NEWER_LINUX:-$HOME/.cache/estab/newer-linux}

if [ -e "$into/release" ]; then
  echo "Linux $(cat "$into/release") is in $into"
  exit
fi

fail() {
  echo "newer-linux.sh: $1" >&2
  exit 1
}
for program in apt-get dpkg-deb xz; do
  command -v "$program" >/dev/null || fail "$program is not installed; this works on Debian and what is made of it"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Component: main' | sort -u | head -n 1
}
uri=$(mirror)
# Who made an archive is only known once its index has been fetched.
if [ -z "$uri" ]; then
  apt-get update -q >/dev/null || fail 'apt-get update failed'
  uri=$(mirror)
fi
[ -n "$uri" ] || fail "apt's sources have no mirror of Debian"

# An apt of its own, so that this machine's sources and lists stay as they are.
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" >"$work/sources.list"
cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$work/lists";
Dir::State::status "/dev/null";
Dir::Cache "$work/cache";
APT::Architecture "amd64";
APT::Sandbox::User "root";
Acquire::Languages "none";
CONF
export APT_CONFIG=$work/apt.conf
cd "$work"
apt-get update -q --error-on=any >apt.log 2>&1 || fail "the index of $suite cannot be had: $(tail -n 3 apt.log)"

# The metapackage depends on an image, whose name ends in the release; of that the kernel and its modules are packages.
release=$(apt-cache depends "$meta" | sed -n 's/^ *Depends: linux-image-\([0-9].*\)/\1/p') || true
[ -n "$release" ] || fail "$meta of $suite does not say which kernel it is"
apt-get download -q "linux-binary-$release" "linux-modules-$release" >apt.log 2>&1 ||
  fail "Linux $release cannot be had: $(tail -n 3 apt.log)"
for package in *.deb; do dpkg-deb -x "$package" root; done
from=root/usr/lib/modules/$release

# Each module after those it needs. One that is not there is built in.
mkdir -p new/modules
take() {
  local file needed name=$1
  [ ! -e "new/modules/$name.ko" ] || return 0
  file=$(find "$from" -name "$name.ko*" | head -n 1)
  [ -n "$file" ] || return 0
  case $file in
    *.xz) xz -dc "$file" >"new/modules/$name.ko" ;;
    *) cp "$file" "new/modules/$name.ko" ;;
  esac
  for needed in $(tr '\0' '\n' <"new/modules/$name.ko" | sed -n 's/^depends=//p' | tr ',' ' '); do take "$needed"; done
  echo "$name.ko" >>new/modules/order
}
for name in "${wanted[@]}"; do take "$name"; done
cp "$from/vmlinuz" new/vmlinuz
echo "$release" >new/release

mkdir -p "$(dirname "$into")"
rm -rf "$into"
mv new "$into"
echo "Linux $release is now in $into"
