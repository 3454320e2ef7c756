#!/usr/bin/env bash
# Finds axe-core, which checks pages for what people with disabilities stumble over: AXE_CORE, else out of npm's package, of which nothing is installed.
# Prints the path of axe.min.js on the last line.
set -euo pipefail
version=4.14.1
sha512=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
if [ -n "${AXE_CORE:-}" ]; then
  echo "$AXE_CORE"
  exit
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/content-metrics-dashboard
script=$cache/axe-core-$version.min.js
mkdir -p "$cache"
exec 9>"$cache/axe-core.lock"
flock 9
if [ ! -f "$script" ]; then
  command -v npm >/dev/null || {
    echo "The tests for accessibility need axe-core: install npm, or set AXE_CORE to the path of axe.min.js, version $version." >&2
    exit 1
  }
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  npm pack --silent "axe-core@$version" >/dev/null
  echo "$sha512  axe-core-$version.tgz" | sha512sum --check --quiet >&2
  tar xzf "axe-core-$version.tgz" package/axe.min.js
  cp package/axe.min.js "$script.partial"
  mv "$script.partial" "$script"
fi
echo "$script"
