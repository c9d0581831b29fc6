# shellcheck shell=bash
# Self-contained programs: the .NET runtime travels with them, so that a node needs no SDK and no runtime.

publish_usage() {
  cat <<'TEXT'
Usage: ./install.sh publish DIR [options]

Makes DIR a folder from which nodes are installed: agent and collector with their own .NET runtime, compiled ahead of
time, and this installer. Copy it to a node and run `DIR/install.sh agent` there; no SDK is needed on the node.
The command line for people is in DIR/cli: run DIR/cli/gpuctl, or link to it from a folder of the PATH. Rules and dashboards
are in DIR/dashboards, for `DIR/install.sh dashboards` on the host of Prometheus and Grafana.

  --rid RID     linux-x64 or linux-arm64 (default: this machine's)
  --no-install  install nothing: name what is missing and stop
  --dry-run     print what would be done and change nothing
TEXT
}

publish_command() {
  local directory='' rid=''
  while (($# > 0)); do
    case $1 in
      --rid) read_value "$@"; rid=$VALUE; shift 2 ;;
      --no-install) install_nothing; shift ;;
      --dry-run) print_only; shift ;;
      --help | -h) publish_usage; return ;;
      -*) fail_usage "publish does not know '$1'; './install.sh publish --help' lists its options" ;;
      *)
        if [[ -n $directory ]]; then
          fail_usage "publish takes one folder, and got '$directory' and '$1'"
        fi
        directory=$1
        shift
        ;;
    esac
  done
  if [[ -z $directory ]]; then
    fail_usage "publish needs the folder to make: ./install.sh publish DIR"
  fi
  case ${rid:=$(machine_rid)} in
    linux-x64 | linux-arm64) ;;
    *) fail_usage "--rid is '$rid', expected linux-x64 or linux-arm64" ;;
  esac
  need_sources publish
  directory=$(realpath --canonicalize-missing "$directory")
  if [[ -e $directory ]] && ! is_published "$directory" && [[ -n $(ls -A "$directory") ]]; then
    fail "$directory is not empty and not a published folder" "name a new or an empty folder"
  fi
  require_dotnet_sdk
  publish_role agent "$directory/agent" "$rid"
  publish_role collector "$directory/collector" "$rid"
  publish_program cli "$directory/cli" "$rid"
  change mkdir -p "$directory/scripts"
  change cp "$HERE/install.sh" "$directory/install.sh"
  change cp -RT "$HERE/scripts/install" "$directory/scripts/install"
  change cp -RT "$HERE/packaging" "$directory/packaging"
  publish_dashboards "$directory/dashboards"
  say "Published for $rid: $directory"
}

# publish_dashboards DIR: what is loaded into other programs, without the generator and the tests.
publish_dashboards() {
  local part
  change rm -rf "$1"
  change mkdir -p "$1"
  for part in prometheus vmalert alertmanager grafana kibana logstash compose; do
    change cp -R "$HERE/dashboards/$part" "$1/$part"
  done
  change rm -rf "$1/prometheus/tests"
}

is_published() {
  [[ -x $1/install.sh && (-x $1/agent/gpu-agent || -x $1/collector/gpu-collector) ]]
}

machine_rid() {
  case $(uname -m) in
    x86_64) printf 'linux-x64' ;;
    aarch64) printf 'linux-arm64' ;;
    *) printf 'linux-%s' "$(uname -m)" ;;
  esac
}

# publish_role ROLE DIR RID: DIR holds the program, its runtime and its default configuration, and nothing older.
publish_role() {
  local role=$1 directory=$2 rid=$3
  publish_program "$role" "$directory" "$rid"
  change install -m 644 "$HERE/$role/$role.yaml" "$directory/$role.yaml"
  if [[ $role == agent ]]; then
    change install -m 755 "$HERE/packaging/systemd/create-device-files" "$directory/create-device-files"
    change install -m 755 "$HERE/packaging/gpu-run" "$directory/gpu-run"
  fi
}

# publish_program PROJECT DIR RID: DIR holds the program and its runtime, and nothing older.
publish_program() {
  local role=$1 directory=$2 rid=$3
  local build_output=$HERE/artifacts/publish
  say "Publishing the $role for $rid"
  change rm -rf "$directory"
  # Apart from the build's own output, and with its own lock file: the projects' lock files hold no runtime packages.
  change dotnet publish "$HERE/$role/Monitoring.${role^}.csproj" \
    --configuration Release --runtime "$rid" --self-contained --nologo --verbosity quiet \
    --output "$directory" \
    -p:ArtifactsPath="$build_output" \
    -p:CustomAfterMicrosoftCommonTargets="$HERE/scripts/install/publish.targets" \
    -p:RestoreLockedMode=false \
    -p:PublishReadyToRun=true \
    -p:PublishDocumentationFiles=false
}
