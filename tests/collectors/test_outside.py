"""Collectors from packages of their own: added with all they bring, or refused by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from collectors import outside
from collectors.package import PackagedCollector
from collectors.registry import load_outside
from metricstore.catalogue import MEASUREMENTS
from metricstore.catalogue.collected import COLLECTED
from metricstore.catalogue.collectors import COLLECTORS, Registration
from metricstore.catalogue.model import Field, Measurement, Tag
from metricstore.errors import CatalogueError
from metricstore.metrics import METRICS
from metricstore.metrics.model import Measure, Metric

OPENS = Measurement("letter_open", "Opens", "when", (Tag("issue", "issue"),), (Field("reader", "string", "who"),))
LETTER = PackagedCollector(
    Registration("letter", "Letter", ("letter_open",), records="letter_open", code="a_letter:Letter"),
    (OPENS,),
    (Metric("letter_opens", "Opens", "opens", "opens", Measure("letter_open")),),
)
POINT = EntryPoint("letter", "a_letter:COLLECTOR", outside.GROUP)


@pytest.fixture
def package() -> Iterator[ModuleType]:
    """An installed one; the lists are as before afterwards."""
    lists = (MEASUREMENTS, COLLECTED, METRICS)
    kept, known = [dict(one) for one in lists], list(COLLECTORS)
    module = sys.modules["a_letter"] = ModuleType("a_letter")
    module.COLLECTOR = LETTER  # type: ignore[attr-defined]
    yield module
    del sys.modules["a_letter"]
    COLLECTORS[:] = known
    for one, before in zip(lists, kept, strict=True):
        one.clear()
        one.update(before)  # type: ignore[arg-type]


def test_what_a_package_brings_is_known_like_our_own(package: ModuleType) -> None:
    outside.load([POINT])
    assert COLLECTED["letter_open"].by == ("letter",)
    assert MEASUREMENTS["letter_open"] is OPENS
    assert METRICS["letter_opens"].dimensions == ("issue",)
    assert COLLECTORS[-1].title == "Letter"


@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        (None, "PackagedCollector"),
        (replace(LETTER, measurements=()), '"letter_open", which isn\'t declared'),
        (replace(LETTER, registration=replace(LETTER.registration, code="")), 'code="<module>:<Class>"'),
        (replace(LETTER, registration=replace(LETTER.registration, name="buffer")), '"buffer" is taken'),
        (replace(LETTER, registration=replace(LETTER.registration, feeds=())), "`feeds`"),
        (replace(LETTER, metrics=(METRICS["posts"],)), '"posts"'),
        (replace(LETTER, metrics=(replace(LETTER.metrics[0], measure=Measure("x")),)), '"x"'),
    ],
)
def test_one_that_can_not_be_used_is_named_with_what_it_lacks(
    package: ModuleType, brought: PackagedCollector | None, expected: str
) -> None:
    package.COLLECTOR = brought
    with pytest.raises(CatalogueError) as raised:
        outside.load([POINT])
    for words in ("a_letter", "letter", expected, "pip uninstall"):
        assert words in str(raised.value)


def test_its_class_must_be_there_and_whole(package: ModuleType) -> None:
    with pytest.raises(CatalogueError, match=r"letter.*a_letter:Letter.*Letter"):
        load_outside(LETTER.registration)
    package.Letter = type("Letter", (), {"name": "other"})
    with pytest.raises(CatalogueError, match='name = "letter"'):
        load_outside(LETTER.registration)
    package.Letter = type("Letter", (), {"name": "letter", "interval_seconds": 1.0})
    with pytest.raises(CatalogueError, match="`validate`"):
        load_outside(LETTER.registration)
