"""Who collects a measurement is declared for every one that a metric asks about."""

from __future__ import annotations

import pytest

from metricstore.catalogue.collected import COLLECTED, OURS, require_declared
from metricstore.errors import CatalogueError
from metricstore.metrics import METRICS
from metricstore.metrics.generation import AT_LEAST, AT_MOST
from metricstore.metrics.model import Measure


def test_a_metric_over_what_nobody_collects_is_an_error_that_says_what_to_write_where() -> None:
    known = {name: how for name, how in COLLECTED.items() if name != "delivery"}
    with pytest.raises(CatalogueError) as raised:
        require_declared([("deliveries", "delivery")], known)
    for part in ("deliveries", "'delivery'", "metricstore/catalogue/collected.py", '"delivery": Collected('):
        assert part in str(raised.value)


def test_what_the_dashboard_writes_of_itself_is_declared_too() -> None:
    assert {name for name, how in COLLECTED.items() if how is OURS} == {
        "collector_run",
        "dead_letter",
        "alert_event",
        "app_use",
    }
    assert all(how.by for how in COLLECTED.values() if how is not OURS)


def test_every_count_of_a_verdict_says_to_which_side_it_may_be_off() -> None:
    """What rests on what log and calendar say together is not sure where only the log has spoken."""

    def verdicts(measure: Measure) -> set[str]:
        wanted = (one for one in measure.where if measure.measurement == "generation" and one.column == "outcome")
        return {str(value) for one in wanted for value in one.values}

    for found in METRICS.values():
        counted = verdicts(found.measures[0])
        if counted == {"ok"}:
            assert found.bound == AT_MOST, found.name
        elif counted == {"failed", "partial"}:
            assert found.bound == AT_LEAST, found.name
