"""What each kind makes of a message: what it says first, and that no text calls people, makes links or breaks out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from alerting.message import Figure, Message
from alerting.receivers.bodies import alertmanager, discord, ntfy, pagerduty, slack, teams, telegram, webhook
from alerting.receivers.bodies.said import REPEATED, Said, as_text, color
from tests.unit.alerting.receivers.messages import NOW, ended, hostile, message

SENTENCE = message().sentence
BODIES: dict[str, Any] = {
    "slack": slack.body, "teams": teams.body, "discord": discord.body, "telegram": lambda one: telegram.body(one, "1"),
    "ntfy": lambda one: ntfy.body(one, "topic"), "pagerduty": lambda one: pagerduty.body(one, "key"),
    "webhook": lambda one: webhook.body(one, "ops"), "alertmanager": lambda one: alertmanager.body(one, NOW),
}  # fmt: skip
WITHOUT_IDS = ("slack", "teams", "discord", "telegram", "ntfy")


def texts(found: Any) -> list[str]:
    """All texts of a body, keys left out."""
    if isinstance(found, dict):
        return [text for value in found.values() for text in texts(value)]
    if isinstance(found, list):
        return [text for value in found for text in texts(value)]
    return [found] if isinstance(found, str) else []


def whole(kind: str, one: Message) -> str:
    return "\n".join(texts(BODIES[kind](one)))


@pytest.mark.parametrize("kind", BODIES)
def test_all_that_is_known_is_said(kind: str) -> None:
    found = whole(kind, message()).replace("\\", "").replace("&gt;", ">").replace("&amp;", "&")
    for text in (
        SENTENCE,
        "24 %",
        "> 20 %",
        "openai",
        "ai-errors",
        "anthropic has not been read since 12:10.",
        "no records",
    ):
        assert text in found
    for link in (
        "generation?from=2026-11-26&to=2026-11-27",
        "/alerts/ack/abc",
        "/alerts/silence/abc",
        "wiki.example.org",
    ):
        assert link in found


def test_the_main_link_is_found_whatever_it_is_called() -> None:
    """Of a message that gathers several it leads to all alerts."""
    one = message(gathered=3)
    assert one.link in whole("teams", one) and "All alerts" in whole("teams", one)
    assert discord.body(one)["embeds"][0]["url"] == ntfy.body(one, "topic")["click"] == one.link
    assert [button["label"] for button in ntfy.body(one, "topic")["actions"]] == ["Acknowledge", "Silence", "Runbook"]
    hook = webhook.body(one, "ops")
    (alert,) = hook["alerts"]
    assert hook["externalURL"] == alert["generatorURL"] == alert["annotations"]["view_url"] == one.link
    assert not [name for name in alert["annotations"] if not name.isidentifier()]
    assert "generatorURL" in alert and not webhook.body(message(link=""), "ops")["alerts"][0]["generatorURL"]


@pytest.mark.parametrize("kind", WITHOUT_IDS)
def test_receivers_that_know_no_ids_say_that_it_is_repeated(kind: str) -> None:
    words = REPEATED.partition(":")[0]
    assert words in whole(kind, message(sent_before=True))
    assert words not in whole(kind, message())


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("one", [hostile(), hostile(100)], ids=["short", "long"])
def test_no_text_becomes_a_link_or_turns_the_line_round(kind: str, one: Message) -> None:
    found = BODIES[kind](one)
    assert json.dumps(found, ensure_ascii=False).encode()
    assert not [text for text in texts(found) if text.startswith("javascript:")]
    assert "\u202e" not in whole(kind, one)
    assert "\x1b" not in whole(kind, one)


def test_slack_reads_no_mention_and_no_link_in_a_text() -> None:
    found = whole("slack", hostile())
    assert "<" not in found
    assert "&lt;!channel&gt;" in found
    links = [text for text in texts(slack.body(message())) if "<" in text]
    assert len(links) == 1
    assert links[0].startswith(
        "<https://metrics.example.org/generation?from=2026-11-26&amp;to=2026-11-27|View> · <https://"
    )


def test_no_figure_closes_slacks_table() -> None:
    found = [text for text in texts(slack.body(hostile())) if text.startswith("```")]
    assert [text.count("```") for text in found] == [2]


def test_discord_calls_nobody_and_formats_nothing() -> None:
    body = discord.body(hostile())
    (embed,) = body["embeds"]
    assert body["allowed_mentions"] == {"parse": []}
    assert "@everyone" not in whole("discord", hostile())
    outside = re.sub(r"```.*?```", "", embed["description"], flags=re.DOTALL)
    assert not re.search(r"(?<!\\)[*_~`|<\[]", outside)
    assert embed["description"].count("```") == 2


def test_telegram_reads_no_tag_and_calls_nobody() -> None:
    text = telegram.body(hostile(), "1")["text"]
    assert set(re.findall(r"</?(\w+)", text)) == {"b", "i", "pre"}
    assert "@everyone" not in text
    assert "&lt;b&gt;" in text


def test_teams_formats_nothing() -> None:
    """Only runs have texts of a source; they know no Markdown."""

    def blocks(found: Any) -> list[Any]:
        inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else []
        own = [found] if isinstance(found, dict) and found.get("type") == "TextBlock" else []
        return own + [block for each in inner for block in blocks(each)]

    card = teams.body(hostile())["attachments"][0]["content"]
    assert blocks(card) == []
    assert card["version"] == "1.4"


def test_teams_leaves_out_the_oldest_windows_where_a_card_would_be_too_large() -> None:
    figures = tuple(Figure(f"window {n}", "漢" * 500) for n in range(12))
    labels = {f"{n} {'漢' * 60}": "漢" * 500 for n in range(12)}
    links = dict.fromkeys(
        ("link", "acknowledge_link", "silence_link", "picture_link"), f"https://example.org/{'a' * 1400}"
    )
    big = message(sentence="漢" * 5000, missing="漢" * 5000, labels=labels, figures=figures, **links)
    text = json.dumps(teams.body(big), ensure_ascii=False)
    assert 20_000 < len(text.encode()) <= 28 * 1024
    assert "window 11" in text
    assert "window 0" not in text


def test_ntfy_says_the_same_by_headers() -> None:
    body, headers = ntfy.body(message(), "topic"), ntfy.headers(message())
    assert headers["X-Message"].replace("\\n", "\n") == body["message"]
    assert (headers["X-Title"], headers["X-Priority"]) == (body["title"], "3")
    assert json.loads(headers["X-Actions"]) == body["actions"]
    assert all(value.isascii() and value.isprintable() for value in ntfy.headers(hostile(100)).values())
    assert max(map(len, ntfy.headers(hostile(100)).values())) < 4096
    assert ntfy.parts("https://example.org/ntfy/topic") == ("https://example.org/ntfy/", "topic")


@pytest.mark.parametrize(
    ("one", "priority", "severity"),
    [
        (message(), 3, "warning"),
        (message(severity="page"), 5, "critical"),
        (message(severity="info"), 2, "info"),
        (message(subject="raised"), 5, "critical"),
        (ended(severity="page"), 3, None),
    ],
)
def test_how_bad_it_is_in_the_words_of_each(one: Message, priority: int, severity: str | None) -> None:
    assert ntfy.body(one, "topic")["priority"] == priority
    event = pagerduty.body(one, "key")
    assert (event["event_action"] == "resolve") is one.ended
    assert event.get("payload", {}).get("severity") == severity


def test_an_alert_that_ended_in_silence_does_not_look_well() -> None:
    for subject, tag, shown in (
        ("resolved", "white_check_mark", "Good"),
        ("quiet", "grey_question", "Default"),
        ("gone", "grey_question", "Default"),
    ):
        one = ended(subject=subject)
        assert ntfy.body(one, "topic")["tags"] == [tag]
        assert teams.body(one)["attachments"][0]["content"]["body"][0]["inlines"][0]["color"] == shown
    assert color(ended(subject="quiet")) != color(ended())


def test_alertmanager_holds_an_open_alert_for_a_quarter_of_an_hour() -> None:
    (alert,), (over,) = alertmanager.body(message(), NOW), alertmanager.body(ended(), NOW)
    assert (alert["startsAt"], alert["endsAt"]) == ("2026-11-26T13:00:00.000Z", "2026-11-26T13:19:30.000Z")
    assert over["endsAt"] == "2026-11-26T13:34:30.000Z"
    assert alert["labels"] == over["labels"]


def test_an_alert_without_links_and_figures_is_short() -> None:
    bare = message(
        link="", acknowledge_link="", silence_link="", picture_link="", runbook="see page 5", figures=(), labels={}, value="",
        limit="", missing="", title="", timezone="Nowhere/Nothing", subject="quiet",
    )  # fmt: skip
    said = Said.of(bare)
    assert said.headline == "Quiet: ai-errors"
    assert [fact.name for fact in said.facts] == ["Since", "Ended", "Rule", "Severity", "Runbook"]
    assert "26 Nov 2026, 13:00 (UTC)" in as_text(said)
    for kind in BODIES:
        assert "http" not in whole(kind, bare).replace("http://adaptivecards.io", "")
