"""A link to a picture takes no more of the server than one picture is worth."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashapp.embeds import stills
from dashapp.picture_queue import PictureQueue, QueueFull
from layouts.pictures import message, raster
from tests.embeds.conftest import Wiki


def test_a_picture_beyond_the_limit_is_refused_with_the_largest_scale_that_is_allowed(wiki: Wiki) -> None:
    embed = wiki.embed()
    answer = wiki.get(embed, ".png", width="2400", height="4000", scale="4")
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert "at most 12 megapixels; 2400 × 4000 pixels at scale 4 would be 153.6" in answer.text
    assert "the largest scale for this size is 1." in answer.text
    assert wiki.get(embed, ".png", width="2400", height="1250", scale="2").status_code == 200


def test_where_no_scale_is_asked_for_the_picture_is_as_sharp_as_it_may_be(wiki: Wiki) -> None:
    embed = wiki.embed()
    width, height = struct.unpack(">II", wiki.get(embed, ".png", width="2400", height="4000").data[16:24])
    assert raster.MOST_PIXELS * 0.9 < width * height <= raster.MOST_PIXELS
    assert struct.unpack(">I", wiki.get(embed, ".png", width="400").data[16:20]) == (800,)


def test_the_limit_holds_wherever_a_png_is_made_of_a_drawing() -> None:
    with pytest.raises(raster.TooManyPixels, match="ask for a smaller width or height"):
        raster.png(message(["a"], 4000, 4000, "light"))


def test_many_who_ask_for_one_picture_have_it_made_once(wiki: Wiki, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[float] = []
    monkeypatch.setattr(stills, "_RASTERED", PictureQueue(2, 0, 1_000_000))
    monkeypatch.setattr(stills, "png", lambda svg, scale: made.append(scale) or raster.png(svg, scale))
    frozen = {"start": "2026-01-01", "stop": "2026-02-01"}
    embed = wiki.embed(words=frozen)
    monkeypatch.setattr(stills, "still", lambda *_: message(["the same"], 400, 160, "light"))

    def ask(_: int) -> int:
        return wiki.app.test_client().get(wiki.path(embed, ".png")).status_code

    with ThreadPoolExecutor(8) as readers:
        assert set(readers.map(ask, range(16))) == {200}
    assert len(made) == 1


def test_beyond_the_queue_it_is_503_with_a_time_to_come_back(
    wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(stills, "_RASTERED", PictureQueue(1, -1))
    answer = wiki.get(wiki.embed(), ".png")
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert int(answer.headers["Retry-After"]) > 0
    assert wiki.get(wiki.embed(), ".svg").status_code == 200


@pytest.mark.parametrize("error", [TimeoutError("slow"), OSError("no process")])
def test_a_picture_that_can_not_be_made_is_503_too(
    wiki: Wiki, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(stills, "_RASTERED", PictureQueue(1, 1))
    monkeypatch.setattr(stills, "png", fail)
    assert wiki.get(wiki.embed(), ".png").status_code == 503


def test_a_notice_is_one_picture_whatever_size_a_stranger_asks_for(wiki: Wiki) -> None:
    said = {wiki.client.get(f"/embed/nothing.png?width={width}&scale=4").data for width in (300, 700, 2400)}
    assert len(said) == 1


def test_shared_caches_may_keep_what_all_holders_of_the_link_see_and_nothing_else(wiki: Wiki) -> None:
    embed = wiki.embed()
    assert wiki.get(embed, ".png").headers["Cache-Control"] == "public, max-age=60"
    assert wiki.get(embed).headers["Cache-Control"] == "private, no-cache"
    assert wiki.get(embed, ".png", scale="4", width="2400", height="4000").headers["Cache-Control"] == "no-store"


@pytest.fixture
def held() -> tuple[threading.Event, threading.Event, Callable[[], bytes]]:
    """(begun, go on, a picture that waits for it)."""
    begun, free = threading.Event(), threading.Event()

    def make() -> bytes:
        begun.set()
        assert free.wait(20)
        return b"x"

    return begun, free, make


def test_the_queue_has_an_end_and_moves_on(held: tuple[threading.Event, threading.Event, Callable[[], bytes]]) -> None:
    begun, free, make = held
    queue = PictureQueue(1, 0)
    with ThreadPoolExecutor(1) as asking:
        first = asking.submit(queue.get, "link", "a", make, 20)
        assert begun.wait(20)
        with pytest.raises(QueueFull):
            queue.get("link", "b", bytes, 20)
        free.set()
        assert first.result(20) == b"x"
    assert queue.get("link", "b", lambda: b"y", 20) == b"y"


def test_one_who_waits_too_long_ends_alone(held: tuple[threading.Event, threading.Event, Callable[[], bytes]]) -> None:
    begun, free, make = held
    queue = PictureQueue(1, 1)
    with ThreadPoolExecutor(1) as asking:
        first = asking.submit(queue.get, "link", "a", make, 20)
        assert begun.wait(20)
        for key in ("a", "b"):
            with pytest.raises(TimeoutError):
                queue.get("link", key, bytes, 0.01)
        free.set()
        assert first.result(20) == b"x"


def test_what_is_kept_is_bounded_and_the_oldest_goes_first() -> None:
    queue, made = PictureQueue(1, 4, 25), []

    def get(key: str) -> None:
        queue.get("link", key, lambda: made.append(key) or b"0123456789", 20)  # type: ignore[func-returns-value]

    for key in ("a", "b", "a", "c", "a", "b"):
        get(key)
    assert made == ["a", "b", "c", "b"]
    queue.get("link", "large", lambda: bytes(26), 20)
    get("b")
    assert made[-1] == "b"
    assert len(made) == 4


def test_of_one_subject_the_newest_picture_is_kept() -> None:
    """What an embed says of its age changes with every minute: hours of it were kept that nobody could ask for again."""
    queue, made = PictureQueue(1, 4, 1_000), []

    def get(owner: str, subject: str, key: str) -> None:
        queue.get(owner, key, lambda: made.append(key) or b"0123456789", 20, subject)  # type: ignore[func-returns-value]

    for minute in range(30):
        get("wiki", "chart wide", f"wide at {minute}")
    for key, subject in (("narrow at 0", "chart narrow"), ("wide at 29", "chart wide")):
        get("wiki", subject, key)
    get("blog", "chart wide", "another link's")
    made.clear()
    for owner, subject, key in (("wiki", "chart wide", "wide at 29"), ("wiki", "chart narrow", "narrow at 0"),
                                ("blog", "chart wide", "another link's")):  # fmt: skip
        get(owner, subject, key)
    assert made == []
    get("wiki", "chart wide", "wide at 28")
    assert made == ["wide at 28"]


def test_a_minute_later_the_earlier_picture_of_an_embed_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = PictureQueue(2, 4, 10_000_000)
    monkeypatch.setattr(stills, "_RASTERED", queue)
    sizes = []
    for text in ("10:00", "10:01", "10:02"):
        svg = stills.notice("Posts", f"As of {text}", 400, 160, "light")
        stills.rastered("link", "chart posts", svg)
        sizes.append(len(queue._kept))
    assert sizes == [1, 1, 1]


def test_one_link_does_not_evict_what_others_keep() -> None:
    queue, made = PictureQueue(1, 4, 100), []

    def get(owner: str, key: str) -> None:
        queue.get(owner, key, lambda: made.append(key) or b"0123456789", 20)  # type: ignore[func-returns-value]

    for owner, key in (("wiki", "a"), ("wiki", "b"), ("blog", "c")):
        get(owner, key)
    for number in range(50):
        get("greedy", f"greedy {number}")
    made.clear()
    for owner, key in (("wiki", "a"), ("wiki", "b"), ("blog", "c"), ("greedy", "greedy 49")):
        get(owner, key)
    assert made == []
    get("greedy", "greedy 0")
    assert made == ["greedy 0"], "its own oldest had to go"


def test_one_link_does_not_fill_the_queue_for_others(
    held: tuple[threading.Event, threading.Event, Callable[[], bytes]],
) -> None:
    begun, free, make = held
    queue = PictureQueue(1, 1)
    with ThreadPoolExecutor(3) as asking:
        first = asking.submit(queue.get, "greedy", "a", make, 20)
        assert begun.wait(20)
        second = asking.submit(queue.get, "greedy", "b", lambda: b"b", 20)
        other = asking.submit(queue.get, "wiki", "c", lambda: b"c", 20)
        assert isinstance(second.exception(20), TimeoutError | QueueFull)
        free.set()
        assert (first.result(20), other.result(20)) == (b"x", b"c")
