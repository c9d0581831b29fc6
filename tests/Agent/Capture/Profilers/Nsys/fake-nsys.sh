#!/usr/bin/env bash
# Fails in the ways in which the real nsys cannot be made to: what it does stands in the file "mode" beside it, and what it
# was called with it writes to the file "calls".
here=$(dirname "$0")
mode=$(cat "$here/mode")
printf '%s\n' "$*" >>"$here/calls"

option() {
  local word
  for word in "${@:2}"; do
    if [[ $word == "$1="* ]]; then printf '%s' "${word#*=}"; fi
  done
}

case "$1 ${2:-}" in
  '--version '*) echo 'NVIDIA Nsight Systems version 2025.1.1.110-251135540420v0' ;;
  'profile --help' | 'start --help') printf '\t--gpu-metrics-devices=<none|all|cuda-visible|ids>\n\t--gpu-metrics-frequency=\n\t--discard-environment=\n\t-o, --output=\n' ;;
  'export --help') printf '\t--quiet=\n' ;;
  'profile --gpu-metrics-devices=help')
    if [[ $mode == busy-help ]]; then
      echo 'GPU Metrics sampling hardware unit is already in use by another instance of NVIDIA Nsight Systems or other tool.'
    else
      printf 'Possible --gpu-metrics-devices values are:\n\t0: NVIDIA H100 80GB HBM3 PCI[0000:19:00.0]\n\tall: Select all supported GPUs\n'
    fi
    ;;
  start*)
    session=$(option --session-new "$@")
    option --output "$@" >"$here/output"
    case $mode in
      busy) echo 'GPU Metrics sampling hardware unit is already in use by another instance of NVIDIA Nsight Systems or other tool.' >&2; exit 1 ;;
      race) if [[ ! -e $here/raced ]]; then touch "$here/raced"; echo 'Local Endpoint is not available.' >&2; exit 1; fi ;;
      never) echo 'Connection to Agent lost. This is most likely a bug.' >&2; exit 1 ;;
      hang) setsid bash -c 'trap "" TERM; while :; do sleep 0.1; done' nsys --start-agent "--session-name=$session" >/dev/null 2>&1 </dev/null & ;;
    esac
    ;;
  stop*)
    output=$(cat "$here/output")
    case $mode in
      hang) sleep 600 ;;
      lost) echo 'Connection refused' >&2; exit 1 ;;
      elsewhere)
        printf 'NVIDIA Tegra Profiler Report 2025@1' >"$here/nsys-report-1234.nsys-rep"
        printf 'Failed to create %s: File exists.\nGenerated:\n    %s\n' "$output" "$here/nsys-report-1234.nsys-rep"
        ;;
      full) printf "Generating '/tmp/nsys-report-1234.qdstrm'\nNo space left on device\n" ;;
      other) echo 'something else' >"$output"; printf 'Generated:\n    %s\n' "$output" ;;
      *) printf 'NVIDIA Tegra Profiler Report 2025@1' >"$output"; printf '\r[1/1] [===38%%  ] x.nsys-repGenerated:\n    %s\n' "$output" ;;
    esac
    ;;
  export*)
    if [[ $mode == unreadable ]]; then echo 'Exportation error: Version number is invalid: 2025@1' >&2; exit 1; fi
    if [[ $mode == slow-export ]]; then sleep 600; fi
    printf 'SQLite format 3' >"$(option --output "$@")"
    ;;
esac
