# shellcheck shell=bash

test_usage() {
  cat <<'TEXT'
Usage: ./install.sh test [options] [-- arguments of the test program]

Builds everything and runs all tests. What they need (the .NET SDK 10, gcc, Prometheus with promtool, Alertmanager, clients
of NVML and of Elasticsearch that ours are checked against, Java where ../shared has servers) is installed with apt where it
is missing, after saying so; Nsight Systems (190 MB to download) and the packages of the tests in Node (50 MB) are unpacked
into folders of their own. The exit code is the test program's. Tests whose data or server is missing skip in words; with
CI=true they fail instead.

  --configuration NAME  Debug or Release (default Debug)
  --no-install          install nothing: name what is missing and stop
  --dry-run             print what would be done and change nothing

Examples:
  ./install.sh test -- -class "Monitoring.Tests.Agent.*"
  ./install.sh test -- -xml results.xml
TEXT
}

test_command() {
  local configuration=Debug
  while (($# > 0)); do
    case $1 in
      --configuration) read_value "$@"; configuration=$VALUE; shift 2 ;;
      --no-install) install_nothing; shift ;;
      --dry-run) print_only; shift ;;
      --help | -h) test_usage; return ;;
      --) shift; break ;;
      *) fail_usage "test does not know '$1'; arguments of the test program follow '--'" ;;
    esac
  done
  case $configuration in
    Debug | Release) ;;
    *) fail_usage "--configuration is '$configuration', expected Debug or Release" ;;
  esac
  need_sources test
  require_dotnet_sdk
  require_compiler
  require_prometheus "the tests"
  require_alertmanager "the tests"
  install_vmalert
  require_programs "the tests of this installer" shellcheck=shellcheck systemd-analyze=systemd
  if [[ -x $HERE/../shared/opensearch/start ]]; then
    require_programs "OpenSearch of ../shared" java=openjdk-17-jre-headless
  fi
  require_programs "the tests of the Logstash pipeline" ruby=ruby
  install_test_clients
  install_nsys
  install_test_node

  say "Building ($configuration)"
  build "$configuration" "$HERE/Monitoring.sln"
  say "Testing"
  change dotnet "$HERE/artifacts/bin/Monitoring.Tests/${configuration,,}/Monitoring.Tests.dll" "$@"
}

# The second engine for alert rules. Debian 12 has it, older distributions do not: its tests skip in words there.
install_vmalert() {
  if command -v vmalert >/dev/null || [[ $INSTALL_MISSING == false ]] || ! has_apt; then
    return
  fi
  refresh_package_lists
  if apt-cache show victoria-metrics >/dev/null 2>&1; then
    require_programs "the tests of alert rules" vmalert=victoria-metrics
  fi
}

# Independent clients of NVML and of Elasticsearch; their tests skip in words without them, so that a machine without apt can test the rest.
install_test_clients() {
  local script=$HERE/scripts/install-test-clients.sh
  if [[ ! -x $script ]] || { command -v nvtop && command -v gpustat && has_search_clients; } >/dev/null; then
    return
  fi
  if [[ $INSTALL_MISSING == false ]] || ! has_apt; then
    warn "clients of NVML and Elasticsearch are not installed (nvtop, gpustat, python3-pynvml, python3-elasticsearch, rsyslog-elasticsearch): their tests will be skipped"
    return
  fi
  say "Missing for the tests: clients of NVML and Elasticsearch (nvtop, gpustat, python3-pynvml, python3-elasticsearch, rsyslog-elasticsearch)"
  change_as_root "$script" || warn "they could not be installed: their tests will be skipped, and fail where CI=true"
}

has_search_clients() {
  [[ -e /usr/lib/python3/dist-packages/elasticsearch/__init__.py ]] && compgen -G '/usr/lib/*/rsyslog/omelasticsearch.so'
}

# The real profiler that captures are tested with; its tests skip in words without it.
install_nsys() {
  local script=$HERE/scripts/install-nsys.sh
  if [[ ! -x $script ]] || [[ -x $("$script" --print-path) ]] || command -v nsys >/dev/null; then
    return
  fi
  if [[ $INSTALL_MISSING == false ]] || ! has_apt; then
    warn "Nsight Systems is not installed: the tests of captures with it will be skipped"
    return
  fi
  say "Missing for the tests: Nsight Systems"
  change "$script" || warn "it could not be installed: its tests will be skipped, and fail where CI=true"
}

# The formats of Grafana, Prometheus and others as their own packages state them; tests that hold files to them skip in words without.
install_test_node() {
  local script=$HERE/scripts/install-test-node.sh
  if [[ ! -x $script ]] || "$script" --check; then
    return
  fi
  if [[ $INSTALL_MISSING == false ]]; then
    warn "the packages of the tests in Node are not installed: these tests will be skipped"
    return
  fi
  if ! { command -v node && command -v npm; } >/dev/null; then
    if ! has_apt; then
      warn "node and npm are not installed: the tests that need them will be skipped"
      return
    fi
    require_programs "the tests in Node" node=nodejs npm=npm
  fi
  say "Missing for the tests: their packages for Node"
  change "$script" || warn "they could not be installed: their tests will be skipped, and fail where CI=true"
}
