"""How long a changed filter takes on the Overview page, over 1,000,000 points of a year on DuckDB, against the raw queries.

    .venv/bin/python benchmarks/web_filter.py [--points 1000000] [--rounds 20] [--every auto] [--json]

The real application, served by waitress in a process of its own as `dashapp run` does it, is asked over HTTP by a logged-in
session: every callback that the browser would call when the platform is changed, with the very same bodies, one after the
other and over six connections at once as browsers do. No question is asked twice: each range begins a minute later, so that
nothing but what does not depend on filters comes from the cache. Raw: one hand-written SQL query for each chart, tile and figure of
the briefing, on the application's own tables with the same DuckDB settings, from execute to Python lists, one after the other.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Any

import duckdb
from _sources import fill
from _visitor import Connection, Json, Visitor, running

from briefing.facts import Facts
from layouts.pages import TILES, charts_of

YEAR = {"start": "2025-01-01T00:00:00+00:00", "stop": "2026-01-01T00:00:00+00:00"}
PLATFORMS = ("linkedin", "twitter", "instagram", "linkedin,twitter", "twitter,instagram", "linkedin,instagram")
CONNECTIONS = 6
"""Of one browser to one server."""
BLOCKS = 4


def ranges() -> Iterator[Json]:
    """The year, each time beginning a minute later: what has not been asked before."""
    begin = datetime.fromisoformat(YEAR["start"])
    for minute in count(1):
        yield {**YEAR, "start": (begin + timedelta(minutes=minute)).isoformat()}


# A window is a width in ns from the year's begin on: a year of UTC has no clock change. Windows below 0 are compared with.
_WINDOW = "(time - 1735689600000000000) // {width}"
_DAY = "(time - 1735689600000000000) // 86400000000000"
_UNTIL = "time < 1767225600000000000 AND platform IN ({platforms})"
_OURS = "time >= 1735689600000000000 AND " + _UNTIL
_COMPARED = "time >= 1703635200000000000 AND " + _UNTIL  # 53 weeks before the year
_USUAL = "time >= 1729641600000000000 AND " + _UNTIL  # ten weeks before the year
_IMPORTED = "provenance = 'imported' AND grain IN ('post', 'week', 'day')"
_SERVICES = "source IN ('buffer', 'buffer_classic')"
CHARTS_RAW = {
    "generations_by_outcome": f"SELECT {_WINDOW}, outcome, count(*) FROM generation WHERE {_OURS} GROUP BY 1, 2",
    "generations_per_platform": f"SELECT platform, count(*) FROM generation WHERE {_OURS} GROUP BY 1",
    "posts_by_publish_date": f"SELECT {_WINDOW}, platform, count(*) FROM post WHERE {_OURS} GROUP BY 1, 2",
    "posts_by_status": f"SELECT status, count(*) FROM post WHERE {_OURS} GROUP BY 1",
    "scheduling_by_outcome": f"SELECT {_WINDOW}, outcome, count(*) FROM scheduling_attempt WHERE {_OURS} GROUP BY 1, 2",
    "errors_per_event": """SELECT event, count(*) FROM log_record WHERE time >= 1735689600000000000
        AND time < 1767225600000000000 AND level IN ('ERROR', 'CRITICAL') GROUP BY 1""",
    "engagement_rate_trend": f"""SELECT {_WINDOW}, platform, sum(engagements) / sum(exposures)
        FROM engagement WHERE {_OURS} AND {_IMPORTED} GROUP BY 1, 2""",
    "interactions_per_platform": f"""SELECT platform, sum(likes), sum(comments), sum(shares)
        FROM engagement WHERE {_OURS} AND {_IMPORTED} GROUP BY 1""",
    "engagement_rate_per_topic": f"""SELECT topic, sum(engagements) / sum(exposures)
        FROM engagement WHERE {_OURS} AND {_IMPORTED} GROUP BY 1""",
}
TILES_RAW = {  # the windows' parts, from which both wholes follow
    "generations": f"SELECT {_WINDOW}, count(*) FROM generation WHERE {_COMPARED} GROUP BY 1",
    "generation_success_rate": f"""SELECT {_WINDOW}, count(*) FILTER (outcome = 'ok'), count(*),
        count(*) FILTER (content_outcome IN ('ok', 'failed', 'partial'))
        FROM generation WHERE {_COMPARED} AND outcome IN ('ok', 'failed', 'partial') GROUP BY 1""",
    "delivery_rate": f"""SELECT {_WINDOW}, count(*) FILTER (status = 'sent'), count(*) FROM social_post
        WHERE {_COMPARED} AND {_SERVICES} AND status IN ('sent', 'failed') GROUP BY 1""",
    "post_engagement_rate": f"""SELECT {_WINDOW}, sum(rated_interactions), sum(exposures)
        FROM post_performance WHERE {_COMPARED} GROUP BY 1""",
    "ai_cost": f"""SELECT {_WINDOW}, sum(cost_nano_usd), count(*) FILTER (pricing = 'unknown')
        FROM gen_ai_request WHERE {_COMPARED} AND source = 'app' GROUP BY 1""",
}
BRIEFING_RAW = {  # totals follow from their days
    "made": f"SELECT {_DAY}, count(*) FROM generation WHERE {_USUAL} GROUP BY 1",
    "read": f"SELECT {_DAY}, sum(impressions) FROM post_performance WHERE {_USUAL} GROUP BY 1",
    "failed": f"""SELECT outcome_reason, count(*) FROM generation WHERE {_OURS} AND outcome IN ('failed', 'partial')
        GROUP BY 1""",
    "unsent": f"SELECT error_class, count(*) FROM social_post WHERE {_OURS} AND {_SERVICES} AND status = 'failed' GROUP BY 1",
    "held_up": f"""SELECT state, cause, count(*) FROM post_journey WHERE {_OURS} AND state IN ('stuck', 'failed')
        GROUP BY 1, 2""",
}
RAW = [*CHARTS_RAW.values(), *TILES_RAW.values(), *BRIEFING_RAW.values()]
_BESIDE = {"selection", "now", "live", "textless", "standings", "never"}
"""What of the briefing is asked of no store for a range that is over, without goals."""
WIDTHS = {"auto": 7 * 86_400 * 10**9, "1d": 86_400 * 10**9, "1w": 7 * 86_400 * 10**9}
Takes = Callable[[str], float]


def raw(folder: Path, every: str) -> tuple[duckdb.DuckDBPyConnection, Takes]:
    """The connection, and how many ms all raw queries of a platform filter take."""
    from metricstore.duck.database import MEMORY_LIMIT, THREADS

    config: dict[str, Any] = {"memory_limit": MEMORY_LIMIT, "threads": THREADS}
    connection = duckdb.connect(str(folder / "metrics.duckdb"), config=config)

    def takes(platforms: str) -> float:
        told = ", ".join(f"'{name}'" for name in platforms.split(","))
        begun = time.perf_counter()
        for query in RAW:
            connection.execute(query.format(width=WIDTHS[every], platforms=told)).fetchall()
        return (time.perf_counter() - begun) * 1_000

    return connection, takes


def one_by_one(connection: Connection, bodies: Iterable[str]) -> float:
    begun = time.perf_counter()
    for body in bodies:
        connection.call(body)
    return (time.perf_counter() - begun) * 1_000


def at_once(connections: list[Connection], pool: ThreadPoolExecutor, bodies: list[str]) -> float:
    """Every connection takes the next question as soon as it is free, as a browser's do."""
    left = iter(bodies)

    def work(connection: Connection) -> None:
        for body in left:  # next() of a list's iterator is one step: no two threads get the same
            connection.call(body)

    begun = time.perf_counter()
    list(pool.map(work, connections))
    return (time.perf_counter() - begun) * 1_000


def measure(folder: Path, rounds: int, every: str) -> dict[str, float]:
    """Medians in ms. Raw and real take turns in blocks, since DuckDB lets one process open the file."""
    found: dict[str, list[float]] = {"raw_ms": [], "page_ms": [], "browser_ms": []}
    asked, fresh = 0, ranges()
    for _ in range(BLOCKS):
        connection, takes = raw(folder, every)
        takes(PLATFORMS[0])
        found["raw_ms"] += [takes(name) for name, _ in zip(cycle(PLATFORMS), range(rounds // BLOCKS + 1), strict=False)]
        connection.close()
        with running(folder, cached=True) as port:
            visitor = Visitor(port)
            words = {**YEAR, "every": every}
            one_by_one(visitor.connection, visitor.open("/", words))
            others = [Connection(port, visitor.connection.cookie) for _ in range(CONNECTIONS)]
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                for name, _ in zip(cycle(PLATFORMS), range(rounds // BLOCKS + 1), strict=False):
                    bodies, again = (visitor.questions("selection.data", {**words, **next(fresh), "platform": name})
                                     for _ in range(2))  # fmt: skip
                    asked = len(bodies)
                    found["page_ms"].append(one_by_one(visitor.connection, bodies))
                    found["browser_ms"].append(at_once(others, pool, again))
    medians = {name: statistics.median(taken) for name, taken in found.items()}
    return {**medians, "questions": asked, "shown": len(RAW), "ratio": medians["page_ms"] / medians["raw_ms"],
            "browser_ratio": medians["browser_ms"] / medians["raw_ms"]}  # fmt: skip


def require_current() -> None:
    """SystemExit names what the Overview shows and no raw query gives, and the other way round."""
    shown = {
        "charts": (CHARTS_RAW, {chart.id for chart in charts_of("overview")}),
        "tiles": (TILES_RAW, set(TILES["overview"])),
        "the briefing": (BRIEFING_RAW, {one.name for one in fields(Facts)} - _BESIDE),
    }
    for where, (known, wanted) in shown.items():
        if differing := known.keys() ^ wanted:
            raise SystemExit(
                f"the raw queries are not those of the Overview any more: {where}: {', '.join(sorted(differing))}"
            )


def report(found: dict[str, float]) -> None:
    print(f"raw queries {found['raw_ms']:.0f} ms, all callbacks {found['page_ms']:.0f} ms one after the other, "
          f"{found['browser_ms']:.0f} ms over {CONNECTIONS} connections")  # fmt: skip
    for name, title in (("ratio", "one after the other"), ("browser_ratio", f"over {CONNECTIONS} connections")):
        reached = "ok  " if found[name] <= 3 else "MISS"
        print(f"{reached} a changed filter, {title}, against the raw queries, times: {found[name]:.2f} (goal ≤ 3)")
    reached = "ok  " if found["questions"] <= found["shown"] else "MISS"
    print(
        f"{reached} round trips: {found['questions']:.0f} for {found['shown']:.0f} charts, tiles and figures of the briefing"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--every", choices=tuple(WIDTHS), default="auto", help="the window; auto is a week")
    parser.add_argument("--folder", type=Path, help="use the store in this folder, or make it there and leave it")
    parser.add_argument("--json", action="store_true", help="figures alone, as JSON")
    asked = parser.parse_args()
    require_current()
    with tempfile.TemporaryDirectory() as name:
        folder = asked.folder or Path(name)
        if not (folder / "metrics.duckdb").exists():
            fill(folder, asked.points)
        found = measure(folder, asked.rounds, asked.every)
    if asked.json:
        print(json.dumps(found))
    else:
        report(found)


if __name__ == "__main__":
    main()
