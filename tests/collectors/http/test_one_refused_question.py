"""A question that a service refuses keeps none of its others from being asked, at every service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from collectors.anthropic.collector import AnthropicCollector
from collectors.base import Refused, TemporaryFailure
from collectors.buffer.collector import BufferCollector
from collectors.buffer_classic.collector import RETIRED, BufferClassicCollector
from collectors.linkedin.collector import LinkedInCollector
from collectors.litellm.collector import LiteLlmCollector
from collectors.openai.collector import OpenAiCollector
from tests.collectors.reports import DAY, World
from tests.standins import Fault, anthropic, buffer, linkedin, litellm, openai


class Case(NamedTuple):
    name: str
    collector: Callable[..., Any]
    server: Callable[[], Any]
    key: str
    account: str
    refused: str
    """Words in the path or body of the question that is refused."""
    stored: str
    """A measurement that the other questions fill."""
    missing: str
    """One that stays as it is, empty when both fill the same."""


CASES = [
    Case("openai", OpenAiCollector, openai.OpenAiStandIn, openai.KEY, "", "usage", "gen_ai_cost", "gen_ai_usage"),
    Case("openai", OpenAiCollector, openai.OpenAiStandIn, openai.KEY, "", "costs", "gen_ai_usage", "gen_ai_cost"),
    Case("anthropic", AnthropicCollector, anthropic.AnthropicStandIn, anthropic.KEY, "", "usage_report", "gen_ai_cost", "gen_ai_usage"),
    Case("anthropic", AnthropicCollector, anthropic.AnthropicStandIn, anthropic.KEY, "", "cost_report", "gen_ai_usage", "gen_ai_cost"),
    Case("litellm", LiteLlmCollector, litellm.LiteLlmStandIn, litellm.KEY, "", "spend/logs", "gen_ai_usage", "gen_ai_request"),
    Case("litellm", LiteLlmCollector, litellm.LiteLlmStandIn, litellm.KEY, "", "daily/activity", "gen_ai_request", "gen_ai_usage"),
    Case("linkedin", LinkedInCollector, linkedin.LinkedInStandIn, linkedin.TOKEN, linkedin.PAGE, "ShareStatistics", "social_channel_stats", ""),
    Case("linkedin", LinkedInCollector, linkedin.LinkedInStandIn, linkedin.TOKEN, linkedin.PAGE, "networkSizes", "social_channel_stats", ""),
    Case("buffer", BufferCollector, buffer.BufferStandIn, buffer.KEY, "", "channels(input", "social_post", "social_queue"),
    Case("buffer", BufferCollector, buffer.BufferStandIn, buffer.KEY, "", '"scheduled"', "social_post_stats", "social_queue"),
    Case("buffer_classic", BufferClassicCollector, buffer.ClassicStandIn, buffer.KEY, "", "pending.json", "social_post_stats", ""),
    Case("buffer_classic", BufferClassicCollector, buffer.ClassicStandIn, buffer.KEY, "", "sent.json", "social_post", "social_post_stats"),
]  # fmt: skip


@pytest.mark.parametrize("status", [400, 403, 529])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.refused}")
def test_what_the_other_questions_give_is_stored_and_the_run_says_what_was_refused(
    case: Case, status: int, tmp_path: Path
) -> None:
    with case.server() as server:
        world = World(case.collector, case.name, server, tmp_path, case.key, case.account)
        world.clock.time = min(world.clock.time, RETIRED.timestamp() - 60 * DAY)
        modules = {"openai": openai, "anthropic": anthropic, "litellm": litellm, "linkedin": linkedin}
        if case.name in modules:
            modules[case.name].lively(server, world.clock.time)  # type: ignore[attr-defined]
        else:
            server.account.channel("page", "linkedin")
            buffer.lively(server.account, world.clock.time)
        server.spoil_where(case.refused, Fault.json(status, {"message": "not today"}))
        with pytest.raises((Refused, TemporaryFailure), match=f"{status}.*could be read"):
            world.run()
        assert world.store.rows(case.stored)
        assert not case.missing or not world.store.rows(case.missing)
        server.mend()
        world.run(hours=25)
        assert "failed" not in world.driver.checkpoint or world.driver.checkpoint["failed"] == []
        assert not case.missing or world.store.rows(case.missing)
