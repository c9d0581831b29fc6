#!/usr/bin/env bash
# Agents and a collector that die by SIGKILL at random moments while simulated nodes raise faults: every fault must be one event.
set -euo pipefail
cd "$(dirname "$0")/.."

ROUNDS=200

usage() {
  cat <<'TEXT'
Usage: scripts/test-sudden-death.sh [--rounds N]

  --rounds N  deaths, of three agents and a collector together (default: 200; a few minutes)
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
SUDDEN_DEATH_ROUNDS=$ROUNDS dotnet artifacts/bin/Monitoring.Tests/debug/Monitoring.Tests.dll -class Monitoring.Tests.EndToEnd.SuddenDeathTests -showLiveOutput -noColor
