"""From SVG to PNG, with our own fonts: a server in a container usually has none."""

from __future__ import annotations

import warnings
from pathlib import Path

_FONTS = Path(__file__).parent / "fonts"


def png(svg: str, scale: float = 1.0) -> bytes:
    """The picture as PNG, `scale` device pixels a pixel. Letters our font lacks come from the machine's fonts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=scale, font_files=[str(path) for path in sorted(_FONTS.glob("*.ttf"))],
            font_family="Inter", sans_serif_family="Inter",
        )
    )  # fmt: skip
