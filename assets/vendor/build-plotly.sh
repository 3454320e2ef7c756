#!/usr/bin/env bash
# Build plotly.js with only the traces our charts draw: less than a fifth of the usual download.
# Usage: assets/vendor/build-plotly.sh [VERSION] [TRACE...]   (needs node and npm; scatter is always in)
set -euo pipefail
version=${1:-4.1.1}
traces=("${@:2}")
[ ${#traces[@]} -gt 0 ] || traces=(bar heatmap)
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts "plotly.js@$version" esbuild
node node_modules/esbuild/install.js
{
  echo "const Plotly = require('plotly.js/lib/core');"
  for trace in "${traces[@]}"; do echo "Plotly.register(require('plotly.js/lib/$trace'));"; done
  echo "module.exports = Plotly;"
} > entry.js
name="plotly-$version-scatter-$(IFS=-; echo "${traces[*]}").min.js"
npx esbuild entry.js --bundle --minify --legal-comments=none --format=iife --global-name=Plotly --target=es2018 \
  --define:global=window --define:define.amd=false --define:process.env.NODE_DEBUG=false \
  --alias:stream=stream-browserify --alias:regl=@plotly/regl \
  --banner:js="/*! plotly.js $version (scatter, ${traces[*]}) | Copyright 2012-2026, Plotly, Inc. | MIT license */" \
  --outfile=bundle.js
cp bundle.js "$here/$name"
cp node_modules/plotly.js/LICENSE "$here/plotly-LICENSE.txt"
echo "wrote $here/$name; name it in dashapp/dash_app.py (PLOTLY) and in the test of the bundle"
