# shellcheck shell=bash
# The .NET SDK: from the distribution where it has it, else from a feed that the distribution's maker or Microsoft runs.

readonly DOTNET_MAJOR=10
readonly DOTNET_PACKAGE=dotnet-sdk-$DOTNET_MAJOR.0

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

has_dotnet_sdk() {
  command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q "^$DOTNET_MAJOR\."
}

require_dotnet_sdk() {
  if has_dotnet_sdk; then
    return
  fi
  say "Missing for building: the .NET SDK $DOTNET_MAJOR"
  if [[ $INSTALL_MISSING == true ]] && has_apt; then
    refresh_package_lists
    if ! is_offered "$DOTNET_PACKAGE"; then
      add_dotnet_feed
    fi
  fi
  install_packages "$DOTNET_PACKAGE"
  if [[ $DRY_RUN == false ]] && ! has_dotnet_sdk; then
    fail "$DOTNET_PACKAGE was installed, but 'dotnet --list-sdks' shows no version $DOTNET_MAJOR" \
      "another dotnet comes first in PATH: $(command -v dotnet || echo none); remove it or put /usr/bin before it"
  fi
}

is_offered() {
  [[ -n $(apt-cache show "$1" 2>/dev/null) ]]
}

add_dotnet_feed() {
  case $(os_value ID) in
    ubuntu) add_ubuntu_backports ;;
    debian) add_microsoft_feed ;;
    *)
      fail "$(os_value PRETTY_NAME) offers no package $DOTNET_PACKAGE" \
        "install the .NET SDK $DOTNET_MAJOR as https://learn.microsoft.com/dotnet/core/install/linux describes, then start again"
      ;;
  esac
  forget_package_lists
  refresh_package_lists
  if [[ $DRY_RUN == false ]] && ! is_offered "$DOTNET_PACKAGE"; then
    fail "the added feed offers no $DOTNET_PACKAGE for $(os_value PRETTY_NAME)" \
      "install the .NET SDK $DOTNET_MAJOR as https://learn.microsoft.com/dotnet/core/install/linux describes, then start again"
  fi
}

add_ubuntu_backports() {
  say "This Ubuntu does not hold $DOTNET_PACKAGE itself; adding Canonical's feed ppa:dotnet/backports"
  require_programs "adding the feed" add-apt-repository=software-properties-common
  change_as_root add-apt-repository --yes ppa:dotnet/backports ||
    fail "ppa:dotnet/backports could not be added" "check that ppa.launchpadcontent.net can be reached from here"
}

add_microsoft_feed() {
  local release url package
  release=$(os_value VERSION_ID)
  url=https://packages.microsoft.com/config/debian/$release/packages-microsoft-prod.deb
  say "Debian does not hold $DOTNET_PACKAGE; adding Microsoft's feed: $url"
  require_programs "downloading it" curl=curl,ca-certificates
  package=$(mktemp --suffix=.deb)
  if ! change curl --fail --silent --show-error --location --max-time 120 --output "$package" "$url"; then
    rm -f "$package"
    fail "Microsoft's package feed could not be reached: $url" \
      "install the .NET SDK $DOTNET_MAJOR by another way (https://learn.microsoft.com/dotnet/core/install/linux-debian), then start again"
  fi
  change_as_root dpkg --install "$package"
  rm -f "$package"
}

# build CONFIGURATION PROJECT...
build() {
  local configuration=$1
  shift
  change dotnet build "$@" --configuration "$configuration" --nologo --verbosity quiet -clp:Summary
}
