"""One table says which network a name means."""

from __future__ import annotations

import pytest

from collectors.platforms import identity_name, platform_named, platform_of_file, unresolved

SAME = {
    "linkedin": ["LinkedIn", " LINKEDIN ", "Linked In", "linkedin_page", "LinkedIn Company", "linkedin-company-page", "li",
                 "outputs/content", "outputs/fast_linkedin_calendar_100000.json", "https://www.linkedin.com", "LinkedInPage"],
    "twitter": ["X", "x (Twitter)", "X/Twitter", "Twitter / X", "tw", "tweet", "x.com", "X (formerly Twitter)", "outputs\\twitter",
                "Twitter thread", "Ｘ"],
    "instagram": ["IG", "insta", "Instagram Reels", "instagram-story", "InstagramReels", "Instagram (Feed & Stories)"],
    "facebook": ["fb", "Facebook Page", "FACEBOOK_PAGE"],
    "youtube": ["YouTube", "youtube shorts", "YT", "You Tube"],
    "threads": ["Threads"], "tiktok": ["TikTok", "Tik Tok"], "bluesky": ["bsky", "Bluesky"],
    "googlebusiness": ["googlebusiness", "Google My Business"],
}  # fmt: skip


@pytest.mark.parametrize(("network", "word"), [(network, word) for network, words in SAME.items() for word in words])
def test_every_spelling_of_a_network_is_that_network(network: str, word: str) -> None:
    assert platform_named(word) == network
    assert unresolved(network) is None


@pytest.mark.parametrize(
    "word", ["LinkedIn & X", "LinkedIn/Instagram", "x, instagram", "Threads + X", "Facebook and Instagram", "X Threads"]
)
def test_a_word_for_two_networks_stays_as_written_and_says_which_they_are(word: str) -> None:
    assert platform_named(word) == word
    assert "names 2 networks" in str(unresolved(word))


@pytest.mark.parametrize("word", ["Newsletter", "Acme", "my LinkedIn blog", "page", "outputs/other", "xylophone"])
def test_a_word_for_no_network_stays_as_written(word: str) -> None:
    assert platform_named(f"  {word} ") == word
    assert "isn't the name" in str(unresolved(word))


@pytest.mark.parametrize("word", ["", "  ", None, 5, True, ["x"], {"a": 1}, "\x00"])
def test_what_isnt_a_word_is_none(word: object) -> None:
    assert platform_named(word) is None


def test_a_name_is_never_changed_by_the_store_and_never_too_long() -> None:
    for word in ("a\\", "a\nb", "\ud800x", "n" * 5_000, "🚀 Blog"):
        assert platform_named(platform_named(word)) == platform_named(word)
        assert len(str(platform_named(word))) <= 64


def test_records_are_recognised_by_what_earlier_versions_stored() -> None:
    assert [identity_name(word) for word in ("twitter", "Newsletter", "NEWSLETTER", "LinkedIn & X")] == [
        "twitter", "newsletter", "newsletter", "linkedin & x",
    ]  # fmt: skip


def test_a_files_name_says_its_network() -> None:
    names = {"content_calendar.json": "linkedin", "fast_twitter_calendar_1.json": "twitter", "ig_calendar.json": "instagram",
             "tiktok_calendar.jsonl": "tiktok", "todays_posts.json": None}  # fmt: skip
    assert {name: platform_of_file(name) for name in names} == names
