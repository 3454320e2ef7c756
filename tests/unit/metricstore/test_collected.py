"""Who collects a measurement follows from what measurements and collectors declare; what is left out is an error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metricstore.catalogue import MEASUREMENTS, measurement
from metricstore.catalogue.collected import COLLECTED, collected, require_measured
from metricstore.catalogue.collectors import COLLECTORS, Registration
from metricstore.errors import CatalogueError
from metricstore.metrics import METRICS
from metricstore.metrics.generation import AT_LEAST, AT_MOST
from metricstore.metrics.model import Measure
from metricstore.metrics.whole import require_whole

PODCAST = Registration("podcast", "Podcast", ("podcast_play",))


def says(raised: pytest.ExceptionInfo[CatalogueError], *parts: str) -> None:
    for part in parts:
        assert part in str(raised.value)


def test_a_measurement_that_nobody_collects_is_an_error_that_says_what_to_write_where() -> None:
    others = [one for one in COLLECTORS if one.name != "scheduler_state"]
    with pytest.raises(CatalogueError) as raised:
        collected(measurement("delivery"), others)
    says(raised, '"delivery"', "`feeds`", "metricstore/catalogue/collectors.py")


def test_a_collector_of_what_is_not_declared_is_an_error_that_says_what_to_write_where() -> None:
    with pytest.raises(CatalogueError) as raised:
        require_measured([PODCAST], MEASUREMENTS)
    says(raised, "podcast", '"podcast_play"', "Measurement", "metricstore/catalogue/")
    with pytest.raises(CatalogueError) as raised:
        require_measured([Registration("podcast", "Podcast", ("post",), records="delivery")], MEASUREMENTS)
    says(raised, "podcast", "`records`", '"delivery"', "`feeds`")


def test_what_the_dashboard_writes_itself_has_no_collector() -> None:
    with pytest.raises(CatalogueError) as raised:
        collected(measurement("dead_letter"), [replace(PODCAST, feeds=("dead_letter",))])
    says(raised, '"dead_letter"', 'reach="always"', "podcast")


def test_a_metric_of_what_is_not_measured_is_an_error_that_says_what_to_write_where() -> None:
    posts = METRICS["posts"]
    with pytest.raises(CatalogueError) as raised:
        require_whole([replace(posts, measure=Measure("podcast_play"))])
    says(raised, "posts", '"podcast_play"', "metricstore/catalogue/")
    with pytest.raises(CatalogueError) as raised:
        require_whole([replace(posts, measure=Measure("post", "sum", "minutes"))])
    says(raised, "posts", '"minutes"', '"post"', "metricstore/catalogue/", "metricstore/metrics/")
    with pytest.raises(CatalogueError) as raised:
        require_whole([posts, posts])
    says(raised, '"posts"', "metricstore/metrics/")


def test_what_others_add_to_is_told_by_its_own_collectors_alone() -> None:
    assert COLLECTED["social_post"].told_by == ("buffer", "buffer_classic")
    assert COLLECTED["gen_ai_request"].told_by == ("app",)
    assert COLLECTED["gen_ai_usage"].told_by == ()


def test_what_the_dashboard_writes_of_itself_is_declared_too() -> None:
    own = {name for name, how in COLLECTED.items() if how.reach == "always"}
    assert own == {"collector_run", "dead_letter", "alert_event", "app_use", "deletion"}
    assert all(bool(how.by) != (name in own) for name, how in COLLECTED.items())


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
