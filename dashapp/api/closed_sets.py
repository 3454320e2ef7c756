"""Sets of values that are closed, under the names that OpenAPI and clients made from it give them: each from its own
declaration."""

from __future__ import annotations

from typing import get_args

from briefing.change_columns import HOUR
from dashapp.accounts.user import ROLES, SCOPES
from dashapp.api.formats import MIMETYPES
from dashapp.api.parameters import FALSE, TRUE
from dashapp.api.schemas import one_of
from dashapp.embeds.model import Kind as EmbedKind
from dashapp.embeds.model import Look
from layouts.pages import CHARTS, TABLES, TILES
from metricstore.catalogue import MEASUREMENTS, FieldType
from metricstore.emptiness import KINDS as EMPTY_KINDS
from metricstore.goal import DIRECTIONS, PERIODS
from metricstore.metrics import METRICS
from metricstore.metrics.model import Good, Provenance, Side
from metricstore.nothing import COMPARED_KINDS, KINDS
from metricstore.query import AGGREGATES, Compare
from metricstore.spelling import Kind

_DIMENSIONS = {name for source in MEASUREMENTS.values() for name in source.dimensions}
_COLUMNS = {name for source in MEASUREMENTS.values() for name in source.columns}
_WINDOWS = ("auto", "none", "1m", "5m", "15m", "30m", "1h", "6h", "12h", "1d", "1w", "1mo", "1q", "1y")

METRIC = one_of("MetricName", METRICS)
CHART = one_of("ChartId", CHARTS)
TABLE = one_of("TableId", (listed.id for tables in TABLES.values() for listed in tables))
PAGE = one_of("PageId", TILES)
MEASUREMENT = one_of("MeasurementName", MEASUREMENTS)
DIMENSION = one_of("DimensionName", sorted(_DIMENSIONS))
CHANGE_COLUMN = one_of("ChangeColumn", sorted({*_DIMENSIONS, HOUR}))
COLUMN = one_of("ColumnName", sorted(_COLUMNS))
AGGREGATE = one_of("Aggregate", AGGREGATES)
WINDOW = one_of("WindowChoice", _WINDOWS)
COMPARISON = one_of("Comparison", get_args(Compare))
FORMAT = one_of("AnswerFormat", MIMETYPES)
PROOF = one_of("ProofChoice", ("0", "1", "file"))
TRUTH_WORD = one_of("Truth", (*TRUE, *FALSE))
MISSING_REASON = one_of("MissingReason", KINDS)
COMPARISON_MISSING_REASON = one_of("ComparisonMissingReason", COMPARED_KINDS)
EMPTY_CAUSE = one_of("EmptyCause", EMPTY_KINDS)
BOUND_SIDE = one_of("BoundSide", get_args(Side))
GOAL_DIRECTION = one_of("GoalDirection", DIRECTIONS)
GOAL_PERIOD = one_of("GoalPeriod", PERIODS)
GOOD = one_of("GoodDirection", get_args(Good))
PROVENANCE = one_of("Provenance", get_args(Provenance))
COLUMN_KIND = one_of("ColumnKind", get_args(Kind))
FIELD_TYPE = one_of("FieldType", get_args(FieldType))
ROLE = one_of("Role", ROLES)
SCOPE = one_of("Scope", SCOPES)
EMBED_KIND = one_of("EmbedKind", get_args(EmbedKind))
EMBED_THEME = one_of("EmbedTheme", get_args(Look))
