"""The page on what the dashboard measures of itself."""

from __future__ import annotations

from dashapp.monitoring.families import ASKED, COUNTED
from dashapp.monitoring.sources import SOURCES
from dashapp.reference.markdown import code, codes, table

_INTRO = """# The dashboard measured

What `/metrics` has for Prometheus; [operating.md](../operating.md) says how to read it and what to watch. Not to be confused with the
[metrics](metrics.md) of the observed project.
"""


def page() -> str:
    counted = [(family, "counted as it happens, by all processes together") for family in COUNTED]
    asked = [(family, f"asked at a scrape ({source.name})") for source in SOURCES for family in source.families]
    rows = [
        (code(family.name), family.kind, codes(family.labels), family.meaning, how)
        for family, how in [*counted, *asked, (ASKED, "asked at a scrape")]
    ]
    return "\n".join([_INTRO, table(("name", "kind", "labels", "meaning", "how it is found"), rows)])
