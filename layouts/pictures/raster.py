"""From SVG to PNG, with our own fonts: a server in a container usually has none."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

MOST_PIXELS = 12_000_000
SECONDS = 10.0
"""More than that nobody waits for a picture."""
_PROCESS = Path(__file__).with_name("raster_process.py")
_SIZE = re.compile(r'<svg[^>]*? viewBox="0 0 ([\d.]+) ([\d.]+)"')


class TooManyPixels(ValueError):
    """A picture beyond MOST_PIXELS; the text is a sentence for whoever asked."""


def size(svg: str) -> tuple[float, float]:
    """Width and height in pixels at scale 1. ValueError when the document does not say."""
    found = _SIZE.match(svg)
    if found is None:
        raise ValueError("the picture has no size")
    return float(found[1]), float(found[2])


def largest_scale(svg: str) -> float:
    """The largest scale at which the picture keeps to MOST_PIXELS, to two decimals."""
    width, height = size(svg)
    return math.floor(math.sqrt(MOST_PIXELS / (width * height)) * 100) / 100


def png(svg: str, scale: float = 1.0) -> bytes:
    """The picture as PNG, `scale` device pixels a pixel. Letters our font lacks come from the machine's fonts.

    TooManyPixels when it would be too large, TimeoutError after SECONDS, OSError when it can't be made.
    """
    _check(svg, scale)
    command = [sys.executable, "-I", str(_PROCESS), f"{scale:g}"]
    try:
        made = subprocess.run(command, input=svg.encode(), capture_output=True, timeout=SECONDS, check=True)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"the picture took longer than {SECONDS:g} s") from None
    except subprocess.CalledProcessError as error:
        raise OSError(f"the picture can't be made: {error.stderr.decode(errors='replace').strip()[-300:]}") from None
    return made.stdout


def _check(svg: str, scale: float) -> None:
    width, height = size(svg)
    wanted, allowed = width * height * scale * scale, int(largest_scale(svg))
    if wanted <= MOST_PIXELS:
        return
    instead = f"the largest scale for this size is {allowed}" if allowed else "ask for a smaller width or height"
    raise TooManyPixels(
        f"A picture has at most {MOST_PIXELS / 1e6:g} megapixels; {width:g} × {height:g} pixels at scale {scale:g} "
        f"would be {wanted / 1e6:.1f}; {instead}."
    )
