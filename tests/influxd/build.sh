#!/usr/bin/env bash
# Builds a real influxd 2.7 into the user's cache, once. Prints the binary's path on the last line.
# Debian ships 1.6, which has no Flux, so the tests build the real thing as a Go tool.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=2.7.12
cache=${XDG_CACHE_HOME:-$HOME/.cache}/content-metrics-dashboard
binary=$cache/influxd-$version
mkdir -p "$cache"
exec 9>"$cache/influxd.lock"
flock 9
if [ ! -x "$binary" ]; then
  command -v clang >/dev/null && command -v pkg-config >/dev/null || {
    apt-get update -q >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y pkg-config clang >&2
  }
  cd "$here"
  go install github.com/influxdata/pkg-config@v0.2.14 >&2
  # influxd's Rust part denies warnings that newer compilers added.
  wrapper=$(mktemp)
  printf '#!/bin/sh\nexec "$@" --cap-lints=allow\n' >"$wrapper"
  chmod +x "$wrapper"
  PKG_CONFIG="$(go env GOPATH)/bin/pkg-config" RUSTUP_TOOLCHAIN=stable RUSTC_WRAPPER="$wrapper" \
    go build -tags sqlite_foreign_keys,sqlite_json -o "$binary.partial" \
    github.com/influxdata/influxdb/v2/cmd/influxd >&2
  rm -f "$wrapper"
  mv "$binary.partial" "$binary"
fi
echo "$binary"
