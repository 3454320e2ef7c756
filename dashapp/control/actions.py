"""What commands can do, in the running application or by themselves: the same functions."""

# Imports inside functions: an action loads what it needs when it is asked for, so that the program starts sooner.

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from alerting.rule import Rule

Tell = Callable[[dict[str, Any]], None]
RARE = ("older", "expired", "error")
"""What is said of a run only where it is the case."""
REPORT = ("name", "outcome", "records", "points", "rejected", "duration_seconds", "warnings", *RARE)


def query(services: Mapping[str, Any], _tell: Tell, *, metric: str, params: dict[str, str]) -> Any:
    """The document `/api/v1/metrics/<metric>` answers with."""
    from dashapp.api import encoding
    from dashapp.api.emptiness import of_answer
    from dashapp.api.parameters import MetricRequest
    from metricstore.evaluation import evaluate
    from metricstore.metrics import metric as known_metric
    from metricstore.selection import Selection

    declared = known_metric(metric)
    store, now = services["metricstore"], datetime.now(UTC)
    asked = MetricRequest.read(declared, params, lambda: store, Selection(assume=services["settings"].assumed))
    found = evaluate(store, declared, asked.selection, by=asked.by, aggregate=asked.aggregate, now=now, strict=True)
    document = {
        **encoding.answer(found, asked.selection.compare),
        "empty": of_answer(store, found, declared, asked.selection, now),
    }
    # There and back through orjson: times, numbers and missing values exactly as the API writes them.
    return orjson.loads(encoding.dumps(document))


def collect(services: Mapping[str, Any], tell: Tell, *, names: list[str] | None, since: str | None) -> Any:
    """Run collectors once; a report for each, as a mapping."""

    def progress(name: str, state: Any, records: int) -> None:
        place = {"done": state.done, "total": state.total} if state is not None else None
        tell({"progress": {"name": name, "place": place, "records": records}})

    runner = services.get("runner")
    if runner is None:
        raise ValueError("the running application does not collect")
    moment = datetime.fromisoformat(since) if since else None
    return [summary(report) for report in runner.run_once(names or None, moment, progress)]


def backfill(services: Mapping[str, Any], tell: Tell, *, name: str, start: str, stop: str) -> Any:
    """Read [start, stop) (ISO 8601) of a collector's past again; its report as a mapping."""
    from collectors.runner.backfill import Span

    def progress(name: str, state: Any, records: int) -> None:
        place = {"done": state.done, "total": state.total} if state is not None else None
        tell({"progress": {"name": name, "place": place, "records": records}})

    runner = services.get("runner")
    if runner is None:
        raise ValueError("the running application does not collect")
    span = Span(datetime.fromisoformat(start), datetime.fromisoformat(stop))
    return summary(runner.backfill(name, span, progress))


def summary(report: Any) -> dict[str, Any]:
    """A run report as `collect --json` prints it."""
    found = {key: value for key, value in asdict(report).items() if key in REPORT}
    found["duration_seconds"] = round(found["duration_seconds"], 6)
    found["warnings"] = list(found["warnings"])
    return {key: found[key] for key in REPORT if key not in RARE or found[key]}


def info(services: Mapping[str, Any], _tell: Tell) -> Any:
    """What `doctor` says of the store."""
    return asdict(services["metricstore"].info())


def read_through(services: Mapping[str, Any], _tell: Tell) -> None:
    """Read all of the embedded store's file; StoreDamaged when that can't be done."""
    from metricstore.duck import DuckStore

    store = services["metricstore"].store
    if isinstance(store, DuckStore):
        store.read_through()


def points(services: Mapping[str, Any], tell: Tell) -> None:
    """Every point that is stored, as lines; see dashapp.backup.points."""
    from dashapp.backup.points import read_points

    def put(measurement: str, lines: bytes, count: int) -> None:
        tell({"progress": {"measurement": measurement, "lines": b64encode(lines).decode(), "points": count}})

    read_points(services["metricstore"], put)


def counts(services: Mapping[str, Any], _tell: Tell) -> Any:
    """Points by measurement."""
    from dashapp.backup.counting import counts as counted

    return counted(services["metricstore"])


def retention(services: Mapping[str, Any], _tell: Tell, *, kept: dict[str, int]) -> Any:
    """What is stored of each measurement, and what of it is older than `kept` says (days); see dashapp.retention.report."""
    from dashapp.retention.report import report
    from metricstore.retention import Retention

    return report(services["metricstore"], services["settings"], Retention.of(kept))


def retention_apply(services: Mapping[str, Any], _tell: Tell, *, kept: dict[str, int]) -> Any:
    """Delete what is older than `kept` says (days); the run's report as a mapping."""
    from dashapp.retention.scheduled import ScheduledRetention
    from metricstore.retention import Retention

    runner, own = services.get("runner"), services["settings"].retention
    if runner is None:
        raise ValueError("the running application does not collect")
    if Retention.of(kept) != own:
        raise ValueError(
            f"the running application keeps points otherwise (DASHAPP_RETENTION={own}): start it again with this setting first"
        )
    return summary(runner.run_in_place(ScheduledRetention(own, by_hand=True)))


def restart(services: Mapping[str, Any], _tell: Tell) -> None:
    """End in order and start again with the same settings; the caller need not wait for it."""
    services["restart"]()


def export(services: Mapping[str, Any], tell: Tell, **asked: Any) -> Any:
    """A file, piece by piece; see dashapp.downloads.export."""
    from dashapp.downloads.export import export as write

    return write(services, tell, **asked)


def alert_backtest(
    services: Mapping[str, Any], _tell: Tell, *, text: str, file: str, since: str, only: list[str], segments: dict[str, dict[str, str]]
) -> Any:  # fmt: skip
    """A document for each rule of a file's text, or for those of `only`; see alerting.backtest."""
    from alerting.backtest import backtest, document
    from alerting.rule_file import read_rules
    from metricstore.selection import Selection

    now = datetime.now(UTC)
    start, _ = Selection(start=since).range(now)
    rules = _within(read_rules(text, file)[0], segments)
    chosen = [rule for rule in rules if (rule.id in only if only else not rule.momentary)]
    return [document(backtest(services["metricstore"], rule, start, now)) for rule in chosen]


def alert_try(
    services: Mapping[str, Any], _tell: Tell, *, text: str, file: str, rule: str, windows: int, links: str, segments: dict[str, dict[str, str]]
) -> Any:  # fmt: skip
    """What a rule of a file's text comes to now; see dashapp.alerts.trying."""
    from alerting.rule_file import read_rules
    from dashapp.alerts.trying import attempt
    from dashapp.alerts.wording import Links

    rules = _within(read_rules(text, file)[0], segments)
    chosen = next(one for one in rules if one.id == rule)
    return attempt(services["metricstore"], chosen, datetime.now(UTC), windows, Links(links))


def _within(rules: list[Rule], segments: Mapping[str, Mapping[str, str]]) -> list[Rule]:
    """With their segments, given in the words of an address."""
    from alerting.rule import within_segments
    from metricstore.segment import Segment

    return within_segments(rules, {name: Segment.from_params(words) for name, words in segments.items()})


ACTIONS: dict[str, Callable[..., Any]] = {
    "query": query, "collect": collect, "backfill": backfill, "export": export, "info": info, "read_through": read_through,
    "points": points, "counts": counts, "restart": restart, "retention": retention, "retention_apply": retention_apply,
    "alert_backtest": alert_backtest, "alert_try": alert_try,
}  # fmt: skip
