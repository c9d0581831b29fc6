#!/usr/bin/env bash
# Every property and fuzz test with many more cases, others at each run. The ordinary tests take the same cases each time.
set -euo pipefail
cd "$(dirname "$0")/.."

FACTOR=20

usage() {
  cat <<'TEXT'
Usage: scripts/test-fuzz.sh [--factor N]

  --factor N  how many times more cases than in the ordinary tests, 1 to 1000 (default: 20)
TEXT
}

while (($# > 0)); do
  case $1 in
    --factor)
      [[ ${2:-} =~ ^([1-9][0-9]{0,2}|1000)$ ]] || { printf "error: --factor is '%s', expected a number from 1 to 1000\n" "${2:-}" >&2; exit 64; }
      FACTOR=$2
      shift 2
      ;;
    --help | -h) usage; exit ;;
    *) usage >&2; exit 64 ;;
  esac
done

classes=()
while IFS= read -r file; do
  classes+=(-class "*.$(basename "$file" .cs)")
done < <(grep -rl --include='*.cs' 'Fuzzing\.Cases' tests | sort)

dotnet build tests/Monitoring.Tests.csproj --nologo --verbosity quiet
GPU_MONITORING_FUZZ_FACTOR=$FACTOR dotnet artifacts/bin/Monitoring.Tests/debug/Monitoring.Tests.dll "${classes[@]}" -noColor
