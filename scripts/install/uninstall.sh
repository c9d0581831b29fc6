# shellcheck shell=bash

uninstall_usage() {
  cat <<'TEXT'
Usage: ./install.sh uninstall [agent|collector] [options]

Stops and removes the agent, the collector, or (without a name) both. Configuration and state are kept.

  --purge       remove configuration and state too: nothing is left
  --prefix DIR  where it was installed (default: what its unit says, else /opt/gpu-monitoring)
  --root DIR    remove what was installed below DIR
  --dry-run     print what would be done and change nothing
TEXT
}

uninstall_command() {
  local roles=() prefix='' root='' purge=false role
  while (($# > 0)); do
    case $1 in
      agent | collector) roles+=("$1"); shift ;;
      --purge) purge=true; shift ;;
      --prefix) read_path "$@"; prefix=${VALUE%/}; shift 2 ;;
      --root) read_path "$@"; root=${VALUE%/}; shift 2 ;;
      --dry-run) print_only; shift ;;
      --help | -h) uninstall_usage; return ;;
      *) fail_usage "uninstall does not know '$1'; './install.sh uninstall --help' lists its options" ;;
    esac
  done
  if ((${#roles[@]} == 0)); then
    roles=(agent collector)
  fi
  if [[ -z $root ]] && ((EUID != 0)) && [[ $DRY_RUN == false ]]; then
    fail "removing a service needs root" "sudo $HERE/install.sh uninstall"
  fi
  for role in "${roles[@]}"; do
    uninstall_role "$role" "$prefix" "$root" "$purge"
  done
}

uninstall_role() {
  local role=$1 prefix=$2 root=$3 purge=$4 unit=gpu-$1.service REMOVED=false
  local unit_file=$root/etc/systemd/system/$unit
  if [[ -z $prefix && -e $unit_file ]]; then
    prefix=$(sed -n "s|^ExecStart=\(/.*\)/$role/gpu-$role .*|\1|p" "$unit_file")
  fi
  prefix=${prefix:-/opt/gpu-monitoring}

  if [[ -z $root && -e $unit_file ]] && [[ -d /run/systemd/system ]]; then
    change systemctl --quiet disable --now "$unit"
  fi
  remove "$root/etc/systemd/system/multi-user.target.wants/$unit"
  remove "$unit_file"
  remove "$unit_file.d/captures.conf"
  remove_empty_folder "$unit_file.d"
  remove_link "$root/usr/local/bin/gpu-$role" "$prefix/$role/gpu-$role"
  if [[ $role == agent ]]; then
    remove_link "$root/usr/local/bin/gpu-run" "$prefix/agent/gpu-run"
  fi
  if [[ -e $root$prefix/$role/gpu-$role ]]; then
    remove "$root$prefix/$role"
    remove_empty_folder "$root$prefix"
  fi
  if [[ $purge == true ]]; then
    # The state of a service with DynamicUser= lies in private/, and /var/lib/gpu-* is a link to it.
    remove "$root/etc/systemd/system/$unit.d"
    remove "$root/etc/gpu-$role"
    remove "$root/var/lib/gpu-$role"
    remove "$root/var/lib/private/gpu-$role"
    remove "$root/var/lib/gpu-$role-incoming"
  fi
  if [[ -z $root && $REMOVED == true && -d /run/systemd/system ]]; then
    change systemctl daemon-reload
    # A unit that had failed would otherwise stay listed.
    change systemctl --quiet reset-failed "$unit" 2>/dev/null || true
  fi
  if [[ $REMOVED == true ]]; then
    say "Removed the $role"
  else
    say "The $role is not installed: nothing to remove"
  fi
  if [[ $purge == false && -d $root/etc/gpu-$role ]]; then
    say "Kept: $root/etc/gpu-$role and $root/var/lib/gpu-$role; --purge removes them"
  fi
}

remove() {
  if [[ -e $1 || -L $1 ]]; then
    REMOVED=true
    change rm -rf "$1"
  fi
}

# remove_link LINK TARGET: a file or a link of somebody else stays.
remove_link() {
  if [[ -L $1 && $(readlink "$1") == "$2" ]]; then
    remove "$1"
  fi
}

remove_empty_folder() {
  if [[ $DRY_RUN == false && -d $1 && -z $(ls -A "$1") ]]; then
    rmdir "$1"
  fi
}
