#!/usr/bin/env bash
# The one command line of this repository, and of a published folder: demo, tests, and the two services on a node.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly HERE

for part in words options requirements dotnet demo test publish service uninstall dashboards; do
  # shellcheck source=/dev/null
  source "$HERE/scripts/install/$part.sh"
done

usage() {
  cat <<'TEXT'
GPU cluster monitoring

Usage: ./install.sh COMMAND [options]

On a machine for trying and developing (a clone of the repository, nothing else needed):
  demo         build everything and run a simulated GPU cluster with Prometheus; no GPU needed
  test         build everything and run all tests
  publish DIR  make a self-contained folder from which nodes are installed without a .NET SDK

On a node (as root):
  agent        install the agent, the service of every GPU node
  collector    install the collector, the service that the agents push to
  uninstall    remove what agent and collector installed

Where Prometheus, Grafana and Alertmanager are:
  dashboards   place alert rules, data sources and dashboards, and say what is still to be added

`./install.sh COMMAND --help` describes a command and its options.
Every command takes --dry-run: it prints what would be done and changes nothing.
TEXT
}

main() {
  local command=${1:-}
  if [[ -z $command ]]; then
    usage >&2
    exit "$EXIT_USAGE"
  fi
  shift
  case $command in
    demo) demo_command "$@" ;;
    test) test_command "$@" ;;
    publish) publish_command "$@" ;;
    agent | collector) service_command "$command" "$@" ;;
    uninstall) uninstall_command "$@" ;;
    dashboards) dashboards_command "$@" ;;
    help | --help | -h) usage ;;
    *) fail_usage "unknown command '$command'; the commands are demo, test, publish, agent, collector, uninstall and dashboards" ;;
  esac
}

main "$@"
