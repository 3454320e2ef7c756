"""How many bytes of memory a process may use for what it keeps to answer faster, in all and for each purpose."""

from __future__ import annotations

from collections.abc import Mapping

_MIB = 1024 * 1024
SHARES: Mapping[str, int] = {
    "answers": 24 * _MIB,
    "windows": 4 * _MIB,
    "windows in SQL": 2 * _MIB,
    "compressed files": 12 * _MIB,
    "pictures": 32 * _MIB,
    "days of rollups on InfluxDB": 16 * _MIB,
    "rows on InfluxDB": 16 * _MIB,
}
"""Bytes. A cache whose entries are small, or whose keys are a closed set, has a number of entries instead and no share."""
EVERYTHING = sum(SHARES.values())
"""Bytes, where each is full."""
