# shellcheck shell=bash
# Rules, data sources and dashboards on a host that has Prometheus, Grafana, Alertmanager or vmalert from its packages.

# Where the packages of the distribution keep their configuration; a test points it elsewhere.
CONFIGURATION=${CONFIGURATION:-/etc}

# What is placed lies in a folder of this name, below each program's own; only Grafana wants its provisioning files elsewhere.
readonly PLACE=gpu-monitoring

dashboards_usage() {
  cat <<'TEXT'
Usage: ./install.sh dashboards [options]

Places alert and recording rules for Prometheus, data sources and dashboards for Grafana, and examples of prometheus.yml and
alertmanager.yml, and says what is still to be added to yours, which it never writes. Running it again brings everything up to
date; a placed file that you changed is never overwritten: a newer one is put beside it as FILE.new.

Without any of these it serves what it finds in /etc/prometheus, /etc/grafana and /etc/alertmanager:
  --prometheus DIR    the folder of prometheus.yml:   DIR/gpu-monitoring/{gpu-alerts.rules.yaml,gpu-recording.rules.yaml,
                                                      prometheus.yml (an example with scrape jobs)}
  --grafana DIR       the folder of grafana.ini:      DIR/gpu-monitoring/gpu-*.json and
                                                      DIR/provisioning/{datasources,dashboards}/gpu-monitoring*.yaml
  --alertmanager DIR  the folder of alertmanager.yml: DIR/gpu-monitoring/alertmanager.yml (an example)
  --vmalert DIR       a folder for vmalert's rules:   DIR/gpu-monitoring/gpu-*.rules.yaml, the variant without keep_firing_for

Addresses, as http://HOST:PORT; they are kept for the next time:
  --prometheus-url URL     Grafana's data source (default: http://localhost:9090 where Prometheus is on this host, else none)
  --elasticsearch-url URL  Grafana's data source for events, captures and logs (default: none)
  --collector-url URL      the collector, for scraping and for links of alerts to captures (default: http://localhost:9461)
  --grafana-url URL        for links of alerts to dashboards (default: http://localhost:3000)
  --runbooks-url URL       where you publish docs/runbooks, for links of alerts to them

  --reload     make Prometheus read its configuration anew, and restart Grafana where its files changed
  --check      change nothing; end with 1 where something is missing, older, changed or wrong
  --uninstall  remove what was placed, and nothing else
  --dry-run    print what would be done and change nothing
TEXT
}

dashboards_command() {
  local prometheus='' grafana='' alertmanager='' vmalert='' reload=false mode=place
  declare -A URL=()
  while (($# > 0)); do
    case $1 in
      --prometheus) read_path "$@"; prometheus=${VALUE%/}; shift 2 ;;
      --grafana) read_path "$@"; grafana=${VALUE%/}; shift 2 ;;
      --alertmanager) read_path "$@"; alertmanager=${VALUE%/}; shift 2 ;;
      --vmalert) read_path "$@"; vmalert=${VALUE%/}; shift 2 ;;
      --prometheus-url | --elasticsearch-url | --grafana-url | --runbooks-url) read_url "$@"; URL[${1:2}]=$VALUE; shift 2 ;;
      --collector-url) read_host_url "$@"; URL[${1:2}]=$VALUE; shift 2 ;;
      --reload) reload=true; shift ;;
      --check) mode=check; shift ;;
      --uninstall) mode=uninstall; shift ;;
      --dry-run) print_only; shift ;;
      --help | -h) dashboards_usage; return ;;
      *) fail_usage "dashboards does not know '$1'; './install.sh dashboards --help' lists its options" ;;
    esac
  done
  if [[ -z $prometheus$grafana$alertmanager$vmalert ]]; then
    find_programs
  fi
  if [[ -n $vmalert && $vmalert == "$prometheus" ]]; then
    fail_usage "--vmalert and --prometheus are both '$vmalert', expected two folders: the rules have the same names"
  fi
  local directory
  for directory in "$prometheus" "$grafana" "$alertmanager" "$vmalert"; do
    if [[ -n $directory && ! -d $directory ]]; then
      fail "the folder $directory does not exist" "name the folder that holds the program's configuration"
    fi
    if [[ -n $directory && ! -w $directory && $mode != check && $DRY_RUN == false ]]; then
      fail "$directory cannot be written by $(id -un)" "start it again with sudo"
    fi
  done
  if [[ $mode == uninstall ]]; then
    remove_placed prometheus "$prometheus"
    remove_placed grafana "$grafana"
    remove_placed alertmanager "$alertmanager"
    remove_placed vmalert "$vmalert"
    return
  fi
  remember_urls "$prometheus" "$grafana" "$alertmanager" "$vmalert"

  STAGE=$(mktemp -d)
  trap 'rm -rf "$STAGE"' EXIT
  [[ -z $prometheus ]] || stage_prometheus "$prometheus"
  [[ -z $grafana ]] || stage_grafana "$grafana" "$prometheus"
  [[ -z $alertmanager ]] || stage_alertmanager
  [[ -z $vmalert ]] || stage_vmalert
  # Nothing is placed before everything was found right.
  FINDINGS=0 CHANGED=false
  [[ -z $prometheus ]] || place_staged prometheus "$prometheus" "$mode"
  local before=$CHANGED grafana_changed=false
  CHANGED=false
  [[ -z $grafana ]] || place_staged grafana "$grafana" "$mode"
  grafana_changed=$CHANGED
  if [[ $before == true ]]; then CHANGED=true; fi
  [[ -z $alertmanager ]] || place_staged alertmanager "$alertmanager" "$mode"
  [[ -z $vmalert ]] || place_staged vmalert "$vmalert" "$mode"
  if [[ $CHANGED == false ]] && ((FINDINGS == 0)); then
    say "Everything that is placed is up to date"
  fi

  [[ -z $prometheus ]] || advise_prometheus "$prometheus"
  [[ -z $grafana ]] || advise_grafana
  [[ -z $alertmanager ]] || advise_alertmanager "$alertmanager"
  [[ -z $vmalert ]] || say "vmalert: start it with -rule='$vmalert/$PLACE/gpu-*.rules.yaml'"
  if [[ -z ${URL[runbooks-url]:-} && -n $prometheus$vmalert ]]; then
    say "Alerts link to runbooks at $(shipped_link runbooks), which is no place of yours: publish docs/runbooks, and name it with --runbooks-url"
  fi
  if [[ $reload == true && $mode == place ]]; then
    [[ -z $prometheus ]] || reload_prometheus
    [[ $grafana_changed == false ]] || reload_grafana
  fi
  if [[ $mode == check ]] && ((FINDINGS > 0)); then
    fail "findings: $FINDINGS" "what the lines above say; './install.sh dashboards' without --check places what is missing"
  fi
}

# Debian's Alertmanager has its file beside Prometheus', the one of others a folder of its own.
find_programs() {
  if [[ -d $CONFIGURATION/prometheus ]]; then prometheus=$CONFIGURATION/prometheus; fi
  if [[ -d $CONFIGURATION/grafana ]]; then grafana=$CONFIGURATION/grafana; fi
  if [[ -d $CONFIGURATION/alertmanager ]]; then
    alertmanager=$CONFIGURATION/alertmanager
  elif [[ -e $CONFIGURATION/prometheus/alertmanager.yml ]]; then
    alertmanager=$CONFIGURATION/prometheus
  fi
  if [[ -z $prometheus$grafana$alertmanager ]]; then
    fail "there is no prometheus, grafana or alertmanager in $CONFIGURATION" \
      "name their folders with --prometheus, --grafana and --alertmanager, or run the stack in containers (docs/stack.md)"
  fi
}

# The addresses of the last time stand in the lists of what was placed; what is named now goes before them.
remember_urls() {
  local directory list name url
  for directory in "$@"; do
    for list in "$directory/$PLACE"/.placed-*; do
      [[ -n $directory && -r $list ]] || continue
      while read -r _ name url; do
        [[ -n ${URL[$name]:-} ]] || URL[$name]=$url
      done < <(grep '^# [a-z]*-url ' "$list" || true)
    done
  done
}

shipped_link() {
  awk -v key="$1:" '/^[a-z]/ { links = $1 == "links:" } links && $1 == key { print $2 }' "$HERE/dashboards/prometheus/values.yaml"
}

# stage FILE ROLE PATH [SED...]: what will lie at PATH of ROLE's folder.
stage() {
  local file=$HERE/dashboards/$1 target=$STAGE/$2/$3
  shift 3
  mkdir -p "$(dirname "$target")"
  sed "$@" "$file" >"$target"
}

# stage_rules VARIANT ROLE: only links are rewritten, each in its own annotation.
stage_rules() {
  local words=(-e '') file
  [[ -z ${URL[runbooks-url]:-} ]] || words+=(-e "/^ *runbook_url: /s|$(shipped_link runbooks)|${URL[runbooks-url]}/|")
  [[ -z ${URL[grafana-url]:-} ]] || words+=(-e "/^ *dashboard_url: /s|$(shipped_link grafana)|${URL[grafana-url]}|")
  [[ -z ${URL[collector-url]:-} ]] || words+=(-e "/^ *captures_url: /s|$(shipped_link collector)|${URL[collector-url]}|")
  for file in gpu-recording.rules.yaml gpu-alerts.rules.yaml; do
    stage "$1/$file" "$2" "$PLACE/$file" "${words[@]}"
  done
}

stage_prometheus() {
  local collector=${URL[collector-url]:-http://localhost:9461} words=()
  stage_rules prometheus prometheus
  # The rules by their full path, so that the example may be copied to where prometheus.yml is.
  words=(-e "s|^  - gpu-\*\.rules\.yaml$|  - $1/$PLACE/gpu-*.rules.yaml|"
    -e "s|http://localhost:9461|$collector|" -e "s|\"localhost:9461\"|\"${collector#*://}\"|")
  if [[ $collector == https://* ]]; then
    words+=(-e 's|^    honor_labels: true$|&\n    scheme: https|')
  fi
  stage prometheus/prometheus.yml prometheus "$PLACE/prometheus.yml" "${words[@]}"
  if command -v promtool >/dev/null; then
    approve "promtool check rules" promtool check rules "$STAGE/prometheus/$PLACE"/gpu-*.rules.yaml
    # The example names the rules where they will be: promtool wants them where they are now.
    sed "s|$1/$PLACE/|$STAGE/prometheus/$PLACE/|" "$STAGE/prometheus/$PLACE/prometheus.yml" >"$STAGE/prometheus.yml"
    approve "promtool check config" promtool check config "$STAGE/prometheus.yml"
  fi
}

stage_grafana() {
  local file prometheus_url=${URL[prometheus-url]:-${2:+http://localhost:9090}}
  for file in "$HERE/dashboards/grafana"/gpu-*.json; do
    stage "grafana/${file##*/}" grafana "$PLACE/${file##*/}" -e ''
  done
  stage grafana/provisioning/dashboards/gpu.yaml grafana "provisioning/dashboards/$PLACE.yaml" -e "s|\$GPU_DASHBOARDS.*|$1/$PLACE|"
  if [[ -n $prometheus_url ]]; then
    URL[prometheus-url]=$prometheus_url
    stage grafana/provisioning/datasources/prometheus.yaml grafana "provisioning/datasources/$PLACE-prometheus.yaml" \
      -e "s|\$GPU_PROMETHEUS_URL.*|$prometheus_url|"
  fi
  if [[ -n ${URL[elasticsearch-url]:-} ]]; then
    stage grafana/provisioning/datasources/elasticsearch.yaml grafana "provisioning/datasources/$PLACE-elasticsearch.yaml" \
      -e "s|\$GPU_ELASTICSEARCH_URL.*|${URL[elasticsearch-url]}|"
  fi
}

stage_alertmanager() {
  stage alertmanager/alertmanager.yml alertmanager "$PLACE/alertmanager.yml" \
    -e "s|http://localhost:9461|${URL[collector-url]:-http://localhost:9461}|"
  if command -v amtool >/dev/null; then
    approve "amtool check-config" amtool check-config "$STAGE/alertmanager/$PLACE/alertmanager.yml"
  fi
}

stage_vmalert() {
  stage_rules vmalert vmalert
  if command -v vmalert >/dev/null; then
    approve "vmalert -dryRun" vmalert -dryRun -rule="$STAGE/vmalert/$PLACE/gpu-*.rules.yaml"
  fi
}

# approve WHAT COMMAND...
approve() {
  local what=$1 answer
  shift
  if ! answer=$("$@" 2>&1); then
    printf '%s\n' "$answer" >&2
    fail "$what refuses what would be placed; nothing was" "the lines above say why: the program may be older than docs/stack.md asks for"
  fi
}

# place_staged ROLE DIR MODE: the list .placed-ROLE holds each file's checksum as it was placed, which tells a changed one.
place_staged() {
  local role=$1 directory=$2 mode=$3 list=$2/$PLACE/.placed-$1 path name lines=() MADE=()
  mapfile -t MADE < <(made_folders "$list")
  while IFS= read -r path; do
    place_file "$STAGE/$role/$path" "$directory/$path" "$list" "$mode"
    lines+=("$(checksum "$STAGE/$role/$path")  $directory/$path")
  done < <(cd "$STAGE/$role" && find . -type f -printf '%P\n' | LC_ALL=C sort)
  while IFS= read -r path; do
    if [[ ! -e $STAGE/$role/${path#"$directory/"} && -e $path ]]; then
      if [[ $mode == check ]]; then
        finding "no longer shipped: $path"
      elif ! is_unchanged "$path" "$list"; then
        say "Kept: $path is no longer shipped, and you changed it"
      else
        take_away "$path"
      fi
    fi
  done < <(placed_paths "$list")
  if [[ $mode == check || $DRY_RUN == true ]]; then
    return
  fi
  for name in prometheus-url elasticsearch-url collector-url grafana-url runbooks-url; do
    if [[ -n ${URL[$name]:-} ]]; then
      lines+=("# $name ${URL[$name]}")
    fi
  done
  for path in "${MADE[@]}"; do
    lines+=("# made $path")
  done
  {
    printf '# Placed by install.sh dashboards, which reads this to update and to remove it.\n'
    printf '%s\n' "${lines[@]}"
  } >"$list"
}

place_file() {
  local source=$1 target=$2 list=$3 mode=$4
  if cmp -s "$source" "$target"; then
    if [[ -e $target.new && $mode == place ]]; then
      take_away "$target.new"
    fi
    return
  fi
  if [[ ! -e $target || -L $target ]]; then
    if [[ $mode == check ]]; then
      finding "missing: $target"
    elif [[ -L $target ]]; then
      fail "$target is a link, and not one of this installer" "move it away and start again"
    else
      put "$source" "$target"
    fi
  elif is_unchanged "$target" "$list"; then
    if [[ $mode == check ]]; then
      finding "older: $target"
    else
      put "$source" "$target"
    fi
  elif [[ $mode == check ]]; then
    finding "changed by you: $target"
  elif [[ $(checksum "$source") == "$(placed_checksum "$target" "$list")" ]]; then
    say "Kept: $target, which you changed"
  else
    say "Kept: $target, which you changed or wrote; the new one is $target.new"
    put "$source" "$target.new"
  fi
}

put() {
  CHANGED=true
  if [[ $DRY_RUN == true ]]; then
    say "  would place: $2"
  else
    say "Placed: $2"
    make_folder "$(dirname "$2")"
    # Beside it first, since Prometheus and Grafana may read at any time.
    install -m 644 "$1" "$2.part"
    mv "$2.part" "$2"
  fi
}

# Remembers what was not there, so that it can be taken away again; the outermost comes first.
make_folder() {
  if [[ ! -d $1 ]]; then
    make_folder "$(dirname "$1")"
    mkdir -m 755 "$1"
    MADE+=("$1")
  fi
}

take_away() {
  CHANGED=true
  if [[ $DRY_RUN == true ]]; then
    say "  would remove: $1"
  else
    say "Removed: $1"
    rm "$1"
  fi
}

finding() {
  FINDINGS=$((FINDINGS + 1))
  say "Finding: $1"
}

checksum() {
  local sum
  sum=$(sha256sum <"$1")
  printf '%s' "${sum%% *}"
}

placed_paths() {
  if [[ -r $1 ]]; then
    sed -nE 's/^[0-9a-f]{64}  //p' "$1"
  fi
}

made_folders() {
  if [[ -r $1 ]]; then
    sed -n 's/^# made //p' "$1"
  fi
}

placed_checksum() {
  if [[ -r $2 ]]; then
    awk -v path="$1" '$2 == path { print $1 }' "$2"
  fi
}

is_unchanged() {
  [[ -e $1 && $(checksum "$1") == "$(placed_checksum "$1" "$2")" ]]
}

# remove_placed ROLE DIR
remove_placed() {
  local role=$1 directory=$2 list=$2/$PLACE/.placed-$1 path made=()
  if [[ -z $directory ]]; then
    return
  fi
  if [[ ! -r $list ]]; then
    say "Nothing was placed for $role in $directory"
    return
  fi
  while IFS= read -r path; do
    if [[ -e $path.new ]]; then
      take_away "$path.new"
    fi
    if is_unchanged "$path" "$list"; then
      take_away "$path"
    elif [[ -e $path ]]; then
      say "Kept: $path, which you changed"
    fi
  done < <(placed_paths "$list")
  mapfile -t made < <(made_folders "$list" | tac)
  take_away "$list"
  # Prometheus and Alertmanager of Debian share the folder, and only one of them made it.
  for path in "${made[@]}" "$directory/$PLACE"; do
    remove_empty_folder "$path"
  done
  if [[ $role == prometheus ]] && names_rules "$directory/prometheus.yml" "$directory"; then
    say "Remove the line of rule_files that names $PLACE from $directory/prometheus.yml, and the scrape jobs if nobody needs them"
  fi
}

# names_rules FILE DIR: a line of rule_files reaches the placed rules; a pattern for the whole folder does too.
names_rules() {
  [[ -r $1 ]] && grep -Eq "^ *- *[\"']?($2/)?$PLACE/[^ ]*\.(yaml|y\*ml|\*)[\"']? *(#.*)?$" "$1"
}

has_job() {
  grep -Eq "^ *- *job_name: *[\"']?($2)[\"']? *(#.*)?$" "$1"
}

advise_prometheus() {
  local file=$1/prometheus.yml missing=0
  if [[ ! -r $file ]]; then
    say "Prometheus: there is no $file; begin with: cp $1/$PLACE/prometheus.yml $file"
    FINDINGS=$((FINDINGS + 1))
    return
  fi
  if ! names_rules "$file" "$1"; then
    missing=$((missing + 1))
    say "Prometheus: add to rule_files in $file:"
    say "  - $1/$PLACE/gpu-*.rules.yaml"
  fi
  if ! has_job "$file" gpu-collector; then
    missing=$((missing + 1))
    say "Prometheus: add the job gpu-collector to scrape_configs in $file, as in $1/$PLACE/prometheus.yml"
  fi
  if ! has_job "$file" 'gpu-nodes|gpu-agents'; then
    missing=$((missing + 1))
    say "Prometheus: add the job gpu-nodes to scrape_configs in $file, as in $1/$PLACE/prometheus.yml"
  fi
  if ! grep -Eq '^ *alertmanagers:' "$file"; then
    missing=$((missing + 1))
    say "Prometheus: add alerting to $file, as in $1/$PLACE/prometheus.yml, else alerts reach nobody"
  fi
  local double=("$1"/gpu-*.rules.yaml)
  if [[ -e ${double[0]} ]]; then
    warn "${double[0]} was copied by hand: remove it, or each alert is there twice"
  fi
  if ((missing == 0)); then
    say "Prometheus: $file names the rules and the jobs"
    if command -v promtool >/dev/null && [[ $DRY_RUN == false && -e $1/$PLACE/gpu-alerts.rules.yaml ]]; then
      local answer
      if ! answer=$(promtool check config "$file" 2>&1); then
        FINDINGS=$((FINDINGS + 1))
        printf '%s\n' "$answer" >&2
        warn "promtool check config refuses $file"
      fi
    fi
  fi
  FINDINGS=$((FINDINGS + missing))
}

advise_grafana() {
  if [[ -z ${URL[prometheus-url]:-} ]]; then
    say "Grafana: no data source for Prometheus was placed; name it with --prometheus-url, or have one of your own"
  fi
  if [[ -z ${URL[elasticsearch-url]:-} ]]; then
    say "Grafana: panels of events, captures and logs stay empty without --elasticsearch-url; all others do not need it"
  fi
  if [[ $grafana_changed == true && $reload == false && $mode == place ]]; then
    say "Grafana reads data sources when it starts: systemctl restart grafana-server"
  fi
}

advise_alertmanager() {
  if [[ -e $1/alertmanager.yml ]] && grep -q 'alertname="Watchdog"' "$1/alertmanager.yml"; then
    say "Alertmanager: $1/alertmanager.yml has a route for Watchdog"
  else
    say "Alertmanager: take routes, inhibition and the receiver of captures from $1/$PLACE/alertmanager.yml into $1/alertmanager.yml"
  fi
}

reload_prometheus() {
  local url=${URL[prometheus-url]:-http://localhost:9090}
  if [[ -d /run/systemd/system ]] && systemctl --quiet is-active prometheus.service; then
    change systemctl reload prometheus.service
  elif ! change curl --silent --show-error --fail --max-time 30 --request POST "$url/-/reload"; then
    fail "Prometheus at $url did not read its configuration anew" "start it with --web.enable-lifecycle, or send it SIGHUP"
  fi
  if [[ $DRY_RUN == false ]]; then
    say "Prometheus reads its configuration anew"
  fi
}

reload_grafana() {
  if [[ -d /run/systemd/system ]] && systemctl --quiet is-active grafana-server.service; then
    change systemctl restart grafana-server.service
  else
    say "Grafana does not run as grafana-server.service here: restart it as it was started"
  fi
}
