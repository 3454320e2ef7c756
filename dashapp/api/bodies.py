"""Bodies of the requests that change accounts and annotations. What a schema can say is said by it (400); what depends on
what is there already is told by the view (404, 409)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    create_model,
    model_validator,
)

from dashapp.accounts.annotations import LONGEST, LONGEST_TAG, MOST_TAGS
from dashapp.accounts.user import Role, Scope
from dashapp.api.endpoints import START
from dashapp.api.schemas import ZONE, one_of
from metricstore.catalogue import MEASUREMENTS
from metricstore.errors import InvalidQuestion
from metricstore.goal import DIRECTIONS, PERIODS
from metricstore.metrics import METRICS
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import zone

_WRITABLE = r"[^\x00-\x1f\x7f-\x9f]"
_LINE = rf"^{_WRITABLE}*[^\s\x00-\x1f\x7f-\x9f]{_WRITABLE}*$"
"""One line with something to read in it."""
_NO_COMMA = r"[^\x00-\x1f\x7f-\x9f,]"
NAME_OF_USER = r"^[A-Za-z0-9][A-Za-z0-9._+@-]*$"
NAME_OF_SEGMENT = r"^[A-Za-z0-9]([A-Za-z0-9_ -]*[A-Za-z0-9])?$"
_VALUES = r"^[^\x00-\x1f\x7f-\x9f,\\][^\x00-\x1f\x7f-\x9f\\]*$"
_EXPIRES = r"^([1-9][0-9]{0,4}[mhdw]|20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[-+](0[0-9]|1[0-3]):[0-5][0-9]))$"
NAME_OF_RULES = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$"
_ID_OF_RULE = r"^_?[a-z0-9][a-z0-9-]{0,63}$"
_LASTS = r"^([1-9][0-9]{0,3}m|[1-9][0-9]{0,2}h|[1-9]d|[12][0-9]d|30d)$"
WINDOWS = ("1m", "5m", "15m", "30m", "1h", "2h", "3h", "6h", "12h", "1d", "1w", "1mo", "1q", "1y")


def _zone(name: str) -> str:
    try:
        zone(name)
    except InvalidQuestion as error:
        raise ValueError(error.reason) from None
    return name


def _some(data: Any) -> Any:
    if data == {}:
        raise ValueError("names no filter")
    return data


def _truth(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError("say true or false")
    return value


Truth = Annotated[bool, BeforeValidator(_truth)]
Moment = Annotated[str, Field(pattern=str(START.schema["pattern"]))]
Zone = Annotated[str, AfterValidator(_zone), WithJsonSchema(dict(ZONE))]
Platform = Annotated[str, Field(pattern=rf"^{_NO_COMMA}*[^\s\x00-\x1f\x7f-\x9f,]{_NO_COMMA}*$", max_length=32)]
SegmentName = Annotated[str, Field(pattern=NAME_OF_SEGMENT, max_length=64)]
UserName = Annotated[str, Field(pattern=NAME_OF_USER, max_length=64)]
Tag = Annotated[str, Field(pattern=rf"^{_NO_COMMA}*[^\s\x00-\x1f\x7f-\x9f,]{_NO_COMMA}*$", max_length=LONGEST_TAG)]
_Values = Annotated[str, Field(pattern=_VALUES, max_length=200)]

_MetricName: Any = Literal[tuple(METRICS)]
_Direction: Any = Literal[DIRECTIONS]
_Period: Any = Literal[PERIODS]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class NewUser(_Body):
    name: UserName = Field(description="letters, digits and . _ - + @")
    role: Role = Field("viewer", description="viewer, analyst or admin")
    platforms: list[Platform] | None = Field(
        None, max_length=7, description="all that the user may see; null: no such limit"
    )
    segment: SegmentName | None = Field(None, description="a segment that limits the user; null: none")


class ChangedUser(_Body):
    role: Role = Field("viewer", description="viewer, analyst or admin")
    platforms: list[Platform] | None = Field(
        None, max_length=7, description="all that the user may see; null: no such limit"
    )
    segment: SegmentName | None = Field(None, description="a segment that limits the user; null: none")
    active: Truth = Field(True, description="false locks the user out, tokens included")


class NewToken(_Body):
    name: str = Field(pattern=_LINE, max_length=100, description="what it is for")
    scopes: list[Scope] | None = Field(
        None, min_length=1, description="what it may be used for; null: whatever its user may do"
    )
    segment: SegmentName | None = Field(None, description="a segment that limits it, beside what limits its user")
    expires: Annotated[str, Field(pattern=_EXPIRES)] | None = Field(
        None, description="length of life such as `30d`, or ISO 8601 with an offset; null: never"
    )
    user: UserName | None = Field(None, description="whose it is to be, for administrators; null: one's own")


class NewAnnotation(_Body):
    start: Moment = Field(description="its moment or begin: ISO 8601, or relative such as `-2h`")
    stop: Moment | None = Field(None, description="first moment after a span; null: a moment")
    text: str = Field(pattern=_LINE, max_length=LONGEST, description="what happened, in one line")
    tags: list[Tag] = Field([], max_length=MOST_TAGS, description="words to find it by")
    platform: Platform | None = Field(None, description="null: it concerns all")
    tz: Zone = Field("UTC", description="zone of times without an offset")


class NewGoal(_Body):
    metric: _MetricName = Field(description="name of a metric, as `/metrics` lists them")
    direction: _Direction = Field(description="whether the value is to be reached or not to be exceeded")
    value: float = Field(
        ge=0, le=1e15, allow_inf_nan=False, description="in the metric's unit; above 0, but for `at most`"
    )
    period: _Period = Field(description="calendar period it is set for")
    filters: dict[str, _Values] = Field({}, description="what it is about: values by column, as in an address")


Label = Annotated[str, Field(pattern=rf"^{_WRITABLE}*$", max_length=200)]


class NewAcknowledgement(_Body):
    rule: str = Field(pattern=_ID_OF_RULE, description="id of the rule")
    labels: list[Label] = Field([], max_length=10, description="values of the rule's `by`, in its order")
    number: int = Field(ge=1, le=2**31 - 1, description="number of the alert, as `/alerts` says it")
    note: str | None = Field(None, pattern=rf"^{_WRITABLE}*$", max_length=500, description="what is done about it")


class NewRules(_Body):
    name: str = Field(pattern=NAME_OF_RULES, description="what it is known by; the same name replaces it")
    text: str = Field(max_length=60_000, description="TOML with [[rule]] and [[receiver]] tables")


class RuleToTry(_Body):
    rule: str = Field(pattern=_ID_OF_RULE, description="id of the rule")
    text: str | None = Field(
        None, max_length=60_000, description="TOML that contains the rule; null: the rule in force"
    )
    windows: int = Field(12, ge=1, le=1000, description="how many of the latest windows to show for each group")


class RuleToBacktest(_Body):
    rule: str = Field(pattern=_ID_OF_RULE, description="id of the rule")
    text: str | None = Field(
        None, max_length=60_000, description="TOML that contains the rule; null: the rule in force"
    )
    since: Moment = Field("-90d", description="from when on: ISO 8601, or relative such as `-30d`")


class ReceiverToTest(_Body):
    receiver: str = Field(pattern=_LINE, max_length=100, description="its name")


class NewSilence(_Body):
    reason: str = Field(pattern=_LINE, max_length=500, description="why, in one line")
    lasts: str = Field(pattern=_LASTS, description="how long: `30m`, `2h`, `3d`; at most 30 days")
    rule: Annotated[str, Field(pattern=_ID_OF_RULE)] | None = Field(None, description="only this rule; null: every one")
    labels: list[Label] | None = Field(None, max_length=10, description="only this group of the rule; null: all")


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


def _maybe(kind: Any, meaning: str) -> Any:
    """A member that may be left out; what stands for that is no value one could send."""
    return kind, Field("", description=meaning, json_schema_extra=_without_default)


def _part(values: tuple[str, ...]) -> Any:
    either = "|".join(values)
    return Annotated[str, Field(pattern=rf"^!?({either})(,({either}))*$", max_length=200)]


_WINDOW: Any = Annotated[Literal[WINDOWS], WithJsonSchema(dict(one_of("SegmentWindow", WINDOWS)))]
_COLUMNS = sorted({name for source in MEASUREMENTS.values() for name in source.columns} - {"time"})
_MEMBERS: dict[str, Any] = {
    "start": _maybe(Moment, "nothing before"),
    "stop": _maybe(Moment, "nothing from it on"),
    "tz": _maybe(Zone, "zone of range and clock"),
    "every": _maybe(_WINDOW, "finest window; with one, single records stay closed"),
    **{name: _maybe(_Values, "values of the column, as in an address") for name in _COLUMNS},
    **{name: _maybe(_part(tuple(values)), "wall clock of `tz`") for name, values in TIME_PARTS.items()},
}
_VALIDATORS: dict[str, Any] = {"some": model_validator(mode="before")(_some)}
_CONFIG = ConfigDict(extra="forbid", protected_namespaces=(), json_schema_extra={"minProperties": 1})
Filters: type[BaseModel] = create_model("Filters", __config__=_CONFIG, __validators__=_VALIDATORS, **_MEMBERS)


class ChangedSegment(_Body):
    filters: Filters = Field(description="words of a page's address; at least one")  # type: ignore[valid-type]
    description: str | None = Field(
        None, pattern=rf"^{_WRITABLE}*$", max_length=200, description="what it is for; null: as it is"
    )


class NewSegment(ChangedSegment):
    name: SegmentName = Field(description="letters, digits, blanks, - and _")
