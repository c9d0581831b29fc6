# shellcheck shell=bash
# The two services on a node: program, unit, configuration; running it again brings everything up to date.

service_usage() {
  local role=$1 port=9460 keeps="the journal of events, captures, and counters" rules captures starter
  captures="
  --captures     run as root, with the rights that Nsight Systems and PyTorch captures need; adds the drop-in
                 gpu-agent.service.d/captures.conf
  --no-captures  take that drop-in away again"
  starter="
  /usr/local/bin/gpu-run                 starts jobs so that they can be recorded with Nsight Systems"
  rules="
  /etc/gpu-agent/rules.d/                anomaly rules of the site, over the shipped ones"
  if [[ $role == collector ]]; then
    port=9461 keeps="events and captures of the cluster" rules='' captures='' starter=''
  fi
  cat <<TEXT
Usage: ./install.sh $role [options]

Installs the $role as the systemd service gpu-$role, starts it and enables it at boot. Running it again updates it.
It listens on 127.0.0.1:$port until $role.yaml says otherwise, and runs as a user that exists only while it runs.

  /opt/gpu-monitoring/$role/                the program with its own .NET runtime
  /etc/gpu-$role/$role.yaml              its configuration; a changed one is never overwritten: a newer default is
                                            put beside it as $role.yaml.new
  /etc/gpu-$role/$role.env               settings by environment variable$rules
  /etc/systemd/system/gpu-$role.service  its unit; change it with 'systemctl edit gpu-$role'
  /var/lib/gpu-$role/                      its state: $keeps
  /usr/local/bin/gpu-$role               a link to the program$starter

  --prefix DIR   another place than /opt/gpu-monitoring
  --from DIR     install from a folder that './install.sh publish' made; without it, such a folder that holds this
                 installer is used, and in a clone of the repository the $role is published first
  --root DIR     install below DIR, as for an image or a package: nothing is started and root is not needed
  --no-start     install and enable, but leave it to somebody else to start
  --no-install   do not install the .NET SDK that publishing in a clone needs$captures
  --dry-run      print what would be done and change nothing
TEXT
}

service_command() {
  local role=$1 prefix=/opt/gpu-monitoring from='' root='' start=true captures=keep
  shift
  while (($# > 0)); do
    case $1 in
      --prefix) read_path "$@"; prefix=${VALUE%/}; shift 2 ;;
      --from) read_value "$@"; from=$VALUE; shift 2 ;;
      --root) read_path "$@"; root=${VALUE%/}; shift 2 ;;
      --no-start) start=false; shift ;;
      --captures | --no-captures)
        if [[ $role != agent ]]; then
          fail_usage "$1 is for the agent: './install.sh agent $1' on the nodes with GPUs"
        fi
        captures=${1#--}
        shift
        ;;
      --no-install) install_nothing; shift ;;
      --dry-run) print_only; shift ;;
      --help | -h) service_usage "$role"; return ;;
      *) fail_usage "$role does not know '$1'; './install.sh $role --help' lists its options" ;;
    esac
  done
  need_supported_system
  if [[ -z $root ]]; then
    need_running_systemd "$role"
  fi
  find_published "$role" "$from"

  CHANGED=false
  place_folder "$PUBLISHED" "$root$prefix/$role"
  place_configuration "$PUBLISHED/$role.yaml" "$root/etc/gpu-$role/$role.yaml" "$root$prefix/$role"
  place_configuration "$HERE/packaging/systemd/$role.env" "$root/etc/gpu-$role/$role.env" "$root$prefix/$role"
  if [[ $role == agent ]]; then
    place_configuration "$HERE/packaging/rules.d/README" "$root/etc/gpu-agent/rules.d/README" "$root$prefix/$role"
  fi
  place_unit "$role" "$prefix" "$root"
  place_capture_rights "$captures" "$root"
  place_link "$prefix/$role/gpu-$role" "$root/usr/local/bin/gpu-$role"
  if [[ $role == agent && -e $PUBLISHED/gpu-run ]]; then
    place_link "$prefix/agent/gpu-run" "$root/usr/local/bin/gpu-run"
  fi

  if [[ -n $root ]]; then
    place_link "/etc/systemd/system/gpu-$role.service" "$root/etc/systemd/system/multi-user.target.wants/gpu-$role.service"
    say "Installed the $role below $root"
    return
  fi
  change systemctl daemon-reload
  change systemctl --quiet enable "gpu-$role.service"
  if [[ $role == agent ]] && ! ldconfig -p 2>/dev/null | grep -q 'libnvidia-ml\.so\.1'; then
    warn "no NVIDIA driver found (libnvidia-ml.so.1 is not in the library path): install it, or set devices.nvml_library"
  fi
  if [[ $start == true ]]; then
    start_service "$role" "$prefix"
  else
    say "Installed; start it with: systemctl start gpu-$role"
  fi
}

need_supported_system() {
  if [[ $(uname -s) != Linux ]]; then
    fail "this is $(uname -s), and the services run on Linux" "install on a Linux node"
  fi
  if [[ $(uname -m) != x86_64 && $(uname -m) != aarch64 ]]; then
    fail "the processor is $(uname -m), and only x86_64 and aarch64 are supported" "install on such a node"
  fi
  local libraries=(/lib/ld-musl-*)
  if [[ -e ${libraries[0]} ]]; then
    fail "this system's C library is musl, and the programs and the NVIDIA driver need glibc" "use a distribution with glibc"
  fi
}

need_running_systemd() {
  if ((EUID != 0)) && [[ $DRY_RUN == false ]]; then
    fail "installing a service needs root" "sudo $HERE/install.sh $1, or --root DIR to install into a folder"
  fi
  if [[ ! -d /run/systemd/system && $DRY_RUN == false ]]; then
    fail "this machine was not started by systemd" "install below a folder with --root DIR, or start gpu-$1 by what supervises services here"
  fi
}

# find_published ROLE FROM: PUBLISHED is the folder with the program, made now where only sources are at hand.
find_published() {
  local role=$1 from=$2
  if [[ -n $from ]]; then
    PUBLISHED=$(realpath --canonicalize-missing "$from")/$role
    if [[ ! -x $PUBLISHED/gpu-$role ]]; then
      fail "$PUBLISHED/gpu-$role does not exist" "make the folder with './install.sh publish DIR' in a clone of the repository"
    fi
  elif [[ -x $HERE/$role/gpu-$role ]]; then
    PUBLISHED=$HERE/$role
  else
    need_sources "$role"
    require_dotnet_sdk
    PUBLISHED=$HERE/artifacts/published/$role
    publish_role "$role" "$PUBLISHED" "$(machine_rid)"
  fi
}

# The swap takes two renames: a program that runs from the old folder keeps its files until it is restarted.
place_folder() {
  local source=$1 target=$2
  if [[ -d $source && -d $target ]] && diff -rq --exclude=.defaults "$source" "$target" >/dev/null; then
    return
  fi
  CHANGED=true
  say "Program: $target"
  change mkdir -p "$(dirname "$target")"
  change rm -rf "$target.new" "$target.old"
  change cp -R "$source" "$target.new"
  change chmod -R u=rwX,go=rX "$target.new"
  if [[ -d $target ]]; then
    if [[ -d $target/.defaults ]]; then
      change cp -R "$target/.defaults" "$target.new/.defaults"
    fi
    change mv "$target" "$target.old"
  fi
  change mv "$target.new" "$target"
  change rm -rf "$target.old"
}

# place_configuration DEFAULT TARGET PROGRAM_FOLDER: the default as it was installed is kept in PROGRAM_FOLDER/.defaults,
# so that a file that nobody changed follows a new default and a changed one never does.
place_configuration() {
  local default=$1 target=$2 installed=$3/.defaults/${2##*/}
  if [[ ! -e $target ]]; then
    say "Configuration: $target"
    change install -D -m 644 "$default" "$target"
    CHANGED=true
  elif cmp -s "$default" "$target"; then
    :
  elif cmp -s "$installed" "$target"; then
    say "Configuration: $target (unchanged by you, replaced by the new default)"
    change install -m 644 "$default" "$target"
    CHANGED=true
  elif ! cmp -s "$default" "$installed"; then
    say "Configuration: $target keeps your changes; the new default is $target.new"
    change install -m 644 "$default" "$target.new"
  fi
  if ! cmp -s "$default" "$installed"; then
    change install -D -m 644 "$default" "$installed"
  fi
}

place_unit() {
  local role=$1 prefix=$2 root=$3 unit target=$3/etc/systemd/system/gpu-$1.service
  unit=$(sed "s|/opt/gpu-monitoring/|$prefix/|g" "$HERE/packaging/systemd/gpu-$role.service")
  # systemd starts no service with a group that does not exist (status 216). Only reading the kernel log through journalctl needs it.
  if [[ -z $root && $unit == *SupplementaryGroups=systemd-journal* ]] && ! getent group systemd-journal >/dev/null; then
    warn "there is no group systemd-journal here: the unit goes without; the kernel log is read from /dev/kmsg alone"
    unit=$(sed '/^# Where the device is closed/d; /^SupplementaryGroups=systemd-journal$/d' <<<"$unit")
  fi
  if [[ -e $target && $unit == "$(<"$target")" ]]; then
    return
  fi
  CHANGED=true
  say "Unit: $target"
  if [[ $DRY_RUN == false ]]; then
    mkdir -p "$(dirname "$target")"
    printf '%s\n' "$unit" >"$target"
    chmod 644 "$target"
  fi
}

# place_capture_rights captures|no-captures|keep ROOT: a drop-in that is there follows a newer version.
place_capture_rights() {
  local wish=$1 target=$2/etc/systemd/system/gpu-agent.service.d/captures.conf default=$HERE/packaging/systemd/captures.conf
  if [[ $wish == no-captures && -e $target ]]; then
    say "Captures: $target is taken away"
    change rm "$target"
    CHANGED=true
  elif [[ $wish == captures || ($wish == keep && -e $target) ]] && ! cmp -s "$default" "$target"; then
    say "Captures: $target"
    change install -D -m 644 "$default" "$target"
    CHANGED=true
  fi
}

place_link() {
  local to=$1 link=$2
  if [[ -L $link && $(readlink "$link") == "$to" ]]; then
    return
  fi
  if [[ -e $link && ! -L $link ]]; then
    fail "$link exists and is not a link of this installer" "move it away and start again"
  fi
  change mkdir -p "$(dirname "$link")"
  change ln -sfn "$to" "$link"
}

start_service() {
  local role=$1 prefix=$2 checked=0 unit=gpu-$1.service
  if [[ $DRY_RUN == false ]]; then
    "$prefix/$role/gpu-$role" check-config --config "/etc/gpu-$role/$role.yaml" >/dev/null || checked=$?
    if ((checked != 0)); then
      fail "the configuration is wrong; $unit is installed, and was not touched otherwise" \
        "correct /etc/gpu-$role/$role.yaml as the lines above say, then: systemctl restart gpu-$role"
    fi
  fi
  if [[ $CHANGED == false ]] && systemctl --quiet is-active "$unit"; then
    say "Everything is up to date, and $unit runs"
    return
  fi
  # Type=notify: this returns when the service says that it is ready, or that it is not.
  if ! change systemctl restart "$unit"; then
    journalctl --no-pager --lines=20 --unit "$unit" >&2 || true
    fail "$unit did not start" "the lines above are its log; 'journalctl -u gpu-$role' shows all of it"
  fi
  if [[ $DRY_RUN == false ]]; then
    say "$unit: $(systemctl show --value --property ActiveState "$unit"), $(systemctl show --value --property StatusText "$unit")"
  fi
}
