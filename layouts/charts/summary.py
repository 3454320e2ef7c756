"""What a chart shows, in a sentence or two: for those who hear it, and beside every picture that stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from layouts.charts.marks import adds_up, groups
from layouts.charts.model import ChartData
from layouts.formats import change, measured
from layouts.value_names import aggregate_name, name_of
from metricstore.evaluation import Answer
from metricstore.grid import Numbers
from metricstore.metrics import Metric
from metricstore.point import moment
from metricstore.windows import zone

_MOST = 3
"""Of more series or values only the number is said."""
_WINDOWS = {"m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "q": "quarter", "y": "year"}


def summary(data: ChartData) -> str:
    """Range, last value, largest and change over time; else the largest and the smallest value. "" where nothing is known."""
    if np.isnan(data.answer.rows["value"]).all():
        return ""
    return _over_time(data) if data.answer.every is not None else _of_values(data)


def _over_time(data: ChartData) -> str:
    """`Each day from 1 Nov 2026 to 30 Nov 2026. LinkedIn 300 posts, X 112 posts. All: last 12 posts on …, most … on ….`"""
    answer = data.answer
    assert answer.every is not None
    rows = answer.rows
    times = rows.starts[~np.isnan(rows.added_up())]
    unit = _WINDOWS[answer.every.unit]
    each = f"Each {unit}" if answer.every.count == 1 else f"Every {answer.every.count} {unit}s"
    parts = [f"{each} from {_when(times[0], answer)} to {_when(times[-1], answer)}"]
    if not answer.by:
        parts += [_course(one, one.rows.added_up(), label) for label, one in labelled(data)]
        return _joined([*parts, _against_before(answer)])
    known = [(name, own) for name, own in groups(answer) if not np.isnan(own["value"]).all()]
    size = np.nansum if adds_up(answer) else np.nanmean
    sizes = _largest_first((name, float(size(own["value"]))) for name, own in known)
    if adds_up(answer):
        whole = _course(answer, rows.added_up(), "All" if len(sizes) > 1 else "")
        parts += [_listed(sizes, answer.metric, answer.by[0]), whole]
    else:
        courses = {name: own.added_up() for name, own in known}
        parts += [_course(answer, courses[name], name_of(name, answer.by[0])) for name, _ in sizes[:_MOST]]
        parts += [f"and {len(sizes) - _MOST} more"] if len(sizes) > _MOST else []
    return _joined([*parts, _against_before(answer)])


def labelled(data: ChartData) -> list[tuple[str, Answer]]:
    """Each answer with what sets it apart from the others: its aggregate, else its metric. A lone one needs no label."""
    answers = (data.answer, *data.also.values())
    if len(answers) == 1:
        return [("", data.answer)]
    metrics, aggregates = ({one.metric.name for one in answers}, {one.aggregate for one in answers})
    parts = [
        ([one.metric.title] if len(metrics) > 1 else [])
        + ([aggregate_name(one.aggregate)] if len(aggregates) > 1 else [])
        for one in answers
    ]
    return [(", ".join(part), one) for part, one in zip(parts, answers, strict=True)]


def _course(answer: Answer, by_window: Numbers, label: str) -> str:
    """`All: last 12 posts on 30 Nov 2026, most 31 posts on 14 Nov 2026`."""
    there = ~np.isnan(by_window)
    values, times = by_window[there], answer.rows.starts[there]
    if not len(values):
        return f"{label}: nothing known" if label else ""
    most = int(values.argmax())
    said = f"last {_value(values[-1], answer.metric)} on {_when(times[-1], answer)}"
    if len(values) > 1:
        said += f", first {_value(values[0], answer.metric)}, most {_value(values[most], answer.metric)} on {_when(times[most], answer)}"
    return f"{label}: {said}" if label else said[0].upper() + said[1:]


def _against_before(answer: Answer) -> str:
    """`+8 % against the comparison period`, where what is compared adds up."""
    rows = answer.rows
    if "comparison" not in rows or not adds_up(answer):
        return ""
    known = ~np.isnan(rows["value"]) & ~np.isnan(rows["comparison"])
    value, before = (float(rows[name][known].sum()) for name in ("value", "comparison"))
    moved = change(value, before, answer.metric.unit) if known.any() else None
    return f"{moved} against the comparison period" if moved else ""


def _of_values(data: ChartData) -> str:
    """`6 values. Most: LinkedIn 30 posts, X 20 posts; least: Instagram 1 post.`"""
    answer = data.answer
    if not answer.by:
        known = ((label, one.metric, float(one.rows["value"][0])) for label, one in labelled(data))
        return _joined([f"{label}: {_value(value, metric)}" if label else _value(value, metric)
                        for label, metric, value in known if not np.isnan(value)])  # fmt: skip
    pairs = zip(answer.rows.labels, answer.rows["value"].tolist(), strict=True)
    found = _largest_first(
        (" and ".join(map(name_of, label, answer.by)), value) for label, value in pairs if not np.isnan(value)
    )
    if len(found) == 1:
        return f"{found[0][0]}: {_value(found[0][1], answer.metric)}."
    return _joined([_listed(found, answer.metric)])


def _largest_first(values: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(values, key=lambda one: -one[1])


def _listed(values: Sequence[tuple[str, float]], metric: Metric, column: str = "") -> str:
    """`LinkedIn 300 posts, X 112 posts and 4 more, down to Instagram 1 post`, the largest first."""
    said = [f"{name_of(name, column)} {_value(value, metric)}" for name, value in values]
    if len(said) <= _MOST:
        return ", ".join(said)
    return f"{', '.join(said[:_MOST])} and {len(said) - _MOST} more, down to {said[-1]}"


def _value(value: float, metric: Metric) -> str:
    return " ".join(filter(None, measured(float(value), metric)))


def _when(nanoseconds: int, answer: Answer) -> str:
    assert answer.every is not None
    local = moment(int(nanoseconds)).astimezone(zone(answer.timezone))
    day = f"{local.day} {local:%b %Y}"
    return f"{day}, {local:%H:%M}" if answer.every.unit in ("m", "h") else day


def _joined(parts: list[str]) -> str:
    return " ".join(f"{part}." for part in parts if part)
