# shellcheck shell=bash
# What the installer says, and the one place where it changes the machine: `change`, which --dry-run only prints.

# sysexits.h: wrong usage; the other failures of the installer are 1, and a failing program's own code is passed on.
readonly EXIT_USAGE=64

DRY_RUN=false

print_only() {
  DRY_RUN=true
}

say() {
  printf '%s\n' "$*"
}

warn() {
  printf 'warning: %s\n' "$*" >&2
}

# fail MESSAGE [REMEDY]
fail() {
  printf 'error: %s\n' "$1" >&2
  if [[ -n ${2:-} ]]; then
    printf '  remedy: %s\n' "$2" >&2
  fi
  exit 1
}

fail_usage() {
  printf 'error: %s\n' "$1" >&2
  printf '  see: ./install.sh --help\n' >&2
  exit "$EXIT_USAGE"
}

# Runs a command that changes the machine; with --dry-run it is printed instead.
change() {
  if [[ $DRY_RUN == true ]]; then
    printf '  would run: %s\n' "$(quoted "$@")"
  else
    "$@"
  fi
}

# change, with sudo where the caller is not root.
change_as_root() {
  if ((EUID == 0)); then
    change "$@"
  elif command -v sudo >/dev/null; then
    change sudo "$@"
  elif [[ $DRY_RUN == true ]]; then
    printf '  would run as root: %s\n' "$(quoted "$@")"
  else
    fail "this needs root, and sudo is not installed: $(quoted "$@")" "run that as root, then start ./install.sh again"
  fi
}

# The words as a line that can be pasted into a shell; plain words stay without quotes.
quoted() {
  local word line=
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_@%+=:,./-]+$ ]]; then
      line+=" $word"
    else
      line+=" ${word@Q}"
    fi
  done
  printf '%s' "${line# }"
}
