"""What a bucket takes on the server's disk, from the metrics that InfluxDB shows of itself."""

from __future__ import annotations

import re

_SHARD = re.compile(
    r'^storage_shard_disk_size\{[^}]*?bucket="(?P<bucket>[^"]+)"[^}]*\} (?P<size>[0-9.e+]+)$', re.MULTILINE
)


def bucket_bytes(metrics: str, bucket: str) -> int | None:
    """All shards of the bucket with that id; None where the text says nothing of it, nor as long as all of it is in memory and in the
    journal."""
    return round(sum(float(shard["size"]) for shard in _SHARD.finditer(metrics) if shard["bucket"] == bucket)) or None
