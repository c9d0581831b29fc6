#!/usr/bin/env bash
# A collector and a sender of captures that die by SIGKILL at random moments of uploads: every capture must be there once, byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."

ROUNDS=100

usage() {
  cat <<'TEXT'
Usage: scripts/test-capture-death.sh [--rounds N]

  --rounds N  deaths, of the collector, the sender or both (default: 100; some minutes)
TEXT
}

while (($# > 0)); do
  case $1 in
    --rounds)
      [[ ${2:-} =~ ^[1-9][0-9]{0,4}$ ]] || { printf "error: --rounds is '%s', expected a number from 1 to 99999\n" "${2:-}" >&2; exit 64; }
      ROUNDS=$2
      shift 2
      ;;
    --help | -h) usage; exit ;;
    *) usage >&2; exit 64 ;;
  esac
done

dotnet build tests/Monitoring.Tests.csproj --nologo --verbosity quiet
CAPTURE_DEATH_ROUNDS=$ROUNDS dotnet artifacts/bin/Monitoring.Tests/debug/Monitoring.Tests.dll -class Monitoring.Tests.EndToEnd.CaptureTransferDeathTests -class Monitoring.Tests.EndToEnd.CaptureRoadDeathTests -showLiveOutput -noColor
