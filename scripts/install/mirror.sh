# shellcheck shell=sh
# The package mirror that this machine uses, so that a component which it does not have enabled comes from the same place.

# find_mirror SUITE DEFAULT: prints the first entry of a deb822 .sources file, or of a .list file, for this suite.
find_mirror() {
  for source_file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$source_file" ] || continue
    found_mirror=$(awk -v suite="$1" '
      /^[^#[:space:]]+:/ { key = tolower($1) }
      key == "uris:" && $1 ~ /^URIs:/ { uri = $2 }
      key == "suites:" && $1 ~ /^Suites:/ { for (i = 2; i <= NF; i++) if ($i == suite && uri != "") { print uri; exit } }
      /^[[:space:]]*$/ { uri = "" }' "$source_file")
    [ -z "$found_mirror" ] || { printf '%s\n' "$found_mirror"; return; }
  done
  for source_file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$source_file" ] || continue
    found_mirror=$(awk -v suite="$1" '$1 == "deb" { for (i = 2; i < NF; i++) if ($i ~ /^https?:/ && $(i + 1) == suite) { print $i; exit } }' "$source_file")
    [ -z "$found_mirror" ] || { printf '%s\n' "$found_mirror"; return; }
  done
  printf '%s\n' "$2"
}
