#!/usr/bin/env bash
# HealthCheckProgram of slurmd: drains this node, with the reason, while a GPU is unhealthy, and takes back what it drained
# itself (slurm.conf: HealthCheckProgram=/etc/slurm/gpu/health-check.sh, HealthCheckInterval=60, HealthCheckNodeState=ANY,CYCLE).
#
#   health-check.sh              drains and resumes
#   health-check.sh drain-only   drains (for the epilog)
#   health-check.sh drain REASON drains for this reason, without asking the agent (for the prolog)
#
# A node that somebody or something else drained is left alone: only a reason that begins with gpu-agent: is this script's.
# An agent that does not answer, or whose data is old, changes nothing: that is for the monitoring of the agent.
set -euo pipefail

readonly AGENT="${GPU_AGENT:-/opt/gpu-monitoring/agent/gpu-agent}"
readonly SCONTROL="${SCONTROL:-scontrol}"
readonly NODE="${SLURMD_NODENAME:-$(hostname -s)}"
readonly MARK="gpu-agent:"
# Slurm takes longer reasons; nobody reads them in the columns of sinfo.
readonly REASON_LENGTH=200
readonly UNHEALTHY=2

tell() {
  logger --tag gpu-health-check --priority daemon.warning -- "$1" 2>/dev/null || true
}

# A field of what scontrol shows that begins its line, as State and Reason do, and what follows it there.
field() {
  sed -n "s/^ *$1=//p" | head -n 1
}

# What slurmctld has of this node.
look() {
  local shown
  shown=$("$SCONTROL" show node "$NODE")
  state=$(field State <<<"$shown")
  state=${state%% *}
  reason=$(field Reason <<<"$shown")
}

# Drains for a reason, unless the node is out of service already.
drain() {
  if [[ $state == *DRAIN* || $state == *DOWN* ]]; then
    return
  fi
  local reason="$MARK $1"
  "$SCONTROL" update NodeName="$NODE" State=DRAIN Reason="${reason:0:REASON_LENGTH}"
  tell "drained $NODE: $1"
}

main() {
  local said code=0 state reason
  if [[ ${1:-} == drain ]]; then
    look
    drain "$2"
    return
  fi

  said=$("$AGENT" check --gpus all --fail-on unhealthy --timeout 5s 2>/dev/null) || code=$?
  # Most runs end here without asking slurmctld anything but once: it serves the whole cluster.
  if ((code != UNHEALTHY && code != 0)) || [[ $code == 0 && ${1:-} == drain-only ]]; then
    return
  fi

  look
  if ((code == UNHEALTHY)); then
    # The first line is the worst.
    said=${said%%$'\n'*}
    drain "${said#unhealthy: }"
  elif ((code == 0)) && [[ $state == *DRAIN* && $state != *DOWN* && $reason == "$MARK"* ]]; then
    "$SCONTROL" update NodeName="$NODE" State=RESUME
    tell "resumed $NODE: its GPUs are healthy again"
  fi
}

main "$@"
