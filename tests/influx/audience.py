"""People who look at a running web application: pages by every callback they have, embeds, the API, a download."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks._visitor import Connection, Visitor, unpacked

PAUSE_SECONDS = 10.0
"""More often two processors could not draw all of it while all is well."""
AT_ONCE = 3
"""Connections of one browser."""
ASKED = 6
"""Callbacks of a page that are asked in a round."""
OLDER = b"the store does not answer"
UNREACHED = b"be reached just now"


@dataclass(frozen=True)
class Seen:
    """An answer: when it was asked for, how long it took, what it was."""

    what: str
    begun: float
    seconds: float
    status: int
    dated: bool
    retry_after: str


@dataclass
class Audience:
    """Everybody asks again and again until `leave`."""

    seen: list[Seen] = field(default_factory=list)
    _left: threading.Event = field(default_factory=threading.Event)
    _people: list[threading.Thread] = field(default_factory=list)
    _rounds: Counter[threading.Thread] = field(default_factory=Counter)
    _begun: dict[threading.Thread, float] = field(default_factory=lambda: defaultdict(float))
    """When the last round began that everything in was answered."""

    def viewer(self, visitor: Visitor, path: str) -> None:
        """A browser with a page open."""
        every = visitor.open(path, {})
        questions = every[:: max(1, len(every) // ASKED)]
        pool = ThreadPoolExecutor(AT_ONCE)

        def ask(place: int) -> None:
            for body in questions[place::AT_ONCE]:
                self._note("page", connection(), "POST", "/_dash-update-component", body)

        def connection() -> Connection:
            return Connection(visitor.port, visitor.connection.cookie)

        self._begin(lambda: list(pool.map(ask, range(AT_ONCE))))

    def reader(self, what: str, port: int, path: str, cookie: str = "") -> None:
        """One address, asked for by whoever has it."""
        self._begin(lambda: self._note(what, Connection(port, cookie), "GET", path))

    def wait_for_rounds(self, rounds: int) -> None:
        """Until everybody was answered so often."""
        deadline = time.monotonic() + 120
        wanted = {person: self._rounds[person] + rounds for person in self._people}
        while any(self._rounds[person] < wanted[person] for person in wanted):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def wait_for_all_since(self, moment: float) -> None:
        """Until everybody has asked for something at that moment (of `time.monotonic`) or later, and was answered."""
        deadline = time.monotonic() + 120
        while any(self._begun[person] < moment for person in self._people):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def leave(self) -> None:
        self._left.set()
        for person in self._people:
            person.join(90)

    def of(self, what: str, since: float = 0.0, until: float = float("inf")) -> list[Seen]:
        return [one for one in list(self.seen) if one.what == what and since <= one.begun < until]

    def _begin(self, look: Callable[[], object]) -> None:
        def keep_looking() -> None:
            self._left.wait(random.uniform(0, PAUSE_SECONDS))
            while not self._left.is_set():
                begun = time.monotonic()
                look()
                self._rounds[threading.current_thread()] += 1
                self._begun[threading.current_thread()] = begun
                self._left.wait(random.uniform(0.5, 1.5) * PAUSE_SECONDS)

        self._people.append(threading.Thread(target=keep_looking, daemon=True))
        self._people[-1].start()

    def _note(self, what: str, connection: Connection, method: str, path: str, body: str | None = None) -> None:
        begun = time.monotonic()
        try:
            answer = connection.whole(method, path, body, "application/json" if body else "")
        except (OSError, http.client.HTTPException):
            self.seen.append(Seen(what, begun, time.monotonic() - begun, 0, False, ""))
            return
        finally:
            connection.close()
        text = unpacked(answer.body)
        dated = OLDER in text or UNREACHED in text
        self.seen.append(Seen(what, begun, time.monotonic() - begun, answer.status, dated, answer.retry_after))


def told(seen: Sequence[Seen]) -> str:
    """A line for each kind: how many, how long, how they ended."""
    lines = []
    for what in dict.fromkeys(one.what for one in seen):
        mine = [one for one in seen if one.what == what]
        times = sorted(one.seconds for one in mine)
        kinds = {status: sum(one.status == status for one in mine) for status in sorted({one.status for one in mine})}
        lines.append(
            f"{what}: {len(mine)} answers, median {times[len(times) // 2]:.3f} s, longest {times[-1]:.2f} s, "
            f"by status {kinds}, dated {sum(one.dated for one in mine)}"
        )
    return "\n".join(lines)
