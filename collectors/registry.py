"""All collectors. Adding one: its folder and its line here."""

from __future__ import annotations

from collections.abc import Callable

from collectors.ai_usage.collector import AiUsageCollector
from collectors.anthropic.collector import AnthropicCollector
from collectors.app_log.collector import AppLogCollector
from collectors.base import Collector
from collectors.buffer.collector import BufferCollector
from collectors.buffer_classic.collector import BufferClassicCollector
from collectors.calendars.collector import CalendarsCollector
from collectors.demo_buffer.collector import DemoBufferCollector
from collectors.demo_openai.collector import DemoOpenAiCollector
from collectors.engagement.collector import EngagementCollector
from collectors.journey.collector import JourneyCollector
from collectors.linkedin.collector import LinkedInCollector
from collectors.litellm.collector import LiteLlmCollector
from collectors.openai.collector import OpenAiCollector
from collectors.outcomes.collector import OutcomesCollector
from collectors.performance.collector import PerformanceCollector
from collectors.scheduler_state.collector import SchedulerStateCollector
from collectors.source import Source
from collectors.x.collector import XCollector

COLLECTORS: tuple[Callable[[Source], Collector], ...] = (
    AppLogCollector,
    CalendarsCollector,
    SchedulerStateCollector,
    EngagementCollector,
    AiUsageCollector,
    BufferCollector,
    BufferClassicCollector,
    DemoBufferCollector,
    OpenAiCollector,
    DemoOpenAiCollector,
    AnthropicCollector,
    LiteLlmCollector,
    XCollector,
    LinkedInCollector,
    OutcomesCollector,
    JourneyCollector,
    PerformanceCollector,
)
"""In the order a single run takes: what others build on comes first."""


def collectors_for(source: Source) -> list[Collector]:
    """One of each for a source; none of them has read anything yet."""
    return [make(source) for make in COLLECTORS]
