#!/usr/bin/env bash
# Installs the published agent and collector on a Debian 12 that systemd booted, and checks what an administrator relies
# on. The steps run inside (scripts/systemd/steps.sh); nothing outside the container is touched but the cache.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/gpu-monitoring
BASE=$CACHE/debian-12
PUBLISHED=
KEEP=false

usage() {
  cat <<'TEXT'
Usage: scripts/test-systemd.sh [--published DIR] [--keep]

Boots a Debian 12 in systemd-nspawn and tries the services there, with a simulated node of 8 GPUs. Needs root, and the
packages systemd-container, debootstrap and gcc. The Debian (about 260 MB) is made once, in the user's cache folder.

  --published DIR  a folder of './install.sh publish' (default: published now, into artifacts/published-test)
  --keep           keep the container's folder and say where it is
TEXT
}

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

while (($# > 0)); do
  case $1 in
    --published) PUBLISHED=$(realpath "${2:?--published needs a folder}"); shift 2 ;;
    --keep) KEEP=true; shift ;;
    --help | -h) usage; exit ;;
    *) usage >&2; exit 64 ;;
  esac
done

((EUID == 0)) || fail "this needs root: systemd-nspawn starts a container"
for program in systemd-nspawn debootstrap; do
  command -v "$program" >/dev/null || fail "$program is not installed: apt-get install systemd-container debootstrap"
done

make_base() {
  if [[ -d $BASE ]]; then
    return
  fi
  echo "Making a Debian 12 in $BASE (once)"
  mkdir -p "$CACHE"
  rm -rf "$BASE.partial"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,curl,ca-certificates,procps \
    bookworm "$BASE.partial" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$CACHE/debootstrap.log" 2>&1 ||
    fail "debootstrap failed, see $CACHE/debootstrap.log"
  mv "$BASE.partial" "$BASE"
}

WORK=
SIMULATOR=
INJECTIONS=

clean_up() {
  if [[ -n $INJECTIONS ]]; then
    kill "$INJECTIONS" 2>/dev/null || true
  fi
  if [[ -n $SIMULATOR ]]; then
    kill "$SIMULATOR" 2>/dev/null || true
    wait "$SIMULATOR" 2>/dev/null || true
  fi
  if [[ -n $WORK && $KEEP == false ]]; then
    rm -rf "$WORK"
  elif [[ -n $WORK ]]; then
    echo "Kept: $WORK"
  fi
}
trap clean_up EXIT

make_base
if [[ -z $PUBLISHED ]]; then
  PUBLISHED=$HERE/artifacts/published-test
  "$HERE/install.sh" publish "$PUBLISHED"
fi
WORK=$(mktemp -d --tmpdir gpu-systemd-test-XXXXXX)
mkdir "$WORK/results"
cp -a "$BASE" "$WORK/machine"
echo gpu-node >"$WORK/machine/etc/hostname"

# The simulated driver runs outside; a memory-mapped file is the same one through the bind mount.
dotnet build "$HERE/simulator/Monitoring.Simulator.csproj" --configuration Release --nologo --verbosity quiet
"$HERE/artifacts/bin/Monitoring.Simulator/release/gpu-simulator" run --directory "$WORK/node" --profile h100 --gpus 8 \
  >"$WORK/results/simulator.txt" 2>&1 &
SIMULATOR=$!
for _ in {1..100}; do
  [[ -e $WORK/node/libnvidia-ml.so.1 ]] && break
  kill -0 "$SIMULATOR" 2>/dev/null || fail "the simulator ended: $(<"$WORK/results/simulator.txt")"
  sleep 0.1
done
chmod -R a+rwX "$WORK/node"

# The steps order incidents by a file with the words of 'gpu-simulator inject'; it is gone when the incident has begun.
serve_injections() {
  local words
  while sleep 0.2; do
    if [[ -s $WORK/results/inject ]]; then
      read -ra words <"$WORK/results/inject"
      "$HERE/artifacts/bin/Monitoring.Simulator/release/gpu-simulator" inject --directory "$WORK/node" "${words[@]}" &&
        rm "$WORK/results/inject"
    fi
  done
}
serve_injections >"$WORK/results/injections.txt" 2>&1 &
INJECTIONS=$!

install -m 755 "$HERE/scripts/systemd/steps.sh" "$WORK/machine/root/steps.sh"
install -m 644 "$HERE/scripts/systemd/node-test.service" "$WORK/machine/etc/systemd/system/node-test.service"
ln -s /etc/systemd/system/node-test.service "$WORK/machine/etc/systemd/system/multi-user.target.wants/"

# The container has a /dev/kmsg of its own that tells nothing; the machine's is shown beside it, where there is one.
KERNEL_LOG=(--capability=CAP_SYSLOG)
if [[ -c /dev/kmsg ]]; then
  KERNEL_LOG+=(--bind-ro=/dev/kmsg:/dev/machine-kmsg)
fi

echo "Booting"
status=0
timeout --kill-after=10 520 systemd-nspawn --quiet --directory="$WORK/machine" --boot --register=no --keep-unit \
  --private-network --console=pipe \
  --bind-ro="$PUBLISHED:/root/published" --bind="$WORK/node:/srv/node" --bind="$WORK/results:/results" \
  "${KERNEL_LOG[@]}" \
  </dev/null >"$WORK/results/console.txt" 2>&1 || status=$?

if [[ ! -s $WORK/results/results.txt ]]; then
  tail -n 40 "$WORK/results/console.txt" >&2
  fail "the container (exit code $status) left no results"
fi
cat "$WORK/results/results.txt"
failed=$(grep -c '^not ok' "$WORK/results/results.txt" || true)
passed=$(grep -c '^ok' "$WORK/results/results.txt" || true)
if ((failed > 0)) || ! grep -q '^done$' "$WORK/results/results.txt"; then
  echo "--- journal of the services" >&2
  tail -n 80 "$WORK/results/journal.txt" >&2 || true
  fail "systemd: $passed passed, $failed failed"
fi
echo "systemd: $passed passed"
