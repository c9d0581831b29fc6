#!/usr/bin/env bash
# Delivery to Elasticsearch when everything fails: each document must be stored exactly once, or lie with the dead letters.
# First a fake server with every fault of _bulk at random, then the real OpenSearch of ../shared that is killed and rolled over;
# who sends is killed in both.
set -euo pipefail
cd "$(dirname "$0")/.."

FAULT_DOCUMENTS=1000000
DEATH_DOCUMENTS=200000
DEATHS=20
ROLLOVERS=5
PER_SECOND=5000

usage() {
  cat <<'TEXT'
Usage: scripts/test-elasticsearch.sh [options]

  --fault-documents N  documents to the server with faults (default: 1000000)
  --death-documents N  documents to the server that dies (default: 200000)
  --deaths N           deaths of the sender in either part, and of the server (default: 20)
  --rollovers N        rollovers of the real server's write index (default: 5)
  --per-second N       documents that come into being in a second at most (default: 5000)

Tests run the same with 20000 and 12000 documents and 2 deaths. Java 17 is needed.
TEXT
}

number() {
  [[ ${2:-} =~ ^[1-9][0-9]{0,8}$ ]] || { printf "error: %s is '%s', expected a number from 1 to 999999999\n" "$1" "${2:-}" >&2; exit 64; }
}

while (($# > 0)); do
  case $1 in
    --fault-documents) number "$@"; FAULT_DOCUMENTS=$2; shift 2 ;;
    --death-documents) number "$@"; DEATH_DOCUMENTS=$2; shift 2 ;;
    --deaths) number "$@"; DEATHS=$2; shift 2 ;;
    --rollovers) number "$@"; ROLLOVERS=$2; shift 2 ;;
    --per-second) number "$@"; PER_SECOND=$2; shift 2 ;;
    --help | -h) usage; exit ;;
    *) usage >&2; exit 64 ;;
  esac
done

dotnet build Monitoring.sln --nologo --verbosity quiet
ELASTICSEARCH_FAULT_DOCUMENTS=$FAULT_DOCUMENTS ELASTICSEARCH_FAULT_DEATHS=$DEATHS \
  ELASTICSEARCH_DEATH_DOCUMENTS=$DEATH_DOCUMENTS ELASTICSEARCH_DEATHS=$DEATHS ELASTICSEARCH_ROLLOVERS=$ROLLOVERS \
  ELASTICSEARCH_DOCUMENTS_PER_SECOND=$PER_SECOND ELASTICSEARCH_MINUTES=60 \
  dotnet artifacts/bin/Monitoring.Tests/debug/Monitoring.Tests.dll -class Monitoring.Tests.Elasticsearch.Conformance.SuddenDeathTests -showLiveOutput -noColor
