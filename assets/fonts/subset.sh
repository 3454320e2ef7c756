#!/bin/sh
# Makes the pages' fonts of those that pictures are drawn with: Latin letters, figures and signs alone (23 KB each instead of 340).
# Other scripts come from the reader's own fonts. Licence: layouts/pictures/fonts/LICENSE.txt. Needs fonttools and brotli.
set -eu
cd "$(dirname "$0")"
letters="U+0020-007E,U+00A0-017F,U+02C6,U+02DA,U+02DC,U+2002-200B,U+2010-2027,U+2030-203A,U+20AC,U+2122,U+2190-2199,U+2212,U+2248,U+2260,U+2264,U+2265,U+25A0-25FF,U+2713,U+2717"
for weight in Regular SemiBold; do
  name=$(echo "$weight" | tr '[:upper:]' '[:lower:]')
  pyftsubset "../../layouts/pictures/fonts/Inter-$weight.ttf" --unicodes="$letters" --flavor=woff2 --output-file="inter-$name.woff2" \
    --layout-features=kern,liga,calt,tnum,cv05,ss03,ccmp,locl,mark,mkmk,case
done
