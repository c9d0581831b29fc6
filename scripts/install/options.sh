# shellcheck shell=bash
# Reading of option values, so that every command refuses a bad one in the same words.

# read_value OPTION VALUE...: VALUE holds what follows OPTION. (Not printed: `exit` in a command substitution ends too little.)
read_value() {
  if (($# < 2)) || [[ $2 == --* ]]; then
    fail_usage "$1 needs a value"
  fi
  VALUE=$2
}

# read_whole_number LOWEST HIGHEST OPTION VALUE...
read_whole_number() {
  local lowest=$1 highest=$2
  shift 2
  read_value "$@"
  if [[ ! $VALUE =~ ^[0-9]{1,9}$ ]] || ((10#$VALUE < lowest || 10#$VALUE > highest)); then
    fail_usage "$1 is '$VALUE', expected a whole number from $lowest to $highest"
  fi
  VALUE=$((10#$VALUE))
}

# read_path OPTION VALUE...: an absolute path, since services and packages must not depend on where the installer was started.
read_path() {
  read_value "$@"
  if [[ ! $VALUE =~ ^/[A-Za-z0-9_@+=:,./-]*$ || $VALUE/ == */../* ]]; then
    fail_usage "$1 is '$VALUE', expected an absolute path without blanks, such as /opt/gpu-monitoring"
  fi
}

# read_url OPTION VALUE...: without a slash at its end. Not with a password in it, since it would stand in files that everybody may read.
read_url() {
  read_value "$@"
  if [[ ! $VALUE =~ ^https?://[A-Za-z0-9_.-]+(:[0-9]{1,5})?(/[A-Za-z0-9_.~%+/-]*)?$ ]]; then
    fail_usage "$1 is '$VALUE', expected an address without user and password, such as http://localhost:9090"
  fi
  VALUE=${VALUE%/}
}

# read_host_url OPTION VALUE...: the address of a server, without a path.
read_host_url() {
  read_url "$@"
  if [[ $VALUE == *://*/* ]]; then
    fail_usage "$1 is '$VALUE', expected an address without a path, such as http://localhost:9461"
  fi
}
