"""Charts as SVG, drawn on the server: for the first moment of an embed, for wikis that forbid frames, for e-mail.

`picture` takes what `Chart.draw` made (see `layouts.charts.figure`) and knows the traces that our charts are made of.
"""

from layouts.pictures.drawing import Heading, picture
from layouts.pictures.sheet import FONTS, message

__all__ = ["FONTS", "Heading", "message", "picture"]
