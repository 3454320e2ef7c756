"""Batches under way and those lately ended: which of them a record is of, and which were given up. Pure."""

from __future__ import annotations

from collectors.app_log.calls import calls_in
from collectors.app_log.results import Origin
from collectors.app_log.runs import QUIET, SECOND, Run, pace_of, run_id
from collectors.app_log.verdicts import posts_told_by_answers
from metricstore.point import Point

Identity = tuple[str, int, tuple[tuple[str, str], ...]]
"""Of a point."""

SUSPECT = 30 * SECOND
"""A twitter_batch that logged nothing for so long after its start has crashed, which the stock program always does."""
REPEATED = 10 * SECOND
"""Within what time the size of a completed batch is said again."""
MEMORY = 24 * 3600 * SECOND
RUNS_KEPT = 40
_FORGOTTEN_KEPT = 1000


class Roster:
    """The log has no run or batch ids: batches are told apart by i/N, by order and by their pace."""

    def __init__(self, runs: list[Run] | None = None) -> None:
        self.runs = runs or []
        self._forgotten: list[Run] = []
        """The first ones that were."""
        self._owed: list[Point] = []
        """What batches that were given up or forgotten still have to tell."""

    def owed(self) -> list[Point]:
        """Told once."""
        if not self._owed:
            return []
        points, self._owed = self._owed, []
        return points

    # Beginnings and ends

    def begin(self, platform: str, origin: Origin, *, announced: bool = False) -> Run:
        """As `open`, at its very beginning: earlier ones that are quiet against their own pace were stopped before."""
        self.drop_announced(platform)
        for run in self.runs:
            if run.outcome == "running" and origin.time - max(run.active, run.free) > run.patience(platform):
                self.give_up(run)
        return self.open(platform, origin, announced=announced)

    def open(self, platform: str, origin: Origin, *, announced: bool = False) -> Run:
        """A batch that begins there."""
        self.expire(origin.time)
        ended = sorted(self.runs, key=lambda run: (run.outcome == "running", run.active))
        for old, run in enumerate(ended):
            memory = {"running": None, "abandoned": MEMORY, "completed": REPEATED}[run.outcome]
            aged = memory is not None and abs(origin.time - run.active) > memory
            if aged or len(ended) - old >= RUNS_KEPT:
                self._owed += self.tell(run)
                self.runs.remove(run)
                if len(self._forgotten) < _FORGOTTEN_KEPT:
                    self._forgotten.append(run)
        run = Run(platform, run_id(platform, origin.time), origin.time, origin.file, origin.line, announced=announced)
        run.post_ended = run.active = run.free = origin.time
        self.runs.append(run)
        return run

    def expire(self, now: int) -> None:
        """Give up batches that have been quiet for too long."""
        for run in self.runs:
            if run.outcome == "running" and now - run.active > QUIET:
                self.give_up(run)

    def replace_silent(self, ended: Run) -> None:
        """Who said nothing all the while another of its kind ran from beginning to end is gone."""
        if ended.finished <= 1:
            return
        for run in self.runs:
            if run.outcome == "running" and run.platform == ended.platform and run.post_ended < ended.began:
                self.give_up(run)

    def give_up(self, run: Run) -> None:
        """It may come back."""
        run.outcome = "abandoned"
        self._owed += posts_told_by_answers(run)

    def drop_announced(self, platform: str) -> None:
        """Programs of which only the start was logged are not waited for any more."""
        self.runs = [run for run in self.runs if not (run.announced and run.platform == platform)]

    # Whose a record is

    def alive(self, now: int) -> list[Run]:
        """Batches that a library record may belong to."""
        alive = []
        for run in self.runs:
            if run.outcome != "running":
                continue
            if now - run.active > QUIET:
                self.expire(now)
                return self.alive(now)
            alive.append(run)
        if len(alive) > 1:
            crashed = [run for run in alive if run.announced and now - run.began > SUSPECT]
            alive = [run for run in alive if run not in crashed]
        return alive

    def owner(self, platform: str, position: int, size: int, now: int) -> Run | None:
        """The batch that says i/N: one that waits for exactly this i, else one that can have lost some records."""
        waiting = [run for run in self.runs if run.next == position and run.of_size(platform, size)]
        if running := [run for run in waiting if run.outcome == "running"]:
            if len(running) == 1:
                return running[0]
            return min(running, key=lambda run: (_overtaken(run, running, now), run.active))
        if gone := [run for run in waiting if run.outcome == "abandoned"]:
            return gone[-1]
        behind = [
            run for run in self.runs if run.outcome == "running" and run.next < position and run.of_size(platform, size)
        ]
        return max(behind, key=lambda run: run.next, default=None)

    def doubt(self, risen: Run) -> None:
        """What others were thought to have been answered while this one was thought gone may have been its own."""
        for other in self.runs:
            if other is not risen and other.outcome == "running" and other.events:
                other.shared, other.alone = True, 0

    def outlive(self, run: Run, now: int) -> None:
        """Batches that did nothing since before this one began, which alone accounts for all answers, were stopped."""
        if len(self.runs) == 1:
            return
        others = [other for other in self.runs if other is not run and other.outcome == "running"]
        if not others or not run.finished or calls_in(run.events, run.calls_per_post) is None:
            return
        for other in others:
            if other.post_ended < run.began and now - other.post_ended > max(run.pace, other.pace):
                self.give_up(other)
        if all(other.outcome != "running" for other in others):
            run.shared = False

    # What is told of them

    def standing(self, now: int) -> tuple[list[Point], list[Point]]:
        """Batches that changed since they were last written, as they look at `now` nanoseconds UTC, and posts that are likely.

        One that has been quiet until now is shown as abandoned, with the posts its answers alone speak of; but its records
        are still waited for.
        """
        batches: list[Point] = []
        posts: list[Point] = []
        for run in self.runs:
            if run.requested is not None or run.outcome != "running" or now - run.active <= QUIET:
                batches += self.tell(run, now)
                continue
            likely = Run.from_json(run.to_json())
            posts += posts_told_by_answers(likely)
            batches += self.tell(likely, now)
            run.told = likely.told
        return batches, posts

    def shown(self) -> dict[Identity, Run]:
        """Batches that are written, by their points."""
        known = (*self._forgotten, *self.runs)
        return {run.point("").identity: run for run in known if run.known_start and not run.announced}

    def tell(self, run: Run, now: int = 0) -> list[Point]:
        """It, where that is not what was last written."""
        if not run.known_start or run.announced:
            return []
        outcome = "abandoned" if run.outcome == "running" and now - run.active > QUIET else run.outcome
        if (summary := [outcome, *run.summary()]) == run.told:
            return []
        run.told = summary
        return [run.point(outcome)]


def _overtaken(run: Run, others: list[Run], now: int) -> bool:
    """Whether another one has finished a post since it began and this one none, or this one is far too late for it."""
    return any(
        run.post_ended < other.began and (other.finished or now - run.post_ended > pace_of(now - other.began))
        for other in others
    )
