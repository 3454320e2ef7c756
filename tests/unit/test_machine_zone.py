"""TZ in every form it has is understood or refused, never taken for UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashapp.settings.loading import SettingsError, load_settings
from dashapp.settings.machine_zone import UnclearZone, machine_zone

BERLIN = ((1, 1), (7, 2))
"""Hours east of Greenwich by month."""


@pytest.mark.parametrize(
    ("written", "offsets"),
    [
        ("Europe/Berlin", BERLIN), (":Europe/Berlin", BERLIN), (":/usr/share/zoneinfo/Europe/Berlin", BERLIN),
        ("/usr/share/zoneinfo/Europe/Berlin", BERLIN), ("CET-1CEST,M3.5.0,M10.5.0/3", BERLIN),
        ("CET-1CEST,M3.5.0/2,M10.5.0/3", BERLIN), ("CET-1CEST,M3.5.0/02:00:00,M10.5.0/3", BERLIN), ("EST5EDT", ((1, -5), (7, -4))),
        ("EST5EDT,M3.2.0,M11.1.0", ((1, -5), (7, -4))), ("PST8PDT,M3.2.0/2,M11.1.0/2", ((1, -8), (7, -7))),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", ((1, 13), (7, 12))), ("UTC-2", ((1, 2), (7, 2))), ("UTC+3", ((1, -3), (7, -3))),
        ("<+03>-3", ((1, 3), (7, 3))), ("JST-9", ((1, 9), (7, 9))), ("IST-5:30", ((1, 5.5), (7, 5.5))),
        ("UTC", ((1, 0), (7, 0))), ("UTC0", ((1, 0), (7, 0))), ("Etc/UTC", ((1, 0), (7, 0))),
    ],
)  # fmt: skip
def test_a_zone_is_known_by_what_tz_means(written: str, offsets: tuple[tuple[int, float], ...]) -> None:
    zone = ZoneInfo(machine_zone({"TZ": written}))
    for month, hours in offsets:
        assert datetime(2026, month, 15, 12, tzinfo=zone).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "written", ["Mars/Olympus", "CET-1CEST,M4.1.0,M9.1.0", "XYZ4:20", "AAA99", "Europe/", ":/etc/localtime", "5"]
)
def test_what_means_no_known_zone_is_refused_with_what_to_do(
    written: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(UnclearZone, match="set DASHAPP_SOURCE_TIMEZONE"):
        machine_zone({"TZ": written})
    monkeypatch.setenv("TZ", written)
    with pytest.raises(SettingsError, match=r"TZ=.*DASHAPP_SOURCE_TIMEZONE"):
        load_settings({}, tmp_path)
    assert load_settings({"DASHAPP_SOURCE_TIMEZONE": "Asia/Tokyo"}, tmp_path).timezone == "Asia/Tokyo"
