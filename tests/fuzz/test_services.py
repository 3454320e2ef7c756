"""One bad record in a service's answer costs itself alone: no run fails, and every other record is stored as without it."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from collectors.anthropic.collector import AnthropicCollector
from collectors.buffer.collector import BufferCollector
from collectors.buffer_classic.collector import BufferClassicCollector
from collectors.linkedin.collector import LinkedInCollector
from collectors.litellm.collector import LiteLlmCollector
from collectors.openai.collector import OpenAiCollector
from collectors.x.collector import XCollector
from metricstore.point import Point
from tests.collectors.reports import DAY, HOUR, NOON, World
from tests.fuzz.hostile import INPUTS, chance, spoiled, written
from tests.standins import Call, Reply, StandIn, anthropic, buffer, linkedin, litellm, openai, x

BAD_PER_RUN = 10


@dataclass(frozen=True)
class Asked:
    """A service: its collector, its stand-in with a few good records, and where in its answers records stand."""

    name: str
    make: Callable[..., Any]
    server: Callable[[], StandIn]
    key: str
    lists: tuple[str, ...]
    """Keys of the lists whose items are records; "" for an answer that is such a list itself."""
    identity: tuple[str, ...]
    """What a record is known by: a bad copy gets its own."""
    account: str = ""


def _openai() -> StandIn:
    server = openai.OpenAiStandIn()
    for hour in range(3):
        server.usage[NOON - hour * HOUR] = [openai.usage_row(f"gpt-{hour}", 100, 10, 1)]
    server.costs[NOON // DAY * DAY] = [openai.cost_row("gpt-4o, input", 1.5, 10.0)]
    return server


def _anthropic() -> StandIn:
    server = anthropic.AnthropicStandIn()
    for hour in range(3):
        server.usage[NOON - hour * HOUR] = [anthropic.usage_row(f"claude-{hour}", 100, 10)]
    server.costs[NOON // DAY * DAY] = [anthropic.cost_row("claude-1", "output_tokens", "17.5")]
    return server


def _litellm() -> StandIn:
    server = litellm.LiteLlmStandIn()
    day = time.strftime("%Y-%m-%d", time.gmtime(NOON))
    server.days.append((day, "zai", "glm-4.5-air", litellm.metrics(0.01, 100, 10, 2)))
    server.logs.extend(litellm.call_row(f"request-{n}", NOON - 600 * n - 60) for n in range(4))
    return server


def _x() -> StandIn:
    server = x.XStandIn()
    for n in range(4):
        server.post(str(1_990_000_000_000_000_000 + n), NOON - n * DAY - HOUR, {"impressions": 5}, like_count=n)
    return server


def _linkedin() -> StandIn:
    server = linkedin.LinkedInStandIn()
    for n in range(5):
        server.days[NOON // DAY * DAY - n * DAY] = linkedin.figures(100 + n, n)
    return server


def _account() -> buffer.Account:
    account = buffer.Account()
    account.channel("page")
    account.channel("profile", "twitter")
    for n in range(4):
        account.sent(f"sent-{n}", "page", NOON - n * DAY - HOUR, impressions=50, reactions=n)
        account.post(f"due-{n}", "profile", "scheduled", NOON + (n + 1) * DAY)
    account.failed("failed-1", "page", NOON - 2 * HOUR, "Duplicate content")
    return account


SERVICES = (
    Asked("openai", OpenAiCollector, _openai, openai.KEY, ("results",), ("model", "line_item")),
    Asked("anthropic", AnthropicCollector, _anthropic, anthropic.KEY, ("results",), ("model", "description")),
    Asked("litellm", LiteLlmCollector, _litellm, litellm.KEY, ("data",), ("request_id",)),
    Asked("x", XCollector, _x, x.TOKEN, ("data",), ("id",), x.USER),
    Asked("linkedin", LinkedInCollector, _linkedin, linkedin.TOKEN, ("elements",), ("timeRange",), linkedin.PAGE),
    Asked("buffer", BufferCollector, lambda: buffer.BufferStandIn(account=_account()), buffer.KEY, ("edges",), ("id",)),
    Asked("buffer_classic", BufferClassicCollector, lambda: buffer.ClassicStandIn(account=_account()), buffer.KEY,
          ("updates",), ("id",)),
)  # fmt: skip


class Spoiler:
    """Puts bad records among the good ones of every answer."""

    def __init__(self, server: StandIn, asked: Asked, random: Random, bad: int) -> None:
        self._answer, self._asked, self._random, self._left = server.answer, asked, random, bad
        self.made: list[str] = []

    def __call__(self, call: Call) -> Reply:
        reply = self._answer(call)
        if reply.status != 200 or isinstance(reply.body, bytes):
            return reply
        body = copy.deepcopy(reply.body)
        for records in list(_lists(body, self._asked.lists)):
            good = [one for one in records if isinstance(one, dict)]
            for _ in range(min(self._left, 4)):
                self._left -= 1
                records.insert(self._random.randrange(len(records) + 1), self._bad(good))
        return Reply(reply.status, written(body).encode(), reply.headers)

    def _bad(self, records: list[Any]) -> Any:
        good = dict(self._random.choice(records))
        inner = good.get("node")
        holder = dict(inner) if isinstance(inner, dict) else good
        for name in self._asked.identity:
            if name in holder:
                holder[name] = _another(holder[name], len(self.made))
        if holder is not good:
            good["node"] = holder
        found = spoiled(good, self._random)
        self.made.append(written(found)[:300])
        return found


def _another(value: Any, number: int) -> Any:
    if isinstance(value, dict):  # LinkedIn's days are known by their span
        return {
            "start": value["start"] - (400 + number) * DAY * 1000,
            "end": value["end"] - (400 + number) * DAY * 1000,
        }
    return str(4_000_000 + number) if str(value).isdigit() else f"bad-{number}"


def _lists(body: Any, names: tuple[str, ...]) -> Iterator[list[Any]]:
    """Lists of records in an answer that are not empty."""
    if isinstance(body, dict):
        for name, value in body.items():
            if name in names and isinstance(value, list):
                if any(isinstance(one, dict) for one in value):
                    yield value
            else:
                yield from _lists(value, names)
    elif isinstance(body, list):
        for value in body:
            yield from _lists(value, names)


def stored(asked: Asked, server: StandIn, root: Path) -> dict[Any, Point]:
    """What one run writes. Quotas and states of queues speak of all records together and are left out."""
    world = World(asked.make, asked.name, server, root, asked.key, asked.account)
    world.driver.refusals = True
    world.run()
    whole = {"api_quota", "social_queue"} | ({"social_channel_stats"} if asked.name != "linkedin" else set())
    return {key: point for key, point in world.store.points.items() if point.measurement not in whole}


@pytest.mark.parametrize("asked", SERVICES, ids=lambda asked: asked.name)
def test_a_bad_record_in_an_answer_costs_itself_alone(asked: Asked, tmp_path: Path) -> None:
    random = chance(asked.name)
    with asked.server() as server:
        clean = stored(asked, server, tmp_path)
    assert len(clean) >= 4
    for turn in range(max(1, INPUTS // 20 // BAD_PER_RUN)):
        with asked.server() as server:  # a new one: what a service allows is spent in a few runs
            spoiler = Spoiler(server, asked, random, BAD_PER_RUN)
            server.answer = spoiler
            try:
                found = stored(asked, server, tmp_path)
            except Exception as failure:
                raise AssertionError(f"turn {turn}: {failure!r} by one of\n" + "\n".join(spoiler.made)) from failure
        lost = [point for key, point in clean.items() if key not in found or found[key].fields != point.fields]
        instead = [found.get(point.identity) for point in lost]
        assert not lost, f"turn {turn}: {lost} is {instead} by one of\n" + "\n".join(spoiler.made)
