#!/usr/bin/env bash
# Epilog of slurmd: a job that left a GPU unhealthy takes the node out of service before the next one comes
# (slurm.conf: Epilog=/etc/slurm/gpu/epilog.sh). It drains by itself, with the reason, and never fails: a failing epilog would
# drain with a reason that says nothing, and that nothing takes back.
set -euo pipefail

readonly HERE="${BASH_SOURCE[0]%/*}"

"$HERE/health-check.sh" drain-only || true
