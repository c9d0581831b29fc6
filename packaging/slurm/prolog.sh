#!/usr/bin/env bash
# Prolog of slurmd: lets a job start only where its GPUs are healthy. A failing prolog drains the node and requeues the job
# (slurm.conf: Prolog=/etc/slurm/gpu/prolog.sh).
#
# Slurm asks that prologs call none of its commands, since every node of a job would ask slurmctld at once: this one does so
# only where a GPU is unhealthy, to drain with the reason before Slurm does with "Prolog error", which nothing would take back.
# An agent that does not answer fails no job: GPU_CHECK_WHEN_UNREACHABLE=fail in the environment of slurmd changes that.
set -euo pipefail

readonly HERE="${BASH_SOURCE[0]%/*}"
readonly AGENT="${GPU_AGENT:-/opt/gpu-monitoring/agent/gpu-agent}"

# What a prolog prints is lost: slurmd's own log takes what goes to syslog.
tell() {
  logger --tag gpu-prolog --priority daemon.warning -- "$1" 2>/dev/null || true
}

said=$("$AGENT" check --gpus env --fail-on unhealthy --timeout 5s --when-unreachable "${GPU_CHECK_WHEN_UNREACHABLE:-pass}" 2>&1) && code=0 || code=$?
if ((code != 0)); then
  tell "job ${SLURM_JOB_ID:-?} may not start here (gpu-agent check: $code): ${said//$'\n'/; }"
  "$HERE/health-check.sh" drain-only || true
  exit 1
fi
