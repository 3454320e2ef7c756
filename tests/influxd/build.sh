#!/usr/bin/env bash
# Builds a real influxd 2.7 into the user's cache, once. Prints the binary's path on the last line, its progress to stderr.
# Debian ships 1.6, which has no Flux, so the tests build the real thing as a Go tool.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=2.7.12
cache=${XDG_CACHE_HOME:-$HOME/.cache}/content-metrics-dashboard
binary=$cache/influxd-$version
package=github.com/influxdata/influxdb/v2/cmd/influxd
tags=sqlite_foreign_keys,sqlite_json
every=${INFLUXD_BUILD_TELLS_EVERY:-20}

say() { printf 'influxd %s: %s\n' "$version" "$*" >&2; }

# $1: the build's process, $2: its log, a line for each package, $3: how many packages there are.
watch() {
  local begin=$SECONDS told=$SECONDS
  while kill -0 "$1" 2>/dev/null; do
    sleep 0.5
    if [ $((SECONDS - told)) -ge "$every" ]; then
      told=$SECONDS
      say "still building: $(((told - begin) / 60)) min $(((told - begin) % 60)) s," \
        "$(grep -cE '^[a-z0-9][^ ]*$' "$2" || true) of at most $3 packages compiled"
    fi
  done
}

mkdir -p "$cache"
exec 9>"$cache/influxd.lock"
flock -n 9 || { say "waiting for another build of it"; flock 9; }
if [ ! -x "$binary" ]; then
  command -v clang >/dev/null && command -v pkg-config >/dev/null || {
    say "installing clang and pkg-config (about a minute)"
    apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y pkg-config clang >/dev/null
  }
  cd "$here"
  scratch=$(mktemp -d)
  trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$scratch"' EXIT
  say "downloading its sources (a minute or two)"
  go install github.com/influxdata/pkg-config@v0.2.14 >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
  packages=$(go list -deps -tags "$tags" "$package" 2>"$scratch/log" | wc -l) || { cat "$scratch/log" >&2; exit 1; }
  # influxd's Rust part denies warnings that newer compilers added.
  printf '#!/bin/sh\nexec "$@" --cap-lints=allow\n' >"$scratch/wrapper"
  chmod +x "$scratch/wrapper"
  say "building it, once: about 6 minutes on two cores, a good deal of it Rust, during which no package is finished"
  PKG_CONFIG="$(go env GOPATH)/bin/pkg-config" RUSTUP_TOOLCHAIN=stable RUSTC_WRAPPER="$scratch/wrapper" \
    go build -v -tags "$tags" -o "$binary.partial" "$package" >"$scratch/log" 2>&1 &
  watch $! "$scratch/log" "$packages"
  wait $! || { tail -40 "$scratch/log" >&2; say "the build failed, see above"; exit 1; }
  mv "$binary.partial" "$binary"
  say "built in $((SECONDS / 60)) min $((SECONDS % 60)) s, kept as $binary"
fi
echo "$binary"
