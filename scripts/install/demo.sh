# shellcheck shell=bash

demo_usage() {
  cat <<'TEXT'
Usage: ./install.sh demo [options]

Starts a simulated GPU cluster on this machine: on every node an agent that reads a simulated NVIDIA driver, a collector
that the agents push to, and a Prometheus that scrapes them. Incidents (a throttled GPU, a hung driver call, ECC errors,
a lost GPU...) are played and named. Everything listens on 127.0.0.1 only; Ctrl-C ends it and leaves nothing behind.

The .NET SDK 10, gcc and Prometheus are installed with apt where they are missing, after saying so.

  --seconds N     end after N seconds, with exit code 0 only if Prometheus held the series of every GPU, both from the
                  collector and from the agents (10 to 86400; default: run until Ctrl-C)
  --nodes N       simulated nodes, 1 to 32 (default 4)
  --gpus N        GPUs per node, 1 to 16 (default 8)
  --profile NAME  h100, h200, a100, b200, t4 or a profile's YAML file (default h100)
  --recording FILE
                  play what 'gpu-agent record FILE' wrote on a real node: one node with its GPUs, no played incidents
  --elasticsearch URL
                  fill this Elasticsearch or OpenSearch with the demo's events, captures and logs, and search them there; without
                  it the same searches are made in the collector's own store
  --no-install    install nothing: name what is missing and stop
  --dry-run       print what would be done and change nothing
TEXT
}

demo_command() {
  local seconds='' nodes=4 gpus=8 profile=h100 recording='' elasticsearch=''
  while (($# > 0)); do
    case $1 in
      --seconds) read_whole_number 10 86400 "$@"; seconds=$VALUE; shift 2 ;;
      --nodes) read_whole_number 1 32 "$@"; nodes=$VALUE; shift 2 ;;
      --gpus) read_whole_number 1 16 "$@"; gpus=$VALUE; shift 2 ;;
      --profile) read_value "$@"; profile=$VALUE; shift 2 ;;
      --recording) read_value "$@"; recording=$VALUE; shift 2 ;;
      --elasticsearch) read_value "$@"; elasticsearch=$VALUE; shift 2 ;;
      --no-install) install_nothing; shift ;;
      --dry-run) print_only; shift ;;
      --help | -h) demo_usage; return ;;
      *) fail_usage "demo does not know '$1'; './install.sh demo --help' lists its options" ;;
    esac
  done
  if [[ -n $recording && ! -r $recording ]]; then
    fail "--recording: $recording cannot be read" "give the path of a file that 'gpu-agent record' wrote"
  fi
  if [[ -n $elasticsearch && $elasticsearch != http://* && $elasticsearch != https://* ]]; then
    fail "--elasticsearch: '$elasticsearch' is no address" "give a URL such as http://127.0.0.1:9200"
  fi
  need_sources demo
  require_dotnet_sdk
  require_compiler
  require_prometheus "the demo"
  require_programs "ending the demo's processes with it" setpriv=util-linux

  say "Building (Release)"
  build Release "$HERE/scripts/install/processes.slnf"

  local built=$HERE/artifacts/bin
  local words=("$built/Monitoring.Simulator/release/gpu-simulator" demo
    --agent "$built/Monitoring.Agent/release/gpu-agent"
    --collector "$built/Monitoring.Collector/release/gpu-collector"
    --prometheus prometheus
    --nodes "$nodes" --gpus "$gpus" --profile "$profile")
  if [[ -n $seconds ]]; then
    words+=(--seconds "$seconds")
  fi
  if [[ -n $recording ]]; then
    words+=(--recording "$recording")
  fi
  if [[ -n $elasticsearch ]]; then
    words+=(--elasticsearch "$elasticsearch")
  fi
  if [[ $DRY_RUN == true ]]; then
    change "${words[@]}"
    return
  fi
  # The demo takes this shell's place, so that Ctrl-C and SIGTERM reach it directly.
  exec "${words[@]}"
}

# need_sources COMMAND: building is for a clone; a published folder holds programs only.
need_sources() {
  if [[ ! -e $HERE/Monitoring.sln ]]; then
    fail "'$1' needs the repository, and $HERE holds no Monitoring.sln" "run it from a clone; a published folder installs agent and collector"
  fi
}
