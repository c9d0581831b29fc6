#!/usr/bin/env bash
# From the reading that crosses a threshold to the event on disk: a whole agent with its shipped rules at 10 Hz over 8 simulated GPUs,
# on each of which a power brake goes on and off, 50 times in all.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
  "") ;;
  --help | -h) echo "Usage: scripts/benchmark-detection.sh"; exit ;;
  *) echo "Usage: scripts/benchmark-detection.sh" >&2; exit 64 ;;
esac

dotnet run --configuration Release --project benchmarks -- detection-latency
