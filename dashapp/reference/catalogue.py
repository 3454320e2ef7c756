"""Pages on metrics, measurements and charts."""

from __future__ import annotations

from itertools import groupby

from dashapp.reference.markdown import code, codes, table
from layouts.pages import CHARTS
from metricstore.catalogue import MEASUREMENTS, Field, Measurement, Tag
from metricstore.metrics import METRICS, Measure, Metric
from metricstore.query import PERCENTILE_METHOD, PERCENTILES


def metrics() -> str:
    parts = [
        "# Metrics\n",
        "Each can be asked for at `/api/v1/metrics/<name>`, by `dashapp query <name>`, and is drawn by charts.",
        "It can be grouped and filtered by the columns of its [measurement](measurements.md).",
        "A ratio is taken of the records that have all of its parts: one that lacks a part changes nothing.",
        f"Percentiles ({codes(PERCENTILES)}), a metric's own and those asked for by `agg`, are taken by {PERCENTILE_METHOD}.\n",
        table(
            ("name", "title", "unit", "what it says", "from", "own aggregate", "good"),
            [
                (code(metric.name), metric.title, metric.unit, _meaning(metric), _link(metric), _asked(metric.measure),
                 {"up": "more", "down": "less"}.get(metric.good, ""))
                for metric in METRICS.values()
            ],
        ),
    ]  # fmt: skip
    return "\n".join(parts)


def _meaning(metric: Metric) -> str:
    formula = f"; formula: {metric.formula}" if metric.formula else ""
    provenance = f" ({metric.provenance})" if metric.provenance != "measured" else ""
    return f"{metric.meaning}{provenance}{formula}{_bound(metric)}"


def _bound(metric: Metric) -> str:
    if metric.bound is None:
        return ""
    how = "least" if metric.bound.side == "lower" else "most"
    return f"; the {how} it can be while there are {code(metric.bound.counted_by)}"


def _link(metric: Metric) -> str:
    name = metric.measure.measurement
    return f"[{name}](measurements.md#{name})"


def _asked(measure: Measure) -> str:
    return code(measure.aggregate) + (f" of {code(measure.field)}" if measure.field else "")


def measurements() -> str:
    intro = (
        "# Measurements\n\nWhat is stored. Tags and timestamp are a point's identity; fields are what it says and may change. "
        "A field marked *dimension* can be grouped by, as tags can. Every column can be filtered by.\n"
    )
    return "\n".join([intro, *(_measurement(source) for source in MEASUREMENTS.values())])


def _measurement(source: Measurement) -> str:
    rows = [*(_tag(tag) for tag in source.tags), *(_field(field) for field in source.fields)]
    asked = [metric.name for metric in METRICS.values() if metric.measure.measurement == source.name]
    return "\n".join(
        [
            f"## {source.name}\n",
            f"{source.title}. Time: {source.time}." + (f" Metrics: {codes(asked)}." if asked else "") + "\n",
            table(("column", "kind", "type", "unit", "meaning", "values"), rows),
        ]
    )


def _tag(tag: Tag) -> tuple[str, ...]:
    return code(tag.name), "tag", "string", "", tag.meaning, codes(tag.values)


def _field(field: Field) -> tuple[str, ...]:
    kind = "dimension" if field.dimension else "field"
    return code(field.name), kind, field.type, field.unit, field.meaning, codes(field.values)


def charts() -> str:
    parts = ["# Charts\n", "Listed at `/api/v1/charts`; what each is drawn from is at `/api/v1/charts/<id>`.\n"]
    for page, found in groupby(CHARTS.values(), key=lambda chart: chart.page):
        rows = [
            (code(chart.id), chart.title, code(chart.metric), codes(chart.by), codes(chart.also), chart.note)
            for chart in found
        ]
        parts += [f"## {page.capitalize()}\n", table(("id", "title", "metric", "by", "also drawn", "note"), rows)]
    return "\n".join(parts)
