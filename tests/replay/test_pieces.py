"""However the recorded log grew, and wherever it was rotated, what is known at the end is the same."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from tests.collectors.app_log.reading import Collected, frozen


@pytest.fixture(scope="session")
def text(shared_data: Path) -> bytes:
    logs = shared_data / "recorded" / "dev" / "logs"
    return (logs / "app.log.1").read_bytes() + (logs / "app.log").read_bytes()


@pytest.mark.parametrize("seed", range(8))
def test_pieces_cut_anywhere_add_up_to_the_whole(text: bytes, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    (tmp_path / "whole").mkdir()
    (tmp_path / "pieces").mkdir()
    (tmp_path / "whole" / "app.log").write_bytes(text)
    whole, pieces = Collected(tmp_path / "whole"), Collected(tmp_path / "pieces")
    whole.run()
    log = tmp_path / "pieces" / "app.log"
    cuts = sorted(chance.sample(range(len(text)), 40))
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        with log.open("ab") as stream:
            stream.write(text[begin:end])
        pieces.run()
        if chance.random() < 0.3:
            pieces.run()
    assert frozen(pieces.points) == frozen(whole.points)
    assert pieces.letters == whole.letters == []


@pytest.mark.parametrize("seed", range(8))
def test_rotation_between_any_two_records_loses_and_doubles_nothing(text: bytes, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    (tmp_path / "whole").mkdir()
    (tmp_path / "pieces").mkdir()
    (tmp_path / "whole" / "app.log").write_bytes(text)
    whole, pieces = Collected(tmp_path / "whole"), Collected(tmp_path / "pieces")
    whole.run()
    folder = tmp_path / "pieces"
    begins = [at + 1 for at in range(len(text) - 1) if text[at : at + 4] == b"\n202"]
    cuts = sorted(chance.sample(begins, 6))
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        middle = chance.randint(begin, end)
        (folder / "app.log").write_bytes(text[begin:middle])
        pieces.run()
        with (folder / "app.log").open("ab") as stream:
            stream.write(text[middle:end])
        if end < len(text):
            _rotate(folder, chance)
    pieces.run()
    assert pieces.points.keys() == whole.points.keys()
    assert pieces.letters == []


def _rotate(folder: Path, chance: random.Random) -> None:
    for number in range(9, 0, -1):
        for ending in ("", ".gz"):
            old = folder / f"app.log.{number}{ending}"
            if old.exists():
                old.rename(folder / f"app.log.{number + 1}{ending}")
    second = folder / "app.log.2"
    if second.exists() and chance.random() < 0.5:
        (folder / "app.log.2.gz").write_bytes(gzip.compress(second.read_bytes()))
        second.unlink()
    (folder / "app.log").rename(folder / "app.log.1")
