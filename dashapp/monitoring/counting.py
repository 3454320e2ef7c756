"""Counters of this process. prometheus-client is imported here and below alone, and only where monitoring is on: the launcher must
have said before where several processes add up."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from dashapp.monitoring.families import CACHE, CALLBACKS, COUNTED, EMBEDS, LOGINS, QUESTIONS, REQUESTS, Family
from dashapp.monitoring.request import OTHER, Answered

MOST_ROUTES = 250
"""Combinations of route, method and status; further ones count as OTHER, so that nobody can make series without end."""
_LOGIN = {302: "ok", 401: "failed", 429: "limited"}
_EMBED = {200: "ok", 304: "ok", 403: "refused", 410: "gone", 503: "unavailable"}


class Counters:
    """All that is counted as it happens."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=False)
        self._made = {family.name: _made(family, self.registry) for family in COUNTED}
        self._children: dict[tuple[str, ...], Any] = {}
        self._routes: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()

    def count(self, answered: Answered) -> None:
        """A request that was answered."""
        seen = answered.seen
        self._child(REQUESTS, *self._route(seen.route, answered.method, str(answered.status))).observe(answered.seconds)
        if seen.callback is not None:
            self._child(CALLBACKS, *seen.callback).observe(answered.seconds)
        if seen.endpoint == "login.login" and answered.method == "POST":
            self._child(LOGINS, _LOGIN.get(answered.status, "incomplete")).inc()
        elif seen.endpoint is not None and seen.endpoint.startswith("embed.") and seen.endpoint != "embed.assets":
            self._child(EMBEDS, _EMBED.get(answered.status, "mistaken")).inc()

    def question(self, kind: str, outcome: str, seconds: float) -> None:
        """A question the store was asked."""
        self._child(QUESTIONS, kind, outcome).observe(seconds)

    def cached(self, hits: int, misses: int) -> None:
        for result, number in (("hit", hits), ("miss", misses)):
            if number:
                self._child(CACHE, result).inc(number)

    def _route(self, *labels: str) -> tuple[str, ...]:
        if labels not in self._routes:
            with self._lock:
                if len(self._routes) >= MOST_ROUTES:
                    return (OTHER, OTHER, OTHER)
                self._routes.add(labels)
        return labels

    def _child(self, family: Family, *labels: str) -> Any:
        key = (family.name, *labels)
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = self._made[family.name].labels(*labels)
        return found


@cache
def counters() -> Counters:
    """Those of this process, however many applications live in it."""
    return Counters()


def _made(family: Family, registry: CollectorRegistry) -> Counter | Histogram:
    if family.kind == "histogram":
        return Histogram(family.name, family.meaning, family.labels, registry=registry, buckets=family.buckets)
    return Counter(family.name, family.meaning, family.labels, registry=registry)
