#!/usr/bin/env bash
# What the agent costs a node: processor time beyond the driver's own, resident memory, and how long a scrape takes.
# The agent is the published one, the GPUs are simulated behind the real ABI, which counts the processor time inside its calls.
set -euo pipefail
cd "$(dirname "$0")/.."

gpus=8 seconds=60 scrapes=200 profile=h100 again=false
usage() {
  cat <<TEXT
Usage: scripts/benchmark-agent.sh [--gpus $gpus] [--seconds $seconds] [--scrapes $scrapes] [--profile $profile] [--again]

Publishes agent and simulator, runs the agent on simulated GPUs at its default rates, and prints what it cost over the given time,
beside a Python poller (python3-pynvml) that asks the same driver for 15 values of each GPU at the same rate.
TEXT
}
while (($# > 0)); do
  case $1 in
    --gpus) gpus=$2; shift 2 ;;
    --seconds) seconds=$2; shift 2 ;;
    --scrapes) scrapes=$2; shift 2 ;;
    --profile) profile=$2; shift 2 ;;
    --again) again=true; shift ;; # with what was published last time
    --help | -h) usage; exit ;;
    *) usage >&2; exit 64 ;;
  esac
done

work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

published=artifacts/benchmark
if [[ $again == false ]]; then
  rm -rf "$published"
  ./install.sh publish "$published" >"$work/publish.log" 2>&1 || { cat "$work/publish.log" >&2; exit 1; }
  dotnet build simulator/Monitoring.Simulator.csproj --configuration Release --nologo --verbosity quiet
fi
simulator=artifacts/bin/Monitoring.Simulator/release/gpu-simulator

"$simulator" run --directory "$work/node" --profile "$profile" --gpus "$gpus" >"$work/simulator.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do [[ -e $work/node/gpu-simulator.state ]] && break; read -rt 0.1 <> <(:) || :; done

port=19460
# The environment is the unit file's.
env "$(sed -n 's/^Environment=//p' packaging/systemd/gpu-agent.service)" "$published/agent/gpu-agent" run --set "listen=127.0.0.1:$port" --set "devices.nvml_library=$work/node/libnvidia-ml.so.1" --set node=benchmark >"$work/agent.log" 2>&1 &
agent=$!
pids+=("$agent")
for _ in $(seq 100); do curl -sf "http://127.0.0.1:$port/readyz" >/dev/null && break; read -rt 0.1 <> <(:) || :; done
# Every tier and the page a few times, until the just-in-time compiler rests.
for _ in $(seq 20); do
  curl -s "http://127.0.0.1:$port/metrics" >/dev/null
  read -rt 2 <> <(:) || :
done

# Nanoseconds on a processor, threads that ended included; counted in ticks of 10 ms, so measure for a minute.
busy() { awk -v hertz="$(getconf CLK_TCK)" '{printf "%.0f\n", ($14 + $15) * 1e9 / hertz}' "/proc/$1/stat"; }
value() { curl -s "http://127.0.0.1:$port/metrics" | awk -v name="$1" 'index($1, name) == 1 {sum += $2} END {printf "%.6f\n", sum}'; }

inside=$(value gpu_agent_driver_seconds_total) calls=$(value gpu_agent_driver_calls_total)
cpu=$(busy "$agent")
read -rt "$seconds" <> <(:) || :
cpu=$(($(busy "$agent") - cpu))
inside=$(awk -v a="$(value gpu_agent_driver_seconds_total)" -v b="$inside" 'BEGIN {print a - b}')
calls=$(awk -v a="$(value gpu_agent_driver_calls_total)" -v b="$calls" 'BEGIN {print a - b}')

python=
if /usr/bin/python3 -c 'import pynvml' 2>/dev/null; then
  LD_LIBRARY_PATH=$work/node /usr/bin/python3 scripts/poll-with-pynvml.py &
  poller=$!
  pids+=("$poller")
  read -rt 5 <> <(:) || :
  python=$(busy "$poller")
  read -rt "$seconds" <> <(:) || :
  python=$(($(busy "$poller") - python))
fi

# Slower than the page's cache of 300 ms, so that each scrape collects.
curl -s --rate 2/s -o /dev/null -w '%{time_total}\n' "http://127.0.0.1:$port/metrics?[1-$scrapes]" | sort -n >"$work/scrapes"
bytes=$(curl -s "http://127.0.0.1:$port/metrics" | tee "$work/page" | wc -c)
series=$(grep -c '^gpu_' "$work/page")

awk -v cpu="$cpu" -v s="$seconds" -v inside="$inside" -v calls="$calls" -v gpus="$gpus" 'BEGIN {
  printf "GPUs %d, %d s; driver calls per second %.0f\n", gpus, s, calls / s
  printf "processor time of the agent     %6.2f %% of a core\n", 100 * cpu / 1e9 / s
  printf "  of it inside driver calls     %6.2f %% (wall time between entry and return)\n", 100 * inside / s
  printf "  beyond the driver             %6.2f %%\n", 100 * (cpu / 1e9 - inside) / s }'
awk '/^VmRSS|^VmHWM/ {printf "resident memory %-6s          %6.1f MiB\n", $1, $2 / 1024}' "/proc/$agent/status"
printf 'page                            %6d series, %d bytes\n' "$series" "$bytes"
awk '{t[NR] = $1} END {printf "scrape, %d times                p50 %.2f ms, p99 %.2f ms, max %.2f ms\n", NR, 1000 * t[int(NR * 0.5) + 1], 1000 * t[int(NR * 0.99)], 1000 * t[NR]}' "$work/scrapes"
printf 'fast readings missed            %6.0f\n' "$(value gpu_agent_samples_missed_total)"
if [[ -n $python ]]; then
  awk -v p="$python" -v c="$cpu" -v s="$seconds" 'BEGIN {
    printf "python3-pynvml poller           %6.2f %% of a core; agent / poller = %.2f\n", 100 * p / 1e9 / s, c / p }'
else
  echo "python3-pynvml is not installed (scripts/install-test-clients.sh): no comparison"
fi
