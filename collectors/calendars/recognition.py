"""Which post an item of a rewritten calendar is. Pure.

An item is, in this order of trust:
1. the post with the same platform, publish time, topic and content (its status may have changed);
2. the post that was first seen with exactly these (an older copy in another file);
3. an edited post: same platform, publish time and number in the same file, and topic or content the same;
4. a moved post: same platform, topic, content and number in the same file, another publish time;
5. a new post.
Edits (3) are believed only if the file's other items are mostly still there (at least as many unchanged as missing, at least one)
or the item carries `updated_at`: a new batch on the same day has the same dates, numbers and topics, yet is new posts.
Moves (4) of a fast generator's item need the same, because its cache repeats texts on later days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from collectors.calendars.parse import READABLE, Item

Key = tuple[str, int, str, str]


@dataclass(frozen=True)
class Post:
    """What is remembered of a post that a calendar holds."""

    post_id: str
    platform: str
    """`identity_name` of it."""
    second: int
    """As an item's: of a date its midnight in the source's zone."""
    topic: str
    content_hash: str
    content_state: str
    number: int
    """post_number, or minus its position where items have no number."""
    method: str

    @property
    def key(self) -> Key:
        return (self.platform, self.second, self.topic, self.content_hash)

    @property
    def slot(self) -> tuple[str, int, int]:
        return (self.platform, self.second, self.number)


@dataclass
class Recogniser:
    """Knows all posts that calendars hold now, and those it has named in this run."""

    posts: Iterable[Post]
    _by_key: dict[Key, list[str]] = field(init=False, default_factory=dict)
    _by_id: dict[str, Post] = field(init=False)

    def __post_init__(self) -> None:
        self._by_id = {post.post_id: post for post in self.posts}
        for post in sorted(self._by_id.values(), key=lambda post: (post.number, post.post_id)):
            self._by_key.setdefault(post.key, []).append(post.post_id)

    def name(self, items: tuple[Item, ...], held: set[str]) -> list[str]:
        """An id for each item of one file; `held` are the ids it held before.

        The answer is the same when some of it has been stored already by a run that was interrupted: what such a run
        added is not in `held`, and what it changed is counted below as it would have been without it.
        """
        names: list[str | None] = [None] * len(items)
        used: set[str] = set()
        natural = _natural_ids(items)
        for place, item in enumerate(items):  # equal items: each its own name first, whatever the order of the others
            if natural[place] in self._by_key.get(item.key, []):
                names[place] = _take([natural[place]], used)
        for place in _open(names):
            candidates = [name for name in self._by_key.get(items[place].key, []) if name not in used]
            names[place] = _take(sorted(candidates, key=lambda name: (name not in held, name)), used)
        for place in _open(names):
            if natural[place] in self._by_id:
                names[place] = _take([name for name in [natural[place]] if name not in used], used)
        self._changed(items, names, [self._by_id[name] for name in sorted(held) if name in self._by_id], used)
        named = [name or self._fresh(items[place], used) for place, name in enumerate(names)]
        for item, name in zip(items, named, strict=True):
            if name not in self._by_key.setdefault(item.key, []):
                self._by_key[item.key].append(name)
        return named

    def _changed(self, items: tuple[Item, ...], names: list[str | None], before: list[Post], used: set[str]) -> None:
        def find(fits: Callable[[Item, Post], bool]) -> None:
            for place in _open(names):
                found = [post.post_id for post in before if post.post_id not in used and fits(items[place], post)]
                names[place] = _take(found, used)

        find(_edited_by_its_own_word)
        find(_moved)
        told = {name for name, item in zip(names, items, strict=True) if item.updated_time is not None}
        same = sum(
            post.post_id in used and post.post_id not in told and post.content_state in READABLE for post in before
        )
        missing = sum(post.post_id not in used for post in before)
        if same >= max(1, missing):
            find(_edited)
            find(_moved_by_cache)

    def _fresh(self, item: Item, used: set[str]) -> str:
        occurrence = 1
        while (name := item.natural_id(occurrence)) in used:
            occurrence += 1
        used.add(name)
        return name


def _natural_ids(items: tuple[Item, ...]) -> list[str]:
    occurrences: Counter[Key] = Counter()
    found: list[str] = []
    for item in items:
        occurrences[item.key] += 1
        found.append(item.natural_id(occurrences[item.key]))
    return found


def _edited_by_its_own_word(item: Item, post: Post) -> bool:
    return item.updated_time is not None and item.slot == post.slot


def _edited(item: Item, post: Post) -> bool:
    alike = item.topic == post.topic or (item.content_hash == post.content_hash and item.content_state == "ok")
    return item.slot == post.slot and alike


def _moved(item: Item, post: Post) -> bool:
    return _moved_by_cache(item, post) and (item.method != "fast_parallel" or item.updated_time is not None)


def _moved_by_cache(item: Item, post: Post) -> bool:
    alike = (item.slot[0], item.topic, item.content_hash) == (post.platform, post.topic, post.content_hash)
    return alike and item.slot[2] == post.number and item.content_state in READABLE


def _open(names: list[str | None]) -> list[int]:
    return [place for place, name in enumerate(names) if name is None]


def _take(candidates: list[str], used: set[str]) -> str | None:
    if not candidates:
        return None
    used.add(candidates[0])
    return candidates[0]
