#!/usr/bin/env bash
# Prolog of slurmd: lets a job start only where its GPUs are healthy. A failing prolog drains the node and requeues the job
# (slurm.conf: Prolog=/etc/slurm/gpu/prolog.sh).
#
# Slurm asks that prologs call none of its commands, since every node of a job would ask slurmctld at once: this one does so
# only where the job may not start, to drain with the reason before Slurm does with "Prolog error", which nothing would take back.
#
# Only what is known to be unhealthy fails a job. An agent that was just started knows its GPUs after some seconds: a check that
# cannot tell is made again. One that cannot tell after that, an agent that does not answer, one whose configuration is wrong and
# a node without one let the job start: GPU_CHECK_WHEN_UNREACHABLE=fail in the environment of slurmd changes that.
#   GPU_CHECK_TRIES          checks at most (10)
#   GPU_CHECK_PAUSE_SECONDS  between two of them (2)
set -euo pipefail

readonly HERE="${BASH_SOURCE[0]%/*}"
readonly AGENT="${GPU_AGENT:-/opt/gpu-monitoring/agent/gpu-agent}"
readonly WHEN_UNREACHABLE="${GPU_CHECK_WHEN_UNREACHABLE:-pass}"
readonly TRIES="${GPU_CHECK_TRIES:-10}"
readonly PAUSE_SECONDS="${GPU_CHECK_PAUSE_SECONDS:-2}"
# A check may take 5 s by itself; jobs wait for the prolog.
readonly PATIENCE_SECONDS=20
readonly UNHEALTHY=2
readonly CANNOT_TELL=3

# What a prolog prints is lost: slurmd's own log takes what goes to syslog.
tell() {
  logger --tag gpu-prolog --priority daemon.warning -- "job ${SLURM_JOB_ID:-?} $1 (gpu-agent check: $code): ${said//$'\n'/; }" 2>/dev/null || true
}

fail() {
  tell "may not start here"
  "$HERE/health-check.sh" drain "$1" || true
  exit 1
}

for ((try = 1; ; try++)); do
  said=$("$AGENT" check --gpus env --fail-on unhealthy --timeout 5s --when-unreachable "$WHEN_UNREACHABLE" 2>&1) && code=0 || code=$?
  if ((code != CANNOT_TELL || try >= TRIES || SECONDS >= PATIENCE_SECONDS)); then
    break
  fi
  sleep "$PAUSE_SECONDS"
done

# The first line is the worst.
readonly worst="${said%%$'\n'*}"
if ((code == UNHEALTHY)); then
  fail "${worst#unhealthy: }"
elif ((code != 0)) && [[ $WHEN_UNREACHABLE == fail ]]; then
  fail "nobody can tell how this node is (gpu-agent check: $code): ${worst#cannot tell: }"
elif ((code != 0)); then
  tell "starts on a node of which nobody can tell how it is"
fi
