#!/bin/sh
# Installs NVIDIA Nsight Systems, with which the agent's captures are tested, from Debian's non-free component into a folder
# of its own: nothing of the system is changed, no package is installed and no source list stays. Needs no root where the
# folder can be written. Does nothing where it is there already.
set -eu

version=2023.4
prefix=

say() { printf 'install-nsys: %s\n' "$1"; }
fail() { printf 'install-nsys: %s\n' "$1" >&2; exit 1; }

usage() {
  cat <<'TEXT'
Usage: scripts/install-nsys.sh [options]

  --version V   2023.4 (Debian 13, the default) or 2022.4 (Debian 12; it hangs when it samples the processor on kernels from 6.16 on)
  --prefix DIR  where to (default: /opt/nvidia/nsight-systems/V for root, else ~/.local/opt/nvidia/nsight-systems/V)
  --print-path  print where nsys would be and do nothing
TEXT
}

print_path=false
while [ $# -gt 0 ]; do
  case $1 in
    --version | --prefix)
      [ $# -ge 2 ] || fail "$1 needs a value"
      if [ "$1" = --version ]; then version=$2; else prefix=$2; fi
      shift 2 ;;
    --print-path) print_path=true; shift ;;
    --help | -h) usage; exit 0 ;;
    *) fail "unknown option '$1'; --help lists them" ;;
  esac
done
case $version in
  2023.4) suite=trixie ;;
  2022.4) suite=bookworm ;;
  *) fail "--version is '$version', expected 2023.4 or 2022.4" ;;
esac
if [ -z "$prefix" ]; then
  if [ "$(id -u)" = 0 ]; then base=/opt/nvidia; else base=${HOME:?HOME is not set; give --prefix}/.local/opt/nvidia; fi
  prefix=$base/nsight-systems/$version
fi
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
nsys=$prefix/target-linux-x64/nsys
if $print_path; then
  printf '%s\n' "$nsys"
  exit 0
fi

# verify NSYS: a capture of a program that ends at once, exported. The exit code says nothing; the report does.
verify() {
  scratch=$(mktemp -d)
  TMPDIR=$scratch "$1" profile --trace=osrt --sample=none --cpuctxsw=none --kill=none --output="$scratch/report" /bin/true >"$scratch/log" 2>&1 || true
  outcome=0
  if ! TMPDIR=$scratch "$1" export --type sqlite --output="$scratch/report.sqlite" "$scratch/report.nsys-rep" >>"$scratch/log" 2>&1 || [ ! -s "$scratch/report.sqlite" ]; then
    tr '\r' '\n' <"$scratch/log" >&2
    outcome=1
  fi
  rm -rf "$scratch"
  return $outcome
}

if [ -x "$nsys" ] && verify "$nsys" 2>/dev/null; then
  say "nothing to do: $nsys works"
  exit 0
fi
[ "$(uname -m)" = x86_64 ] || fail "the processor is $(uname -m); this script knows Debian's packages for x86_64 only"
for program in apt-get dpkg-deb tar; do
  command -v $program >/dev/null || fail "$program was not found: this script knows Debian only; install nsight-systems-cli from NVIDIA's repository"
done
. /etc/os-release
[ "${ID:-}" = debian ] || fail "the distribution is '${ID:-unknown}', expected debian; install nsight-systems-cli from NVIDIA's repository"
own_suite=${VERSION_CODENAME:?/etc/os-release names no VERSION_CODENAME}
mkdir -p "$(dirname "$prefix")" || fail "$(dirname "$prefix") cannot be made; give --prefix a folder that you may write"

# shellcheck source=/dev/null
. "$(dirname "$0")/install/mirror.sh"
mirror=$(find_mirror "$own_suite" http://deb.debian.org/debian)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
work=$(mktemp -d)
part=$prefix.part
trap 'rm -rf "$work" "$part"' EXIT INT TERM

say "reading non-free of $mirror $suite into a list of its own"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/packages"
{
  printf 'deb [signed-by=%s] %s %s non-free\n' "$keyring" "$mirror" "$suite"
  printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$own_suite"
} >"$work/sources.list"
apt_private() {
  apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)" -o APT::Default-Release= "$@"
}
apt_private update
packages="nsight-systems-target/$suite nsight-systems/$suite"
# Libraries that the converter of reports needs and that its packages only depend on.
for pair in libssh-4=libssh.so.4 libpfm4=libpfm.so.4; do
  if ! ldconfig -p 2>/dev/null | grep -q "${pair#*=}"; then packages="$packages ${pair%%=*}/$own_suite"; fi
done
say "downloading $packages"
# shellcheck disable=SC2086
(cd "$work/packages" && apt_private download $packages)

# In NVIDIA's own layout, side by side: Debian's puts the converter (host-linux-x64) where nsys does not look for it, and a
# capture then ends with exit code 0 and without a report. The graphical program and its browser are left out.
say "unpacking into $prefix"
rm -rf "$part"
mkdir -p "$part" "$work/tree"
for package in "$work"/packages/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/tree" --exclude=./usr/share/doc --exclude='*/libQt6WebEngine*' --exclude='*/nsys-ui*' --exclude='*/translations'
done
mv "$work/tree/usr/lib/x86_64-linux-gnu/nsight-systems/target-linux-x64" "$work/tree/usr/lib/nsight-systems/host-linux-x64" "$part/"
for library in libssh.so.4 libpfm.so.4; do
  rm -f "$part/host-linux-x64/$library"
  for found in "$work/tree/usr/lib/x86_64-linux-gnu/$library" "/usr/lib/x86_64-linux-gnu/$library"; do
    [ -e "$found" ] || continue
    cp -L "$found" "$part/host-linux-x64/$library"
    break
  done
done
ln -sf libssh.so.4 "$part/host-linux-x64/libssh.so"
for module in nsysstats.py gpustats.py; do
  if [ -e "$work/tree/usr/lib/python3/dist-packages/$module" ]; then
    cp "$work/tree/usr/lib/python3/dist-packages/$module" "$part/host-linux-x64/python/lib/" 2>/dev/null || true
  fi
done
# Links into the system that led beside the packages.
find "$part" -xtype l -delete
chmod -R u=rwX,go=rX "$part"
rm -rf "$prefix"
mv "$part" "$prefix"

verify "$nsys" || fail "$nsys was unpacked, and makes no report: the lines above are what it said"
say "done: $("$nsys" --version) at $nsys"
