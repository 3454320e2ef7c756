"""Texts where there is little room: labels broken and shortened at sensible places, ranges kept on one line."""

from __future__ import annotations

from layouts.labels import parts, shortened
from layouts.pictures import letters
from layouts.unbroken import unbroken

MODEL = "gpt-4o-mini-2024-07-18"


def test_a_name_is_broken_behind_its_signs_and_never_within_a_date() -> None:
    assert parts(MODEL) == ["gpt-4o-", "mini-", "2024-07-18"]
    assert parts("claude-3-5-sonnet-20241022") == ["claude-3-5-", "sonnet-", "20241022"]
    assert parts("Plan your week") == ["Plan ", "your ", "week"]
    assert letters.lines(MODEL, 12, 100) == ["gpt-4o-mini-", "2024-07-18"]


def test_a_name_is_shortened_in_its_middle_and_a_sentence_at_its_end() -> None:
    assert shortened(MODEL, 16) == "gpt-4o-m…4-07-18"
    assert shortened("Plan your week in advance", 16) == "Plan your week…"
    assert shortened(MODEL, 22) == MODEL
    assert letters.fitted(MODEL, 12, 100).endswith("07-18")
    assert letters.width(letters.fitted(MODEL, 12, 100), 12) <= 100
    assert letters.fitted(MODEL, 12, 5) == ""


def test_ranges_of_figures_and_days_are_not_broken_behind_their_dash() -> None:
    def whole(text: str) -> list[str]:
        return [part.children for part in unbroken(text) if not isinstance(part, str)]

    assert whole("12 posts made, as usual (12–15).") == ["12–15"]
    assert whole("usually 212,157–287,820.") == ["212,157–287,820"]
    assert whole("No post was made (3 Nov 2026 – 10 Nov 2026)") == ["3 Nov 2026 – 10 Nov 2026"]
    assert whole("2026-11-03 08:00 – 2026-11-04 12:30") == ["2026-11-03 08:00 – 2026-11-04 12:30"]
    assert whole("3 Nov 2026, 08:00 – 12:00") == ["3 Nov 2026, 08:00 – 12:00"]
    assert whole("a – b, 5 – none") == []
    said = "Usually 12–15, at most 20–30."
    assert "".join(part if isinstance(part, str) else part.children for part in unbroken(said)) == said
