# shellcheck shell=bash
# Debian packages that building, testing and the demo need: what is missing is named first, then installed with apt.

INSTALL_MISSING=true

install_nothing() {
  INSTALL_MISSING=false
}

# Files of the system that the installer looks at; a test points them elsewhere.
OS_RELEASE=${OS_RELEASE:-/etc/os-release}
SERVICE_POLICY=${SERVICE_POLICY:-/usr/sbin/policy-rc.d}
C_HEADER=${C_HEADER:-/usr/include/stdio.h}

os_value() {
  (
    # shellcheck source=/dev/null
    source "$OS_RELEASE" 2>/dev/null || true
    printf '%s' "${!1:-}"
  )
}

has_apt() {
  command -v apt-get >/dev/null
}

# require_programs PURPOSE PROGRAM=PACKAGE[,PACKAGE...]...: a missing program's packages are installed.
require_programs() {
  local purpose=$1 pair program package needed missing=() packages=()
  shift
  for pair in "$@"; do
    program=${pair%%=*}
    if ! command -v "$program" >/dev/null; then
      missing+=("$program")
      IFS=, read -r -a needed <<<"${pair#*=}"
      for package in "${needed[@]}"; do
        [[ " ${packages[*]} " == *" $package "* ]] || packages+=("$package")
      done
    fi
  done
  if ((${#missing[@]} == 0)); then
    return
  fi
  say "Missing for $purpose: ${missing[*]}"
  install_packages "${packages[@]}"
}

install_packages() {
  if [[ $INSTALL_MISSING == false ]]; then
    fail "not installing anything (--no-install)" "install these packages: $*"
  fi
  if ! has_apt; then
    fail "only Debian and Ubuntu are prepared automatically, and this is $(os_value PRETTY_NAME)" \
      "install what these Debian packages hold, then start again: $*"
  fi
  say "Installing with apt: $*"
  refresh_package_lists
  # Services that come with a package (Debian's Prometheus listens on :9090) are neither started nor enabled.
  local service new_services=()
  for service in prometheus prometheus-alertmanager victoria-metrics; do
    if [[ " $* " == *" $service "* ]] && ! dpkg-query -W "$service" >/dev/null 2>&1; then
      new_services+=("$service")
    fi
  done
  without_starting_services \
    change_as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
  for service in "${new_services[@]}"; do
    disable_service "$service"
  done
}

# The package enables its service even where it may not start it; a machine without systemd has only the link.
disable_service() {
  if command -v systemctl >/dev/null; then
    change_as_root systemctl --quiet disable "$1.service"
  else
    change_as_root rm -f "/etc/systemd/system/multi-user.target.wants/$1.service"
  fi
}

LISTS_REFRESHED=false

forget_package_lists() {
  LISTS_REFRESHED=false
}

refresh_package_lists() {
  if [[ $LISTS_REFRESHED == false ]]; then
    change_as_root apt-get update --quiet=2 ||
      warn "apt-get update failed for some of the machine's package sources; going on with what it has"
    LISTS_REFRESHED=true
  fi
}

# Debian's invoke-rc.d asks this file before it starts a service; a machine that has its own keeps it.
without_starting_services() {
  local outcome=0 own_policy=false
  if [[ ! -e $SERVICE_POLICY ]]; then
    own_policy=true
    trap 'change_as_root rm -f "$SERVICE_POLICY"' EXIT
    change_as_root install -m 755 "$HERE/scripts/install/no-service-starts" "$SERVICE_POLICY"
  fi
  "$@" || outcome=$?
  if [[ $own_policy == true ]]; then
    change_as_root rm -f "$SERVICE_POLICY"
    trap - EXIT
  fi
  if ((outcome != 0)); then
    fail "apt could not install what is missing (exit code $outcome)" "the lines above say why; repair that and start again"
  fi
}

require_compiler() {
  if command -v gcc >/dev/null && [[ ! -e $C_HEADER ]] && has_apt; then
    say "Missing for the simulator's library: the headers of the C library"
    install_packages libc6-dev
  else
    require_programs "the simulator's library" gcc=gcc,libc6-dev
  fi
}

require_alertmanager() {
  require_programs "$1" prometheus-alertmanager=prometheus-alertmanager
}

require_prometheus() {
  require_programs "$1" prometheus=prometheus promtool=prometheus
}
