#!/usr/bin/env bash
# Runs inside the booted container as root; every check writes a line 'ok NAME' or 'not ok NAME' to /results/results.txt.
set -uo pipefail

readonly RESULTS=/results/results.txt
readonly INSTALL=/root/published/install.sh

# check NAME COMMAND...
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok $name" >>"$RESULTS"
  else
    printf 'not ok %s\n' "$name" >>"$RESULTS"
    # Indented, so that no line of it reads as a result.
    printf '%s\n' "$output" | tail -n 20 | sed 's/^/    /' >>"$RESULTS"
    return 1
  fi
}

property() {
  systemctl show --value --property "$2" "gpu-$1.service"
}

# within SECONDS COMMAND...: the command succeeds sooner or later.
within() {
  local deadline=$((SECONDS + $1)) said
  shift
  until said=$("$@" 2>&1); do
    if ((SECONDS >= deadline)); then
      printf '%s\n' "not within the time: $*" "$said"
      return 1
    fi
    sleep 0.5
  done
}

is() {
  [[ $("${@:2}") == "$1" ]] || { echo "expected '$1': $("${@:2}")"; return 1; }
}

answers() {
  curl --fail --silent --show-error --max-time 5 "$1"
}

holds() {
  local page
  page=$(answers "$1") || return 1
  grep -q "$2" <<<"$page" || { echo "$1 holds no '$2' in its $(wc -l <<<"$page") lines"; return 1; }
}

says_status() {
  [[ -n $(property "$1" StatusText) ]]
}

listens_only_on_loopback() {
  # Local addresses in /proc/net/tcp are little-endian hexadecimal: 0100007F is 127.0.0.1; state 0A is LISTEN.
  local foreign
  foreign=$(awk '$4 == "0A" && $2 !~ /^0100007F:/ { print $2 }' /proc/net/tcp; awk 'FNR > 1 && $4 == "0A" { print $2 }' /proc/net/tcp6)
  [[ -z $foreign ]] || { echo "listening beyond 127.0.0.1: $foreign"; return 1; }
}

fails_with() {
  local expected=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "succeeded, and should have failed: $*"
    return 1
  fi
  grep -q "$expected" <<<"$output" || { printf '%s\n' "no '$expected' in:" "$output"; return 1; }
}

install_services() {
  mkdir -p /etc/gpu-agent /etc/systemd/system/gpu-agent.service.d
  # The simulated driver lies outside the folders that a service may use, and its library writes to its state.
  printf '[Service]\nReadWritePaths=/srv/node\nWatchdogSec=5\nTimeoutAbortSec=5\n' >/etc/systemd/system/gpu-agent.service.d/test.conf
  cat >/etc/gpu-agent/agent.env <<'TEXT'
GPU_AGENT_DEVICES__NVML_LIBRARY=/srv/node/libnvidia-ml.so.1
GPU_AGENT_DEVICES__SYSFS=/srv/node/sys
GPU_AGENT_DEVICES__PROCFS=/srv/node/proc
GPU_AGENT_DEVICES__SYSTEMD_UNITS=/srv/node/systemd
GPU_AGENT_DEVICES__KERNEL_LOG=/srv/node/kmsg
GPU_AGENT_COLLECTOR__ENDPOINT=http://127.0.0.1:9461
GPU_AGENT_COLLECTOR__PUSH_INTERVAL=2s
TEXT
  check "the collector installs and becomes ready" "$INSTALL" collector
  check "the agent installs and becomes ready" "$INSTALL" agent
  for role in agent collector; do
    check "gpu-$role is active (running)" is "active running" bash -c "systemctl show -P ActiveState -P SubState gpu-$role | paste -sd ' '"
    check "gpu-$role is enabled at boot" systemctl is-enabled "gpu-$role.service"
    check "gpu-$role says its status" within 20 says_status "$role"
    check "gpu-$role runs as a user of its own" bash -c "[[ \$(stat -c %u /proc/\$(systemctl show -P MainPID gpu-$role)) -ge 61184 ]]"
    echo "    gpu-$role: $(property "$role" StatusText)" >>"$RESULTS"
  done
  check "the agent's page holds its GPUs" within 20 holds http://127.0.0.1:9460/metrics '^gpu_power_watts{.*gpu="7"'
  check "the collector's page of the node holds them too" within 30 holds http://127.0.0.1:9461/nodes/gpu-node/metrics '^gpu_power_watts{.*gpu="7"'
  check "the rules directory is there, with words" test -s /etc/gpu-agent/rules.d/README
  check "the shipped rules lie there to be read" grep -q hw_thermal_slowdown /opt/gpu-monitoring/agent/rules/shipped.yaml
  check "the journal of events is below the state directory" within 10 bash -c "[[ -n \$(ls /var/lib/gpu-agent/journal) ]]"
  check "nothing listens beyond loopback" listens_only_on_loopback
  check "a second run changes nothing" bash -c "before=\$(systemctl show -P MainPID gpu-agent); out=\$($INSTALL agent) && grep -q 'up to date' <<<\"\$out\" && [[ \$before == \$(systemctl show -P MainPID gpu-agent) ]]"
}

exits_with() {
  local code=0 output
  output=$("${@:2}" 2>&1) || code=$?
  ((code == $1)) || { printf '%s\n' "exit code $code, expected $1:" "$output"; return 1; }
}

# How often the collector has the event of the XID that was injected.
events_of_xid_79() {
  answers "http://127.0.0.1:9461/api/v1/events?kind=xid&limit=1000" | grep -o '"code":79' | wc -l
}

read_the_kernel_log() {
  if [[ ! -c /dev/machine-kmsg ]]; then
    echo "    the machine has no /dev/kmsg: not tried" >>"$RESULTS"
    return
  fi
  check "a stranger may not read the kernel log here" bash -c "[[ \$(</proc/sys/kernel/dmesg_restrict) == 0 ]] || ! setpriv --reuid 65534 --clear-groups --bounding-set=-all head -c 1 /dev/machine-kmsg"
  # With a state of its own: what the machine's log tells of the past is no matter of the simulated node.
  cp /etc/gpu-agent/agent.env /root/agent.env
  cat >>/etc/gpu-agent/agent.env <<'TEXT'
GPU_AGENT_DEVICES__KERNEL_LOG=/dev/machine-kmsg
GPU_AGENT_STATE_DIRECTORY=/tmp/state
GPU_AGENT_COLLECTOR__ENDPOINT=
TEXT
  systemctl restart gpu-agent.service
  check "the agent reads the kernel log as a user of its own" within 20 holds http://127.0.0.1:9460/metrics '^gpu_event_source_up{.*source="kmsg".*} 1$'
  check "and has no other capability than CAP_SYSLOG" is 0000000400000000 bash -c "awk '/^CapEff/ { print \$2 }' /proc/\$(systemctl show -P MainPID gpu-agent)/status"
  cp /root/agent.env /etc/gpu-agent/agent.env
  systemctl restart gpu-agent.service
}

find_a_fault() {
  check "a healthy node passes gpu-agent check" within 20 exits_with 0 gpu-agent check
  echo "--gpu 2 --incident xid_79" >/results/inject
  check "an XID is an event at the collector" within 20 is 1 events_of_xid_79
  check "gpu-agent check says unhealthy (2)" within 10 exits_with 2 gpu-agent check
  check "but not for another GPU" exits_with 0 gpu-agent check --gpus 0
  gpu-agent check 2>&1 | sed 's/^/    /' >>"$RESULTS"
  check "the counter of the XID is 1" within 10 holds http://127.0.0.1:9460/metrics '^gpu_xid_events_total{.*gpu="2".*xid="79".*} 1$'
  systemctl kill --signal=KILL gpu-agent.service
  check "killed, the agent comes back" within 40 bash -c "curl --fail --silent http://127.0.0.1:9460/healthz"
  check "it remembers the event" within 20 holds http://127.0.0.1:9460/api/v1/events '"code": 79'
  check "and counts it once" within 10 holds http://127.0.0.1:9460/metrics '^gpu_xid_events_total{.*gpu="2".*xid="79".*} 1$'
  check "and the node is still unhealthy" within 20 exits_with 2 gpu-agent check
  sleep 5
  check "the collector has the event once" is 1 events_of_xid_79
  systemctl restart gpu-collector.service
  check "restarted, the collector still has it" within 20 is 1 events_of_xid_79
}

ask_the_doctor() {
  local code=0
  # With the service's settings, which the shell of a person has not.
  # shellcheck disable=SC2046
  env $(grep -v '^#' /etc/gpu-agent/agent.env) gpu-agent doctor >/results/doctor.txt 2>&1 || code=$?
  check "the doctor names the GPU that is gone" grep -q '^FAILURE  GPUs: GPU 2' /results/doctor.txt
  check "and finds agent and collector" bash -c "grep -q '^ok       agent: answers' /results/doctor.txt && grep -q '^ok       collector: .* answers' /results/doctor.txt"
  check "and ends with 1" test "$code" -eq 1
}

change_a_rule() {
  printf 'rules:\n  row_remap_pending: { severity: critical }\n' >/etc/gpu-agent/rules.d/10-site.yaml
  check "list-rules names the file that changes a rule" holds_output 10-site.yaml gpu-agent list-rules
  printf 'rules:\n  row_remap_pending: { severity: dire }\n' >/etc/gpu-agent/rules.d/10-site.yaml
  check "check-rules refuses a wrong word (78)" exits_with 78 gpu-agent check-rules
  check "the agent says that it did not take it" within 20 holds http://127.0.0.1:9460/metrics '^gpu_rules_last_reload_successful{.*} 0$'
  rm /etc/gpu-agent/rules.d/10-site.yaml
  check "and is content when it is gone" within 20 holds http://127.0.0.1:9460/metrics '^gpu_rules_last_reload_successful{.*} 1$'
}

holds_output() {
  local output
  output=$("${@:2}" 2>&1) || { echo "$output"; return 1; }
  grep -q "$1" <<<"$output" || { printf '%s\n' "no '$1' in:" "$output"; return 1; }
}

go_without_the_journal_group() {
  cp /etc/group /root/group
  sed -i '/^systemd-journal:/d' /etc/group
  check "the installer leaves out a group that does not exist" "$INSTALL" agent
  check "and the unit runs without it" is "active 0" bash -c "echo \$(systemctl show -P ActiveState gpu-agent) \$(grep -c '^SupplementaryGroups' /etc/systemd/system/gpu-agent.service)"
  cp /root/group /etc/group
  check "with the group it is put back" bash -c "$INSTALL agent && grep -q '^SupplementaryGroups=systemd-journal' /etc/systemd/system/gpu-agent.service"
}

stop_the_main_loop() {
  local before
  before=$(property agent MainPID)
  # 0, where it does not run, would be this script's own process group.
  check "the agent runs before it is stopped" test "$before" -gt 1 || return
  kill -STOP "$before"
  check "the watchdog restarts a stopped agent" within 40 is 1 property agent NRestarts
  check "it is another process and ready again" within 30 bash -c "[[ \$(systemctl show -P ActiveState gpu-agent) == active && \$(systemctl show -P MainPID gpu-agent) != $before ]]"
  check "its page is back" within 20 holds http://127.0.0.1:9460/metrics '^gpu_power_watts{'
}

break_the_configuration() {
  cp /etc/gpu-agent/agent.yaml /root/agent.yaml
  printf 'sampling:\n  fast_intervall: 100ms\n  medium_interval: soon\n' >/etc/gpu-agent/agent.yaml
  systemctl reset-failed gpu-agent.service
  systemctl restart gpu-agent.service
  check "a wrong configuration ends the agent with 78" within 10 is 78 property agent ExecMainStatus
  # Longer than RestartSec=5.
  sleep 8
  check "and systemd leaves it alone" is "0 failed" bash -c "systemctl show -P NRestarts -P ActiveState gpu-agent | paste -sd ' '"
  check "the log names both mistakes" bash -c "log=\$(journalctl -u gpu-agent --no-pager -n 60) && grep -q fast_intervall <<<\"\$log\" && grep -q medium_interval <<<\"\$log\""
  check "the installer refuses to start it, in words" fails_with "configuration is wrong" env -i PATH="$PATH" "$INSTALL" agent
  cp /root/agent.yaml /etc/gpu-agent/agent.yaml
  systemctl restart gpu-agent.service
  check "it starts again once that is repaired" within 10 is active property agent ActiveState
}

stop_services() {
  systemctl stop gpu-agent.service gpu-collector.service
  for role in agent collector; do
    check "gpu-$role stops cleanly" is "success 0 inactive" bash -c "systemctl show -P ActiveState -P Result -P ExecMainStatus gpu-$role | paste -sd ' '"
  done
}

remove_services() {
  systemctl start gpu-agent.service gpu-collector.service
  rm -f /etc/systemd/system/gpu-agent.service.d/*
  check "uninstall without --purge keeps the configuration" bash -c "$INSTALL uninstall agent && [[ -e /etc/gpu-agent/agent.yaml && ! -e /opt/gpu-monitoring/agent ]]"
  check "uninstall --purge succeeds" "$INSTALL" uninstall --purge
  check "uninstall --purge leaves nothing" bash -c "left=\$(find / -xdev \( -path /proc -o -path /root -o -path /srv -o -path /results -o -path /var/log -o -path /tmp \) -prune -o \( -name '*gpu-agent*' -o -name '*gpu-collector*' -o -name '*gpu-monitoring*' \) -print); echo \"\$left\"; [[ -z \$left ]]"
  check "no unit is left" bash -c "! systemctl list-units --all | grep gpu-"
}

install_services
stop_the_main_loop
break_the_configuration
read_the_kernel_log
find_a_fault
ask_the_doctor
change_a_rule
go_without_the_journal_group
stop_services
remove_services
journalctl --no-pager -u gpu-agent -u gpu-collector >/results/journal.txt
echo "done" >>"$RESULTS"
