"""From what is declared and chosen to a table: charts, tables of records, a page's key figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from dashapp.downloads.table import Column, Facts, Table
from layouts.charts import Chart
from layouts.charts.caveats import compared, empty_sentence, least_or_most, not_counted
from layouts.charts.marks import is_empty
from layouts.formats import COMPARED_WITH, column_name, filter_text, inside
from layouts.panel import joined
from layouts.tables import Table as Listed
from metricstore import caveats, nothing
from metricstore.catalogue import Measurement, measurement
from metricstore.dates import as_given
from metricstore.emptiness import of_metric, of_records
from metricstore.evaluation import Answer
from metricstore.metrics import Metric
from metricstore.plans import ask_together
from metricstore.query import DATE_LIMIT, Filter, RecordQuery
from metricstore.restriction import access
from metricstore.selection import Selection, join_values, literal
from metricstore.spelling import Kind, kind_of
from metricstore.store import Store
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import zone
from questions.captions import caption
from questions.charts import ChartAnswers, as_asked, ask_chart, named
from questions.tables import question
from questions.tiles import figures_of, plan_tile

_MISSING = "why there is no value: " + ", ".join(nothing.KINDS)
_MISSING_BEFORE = "why there is nothing to compare with: " + ", ".join(nothing.COMPARED_KINDS)
_BOUND = "bound"
_BOUNDS = "lower: the value is the least it can be, upper: the most, as not all of its records are sure"
_CONFLICTS = "rows of the source that claim the same with other figures and are not counted"
_SIGNS = {"any": "", "none": "!", "contains": "~", "min": ">=", "max": "<="}


@dataclass(frozen=True)
class Asked:
    """Which records: those of a table with what was typed under its headings, or those behind a mark of a chart."""

    measurement: str
    columns: tuple[str, ...] = ()
    """Empty: all of them."""
    order: str = "time"
    descending: bool = True
    words: Mapping[str, str] = field(default_factory=dict)
    chart: str | None = None
    value: str | None = None
    at: str | None = None
    table: str | None = None
    """The page's table whose own conditions hold."""

    @classmethod
    def of_table(cls, listed: Listed) -> Asked:
        return cls(listed.measurement, listed.columns, listed.order, listed.descending, table=listed.id)

    def query(self, selection: Selection, now: datetime) -> RecordQuery:
        """The very question the table on the page asks, for all of its records."""
        source = measurement(self.measurement)
        state = {"sort": self.order, "descending": self.descending, "page": 0, "words": dict(self.words)}
        told = {"chart": self.chart, "value": self.value, "at": self.at, "table": self.table}
        scope = {"measurement": source.name, "columns": self.columns or ("time", *source.columns),
                 **{name: text for name, text in told.items() if text is not None}}  # fmt: skip
        return question(selection, source, state, scope, now)


def chart_table(store: Store, chart: Chart, selection: Selection, now: datetime, view: str = "") -> Table:
    """The chart's numbers, all of them, as its table twin shows them: unrounded."""
    asked = ask_chart(store, chart, selection, now)
    found = asked.answers
    answers = list(found.values())
    main = answers[0]
    frame = _with_bounds(joined(answers), answers)
    columns = [Column("time", "time", "time", meaning="begin of the window")] if main.every is not None else []
    columns += [Column(name, name, "text") for name in main.by]
    for place, answer in enumerate(answers):
        columns += _value_columns(answer, place, selection.compare)
    typed = frame.assign(**{c.key: frame[c.key].astype("Int64") for c in columns if c.kind == "int"})
    columns_known = (*chart.declared.source.columns, *TIME_PARTS)
    filters = [*selection.filters(columns_known), *_limits(store, chart.declared.source)]
    facts = Facts(
        title=chart.title, view=view, question=_chart_question(chart, selection, main, columns_known),
        filters=_in_words(filters), start=main.start, stop=main.stop, timezone=main.timezone,
        window=str(main.every) if main.every else "none", data_as_of=now, newest=_newest(store, chart.declared.source, main.timezone),
        remark=_said(store, chart, selection, now, asked),
    )  # fmt: skip
    return Table(_name(chart.id, main.start, main.stop, main.timezone), tuple(columns), facts, lambda: iter([typed]),
                 rows=len(typed))  # fmt: skip


def _said(store: Store, chart: Chart, selection: Selection, now: datetime, asked: ChartAnswers) -> str:
    """What stands under the chart, and why there is nothing in it."""
    data = asked.data(selection)
    said = [caption(chart, selection, data, asked.left_out)]
    if data is None:
        said.insert(0, _why_empty(store, chart.declared, as_asked(chart, selection), now))
    return " ".join(filter(None, said))


def _why_empty(store: Store, declared: Metric, selection: Selection, now: datetime) -> str:
    what, figure = named(declared)
    return empty_sentence(of_metric(store, declared, selection, now), what, selection, figure)


def _caveats(store: Store, answer: Answer, selection: Selection, now: datetime) -> str:
    """What is to be said of a metric's answer as a whole."""
    if is_empty(answer):
        return _why_empty(store, answer.metric, selection, now)
    said = [compared(answer, selection.compare), least_or_most(caveats.bound_of(answer))]
    not_counted_rows = not_counted(caveats.conflicting(answer))
    return " ".join(filter(None, (*said, f"{not_counted_rows}." if not_counted_rows else "")))


def metric_table(store: Store, answer: Answer, selection: Selection, now: datetime, question: str) -> Table:
    """One metric's answer, as `/api/v1/metrics/<name>` gives it."""
    frame = _with_bounds(answer.frame.copy(), [answer], "")
    columns = [Column("time", "time", "time", meaning="begin of the window")]
    columns += [Column(name, name, "text") for name in answer.by]
    values = _value_columns(answer, 0, selection.compare)
    columns += [replace(column, key=column.key.removesuffix("0")) for column in values]
    typed = frame.assign(**{c.key: frame[c.key].astype("Int64") for c in columns if c.kind == "int"})
    source = answer.metric.source
    filters = [*selection.filters((*source.columns, *TIME_PARTS)), *_limits(store, source)]
    facts = Facts(
        title=answer.metric.title, view="", question=question, filters=_in_words(filters), start=answer.start, stop=answer.stop,
        timezone=answer.timezone, window=str(answer.every) if answer.every else "none", data_as_of=now,
        newest=_newest(store, source, answer.timezone), remark=_caveats(store, answer, selection, now),
    )  # fmt: skip
    return Table(_name(answer.metric.name, answer.start, answer.stop, answer.timezone), tuple(columns), facts, lambda: iter([typed]),
                 rows=len(typed))  # fmt: skip


def _value_columns(answer: Answer, place: int, compare: str | None) -> list[Column]:
    metric, aggregate, name = answer.metric, answer.aggregate, answer.column
    unit = metric.unit_of(aggregate)
    kind: Kind = "int" if _whole(answer) else "float"
    found = [Column(f"value{place}", name, kind, unit, metric.meaning)]
    if "comparison" in answer.frame and compare is not None:
        before = COMPARED_WITH[compare]
        found.append(Column(f"comparison{place}", f"{name}_before", kind, unit, before))
        found.append(Column(f"{nothing.COMPARED}{place}", f"{name}_before_missing", "text", "", _MISSING_BEFORE))
    if nothing.NUMBER in answer.frame:
        found.append(Column(f"{nothing.NUMBER}{place}", f"{name}_n", "int", "", "how many values it is taken of"))
    found.append(Column(f"{nothing.COLUMN}{place}", f"{name}_missing", "text", "", _MISSING))
    if metric.bound is not None:
        found.append(Column(f"{_BOUND}{place}", f"{name}_bound", "text", "", _BOUNDS))
    if caveats.conflicting(answer):
        found.append(Column(f"{caveats.CONFLICTING}{place}", f"{name}_rows_not_counted", "int", "", _CONFLICTS))
    return found


def _with_bounds(frame: pd.DataFrame, answers: Sequence[Answer], suffix: str = "{}") -> pd.DataFrame:
    """The frame with a column that says to which side each value may be off."""
    for place, answer in enumerate(answers):
        if answer.metric.bound is not None:
            end = suffix.format(place)
            own = frame[[f"{name}{end}" for name in ("value", caveats.UNSURE)]]
            frame[f"{_BOUND}{end}"] = caveats.row_bounds(answer.metric, own.set_axis(["value", caveats.UNSURE], axis=1))
    return frame


def _whole(answer: Answer) -> bool:
    """Whether the values can only be whole numbers."""
    metric = answer.metric
    if metric.per is not None or metric.model is not None or metric.scale != 1.0:
        return False
    if answer.aggregate in ("count", "distinct"):
        return True
    name = metric.measure.field
    whole = name is not None and metric.source.field(name).type == "int"
    return whole and answer.aggregate in ("sum", "min", "max", "last")


def records_table(
    store: Store, asked: Asked, selection: Selection, now: datetime, *, title: str, name: str, view: str = ""
) -> Table:
    """Single records, streamed from the store."""
    query = access(store).narrowed_records(asked.query(selection, now))
    source = query.source
    columns = tuple(_record_column(source, key) for key in ("time", *query.wanted))
    asked_where = tuple(condition for condition in query.where if condition.column != DATE_LIMIT)
    words = [(condition.column, join_values(_words(condition))) for condition in asked_where]
    order = f"{'-' if query.descending else ''}{query.order}"
    asked_words = [("start", query.start.isoformat()), ("stop", query.stop.isoformat()), ("tz", selection.timezone),
                   ("order", order), ("columns", ",".join(query.wanted)), *words]  # fmt: skip
    ignored = _ignored(source, selection)
    facts = Facts(
        title=title, view=view, question=f"/api/v1/records/{source.name}?{urlencode(asked_words)}",
        filters=_in_words(asked_where), start=query.start, stop=query.stop, timezone=selection.timezone,
        window="records", data_as_of=now, newest=_newest(store, source, query.timezone),
        remark=f"not filtered by {' and '.join(ignored)}, which these records do not have" if ignored else "",
    )  # fmt: skip
    return Table(
        _name(name, query.start, query.stop, query.timezone), columns, facts, lambda: store.stream(query),
        lambda spelling: store.lines(query, spelling), count=lambda: _count(store, query), exact=source.exact,
        why_empty=lambda: empty_sentence(
            of_records(store, query, (*selection.where, *dict(asked.words))), inside(source.title), selection),
    )  # fmt: skip


def key_figures(store: Store, page: str, selection: Selection, now: datetime, view: str = "") -> Table:
    """The tiles of a page."""
    rows: list[dict[str, Any]] = []
    declared_here = figures_of(store, page)
    plans = [partial(plan_tile, declared, selection, now) for declared in declared_here]
    for declared, settle in zip(declared_here, ask_together(store, plans), strict=True):
        shown = settle()
        rows.append({"metric": declared.name, "title": declared.title, "value": math.nan if shown.missing else shown.value, "before": shown.before,
                     "unit": declared.unit, "meaning": declared.meaning, "missing": shown.missing, "before_missing": shown.before_missing,
                     "bound": shown.bound.side if shown.bound else "", "remark": "; ".join(shown.remarks)})  # fmt: skip
    columns = [Column("metric", "metric", "text"), Column("title", "title", "text"), Column("value", "value", "float")]
    columns += (
        [Column("before", "before", "float"), Column("before_missing", "before_missing", "text")]
        if selection.compare
        else []
    )
    columns += [Column(name, name, "text") for name in ("unit", "meaning", "missing", "bound", "remark")]
    frame = pd.DataFrame(rows, columns=[*(column.key for column in columns)])
    start, stop = selection.range(now)
    facts = Facts("Key figures", view, f"/api/v1/metrics?{urlencode(selection.params())}",
                  _in_words(selection.filters()), start, stop, selection.timezone, "none", now)  # fmt: skip
    return Table(_name("key_figures", start, stop, selection.timezone), tuple(columns), facts, lambda: iter([frame]), rows=len(frame))  # fmt: skip


def _record_column(source: Measurement, name: str) -> Column:
    kind = kind_of(source, name)
    if name == "time":
        return Column("time", "time", kind, meaning=source.time)
    if not source.has_field(name):
        return Column(name, name, kind, meaning=next(tag.meaning for tag in source.tags if tag.name == name))
    known = source.field(name)
    return Column(name, name, kind, known.unit, known.meaning, known.moment)


def _count(store: Store, query: RecordQuery) -> int:
    return store.records(replace(query, limit=1, columns=()), count=True).total or 0


def _newest(store: Store, source: Measurement, timezone: str) -> date | datetime | None:
    known = store.bounds(source.name, timezone)
    return as_given(source, known[1], timezone) if known else None


def _limits(store: Store, source: Measurement) -> Iterator[Filter]:
    """What the viewer's segments add to every question."""
    for segment in access(store).segments:
        yield from (condition for condition in segment.filters() if condition.column in (*source.columns, *TIME_PARTS))


def _words(condition: Filter) -> tuple[str, ...]:
    """A filter in the words of an address."""
    sign = _SIGNS[condition.operator]
    texts = [f"{value:g}" if isinstance(value, float) else str(value) for value in condition.values]
    return tuple(f"{sign}{text}" if sign else literal(text) for text in texts)


def _ignored(source: Measurement, selection: Selection) -> list[str]:
    """Columns the selection filters by and the measurement does not have."""
    return [column for column in selection.where if column not in source.columns and column not in TIME_PARTS]


def _in_words(filters: Iterable[Filter]) -> tuple[str, ...]:
    """Each filter as people say it; the same one twice is said once."""
    return tuple(dict.fromkeys(filter_text(condition.column, _words(condition)) for condition in filters))


def _chart_question(chart: Chart, selection: Selection, main: Answer, columns: tuple[str, ...]) -> str:
    own = {key: words for key, words in selection.where.items() if key in columns}
    params = {"start": main.start.isoformat(), "stop": main.stop.isoformat(), "tz": main.timezone,
              "every": str(main.every) if main.every else "none", "by": ",".join(chart.by), "agg": main.aggregate,
              "compare": selection.compare or "", **Selection(where=own).params()}  # fmt: skip
    return f"/api/v1/metrics/{chart.metric}?{urlencode({key: text for key, text in params.items() if text})}"


def _name(name: str, start: datetime, stop: datetime, timezone: str) -> str:
    """With the days the range begins and ends on in the viewer's zone."""
    first, last = (moment.astimezone(zone(timezone)) for moment in (start, stop))
    return f"{name}_{first:%Y%m%d}-{last:%Y%m%d}"


def heading(name: str) -> str:
    """A measurement's title for people."""
    return measurement(name).title or column_name(name)
