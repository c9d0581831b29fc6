#!/usr/bin/env bash
# What anomaly rules cost: 100 rules of every kind on 16 GPUs at 10 Hz, every rule on every frame. Also the same rules by looking at
# every sample of every window at each frame.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
  "") ;;
  --help | -h) echo "Usage: scripts/benchmark-rules.sh"; exit ;;
  *) echo "Usage: scripts/benchmark-rules.sh" >&2; exit 64 ;;
esac

dotnet run --configuration Release --project benchmarks -- rule-cost
