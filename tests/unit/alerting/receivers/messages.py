"""Messages as tests write them: a usual one, and one whose every text wants to be more than text."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alerting.message import MOST_WINDOWS, Figure, Message

NOW = datetime(2026, 11, 26, 13, 4, 30, tzinfo=UTC)
BAD = (
    "a<b>&\"'\r\nBcc: x@example.org\r\n\r\n@everyone @here <!channel> <@U123> <at>all</at> [x](http://e.example) "
    "*b* _i_ ~s~ `c` ``` ||s|| # h\n- l \\ {{7*7}} %s \x00\x1b[31m\u202edlo\ud800 é 漢 😀"
)


def png(width: int = 8, height: int = 8) -> bytes:
    """A real picture, all orange."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xe0\x80\x20" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def message(**words: Any) -> Message:
    usual = Message(
        key="ai-errors/provider=openai/1/fired/ops-mail/ops@example.org", thread="ai-errors/provider=openai/1",
        subject="fired", rule="ai-errors", title="AI requests fail", severity="ticket",
        sentence="24 % of the requests to openai failed between 13:00 and 14:00; the limit is 20 %.",
        at=NOW - timedelta(minutes=4, seconds=30), since=NOW - timedelta(minutes=4, seconds=30), timezone="Europe/Berlin",
        labels={"provider": "openai"}, value="24 %", limit="> 20 %", missing="anthropic has not been read since 12:10.",
        figures=(Figure("Thu 26 Nov 11:00", "8 %"), Figure("Thu 26 Nov 12:00", "no records"), Figure("Thu 26 Nov 13:00", "24 %")),
        link="https://metrics.example.org/generation?from=2026-11-26&to=2026-11-27",
        acknowledge_link="https://metrics.example.org/alerts/ack/abc", silence_link="https://metrics.example.org/alerts/silence/abc",
        picture_link="https://metrics.example.org/embed/abc.png?expires=1&signature=ab", runbook="https://wiki.example.org/ai-errors",
    )  # fmt: skip
    return replace(usual, **words)


def hostile(times: int = 1, **words: Any) -> Message:
    """BAD in every text, `times` over."""
    bad = BAD * times
    texts = dict.fromkeys(("key", "thread", "rule", "title", "sentence", "value", "limit", "missing", "runbook"), bad)
    links = dict.fromkeys(("link", "acknowledge_link", "silence_link", "picture_link"), f"javascript:{bad}")
    figures = (Figure(bad, bad),) * (MOST_WINDOWS + 5)
    labels = {bad: bad, "provider": bad, **{f"column{n}": bad for n in range(20)}}
    return message(**{**texts, **links, "figures": figures, "labels": labels, "timezone": bad, **words})


def ended(**words: Any) -> Message:
    """The alert's end, half an hour later."""
    key = "ai-errors/provider=openai/1/resolved/ops-mail/ops@example.org"
    return message(**{"key": key, "subject": "resolved", "at": NOW + timedelta(minutes=30), **words})
