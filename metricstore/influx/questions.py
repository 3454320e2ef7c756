"""How a question is answered: from rollups where these answer it, else by storage where it can aggregate, else from rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from metricstore.catalogue import Measurement
from metricstore.grid import Grid
from metricstore.influx.aggregation import aggregated, counted_field, stepped
from metricstore.influx.combining import combined
from metricstore.influx.dimension import counted_by_value, dimension_of
from metricstore.influx.excluding import counted_without, excluding
from metricstore.influx.kept_rows import KeptRows
from metricstore.influx.local import aggregated_here, rows_of
from metricstore.influx.plan import Ask, Conditions, resolved
from metricstore.influx.rollups import answers
from metricstore.influx.rollups.complete import HOURS, Complete
from metricstore.influx.rollups.memory import Days, Memory
from metricstore.influx.rows import value_of
from metricstore.influx.spans import Span, clamped
from metricstore.point import moment, nanoseconds
from metricstore.query import PER_TIME, PERCENTILES, Filter, Query
from metricstore.rollups.planner import Known, Plan, Reason, plan, refused_beforehand


class Questions:
    """`ask` gives answers without annotations, `annotated` with them."""

    def __init__(self, ask: Ask, annotated: Ask, complete: Complete, rows: KeptRows) -> None:
        self._annotated = annotated
        self._complete = complete
        self._memory = Memory(ask)
        self._rows = rows

    def answer(self, query: Query, ask: Ask) -> Grid:
        """Of a question without a comparison. `ask` may be one that several questions share."""
        found = self._planned(query)
        if isinstance(found, Reason):
            return self.of_points(query, ask)
        chosen, days = found
        parts = tuple(replace(query, start=moment(start), stop=moment(stop)) for start, stop in chosen.points)
        if query.aggregate in PERCENTILES:
            return answers.percentile(query, chosen, days, self._points(query, parts, ask))
        return answers.added_up(query, chosen, days, self._steps(query, parts, ask) if parts else {})

    def refused_by_rollups(self, query: Query) -> Reason | None:
        found = self._planned(query)
        return found if isinstance(found, Reason) else None

    def _planned(self, query: Query) -> tuple[Plan, dict[str, Days]] | Reason:
        """From which hours and points the answer comes, and the columns of all days of these hours."""
        beforehand = Known(self._complete.layout(query.measurement))
        if refused_beforehand(query, beforehand):  # whatever is complete, and so without looking
            refused = plan(query, beforehand)
            assert isinstance(refused, Reason)
            return refused
        state = self._complete.state(query.measurement)
        if state is None:
            return Reason.NOT_KEPT
        wrong: tuple[int, ...] = ()
        while True:
            known = state.without(wrong) if wrong else state.known
            chosen = plan(query, known)
            if isinstance(chosen, Reason):
                return chosen
            # a day that is complete and was never made has no points
            days = {hour // HOURS for first, stop in chosen.hours for hour in _days(first, stop)} & state.made.keys()
            found, missing = self._memory.columns(
                query.measurement, answers.wanted(query, chosen), days, state.expected
            )
            if not missing:
                return chosen, found
            wrong = (*wrong, *missing)  # another process has just made them anew

    def _steps(self, query: Query, parts: Sequence[Query], ask: Ask) -> dict[str, Grid]:
        """What points of these parts say of each step."""
        counted = replace(query, aggregate="count") if query.aggregate in PER_TIME else query
        conditions = self._of(counted)
        field = counted_field(counted, conditions)
        if field is not None:
            return stepped(self._annotated, counted, conditions, field, parts)
        return {
            step: self._step(replace(query, aggregate=step), conditions, parts, ask) for step in answers.steps(query)
        }

    def _step(self, query: Query, conditions: Conditions, parts: Sequence[Query], ask: Ask) -> Grid:
        counted = self._counted(query, conditions, parts)
        if counted is not None:
            return counted
        rows = pd.concat(
            [rows_of(ask, _span(part), part, conditions, self._rows.read) for part in parts], ignore_index=True
        )
        values = value_of(rows, query.field) if query.field is not None else None
        groups = [value_of(rows, name) for name in query.by]
        return combined(query, query.aggregate, rows["_time"].to_numpy(), groups, values)

    def _points(self, query: Query, parts: Sequence[Query], ask: Ask) -> answers.Points:
        conditions = self._of(query)
        assert query.field is not None
        found = [rows_of(ask, _span(part), part, conditions, self._rows.read) for part in parts]
        times = [rows["_time"].to_numpy(dtype=np.int64) for rows in found]
        values = [value_of(rows, query.field).to_numpy(dtype=np.float64, na_value=np.nan) for rows in found]
        groups = [
            group
            for rows in found
            for group in (zip(*(_texts(value_of(rows, name)) for name in query.by), strict=True) if query.by else [()] * len(rows))
        ]  # fmt: skip
        return np.concatenate([np.empty(0, dtype=np.int64), *times]), groups, np.concatenate([np.empty(0), *values])

    def of_points(self, query: Query, ask: Ask) -> Grid:
        """The same from points alone."""
        conditions = self._of(query)
        field = counted_field(query, conditions)
        if field is not None:
            return aggregated(self._annotated, query, conditions, field)
        counted = self._counted(query, conditions)
        if counted is not None:
            return counted
        return aggregated_here(ask, _span(query), query, conditions, self._rows.read)

    def _counted(self, query: Query, conditions: Conditions, parts: Sequence[Query] = ()) -> Grid | None:
        """Of a question that storage counts in several steps; None for all others."""
        out = excluding(query, conditions)
        if out is not None:
            return counted_without(self._annotated, query, out, parts)
        # A question for each value is quick only as long as storage answers it alone: not where dates are moved.
        dimension = dimension_of(query, conditions) if conditions.timezone is None else None
        if dimension is None:
            return None
        return counted_by_value(self._annotated, query, conditions, dimension, parts)

    def conditions(self, source: Measurement, span: Span, where: tuple[Filter, ...], timezone: str) -> Conditions:
        return resolved(self._annotated, span, Conditions.of(source, where, span, timezone))

    def _of(self, query: Query) -> Conditions:
        return self.conditions(query.source, _span(query), query.where, query.timezone)


def _span(query: Query) -> Span:
    return clamped(nanoseconds(query.start), nanoseconds(query.stop))


def _days(first: int, stop: int) -> range:
    """An hour of each day that has some of the hours."""
    return range(first // HOURS * HOURS, stop, HOURS)


def _texts(values: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in values.astype(object)]
