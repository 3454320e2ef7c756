"""Which files beside a log are its copies."""

from __future__ import annotations

import pytest

from collectors.tailing.names import Copy, Unread, copy_of

COPIES = [
    *["app.log.1", "app.log.12.gz", "app.log.0", "app.log.1.bz2", "app.log.1.xz", "app.1.log", "app.log.1.zip", "app.log.1.zst"],
    *["app.log.2026-10-01", "app.log.2026-10-02_09", "app.log.2026-10-03_09-30", "app.log.2026-10-12_09-30-15"],
    *["app.2026-10-08_00-00-00_123456.log", "app.2026-10-08_00-00-00_123456.log.gz", "app.2026-10-08_00-00-00_123456.2.log"],
    *["app.log-20261011", "app.log-20261011.gz", "app.log-2026101109", "app.log-20261011-1791878400", "app.log-1791878400.gz"],
    *["app-20261013.log", "app-20261013-1.log", "app_2026-10-05.log", "app.log.20261010T000000", "app.log-202610", "app.log.2026-W41"],
    *["app.log.old", "app.log.old.gz", "app.log-2026-10-13-09", "app.log.2026-10-01T09:30:00Z", "app.log.2026-10-01.1", "app.log.gz"],
]  # fmt: skip


@pytest.mark.parametrize("name", COPIES)
def test_a_name_that_rotation_gives_is_a_copy(name: str) -> None:
    assert isinstance(copy_of("app.log", name), Copy)


@pytest.mark.parametrize(
    "name",
    ["app.log.1.lz4", "app.log-20261011.br", "app.log.bak", "app.log.Monday", "app-2.log", "app.log_x", "app (1).log",
     "2026-10-11-app.log", "20261011_app.log.gz", "app - Copy.log", "app copy 2.log"],
)  # fmt: skip
def test_a_file_that_looks_like_a_copy_and_is_not_read_is_named(name: str) -> None:
    assert isinstance(copy_of("app.log", name), Unread)


@pytest.mark.parametrize(
    "name",
    [
        "app.log",
        "app.log.lock",
        ".app.log.swp",
        "app.log~",
        "application.log",
        "app_errors.log",
        "app.json",
        "app.log2",
        "myapp.log",
        "APP.LOG",
    ],
)
def test_other_files_are_nothing_to_the_log(name: str) -> None:
    assert copy_of("app.log", name) is None


def test_dates_are_in_order_however_they_are_spelt() -> None:
    names = [
        "app.log-20261009",
        "app.log-20261010",
        "app.log.2026-10-10_09",
        "app.log-20261010T093000",
        "app-20261011-2.log",
        "app-20261011-10.log",
    ]
    ages = [copy_of("app.log", name) for name in names]
    dates = [age.date for age in ages if isinstance(age, Copy)]
    assert dates == sorted(dates) and len(dates) == len(names)


def test_a_log_without_an_ending_has_copies_too() -> None:
    assert copy_of("scheduler", "scheduler.1") == Copy(number=1)
    assert isinstance(copy_of("scheduler", "scheduler-20261010.gz"), Copy)
