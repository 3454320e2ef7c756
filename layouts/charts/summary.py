"""What a chart shows, in a sentence or two: for those who hear it, and beside every picture that stands alone."""

from __future__ import annotations

import pandas as pd

from layouts.charts.marks import adds_up
from layouts.charts.model import ChartData
from layouts.formats import change, measured
from layouts.value_names import aggregate_name, name_of
from metricstore.evaluation import Answer
from metricstore.metrics import Metric
from metricstore.windows import zone

_MOST = 3
"""Of more series or values only the number is said."""
_WINDOWS = {"m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "q": "quarter", "y": "year"}


def summary(data: ChartData) -> str:
    """Range, last value, largest and change over time; else the largest and the smallest value. "" where nothing is known."""
    answer = data.answer
    frame = _known(answer.frame)
    if frame.empty:
        return ""
    return _over_time(data, frame) if answer.every is not None else _of_values(data, frame)


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with a value."""
    there = frame["value"].notna().to_numpy()
    return frame if there.all() else frame[there]


def _over_time(data: ChartData, frame: pd.DataFrame) -> str:
    """`Each day from 1 Nov 2026 to 30 Nov 2026. LinkedIn 300 posts, X 112 posts. All: last 12 posts on …, most … on ….`"""
    answer = data.answer
    assert answer.every is not None
    times = frame["time"]
    unit = _WINDOWS[answer.every.unit]
    each = f"Each {unit}" if answer.every.count == 1 else f"Every {answer.every.count} {unit}s"
    parts = [f"{each} from {_when(times.min(), answer)} to {_when(times.max(), answer)}"]
    if not answer.by:
        parts += [_course(one, _known(one.frame), label) for label, one in labelled(data)]
        return _joined([*parts, _against_before(answer)])
    sizes = (
        frame.groupby(answer.by[0])["value"]
        .agg("sum" if adds_up(answer) else "mean")
        .sort_values(ascending=False, kind="stable")
    )
    if adds_up(answer):
        whole = frame.groupby("time")["value"].sum().reset_index()
        parts += [_listed(sizes, answer.metric, answer.by[0]), _course(answer, whole, "All" if len(sizes) > 1 else "")]
    else:
        rows = {str(name): own for name, own in frame.groupby(answer.by[0])}
        parts += [_course(answer, rows[str(name)], name_of(str(name), answer.by[0])) for name in sizes.index[:_MOST]]
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


def _course(answer: Answer, rows: pd.DataFrame, label: str) -> str:
    """`All: last 12 posts on 30 Nov 2026, most 31 posts on 14 Nov 2026`."""
    if rows.empty:
        return f"{label}: nothing known" if label else ""
    values, times = rows["value"].to_numpy(), rows["time"]
    most = int(values.argmax())
    said = f"last {_value(values[-1], answer.metric)} on {_when(times.iloc[-1], answer)}"
    if len(rows) > 1:
        said += f", first {_value(values[0], answer.metric)}, most {_value(values[most], answer.metric)} on {_when(times.iloc[most], answer)}"
    return f"{label}: {said}" if label else said[0].upper() + said[1:]


def _against_before(answer: Answer) -> str:
    """`+8 % against the comparison period`, where what is compared adds up."""
    if "comparison" not in answer.frame or not adds_up(answer):
        return ""
    known = answer.frame.dropna(subset=["value", "comparison"])
    moved = change(known["value"].sum(), known["comparison"].sum(), answer.metric.unit) if len(known) else None
    return f"{moved} against the comparison period" if moved else ""


def _of_values(data: ChartData, frame: pd.DataFrame) -> str:
    """`6 values. Most: LinkedIn 30 posts, X 20 posts; least: Instagram 1 post.`"""
    answer = data.answer
    if not answer.by:
        known = ((label, one, one.frame["value"].dropna()) for label, one in labelled(data))
        return _joined([f"{label}: {_value(values.iloc[0], one.metric)}" if label else _value(values.iloc[0], one.metric)
                        for label, one, values in known if len(values)])  # fmt: skip
    groups = zip(*(frame[column].astype(str) for column in answer.by), strict=True)
    names = [" and ".join(map(name_of, group, answer.by)) for group in groups]
    values = pd.Series(frame["value"].to_numpy(), index=names).sort_values(ascending=False, kind="stable")
    if len(values) == 1:
        return f"{values.index[0]}: {_value(values.iloc[0], answer.metric)}."
    return _joined([_listed(values, answer.metric)])


def _listed(values: pd.Series, metric: Metric, column: str = "") -> str:
    """`LinkedIn 300 posts, X 112 posts and 4 more, down to Instagram 1 post`, the largest first."""
    said = [f"{name_of(str(name), column)} {_value(value, metric)}" for name, value in values.items()]
    if len(said) <= _MOST:
        return ", ".join(said)
    return f"{', '.join(said[:_MOST])} and {len(said) - _MOST} more, down to {said[-1]}"


def _value(value: float, metric: Metric) -> str:
    return " ".join(filter(None, measured(float(value), metric)))


def _when(moment: pd.Timestamp, answer: Answer) -> str:
    assert answer.every is not None
    local = moment.tz_convert(zone(answer.timezone))
    day = f"{local.day} {local:%b %Y}"
    return f"{day}, {local:%H:%M}" if answer.every.unit in ("m", "h") else day


def _joined(parts: list[str]) -> str:
    return " ".join(f"{part}." for part in parts if part)
