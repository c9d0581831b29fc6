#!/bin/sh
# Installs what the tests in Node need (tests/Node/package.json, pinned by its lock file) into artifacts/test-node: the formats of
# Grafana, Prometheus and Elastic as their own packages state them. Needs node 18 or later and npm; does nothing where it is there already.
set -eu

say() { printf 'install-test-node: %s\n' "$1"; }
fail() { printf 'install-test-node: %s\n' "$1" >&2; exit 1; }

root=$(cd "$(dirname "$0")/.." && pwd)
folder=$root/artifacts/test-node
lock=$root/tests/Node/package-lock.json

case ${1:-} in
  '') ;;
  --check) cmp -s "$lock" "$folder/installed-lock.json"; exit ;;
  *) fail "unknown option '$1'; --check says by its exit code whether everything is there" ;;
esac
if cmp -s "$lock" "$folder/installed-lock.json"; then
  say "nothing to do: $folder is as $lock says"
  exit 0
fi
for program in node npm; do
  command -v $program >/dev/null || fail "$program was not found: install nodejs and npm (Debian: apt install nodejs npm)"
done
mkdir -p "$folder"
rm -f "$folder/installed-lock.json"
cp "$root/tests/Node/package.json" "$lock" "$folder/"
(cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || fail "npm could not install the packages: the lines above say why"
cp "$lock" "$folder/installed-lock.json"
say "done: $folder"
