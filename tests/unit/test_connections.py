"""How many connections a process keeps open."""

from __future__ import annotations

import resource

import pytest

from dashapp.cli.connections import MOST, most_connections


@pytest.mark.parametrize(
    ("soft", "hard", "asked_for", "connections"),
    [
        (1_024, 1_048_576, 8_192, MOST),
        (1_024, 4_096, 4_096, 4_096 - 256),
        (1_024, 1_024, 1_024, 1_024 - 256),
        (1_024, resource.RLIM_INFINITY, 8_192, MOST),
        (20_000, 20_000, None, MOST),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None, MOST),
    ],
    ids=["few, more allowed", "few, some allowed", "few, none allowed", "few, any allowed", "many", "any"],
)
def test_as_many_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, asked_for: int | None, connections: int
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    assert most_connections() == connections
    assert asked == ([] if asked_for is None else [(asked_for, hard)])
