#!/usr/bin/env bash
# Compares the agent's page with nvidia-smi, field by field, on a real node, and prints a Markdown table for docs/hardware.md.
# Exit code 0 when every field agrees: equal where it stands still, near where it moves, and absent where nvidia-smi says N/A.
set -euo pipefail

page=${1:-http://127.0.0.1:9460/metrics}
if [[ $page == --help || $page == -h ]]; then
  echo "Usage: scripts/compare-with-nvidia-smi.sh [URL or file of the agent's page, default http://127.0.0.1:9460/metrics]"
  exit
fi

# nvidia-smi's field | the agent's series | factor to the base unit | allowed difference: a share, or +N in base units
fields='
power.draw|gpu_power_watts|1|0.25
power.draw.instant|gpu_power_instant_watts|1|0.5
enforced.power.limit|gpu_power_limit_watts|1|0
power.default_limit|gpu_power_limit_default_watts|1|0
power.min_limit|gpu_power_limit_min_watts|1|0
power.max_limit|gpu_power_limit_max_watts|1|0
temperature.gpu|gpu_temperature_celsius{sensor="gpu"}|1|+5
temperature.memory|gpu_temperature_celsius{sensor="memory"}|1|+5
temperature.gpu.tlimit|gpu_thermal_margin_celsius|1|+5
fan.speed|gpu_fan_speed_ratio{fan="0"}|0.01|+0.1
utilization.gpu|gpu_utilization_ratio|0.01|+0.3
utilization.memory|gpu_memory_utilization_ratio|0.01|+0.3
utilization.encoder|gpu_encoder_utilization_ratio|0.01|+0.3
utilization.decoder|gpu_decoder_utilization_ratio|0.01|+0.3
utilization.jpeg|gpu_jpeg_utilization_ratio|0.01|+0.3
utilization.ofa|gpu_ofa_utilization_ratio|0.01|+0.3
memory.total|gpu_memory_total_bytes|1048576|+1048576
memory.reserved|gpu_memory_reserved_bytes|1048576|+8388608
memory.used|gpu_memory_used_bytes|1048576|+1073741824
memory.free|gpu_memory_free_bytes|1048576|+1073741824
clocks.current.graphics|gpu_clock_hertz{domain="graphics"}|1000000|0.5
clocks.current.sm|gpu_clock_hertz{domain="sm"}|1000000|0.5
clocks.current.memory|gpu_clock_hertz{domain="memory"}|1000000|0.5
clocks.current.video|gpu_clock_hertz{domain="video"}|1000000|0.5
clocks.max.graphics|gpu_clock_max_hertz{domain="graphics"}|1000000|0
clocks.max.sm|gpu_clock_max_hertz{domain="sm"}|1000000|0
clocks.max.memory|gpu_clock_max_hertz{domain="memory"}|1000000|0
ecc.mode.current|gpu_ecc_mode_enabled|1|0
ecc.errors.corrected.volatile.dram|gpu_ecc_errors_total{location="dram",type="correctable"}|1|0
ecc.errors.corrected.volatile.sram|gpu_ecc_errors_total{location="sram",type="correctable"}|1|0
ecc.errors.uncorrected.volatile.dram|gpu_ecc_errors_total{location="dram",type="uncorrectable"}|1|0
ecc.errors.uncorrected.volatile.sram|gpu_ecc_errors_total{location="sram",type="uncorrectable"}|1|0
ecc.errors.corrected.aggregate.dram|gpu_ecc_lifetime_errors{location="dram",type="correctable"}|1|0
ecc.errors.corrected.aggregate.sram|gpu_ecc_lifetime_errors{location="sram",type="correctable"}|1|0
ecc.errors.uncorrected.aggregate.dram|gpu_ecc_lifetime_errors{location="dram",type="uncorrectable"}|1|0
ecc.errors.uncorrected.aggregate.sram|gpu_ecc_lifetime_errors{location="sram",type="uncorrectable"}|1|0
ecc.errors.uncorrected.aggregate.sram.thresholdExceeded|gpu_ecc_sram_threshold_exceeded|1|0
retired_pages.single_bit_ecc.count|gpu_retired_pages{cause="correctable"}|1|0
retired_pages.double_bit.count|gpu_retired_pages{cause="uncorrectable"}|1|0
remapped_rows.correctable|gpu_row_remapped_rows{cause="correctable"}|1|0
remapped_rows.uncorrectable|gpu_row_remapped_rows{cause="uncorrectable"}|1|0
remapped_rows.pending|gpu_row_remap_pending|1|0
remapped_rows.failure|gpu_row_remap_failure|1|0
remapped_rows.histogram.max|gpu_row_remap_banks{availability="max"}|1|0
remapped_rows.histogram.none|gpu_row_remap_banks{availability="none"}|1|0
pcie.link.gen.current|gpu_pcie_link_generation|1|+4
pcie.link.gen.max|gpu_pcie_link_generation_max|1|0
pcie.link.width.current|gpu_pcie_link_width_lanes|1|0
pcie.link.width.max|gpu_pcie_link_width_max_lanes|1|0
persistence_mode|gpu_persistence_mode_enabled|1|0
mig.mode.current|gpu_mig_mode_enabled|1|0
clocks_event_reasons.sw_power_cap|gpu_throttle_active{reason="sw_power_cap"}|1|+1
clocks_event_reasons.hw_thermal_slowdown|gpu_throttle_active{reason="hw_thermal"}|1|0
clocks_event_reasons.hw_power_brake_slowdown|gpu_throttle_active{reason="hw_power_brake"}|1|0
clocks_event_reasons_counters.sw_power_cap|gpu_throttle_seconds_total{reason="sw_power_cap"}|0.000001|+30
clocks_event_reasons_counters.sw_thermal_slowdown|gpu_throttle_seconds_total{reason="sw_thermal"}|0.000001|+30
clocks_event_reasons_counters.hw_thermal_slowdown|gpu_throttle_seconds_total{reason="hw_thermal"}|0.000001|+30
clocks_event_reasons_counters.hw_power_brake_slowdown|gpu_throttle_seconds_total{reason="hw_power_brake"}|0.000001|+30
'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
query=uuid
while IFS='|' read -r field _; do [[ -z $field ]] || query+=,$field; done <<<"$fields"

# Fields that this nvidia-smi does not know are left out, and named.
nvidia-smi --help-query-gpu >"$work/known"
asked=uuid
for field in ${query//,/ }; do
  [[ $field == uuid ]] && continue
  if grep -qF "\"$field\"" "$work/known"; then asked+=,$field; else echo "nvidia-smi does not know $field" >&2; fi
done

nvidia-smi --query-gpu="$asked" --format=csv,noheader,nounits >"$work/smi"
if [[ -f $page ]]; then cat "$page"; else curl -sf "$page"; fi >"$work/page"
echo "Driver $(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -n 1), $(date -u +%F)"
echo

printf '%s' "$fields" >"$work/fields"
awk -v asked="$asked" -v fields="$work/fields" '
  function number(text) {
    gsub(/^ +| +$/, "", text)
    if (text == "Enabled" || text == "Yes" || text == "Active") return 1
    if (text == "Disabled" || text == "No" || text == "Not Active") return 0
    return text
  }
  function absent(text) { return text ~ /N\/A|Not Supported|Unknown|Insufficient|GPU requires reset/ }
  BEGIN {
    while ((getline line < fields) > 0) if (split(line, part, "|") == 4) { series[part[1]] = part[2]; factor[part[1]] = part[3]; tolerance[part[1]] = part[4] }
    columns = split(asked, name, ",")
    print "| GPU | nvidia-smi field | nvidia-smi | agent | |"
    print "|---|---|---|---|---|"
  }
  FNR == NR {
    # A series as name{own labels in alphabetical order}, by uuid: cluster, node, gpu and uuid are on all of them.
    if ($0 !~ /^gpu_/ || $0 ~ /mig_gi=/) next
    match($0, /uuid="[^"]*"/); if (!RLENGTH || RSTART == 0) next
    uuid = substr($0, RSTART + 6, RLENGTH - 7)
    text = substr($0, 1, length($0) - length($NF) - 1)
    gsub(/(cluster|node|gpu|uuid)="[^"]*",?/, "", text); sub(/,}/, "}", text); sub(/{}/, "", text)
    page[uuid, text] = $NF
    next
  }
  {
    split($0, values, /, */)
    for (c = 2; c <= columns; c++) {
      field = name[c]; said = values[c]; shown = (values[1], series[field]) in page ? page[values[1], series[field]] : "absent"
      if (absent(said)) good = shown == "absent"
      else if (shown == "absent") good = 0
      else {
        expected = number(said) * factor[field]; difference = shown - expected; if (difference < 0) difference = -difference
        allowed = tolerance[field] ~ /^\+/ ? substr(tolerance[field], 2) : tolerance[field] * (expected < 0 ? -expected : expected)
        good = difference <= allowed + 1e-6
      }
      if (!good) bad++
      checked++
      printf "| %s | `%s` | %s | %s | %s |\n", FNR - 1, field, said, shown, good ? "agrees" : "**differs**"
    }
  }
  END { printf "\n%d fields, %d differ\n", checked, bad; exit bad > 0 }
' "$work/page" "$work/smi"
