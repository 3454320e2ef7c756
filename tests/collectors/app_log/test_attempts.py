"""Attempts to hand posts over, as the programs tell them, and why they failed."""

from __future__ import annotations

import pytest

from collectors.app_log.results import error_kind, service_platform
from tests.collectors.app_log.story import Story


def test_service_posts_are_attempts_only_when_something_was_sent(story: Story) -> None:
    story.tell(
        "Processing post outputs/content_1_1793646000 for outputs/content",
        "Successfully posted outputs/content_1_1793646000 to outputs/content",
        "Rate limit exceeded for twitter, skipping post twitter_2_1793905200",
        "Error posting outputs/twitter_2_1793646000: 'outputs/twitter'",
        "Failed to post twitter_3_1793905200: Unknown error",
        "Failed to post twitter_4_1793905200: 500 Server Error: Internal Server Error for url: https://api.bufferapp.com/",
        "Post twitter_4_1793905200 failed after 3 retries",
    ).read()
    found = [
        (point.tags["platform"], point.tags["outcome"], point.fields["post_number"], point.fields.get("error_kind"))
        for point in story.collected.of("scheduling_attempt")
    ]
    assert found == [
        ("linkedin", "ok", 1, None),
        ("twitter", "failed", 3, "refused"),
        ("twitter", "failed", 4, "http_500"),
    ]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (None, "refused"),
        ("This profile’s queue is full", "refused"),
        ("500 Server Error: Internal Server Error for url: https://x", "http_500"),
        ("429 Client Error: Too Many Requests for url: https://x", "http_429"),
        ("Expecting value: line 1 column 1 (char 0)", "not_json"),
        ("HTTPSConnectionPool(host='api.bufferapp.com', port=443): Max retries exceeded with url: /1", "connection"),
        ("('Connection aborted.', RemoteDisconnected('Remote end closed connection'))", "connection"),
        ("'str' object has no attribute 'get'", "other"),
    ],
)
def test_errors_are_sorted_by_kind(error: str | None, kind: str) -> None:
    assert error_kind(error) == kind


@pytest.mark.parametrize(
    ("name", "platform"),
    [("outputs/content", "linkedin"), ("outputs/twitter", "twitter"), ("linkedin", "linkedin"),
     ("C:\\outputs\\instagram", "instagram"), ("outputs/fast_linkedin", "linkedin"), ("mastodon", "mastodon")],
)  # fmt: skip
def test_the_services_platform_is_a_network(name: str, platform: str) -> None:
    assert service_platform(name) == platform
