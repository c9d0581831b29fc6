#!/usr/bin/env bash
# What it costs to deliver events: documents per second and per second of processor time, from an event in memory over the spool on disk to
# the server's acknowledgement; beside it Elastic's own Python client and rsyslog with omelasticsearch, with the same documents, one after another
# into the same server.
set -euo pipefail
cd "$(dirname "$0")/.."

documents=200000
batch=2000

usage() {
  cat <<'TEXT'
Usage: scripts/benchmark-elasticsearch.sh [--documents N]

  --documents N  documents of each sender (default: 200000)

The server is the OpenSearch of ../shared, or the one that ELASTICSEARCH_URL names (http, without credentials): indices logs-gpu.<sender>-*
are made there, and deleted in the end.
TEXT
}

while (($# > 0)); do
  case $1 in
    --documents)
      [[ ${2:-} =~ ^[1-9][0-9]{2,7}$ ]] || { printf "error: --documents is '%s', expected a number from 100 to 99999999\n" "${2:-}" >&2; exit 64; }
      documents=$2
      shift 2
      ;;
    --help | -h) usage; exit ;;
    *) usage >&2; exit 64 ;;
  esac
done

work=$(mktemp -d)
pids=()
indices='logs-gpu.sender-*,logs-gpu.python-*,logs-gpu.rsyslog-*'
url=${ELASTICSEARCH_URL:-}
clean() {
  if [[ -n $url ]]; then curl -s -o "$work/deleted" -X DELETE "$url/$indices" || :; curl -s -o "$work/deleted" -X DELETE "$url/_index_template/benchmark" || :; fi
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || :; wait "$pid" 2>/dev/null || :; done
  rm -rf "$work"
}
trap clean EXIT

dotnet build benchmarks/Monitoring.Benchmarks.csproj --configuration Release --nologo --verbosity quiet
program=artifacts/bin/Monitoring.Benchmarks/release/Monitoring.Benchmarks

if [[ -z $url ]]; then
  [[ -x ../shared/opensearch/start ]] || { echo "error: ../shared/opensearch/start is missing; set ELASTICSEARCH_URL to a server" >&2; exit 1; }
  for port in {9200..9299}; do
    if ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && ! (: <>"/dev/tcp/127.0.0.1/$((port + 100))") 2>/dev/null; then break; fi
  done
  ../shared/opensearch/start "$port" "$work/server" >"$work/server.log" 2>&1 &
  pids+=($!)
  url=http://127.0.0.1:$port
  for _ in {1..240}; do
    if curl -s -o "$work/answer" "$url"; then break; fi
    kill -0 "${pids[0]}" 2>/dev/null || { tail -n 20 "$work/server.log" >&2; exit 1; }
    read -rt 0.5 <> <(:) || :
  done
fi
curl -sf -o "$work/answer" -X PUT "$url/_index_template/benchmark" -H 'Content-Type: application/json' -d '{"index_patterns":["logs-gpu.sender-*","logs-gpu.python-*","logs-gpu.rsyslog-*"],"priority":600,"template":{"settings":{"number_of_replicas":0,"refresh_interval":"30s"},"mappings":{"dynamic":false,"properties":{"@timestamp":{"type":"date"},"event":{"properties":{"sequence":{"type":"long"}}}}}}}'

value() { sed -n "s/.*\"$1\": *\([0-9.]*\).*/\1/p" "$2"; }
row() { awk -v name="$1" -v n="$2" -v s="$3" -v c="$4" -v m="$5" 'BEGIN {printf "%-34s %12.0f %12.0f %12.1f\n", name, n / s, n / c, m / 1048576}'; }
count() { curl -s -X POST -o "$work/answer" "$url/logs-gpu.$1-*/_refresh" || :; curl -s "$url/logs-gpu.$1-*/_count" | sed -n 's/.*"count":\([0-9]*\).*/\1/p'; }

# A short run first, so that the first sender does not pay for a server that is still cold.
"$program" elasticsearch-sender "url=$url" "directory=$work/warm" name=sender documents=50000 >"$work/warm.json"
curl -s -o "$work/answer" -X DELETE "$url/logs-gpu.sender-*"

printf '%-34s %12s %12s %12s\n' "$documents documents" "per second" "per cpu s" "peak MiB"
"$program" elasticsearch-sender "url=$url" "directory=$work/sender" name=sender "documents=$documents" "batch_documents=$batch" >"$work/sender.json"
[[ $(count sender) == "$documents" ]] || { echo "error: $(count sender) documents are stored, expected $documents" >&2; exit 1; }
ours=$(value cpu_seconds "$work/sender.json")
row "this delivery, over its spool" "$documents" "$(value seconds "$work/sender.json")" "$ours" "$(value peak_bytes "$work/sender.json")"

python="" rsyslog=""
if /usr/bin/python3 -c 'import elasticsearch' 2>/dev/null; then
  /usr/bin/python3 scripts/send-with-elasticsearch-py.py "$url" "$documents" "$batch" >"$work/python.json"
  python=$(value cpu_seconds "$work/python.json")
  row "python3-elasticsearch helpers.bulk" "$(value documents "$work/python.json")" "$(value seconds "$work/python.json")" "$python" "$(value peak_bytes "$work/python.json")"
else
  echo "python3-elasticsearch is not installed (scripts/install-test-clients.sh): no comparison"
fi

if [[ -x /usr/sbin/rsyslogd ]] && compgen -G '/usr/lib/*/rsyslog/omelasticsearch.so' >"$work/answer"; then
  "$program" elasticsearch-lines "$documents" >"$work/lines.log"
  authority=${url#*://}
  cat >"$work/rsyslog.conf" <<CONF
global(workDirectory="$work")
module(load="imfile")
module(load="omelasticsearch")
template(name="document" type="string" string="%msg:10:\$%")
template(name="id" type="string" string="rsyslog-%msg:1:8%")
ruleset(name="store" queue.type="LinkedList" queue.size="20000" queue.dequeueBatchSize="$batch") {
  action(type="omelasticsearch" server="${authority%:*}" serverport="${authority##*:}" usehttps="off" searchIndex="logs-gpu.rsyslog-default-2026.11-000001" searchType=""
    bulkmode="on" writeoperation="create" bulkid="id" dynbulkid="on" template="document" errorfile="$work/errors.json" action.resumeRetryCount="-1")
}
input(type="imfile" File="$work/lines.log" Tag="test:" ruleset="store")
CONF
  began=$(date +%s.%N)
  /usr/sbin/rsyslogd -n -i "$work/pid" -f "$work/rsyslog.conf" >"$work/rsyslog.log" 2>&1 &
  sender=$!
  pids+=("$sender")
  stored=0
  for _ in {1..2400}; do
    read -rt 0.25 <> <(:) || :
    stored=$(count rsyslog)
    if ((${stored:-0} >= documents)) || ! kill -0 "$sender" 2>/dev/null; then break; fi
  done
  seconds=$(awk -v a="$(date +%s.%N)" -v b="$began" 'BEGIN {print a - b}')
  rsyslog=$(awk -v hertz="$(getconf CLK_TCK)" '{print ($14 + $15) / hertz}' "/proc/$sender/stat")
  row "rsyslog omelasticsearch" "$stored" "$seconds" "$rsyslog" "$(awk '/^VmHWM/ {print $2 * 1024}' "/proc/$sender/status")"
else
  echo "rsyslog-elasticsearch is not installed (scripts/install-test-clients.sh): no comparison"
fi

[[ -z $python ]] || awk -v a="$python" -v b="$ours" 'BEGIN {printf "documents per processor second, this / python3-elasticsearch: %.2f\n", a / b}'
[[ -z $rsyslog ]] || awk -v a="$rsyslog" -v b="$ours" 'BEGIN {printf "documents per processor second, this / rsyslog: %.2f\n", a / b}'
printf 'this delivery: %s\n' "$(cat "$work/sender.json")"
