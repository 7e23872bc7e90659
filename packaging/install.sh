#!/bin/sh
# Installs undrift {version} for the user who runs it:
#
#   curl -fsSL {url}/undrift-installer.sh | sh
#
# UNDRIFT_INSTALL  the folder that the program goes to [default: ~/.local/bin]
# UNDRIFT_SLIM     if set, the program without PostgreSQL inside, also where there is one with it
# UNDRIFT_URL      where the files of this release are, for mirrors
#
# What is downloaded is compared with the checksums below before anything is done with it. The program appears in
# its place as a whole or not at all, and takes the place of a former one.
set -eu

checksums='{checksums}'

# Called in the last line: of a script that arrives in part nothing is done.
main() {
  version='{version}'
  url=${UNDRIFT_URL:-'{url}'}
  folder=${UNDRIFT_INSTALL:-${HOME:?}/.local/bin}
  for target in $(targets); do
    file="undrift-$version-$target.tar.gz"
    expected=$(printf '%s\n' "$checksums" | sed -n "s/  $file\$//p")
    [ -z "$expected" ] || break
  done
  [ -n "${expected:-}" ] || fail "there is no package for $(uname -s) on $(uname -m)"

  mkdir -p "$folder"
  scratch=$(mktemp -d "$folder/.undrift-XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  download "$url/$file" "$scratch/$file" || fail "$url/$file could not be downloaded"
  found=$(checksum "$scratch/$file")
  [ "$found" = "$expected" ] || fail "$file is not what was released: its SHA-256 is $found, not $expected"
  tar -xzf "$scratch/$file" -C "$scratch"
  "$scratch/undrift-$version-$target/undrift" version >/dev/null || fail "the program does not run here"
  mv -f "$scratch/undrift-$version-$target/undrift" "$folder/undrift"

  echo "undrift $version is in $folder"
  case ":$PATH:" in
    *":$folder:"*) ;;
    *) echo "That is not on your PATH: export PATH=\"$folder:\$PATH\"" ;;
  esac
}

# What runs here, the best first.
targets() {
  case "$(uname -m)" in
    x86_64 | amd64) cpu=x86_64 ;;
    aarch64 | arm64) cpu=aarch64 ;;
    *) return ;;
  esac
  case "$(uname -s)" in
    Linux)
      if [ -z "${UNDRIFT_SLIM:-}" ] && has_glibc; then echo "$cpu-unknown-linux-gnu"; fi
      echo "$cpu-unknown-linux-musl"
      ;;
    Darwin) echo "$cpu-apple-darwin" ;;
  esac
}

# Whether glibc is there, and as new as the full program needs.
has_glibc() {
  release=$(getconf GNU_LIBC_VERSION 2>/dev/null) || return 1
  oldest=$(printf '%s\n' "${release#glibc }" '{glibc}' | sort -t . -k 1,1n -k 2,2n | head -n 1)
  [ "$oldest" = '{glibc}' ]
}

download() {
  if command -v curl >/dev/null; then
    curl -fsSL --retry 3 -o "$2" "$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$2" "$1"
  else
    fail "curl or wget is needed"
  fi
}

checksum() {
  if command -v sha256sum >/dev/null; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  else
    fail "sha256sum or shasum is needed"
  fi
}

fail() {
  echo "undrift: $1; nothing was installed" >&2
  exit 1
}

main "$@"
