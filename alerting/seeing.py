"""A rule's segment: the store as the rule may see it, and what is wrong with a segment for a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerting.rule import Rule
from alerting.tables import Mistake
from metricstore.catalogue import measurement
from metricstore.errors import InvalidQuestion, nearest
from metricstore.metrics import metric
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.store import Store
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import Window


def seen_by(store: Store, rule: Rule) -> Store:
    """`store` narrowed to the rule's segment. InvalidQuestion when the segment is not there: nothing is judged rather than everything."""
    if not rule.segment:
        return store
    if rule.within is None:
        raise InvalidQuestion(
            "segment", f"there is no segment {rule.segment!r}, so the rule {rule.id!r} may see nothing"
        )
    return restricted(store, rule.within)


def beyond_segment(rule: Rule, segments: Mapping[str, Segment]) -> list[Mistake]:
    """What keeps the rule from being judged within its segment; `segments` are all there are."""
    if not rule.segment:
        return []
    if rule.segment not in segments:
        meant = nearest(rule.segment, tuple(segments))
        hint = f"; did you mean {meant!r}?" if meant else ""
        return [Mistake(rule.file, rule.line, f"rule {rule.id!r}: there is no segment {rule.segment!r}{hint}")]
    texts = _beyond(rule, segments[rule.segment])
    return [Mistake(rule.file, rule.line, f"rule {rule.id!r}: {text}") for text in texts]


def _beyond(rule: Rule, segment: Segment) -> Iterator[str]:
    finest = segment.finest
    if finest is not None and rule.listed:
        yield f"the segment {rule.segment!r} shows windows of {finest} or longer, and single records are finer"
    if finest is not None and not rule.listed and Window.parse(rule.every).seconds < finest.seconds:
        yield f"the segment {rule.segment!r} shows windows of {finest} or longer; every = {rule.every!r} is finer"
    names = [*metric(rule.metric).measures, *(metric(rule.needs.metric).measures if rule.needs else ())]
    for source in dict.fromkeys(measure.measurement for measure in names):
        yield from _unknown(rule, segment, source)


def _unknown(rule: Rule, segment: Segment, source: str) -> Iterator[str]:
    """Columns of the segment that a measurement does not have: it can't be narrowed by them, and a rule shows all of it."""
    declared = measurement(source)
    missing = [name for name in segment.columns if name not in declared.columns and name not in TIME_PARTS]
    if missing:
        yield f"the segment {rule.segment!r} is limited by {' and '.join(missing)}, which “{declared.title}” does not know"
