# shellcheck shell=bash

test_usage() {
  cat <<'TEXT'
Usage: ./install.sh test [options] [-- arguments of the test program]

Builds everything and runs all tests. What they need (the .NET SDK 10, gcc, Prometheus with promtool, and the NVML
clients that the simulator is checked against) is installed with apt where it is missing, after saying so. The exit code
is the test program's. Tests whose data or server is missing skip in words; with CI=true they fail instead.

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
  require_programs "the tests of this installer" shellcheck=shellcheck systemd-analyze=systemd
  install_test_clients

  say "Building ($configuration)"
  build "$configuration" "$HERE/Monitoring.sln"
  say "Testing"
  change dotnet "$HERE/artifacts/bin/Monitoring.Tests/${configuration,,}/Monitoring.Tests.dll" "$@"
}

# Independent NVML clients; their tests skip in words without them, so that a machine without apt can test the rest.
install_test_clients() {
  local script=$HERE/scripts/install-test-clients.sh
  if [[ ! -x $script ]] || { command -v nvtop && command -v gpustat; } >/dev/null; then
    return
  fi
  if [[ $INSTALL_MISSING == false ]] || ! has_apt; then
    warn "the NVML clients nvtop, gpustat and python3-pynvml are not installed: their tests will be skipped"
    return
  fi
  say "Missing for the tests: NVML clients (nvtop, gpustat, python3-pynvml)"
  change_as_root "$script" || warn "they could not be installed: their tests will be skipped, and fail where CI=true"
}
