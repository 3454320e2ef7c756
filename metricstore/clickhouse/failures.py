"""What ClickHouse and its client say, as errors of ours with one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from urllib3.exceptions import NewConnectionError, TimeoutError

from metricstore.errors import (
    StoreDenied,
    StoreError,
    StoreFailed,
    StoreFull,
    StoreUnreachable,
    causes,
    logged,
    network_reason,
)

if TYPE_CHECKING:
    from metricstore.clickhouse.connection import Server

_WRONG_LOGIN = {192, 193, 194, 516}
_NOT_ALLOWED = {164, 497}
_NO_DATABASE, _NO_CLUSTER, _NO_TABLE = 81, 701, 60
_FULL = {243}
_TOO_LARGE = {158, 159, 160, 241, 307, 396}
_AWAY = {202, 209, 210, 242, 252, 279, 285, 286, 319, 999}
"""Keeper, replicas or other servers are missing, or the server has too much to do."""


def explained(error: Exception, server: Server, location: str) -> StoreError:
    here, code = f"ClickHouse at {location}", getattr(error, "code", None)
    if code is None:
        return _unreachable(error, server, here)
    if code in _WRONG_LOGIN:
        return StoreDenied(f"{here} refuses the user {server.user!r} or the password")
    if code in _NOT_ALLOWED:
        return StoreDenied(
            f"{here} does not let the user {server.user!r} do this ({logged(error)} in the log says what)"
        )
    if code == _NO_DATABASE:
        return StoreDenied(
            f"{here} has no database {server.database!r} for the user {server.user!r}: check CLICKHOUSE_DATABASE, or create "
            f"it (CREATE DATABASE {server.database})"
        )
    if code == _NO_CLUSTER:
        return StoreDenied(
            f"{here} knows no cluster {server.cluster!r}: check CLICKHOUSE_CLUSTER and its remote_servers"
        )
    if code in _FULL or "no space left" in str(error).lower():
        return StoreFull(f"the disk under {here} is full")
    if code in _TOO_LARGE:
        return StoreError("the question needs more memory or time than ClickHouse gives it: ask for a shorter range")
    if code in _AWAY:
        return StoreUnreachable(f"{here} is not complete or overloaded; the log says why under {logged(error)}")
    return StoreFailed(f"{here} could not answer this question", error)


def table_is_missing(error: StoreError) -> bool:
    return getattr(error.__cause__, "code", None) == _NO_TABLE


def _unreachable(error: Exception, server: Server, here: str) -> StoreError:
    if any(isinstance(one, TimeoutError) and not isinstance(one, NewConnectionError) for one in causes(error)):
        return StoreUnreachable(f"{here} did not answer within {server.timeout_seconds:g} seconds")
    return StoreUnreachable(f"{here} can't be reached: {network_reason(error)}")
