#!/usr/bin/env bash
# Profiles of an unmodified PyTorch: jobs on the host, in process namespaces of their own and without the host's network are asked, recorded
# and must live on. PyTorch comes from Debian's unstable distribution into a root folder of its own, some 1.5 GB, which is kept for the next time.
set -euo pipefail
cd "$(dirname "$0")/.."

usage="Usage: scripts/test-kineto.sh [--root FOLDER] [--mirror URL]"
root=/var/tmp/gpu-agent-pytorch
mirror=http://deb.debian.org/debian
while [[ $# -gt 0 ]]; do
  case $1 in
    --root) root=${2:?$usage}; shift 2 ;;
    --mirror) mirror=${2:?$usage}; shift 2 ;;
    --help | -h) echo "$usage"; exit ;;
    *) echo "$usage" >&2; exit 64 ;;
  esac
done
[[ $root == /?* && $root != / ]] || { echo "--root is '$root', expected a full path of a folder of its own" >&2; exit 64; }
[[ $(id -u) == 0 ]] || { echo "It must be run as root: it changes roots and looks into other processes" >&2; exit 77; }
for program in debootstrap chroot unshare mount; do
  command -v "$program" >/dev/null || { echo "$program is missing; on Debian: apt-get install debootstrap util-linux" >&2; exit 69; }
done

if [[ ! -e $root/.complete ]]; then
  debootstrap --variant=minbase sid "$root" "$mirror"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  chroot "$root" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-torch && apt-get clean'
  touch "$root/.complete"
fi

mounted=
unmount() { [[ -z $mounted ]] || umount "$root/proc"; }
trap unmount EXIT
if ! mountpoint -q "$root/proc"; then
  mount -t proc proc "$root/proc"
  mounted=yes
fi

dotnet build tests/Monitoring.Tests.csproj --verbosity quiet --nologo
KINETO_PYTORCH_ROOT=$root dotnet artifacts/bin/Monitoring.Tests/debug/Monitoring.Tests.dll -class "Monitoring.Tests.EndToEnd.RealPyTorchTests" -showLiveOutput
