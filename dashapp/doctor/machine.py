"""Disk and clock."""

# Imports inside functions: start-up time, a check loads what it looks at only when it is run.

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from collectors.places import is_there
from dashapp.doctor.finding import Finding
from dashapp.free_space import FULL_MB, free_mb
from dashapp.settings import Settings

_WARNING_MB = 1_000
_OLDEST_SANE = datetime(2025, 1, 1, tzinfo=UTC)
_SKEW_SECONDS = 5


def disk(settings: Settings) -> Iterator[Finding]:
    free = free_mb(settings.data_dir)
    text = f"{free:,} MB free for {settings.data_dir}"
    hint = "Free some space, or move DASHAPP_DATA_DIR to a larger disk."
    if free < FULL_MB:
        yield Finding("disk", "fatal", text, hint)
    elif free < _WARNING_MB:
        yield Finding("disk", "warning", text, hint)
    else:
        yield Finding("disk", "ok", text)


def clock(settings: Settings) -> Iterator[Finding]:
    """The clock itself, and how it stands to the files that are collected and to the store's server."""
    now = datetime.now(UTC)
    if now < _OLDEST_SANE:
        yield Finding("clock", "fatal", f"the clock says {now:%Y-%m-%d %H:%M} UTC", "Set it: timedatectl set-ntp true")
        return
    yield Finding(
        "clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC; the observed project logs in {settings.source_timezone}"
    )
    if settings.has_source:
        from dashapp.services import make_source

        for log in make_source(settings).log_paths():
            if is_there(log) and log.stat().st_mtime > time.time() + _SKEW_SECONDS:
                yield Finding("clock", "warning", f"{log} was written in the future, by this clock",
                              "Set this machine's clock and the one that writes the log by NTP.")  # fmt: skip
    if settings.influxdb_v2_url:
        yield from _skew("InfluxDB", f"{settings.influxdb_v2_url.rstrip('/')}/health")
    if settings.clickhouse_url:
        yield from _skew("ClickHouse", f"{settings.clickhouse_url.rstrip('/')}/ping", settings.clickhouse_ca_file)


def _skew(store: str, url: str, ca_file: Path | None = None) -> Iterator[Finding]:
    """Against the Date header of the store's answer: points from the future are not shown."""
    import ssl
    from email.utils import parsedate_to_datetime
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=5, context=ssl.create_default_context(cafile=ca_file)) as answer:  # noqa: S310  http or https, checked in settings
            said = answer.headers.get("Date")
    except (HTTPError, URLError, OSError):
        return  # the store's own check tells
    if said:
        skew = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        if abs(skew) > _SKEW_SECONDS:
            yield Finding("clock", "warning", f"{store}'s clock differs by {skew:.0f} s", "Run NTP on both machines.")
