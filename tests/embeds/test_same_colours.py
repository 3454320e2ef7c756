"""A value has the same colour on the page, in embeds and in their pictures, filtered or not."""

from __future__ import annotations

from typing import Any

from flask import Flask

from callbacks.charts import answer_chart
from metricstore.point import Point, nanoseconds
from metricstore.selection import settled_now
from tests.embeds.conftest import Wiki

CHART = "collected_points_by_collector"


def colours(figure: dict[str, Any]) -> dict[str, str]:
    return {trace["name"]: trace["marker"]["color"] for trace in figure["data"]}


def test_pages_and_embeds_agree_filtered_or_not(wiki: Wiki) -> None:
    now, store = nanoseconds(settled_now()), wiki.app.extensions["metricstore"]
    store.write(
        Point(
            "collector_run",
            now - number * 10**12,
            {"collector": f"own {number}", "outcome": "ok"},
            {"points": 10**6 * (number + 1)},
        )
        for number in range(9)
    )
    page = Flask("page")
    page.extensions["metricstore"] = store
    with page.test_request_context("/"):
        shown = colours(answer_chart({"start": "-30d", "tz": "UTC"}, "picture", "light", {"chart": CHART})["figure"])
    whole = wiki.embed(CHART)
    assert colours(wiki.get(whole, ".json").get_json()[CHART]) == shown
    assert len(set(shown.values())) == len(shown)
    few = wiki.embed(CHART, words={"collector": "own 7,own 3"})
    alone = colours(wiki.get(few, ".json").get_json()[CHART])
    assert alone == {name: shown[name] for name in ("own 7", "own 3")}
    picture = wiki.get(few, ".svg").get_data(as_text=True)
    assert all(colour in picture for colour in alone.values())
