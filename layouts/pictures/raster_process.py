"""The process that makes one PNG: SVG from standard input, `scale` as argument, PNG to standard output.

The library holds Python's global lock while it works, for seconds with a large picture. In a process of its own it holds up nobody,
and its memory is given back. Run by path, with nothing of ours imported.
"""

# Imports inside functions: the renderer is loaded in the process that draws.

import os
import sys
import warnings
from pathlib import Path

_FONTS = Path(__file__).parent / "fonts"


def _make(svg: str, scale: float) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import resvg_py

    fonts = [str(path) for path in sorted(_FONTS.glob("*.ttf"))]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=scale, font_files=fonts, font_family="Inter", sans_serif_family="Inter"
        )
    )


if __name__ == "__main__":
    os.nice(5)  # pages go first
    sys.stdout.buffer.write(_make(sys.stdin.buffer.read().decode(), float(sys.argv[1])))
