#!/usr/bin/env bash
# Finds promtool, Prometheus' own checker: on PATH, else out of Debian's package, of which nothing is installed or started.
# Prints the binary's path on the last line.
set -euo pipefail
if found=$(command -v promtool); then
  echo "$found"
  exit
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/content-metrics-dashboard
binary=$cache/promtool
mkdir -p "$cache"
exec 9>"$cache/promtool.lock"
flock 9
if [ ! -x "$binary" ]; then
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || {
    echo "The tests of /metrics need promtool: put Prometheus' promtool on PATH." >&2
    exit 1
  }
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  apt-get download -q prometheus >/dev/null 2>&1 || {
    apt-get update -q >&2 || true
    apt-get download -q prometheus >&2
  }
  dpkg-deb -x prometheus_*.deb out
  cp out/usr/bin/promtool "$binary.partial"
  mv "$binary.partial" "$binary"
fi
echo "$binary"
