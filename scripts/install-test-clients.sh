#!/bin/sh
# Installs programs that others wrote and that tests hold ours against: the NVML clients python3-pynvml, gpustat and nvtop for the
# simulator; python3-elasticsearch and rsyslog with rsyslog-elasticsearch for the stand-in of Elasticsearch.
# The NVML clients are in Debian's contrib component; a machine that has only main gets contrib through a temporary source list,
# which is removed again. Run as root. Does nothing where all are installed already.
set -eu

nvml_packages="python3-pynvml gpustat nvtop"
search_packages="python3-elasticsearch rsyslog rsyslog-elasticsearch"

say() { printf 'install-test-clients: %s\n' "$1"; }
fail() { printf 'install-test-clients: %s\n' "$1" >&2; exit 1; }

missing_of() {
  missing=""
  for package in $1; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
  done
}
missing_of "$search_packages"
missing_search=$missing
missing_of "$nvml_packages"
if [ -z "$missing$missing_search" ]; then
  say "nothing to do: $nvml_packages $search_packages are installed"
  exit 0
fi
[ "$(id -u)" = 0 ] || fail "run as root: it would install$missing_search$missing with apt-get"
command -v apt-get >/dev/null || fail "apt-get was not found: this script knows Debian and Ubuntu only"

if [ -n "$missing_search" ]; then
  say "installing$missing_search"
  # Only a list that knows none of them is fetched anew.
  # shellcheck disable=SC2086
  apt-cache policy $missing_search | grep -q 'Candidate: [0-9]' || apt-get update -qq
  # A machine that gets rsyslog for its tests shall not begin to log with it: where there is systemd, its unit is kept from starting.
  # shellcheck disable=SC2086
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing_search
fi
[ -n "$missing" ] || exit 0

. /etc/os-release
case "${ID:-}" in
  debian) component=contrib; mirror=http://deb.debian.org/debian; keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
  ubuntu) component=multiverse; mirror=http://archive.ubuntu.com/ubuntu; keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
  *) fail "the distribution is '${ID:-unknown}', expected debian or ubuntu" ;;
esac
suite=${VERSION_CODENAME:?/etc/os-release names no VERSION_CODENAME}

# shellcheck source=/dev/null
. "$(dirname "$0")/install/mirror.sh"
mirror=$(find_mirror "$suite" "$mirror")

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
