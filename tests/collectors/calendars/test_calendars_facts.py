"""Counting in texts as people and networks count."""

from __future__ import annotations

import pytest

from collectors.calendars.facts import count_emoji, facts, tweet_length
from collectors.json_places import NotJson, document, elements, members


@pytest.mark.parametrize(
    ("text", "emoji"),
    [("👩‍💻", 1), ("👨‍👩‍👧‍👦", 1), ("1️⃣2️⃣", 2), ("🇩🇪🇫🇷", 2), ("👍🏽", 1), ("❤️", 1), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 1), ("© ™ ✓ → 1 #", 0),
     ("🚀🚀", 2), ("❤️‍🔥", 1), ("🏳️‍🌈", 1), ("🤷‍♀️", 1), ("", 0)],
)  # fmt: skip
def test_joined_emoji_count_once(text: str, emoji: int) -> None:
    assert count_emoji(text) == emoji


@pytest.mark.parametrize(
    ("text", "length"),
    [("plain", 5), ("https://example.org/" + "x" * 200, 23), ("see example.com/a", 27), ("👩‍💻", 2), ("数学", 4),
     ("cafe\u0301", 4), ("“q” — …", 8), ("Node.js", 7)],
)  # fmt: skip
def test_tweets_are_measured_as_x_does(text: str, length: int) -> None:
    assert tweet_length(text) == length


def test_what_is_in_a_text_is_counted() -> None:
    found = facts(
        "linkedin",
        (
            "## Heading\n#AI #über_cool a#b #1 &#39; [Your Name] [x] [1] [text](https://a.example) {{company}}\nWhy? 真的？ www.b.example/?q",
        ),
    )
    assert (found["hashtags"], found["links"], found["questions"], found["placeholders"]) == (2, 2, 2, 2)


def test_limits_are_those_of_the_network() -> None:
    assert facts("twitter", ("x" * 280, "x" * 281))["over_limit"] == 1
    assert facts("twitter", ("x" * 280,) * 9)["over_limit"] == 0
    assert [facts("linkedin", ("x" * n,))["over_limit"] for n in (3000, 3001)] == [0, 1]
    assert facts("mastodon", ("x" * 9999,))["over_limit"] == 0


def test_parts_of_json_know_their_lines() -> None:
    text = '\n[\n 1,\n {"a":\n  [2\n ]},\n\n "x\\ny"]'
    parts = list(elements(text, document(text)))
    assert [(part.value, part.line) for part in parts] == [(1, 3), ({"a": [2]}, 4), ("x\ny", 8)]
    assert [(key, part.line) for key, part in members(text, parts[1])] == [("a", 4)]
    assert list(members("{ }", document("{ }"))) == []


@pytest.mark.parametrize("text", ["", "[", "[1,]", "[1] x", '{"a": ', "[" * 100_000])
def test_what_is_no_whole_json_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        document(text)


@pytest.mark.parametrize("sign", ["-", "[", "a.", "#", "a-", "<your ", "{{", "\u200d", "👩‍"])
def test_long_odd_texts_are_counted_in_little_time(sign: str) -> None:
    assert facts("twitter", (sign * 50_000,))["tweets"] == 1
