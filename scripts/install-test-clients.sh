#!/bin/sh
# Installs the independent NVML clients that the simulator is checked against: python3-pynvml, gpustat and nvtop.
# They are in Debian's contrib component; a machine that has only main gets contrib through a temporary source list,
# which is removed again. Run as root. Does nothing where they are installed already.
set -eu

packages="python3-pynvml gpustat nvtop"

say() { printf 'install-test-clients: %s\n' "$1"; }
fail() { printf 'install-test-clients: %s\n' "$1" >&2; exit 1; }

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
  say "nothing to do: $packages are installed"
  exit 0
fi
[ "$(id -u)" = 0 ] || fail "run as root: it would install$missing with apt-get"
command -v apt-get >/dev/null || fail "apt-get was not found: this script knows Debian and Ubuntu only"

. /etc/os-release
case "${ID:-}" in
  debian) component=contrib; mirror=http://deb.debian.org/debian; keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
  ubuntu) component=multiverse; mirror=http://archive.ubuntu.com/ubuntu; keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
  *) fail "the distribution is '${ID:-unknown}', expected debian or ubuntu" ;;
esac
suite=${VERSION_CODENAME:?/etc/os-release names no VERSION_CODENAME}

# The mirror that this machine uses: the first entry of a deb822 .sources file, or of a .list file, for this suite.
for file in /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] || continue
  found=$(awk -v suite="$suite" '
    /^[^#[:space:]]+:/ { key = tolower($1) }
    key == "uris:" && $1 ~ /^URIs:/ { uri = $2 }
    key == "suites:" && $1 ~ /^Suites:/ { for (i = 2; i <= NF; i++) if ($i == suite && uri != "") { print uri; exit } }
    /^[[:space:]]*$/ { uri = "" }' "$file")
  [ -z "$found" ] || { mirror=$found; break; }
done
if [ -z "${found:-}" ]; then
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] || continue
    found=$(awk -v suite="$suite" '$1 == "deb" { for (i = 2; i < NF; i++) if ($i ~ /^https?:/ && $(i + 1) == suite) { print $i; exit } }' "$file")
    [ -z "$found" ] || { mirror=$found; break; }
  done
fi

list=/etc/apt/sources.list.d/gpu-test-clients-temporary.list
work=$(mktemp -d)
trap 'rm -rf "$list" "$work"' EXIT INT TERM
say "adding $component of $mirror $suite for this installation only"
printf 'deb [signed-by=%s] %s %s %s\n' "$keyring" "$mirror" "$suite" "$component" > "$list"
say "running apt-get update for that list"
apt-get update -qq -o Dir::Etc::sourcelist="$list" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0

# python3-pynvml depends on NVIDIA's own library. An empty package takes its place: the tests bring theirs, and a test
# machine shall not have a library of a driver that it does not have.
if ! ldconfig -p | grep -q 'libnvidia-ml\.so\.1'; then
  say "installing an empty package that stands in for NVIDIA's library: gpu-test-clients-nvml"
  mkdir -p "$work/nvml/DEBIAN"
  cat > "$work/nvml/DEBIAN/control" <<'CONTROL'
Package: gpu-test-clients-nvml
Version: 1
Architecture: all
Maintainer: nobody <nobody@localhost>
Provides: libnvidia-ml.so.1
Description: stands in for NVIDIA's management library on a machine without GPUs
 Empty. Programs that need the library find the simulated one by LD_LIBRARY_PATH.
CONTROL
  chmod 755 "$work" "$work/nvml" "$work/nvml/DEBIAN"
  dpkg-deb --root-owner-group --build "$work/nvml" "$work/nvml.deb" >/dev/null
  dpkg -i "$work/nvml.deb" >/dev/null
fi
say "installing$missing"
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
say "done; the temporary source list is removed"
