"""What lies beyond a segment changes no answer on any surface: not a row, not a sum, not a count, not an error.

The same person asks the same question twice: of a store that holds only what the segment lets through, and of one that holds much
more. Whatever differs would be something that came from beyond.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from flask import Flask, g

from callbacks.charts import answer_chart
from callbacks.tables import answer_table
from dashapp.accounts import Accounts, segments, tokens
from dashapp.embeds import keeping, links
from dashapp.embeds.model import Wanted
from dashapp.factory import create_app
from dashapp.settings import Settings
from layouts.pages import CHARTS, TABLES, TILES
from metricstore.catalogue import MEASUREMENTS, Measurement
from metricstore.duck import DuckStore
from metricstore.metrics import METRICS
from metricstore.point import Point, nanoseconds
from metricstore.segment import Segment
from metricstore.selection import Selection
from tests.web.conftest import PASSWORD

FIRST = datetime(2026, 3, 20, tzinfo=UTC)
BEGIN, END = "2026-03-25T06:00:00+00:00", "2026-04-02T00:00:00+00:00"
PLATFORMS = ("linkedin", "twitter", "instagram")
QUESTIONS = 30


@dataclass(frozen=True)
class Limit:
    """A segment's words, what they let through said a second time, and platforms of the user beside."""

    words: dict[str, str]
    lets_through: Callable[[Point], bool]
    platforms: tuple[str, ...] | None = None


PARTS = {"ok": ("figure", "table", "remark"), "empty": ("message", "remark"), "failed": ("sentence", "remark")}
"""Of a chart's answer, by its status: a failed one's message has an id of its own."""


def value(point: Point, column: str) -> Any:
    return point.tags.get(column, point.fields.get(column))


def told(column: str, test: Callable[[Any], bool]) -> Callable[[Point], bool]:
    """Points of measurements that do not tell the column may be counted."""
    return lambda point: column not in MEASUREMENTS[point.measurement].columns or test(value(point, column))


def within(point: Point) -> bool:
    return nanoseconds(datetime.fromisoformat(BEGIN)) <= point.time < nanoseconds(datetime.fromisoformat(END))


def both(*tests: Callable[[Point], bool]) -> Callable[[Point], bool]:
    return lambda point: all(test(point) for test in tests)


on_linkedin = told("platform", lambda name: name == "linkedin")
LIMITS = {
    "linkedin": Limit({"platform": "linkedin"}, on_linkedin),
    "not twitter": Limit({"platform": "!twitter"}, told("platform", lambda name: name != "twitter")),
    "range": Limit({"start": BEGIN, "stop": END}, within),
    "topic": Limit({"topic": "~a2"}, told("topic", lambda text: "a2" in str(text))),
    "all at once": Limit({"start": BEGIN, "stop": END, "outcome": "ok,completed,posted"},
                         both(on_linkedin, within, told("outcome", lambda text: text in ("ok", "completed", "posted"))),
                         ("linkedin",)),
    "nothing": Limit({"start": "2026-01-01"}, told("platform", lambda name: False), ()),
}  # fmt: skip


def points() -> Iterator[Point]:
    """Every column of every measurement filled, on 20 days, for three platforms."""
    chance = random.Random(7)
    number = 0
    for hours in range(0, 24 * 20, 15):
        for platform in PLATFORMS:
            for source in MEASUREMENTS.values():
                number += 1
                moment = FIRST + timedelta(hours=hours, minutes=chance.randint(0, 800))
                tags = {tag.name: chance.choice(tag.values) if tag.values else f"{tag.name}1" for tag in source.tags}
                fields: dict[str, Any] = {}
                for column in source.fields:
                    if column.type == "string":
                        fields[column.name] = chance.choice(column.values or ("a1", "a2", "b3"))
                    else:
                        fields[column.name] = (
                            chance.randint(1, 99) if column.type == "int" else chance.randint(1, 999) / 8
                        )
                if "outcome" in source.columns:
                    (tags if "outcome" in tags else fields)["outcome"] = chance.choice(
                        ("ok", "failed", "completed", "posted")
                    )
                if "platform" in source.columns:
                    (tags if "platform" in tags else fields)["platform"] = platform
                yield Point(source.name, nanoseconds(moment) + number, tags, fields)


@dataclass
class World:
    """One application, and stores to put under it."""

    app: Flask
    everything: DuckStore
    inside: dict[str, DuckStore]
    secrets: dict[str, str] = field(default_factory=dict)
    embeds: dict[str, list[str]] = field(default_factory=dict)

    @property
    def accounts(self) -> Accounts:
        found: Accounts = self.app.extensions["accounts"]
        return found

    def asked(self, limit: str, ask: Callable[[], str]) -> tuple[str, str]:
        """(answer of the whole store, answer of the store without what lies beyond)."""
        found = []
        for store in (self.everything, self.inside[limit]):
            self.app.extensions["metricstore"] = store
            found.append(ask())
        return found[0], found[1]

    def get(self, limit: str, address: str) -> str:
        headers = {"Authorization": f"Bearer {self.secrets[limit]}"}
        answer = self.app.test_client(use_cookies=False).get(address, headers=headers)
        return settled(f"{answer.status_code} {answer.get_data(as_text=True)}")

    @contextmanager
    def viewing(self, limit: str) -> Iterator[None]:
        with self.app.test_request_context("/"):
            g._login_user = tokens.verify(self.secrets[limit], self.accounts)
            yield


def settled(text: str) -> str:
    """Without the moment at which it was said, its hash, and ids of errors."""
    text = re.sub(r"as of \d{4}-\d\d-\d\d \d\d:\d\d UTC", "", text)
    return re.sub(r"""\"+(made_at|data_as_of|sha256|id)"+:\s*"+[^"]*"|Code\('[0-9a-f]{8}'\)""", "", text)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    everything, inside = DuckStore(None), {name: DuckStore(None) for name in LIMITS}
    known = list(points())
    assert not everything.write(known).rejected
    for name, limit in LIMITS.items():
        inside[name].write([point for point in known if limit.lets_through(point)])
    settings = Settings(data_dir=Path(tmp_path_factory.mktemp("segments")), timezone="UTC", source_timezone="UTC")
    made = World(create_app(settings, everything), everything, inside)
    for name, limit in LIMITS.items():
        _hold(made, name, limit)
    yield made
    for store in (everything, *inside.values()):
        store.close()
    made.accounts.close()


def _hold(world: World, name: str, limit: Limit) -> None:
    """A user with the platforms, a token with the segment, and embeds of some charts and pages made by it."""
    user = world.accounts.add(f"u{len(world.secrets)}", "analyst", PASSWORD)
    world.accounts.set_platforms(user.name, limit.platforms)
    segments.create(world.accounts, name, Segment.from_params(limit.words))
    found = world.accounts.find(user.name)
    assert found is not None
    world.secrets[name] = tokens.create_token(found, "walk", accounts=world.accounts, segment=name)
    acting = tokens.verify(world.secrets[name], world.accounts)
    wanted = [Wanted("chart", chart, WHOLE, narrow=("range",), download=True) for chart in CHARTS]
    wanted.append(Wanted("page", "overview", WHOLE, narrow=("range",), download=True))
    with world.app.test_request_context():
        made = [keeping.create(world.accounts, one, acting, Selection(timezone="UTC")) for one in wanted]
        kinds = (".json", ".svg", ".csv")
        world.embeds[name] = [links.url(one, "", kind=kinds[place % 3]) for place, one in enumerate(made[:-1])]
        world.embeds[name].append(links.url(made[-1], "", kind=".json"))


WHOLE = {"start": "2026-03-18T00:00:00+00:00", "stop": "2026-04-12T00:00:00+00:00", "tz": "UTC"}


def wish(chance: random.Random, columns: tuple[str, ...] = ()) -> dict[str, str]:
    """Range, zone, window and filters as somebody might try them who would like to see more."""
    words = {"tz": chance.choice(("UTC", "Europe/Berlin", "Asia/Kolkata"))}
    start, stop = chance.choice(((BEGIN, END), (BEGIN, END), (WHOLE["start"], WHOLE["stop"]), ("2026-03-21", "2026-03-24"),
                                 ("2026-03-28T05:30:00+00:00", "2026-04-09T01:00:00+00:00")))  # fmt: skip
    words |= {"start": start, "stop": stop}
    tries = {"platform": ("twitter", "linkedin,twitter", "!linkedin", "facebook"), "outcome": ("ok", "!ok", "failed"),
             "topic": ("~a", "a1", "!a2", "a2"), "weekday": ("mon,tue",), "hour": ("!3",), "status": ("!draft",),
             "file": ("~a", "a1"), "line": (">=50",)}  # fmt: skip
    for name, texts in tries.items():
        if (not columns or name in columns or name in ("weekday", "hour")) and chance.random() < 0.25:
            words[name] = chance.choice(texts)
    return words


def api_question(chance: random.Random) -> str:
    kind = chance.choice(("metrics", "metrics", "charts", "records", "records", "tables", "values"))
    if kind == "metrics":
        metric = METRICS[chance.choice(list(METRICS))]
        words = wish(chance, tuple(metric.filterable)) | {"every": chance.choice(("none", "1d", "6h"))}
        if chance.random() < 0.5 and metric.dimensions:
            words["by"] = chance.choice(metric.dimensions)
        if chance.random() < 0.2:
            words["compare"] = "previous"
        return f"/api/v1/metrics/{metric.name}?{urlencode(words)}"
    if kind == "charts":
        chart = CHARTS[chance.choice(list(CHARTS))]
        return f"/api/v1/charts/{chart.id}?{urlencode(wish(chance, tuple(chart.declared.filterable)))}"
    if kind == "tables":
        listed = chance.choice([one for tables in TABLES.values() for one in tables])
        words = (
            wish(chance, listed.source.columns)
            | {"total": "true"}
            | chance.choice(({}, {"limit": "all"}, {"format": "csv"}))
        )
        return f"/api/v1/tables/{listed.id}/data?{urlencode(words)}"
    source = MEASUREMENTS[chance.choice(list(MEASUREMENTS))]
    words = wish(chance, source.columns)
    if kind == "values":
        return f"/api/v1/values/{source.name}/{chance.choice(source.dimensions)}?{urlencode(words)}"
    words |= {"total": "true", "order": chance.choice(("-time", "time", *source.columns[:3])), "limit": "20"}
    return f"/api/v1/records/{source.name}?{urlencode(words)}"


def file_question(chance: random.Random) -> str:
    form = chance.choice(("csv", "json", "ndjson"))
    kind = chance.choice(("chart", "table", "records"))
    if kind == "chart":
        name, columns = chance.choice(list(CHARTS)), ()
    elif kind == "table":
        name, columns = chance.choice([one.id for listed in TABLES.values() for one in listed]), ()
    else:
        name = chance.choice(list(MEASUREMENTS))
        columns = MEASUREMENTS[name].columns
    return f"/download/{kind}/{name}.{form}?{urlencode(wish(chance, columns))}"


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("question", [api_question, file_question], ids=["api", "files"])
def test_no_address_tells_anything_from_beyond(
    world: World, limit: str, question: Callable[[random.Random], str]
) -> None:
    chance = random.Random(f"{limit} {question.__name__}")
    answered = 0
    for _ in range(QUESTIONS):
        address = question(chance)
        whole, inside = world.asked(limit, lambda address=address: world.get(limit, address))  # type: ignore[misc]
        assert whole == inside, address
        assert not whole.startswith("500"), (address, whole)
        answered += whole.startswith("200")
    assert answered > QUESTIONS / 5


@pytest.mark.parametrize("limit", LIMITS)
def test_no_chart_or_table_of_a_page_shows_anything_from_beyond(world: World, limit: str) -> None:
    chance = random.Random(limit)

    def charts(name: str, words: dict[str, str]) -> str:
        with world.viewing(limit):
            answer = answer_chart(words, "table", "light", {"chart": name})
        return settled(str([answer.get(part) for part in PARTS[answer["status"]]]))

    def tables(source: Measurement, words: dict[str, str]) -> str:
        with world.viewing(limit):
            state = {"sort": "time", "descending": True, "page": 0, "words": {}}
            scope = {"measurement": source.name, "columns": ["time", *source.columns]}
            rows, page = answer_table(words, state, scope)
            return settled(str([rows, page["text"], page["first"], page["last"]]))

    for name in CHARTS:
        words = wish(chance)
        whole, inside = world.asked(limit, lambda name=name, words=words: charts(name, words))  # type: ignore[misc]
        assert whole == inside, (name, words)
    for source in MEASUREMENTS.values():
        words = wish(chance)
        whole, inside = world.asked(limit, lambda source=source, words=words: tables(source, words))  # type: ignore[misc]
        assert whole == inside, (source.name, words)


@pytest.mark.parametrize("limit", LIMITS)
def test_no_embed_shows_more_than_its_owner_may_see(world: World, limit: str) -> None:
    assert len(world.embeds[limit]) > len(TILES)
    for address in world.embeds[limit]:

        def ask(address: str = address) -> str:
            answer = world.app.test_client(use_cookies=False).get(address)
            text = f"{answer.status_code} {answer.get_data(as_text=True)}"
            # when sources were read is the same for every viewer
            return settled(re.sub(r">[^<>]*: last (?:read|run) [^<>]*<", "><", text))

        whole, inside = world.asked(limit, ask)
        assert whole == inside, address


def test_what_lies_beyond_would_be_seen_without_the_segment(world: World) -> None:
    """So that the comparisons above can't pass because nothing lies beyond."""
    world.app.extensions["metricstore"] = world.everything
    for name, limit in LIMITS.items():
        beyond = [point for point in points() if not limit.lets_through(point)]
        assert len(beyond) > 400, name
    everything = world.everything.values("post", "platform", FIRST, FIRST + timedelta(days=25))
    assert set(everything) == set(PLATFORMS)


def test_single_records_stay_closed_where_a_finest_window_is_set(world: World) -> None:
    segments.create(world.accounts, "weekly", Segment.from_params({"every": "1w"}))
    user = world.accounts.add("windowed", "viewer", PASSWORD)
    secret = tokens.create_token(user, "walk", accounts=world.accounts, segment="weekly")
    world.app.extensions["metricstore"] = world.everything
    client = world.app.test_client(use_cookies=False)
    for name in MEASUREMENTS:
        for address in (f"/api/v1/records/{name}", f"/download/records/{name}.csv"):
            answer = client.get(address, headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == 403, address
            assert orjson.loads(answer.data)["status"] == 403
