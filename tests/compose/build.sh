#!/usr/bin/env bash
# Builds check.go into the user's cache when it or its libraries changed (seconds). Prints the binary's path on the last line.
set -euo pipefail
cd "$(dirname "$0")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/content-metrics-dashboard
binary=$cache/compose-check-$(cat check.go go.mod go.sum | sha256sum | cut -c1-16)
mkdir -p "$cache"
exec 9>"$cache/compose-check.lock"
flock 9
if [ ! -x "$binary" ]; then
  command -v go >/dev/null || { echo "docker-compose.yml is checked by a Go program: install Go." >&2; exit 1; }
  go build -buildvcs=false -o "$binary.partial" . >&2
  mv "$binary.partial" "$binary"
fi
echo "$binary"
