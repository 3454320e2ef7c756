"""The catalogue: everything that is measured, declared once.

Collectors are checked against it, all stores build their tables from it,
reference pages and the API's schema are printed from it.
"""

from metricstore.catalogue import ai, audience, content, journey, log, performance, selfwatch, social
from metricstore.catalogue.model import PLATFORMS, Dates, Exactness, Field, FieldType, FieldValue, Measurement, Tag
from metricstore.errors import UnknownName

MEASUREMENTS: dict[str, Measurement] = {
    m.name: m
    for room in (log, content, audience, social, performance, ai, journey, selfwatch)
    for m in room.MEASUREMENTS
}  # fmt: skip


def measurement(name: str) -> Measurement:
    """The declaration of `name`; UnknownName when there is none."""
    try:
        return MEASUREMENTS[name]
    except KeyError:
        raise UnknownName("measurement", name, tuple(MEASUREMENTS)) from None


__all__ = [
    "MEASUREMENTS",
    "PLATFORMS",
    "Dates",
    "Exactness",
    "Field",
    "FieldType",
    "FieldValue",
    "Measurement",
    "Tag",
    "measurement",
]
