"""Files that are read as a whole, plain or compressed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from collectors.reading import Unready, Whole, read_whole

TEXT = b"Date,Impressions\n2026-10-14,100\n"


# Ids of their own: what gzip writes holds the time, and both workers must name the tests alike.
@pytest.mark.parametrize(
    "packed",
    [TEXT, gzip.compress(TEXT), gzip.compress(TEXT[:5]) + gzip.compress(TEXT[5:])],
    ids=["plain", "whole", "in two parts"],
)
def test_a_compressed_file_is_read_whatever_it_is_called(packed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(packed)
    whole = read_whole(path)
    assert isinstance(whole, Whole)
    assert whole.data == TEXT


@pytest.mark.parametrize(
    "damaged", [gzip.compress(TEXT)[:-9], gzip.compress(TEXT)[:12] + b"\xff" * 40], ids=["cut off", "overwritten"]
)
def test_of_a_damaged_one_no_part_is_taken_for_the_whole(damaged: bytes, tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(damaged)
    whole = read_whole(path)
    assert isinstance(whole, Whole)
    assert whole.data == damaged


def test_one_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(gzip.compress(bytes(10_000)))
    unready = read_whole(path, limit=5_000)
    assert isinstance(unready, Unready)
    assert unready.hopeless


def test_a_compressed_file_of_nothing_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "calendar.json"
    path.write_bytes(gzip.compress(b""))
    whole = read_whole(path)
    assert isinstance(whole, Whole) and whole.data == b""
