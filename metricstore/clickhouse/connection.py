"""One long-lived connection to ClickHouse over HTTP: questions, statements and rows, its failures told as ours.

Loaded only where ClickHouse is chosen: the client is an extra.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from clickhouse_connect.driver.external import ExternalData
from clickhouse_connect.driver.httputil import all_managers, get_pool_manager
from clickhouse_connect.driver.query import QueryResult
from urllib3.exceptions import HTTPError

from metricstore.clickhouse import failures
from metricstore.clickhouse.binding import bound
from metricstore.errors import SchemaVersionError, StoreUnreachable
from metricstore.sql.trees import Parameter

POOL = 16
"""Connections kept open: as many threads may ask at once without waiting."""
OLDEST = (25, 8)
"""The first version meant to last that merges rows field by field and deletes by small additions."""
CONNECT_SECONDS = 10
_PORTS = {"http": 8123, "https": 8443}
_ALWAYS = {
    # Every server of a cluster asks the first replica that is there, and not itself first: what one process wrote, the
    # next one reads, whichever servers they talk to.
    "load_balancing": "in_order",
    "prefer_localhost_replica": 0,
    # an identity never leaves its month
    "do_not_merge_across_partitions_select_final": 1,
    "cancel_http_readonly_queries_on_client_close": 1,
    # a filter on the wall clock over centuries is a condition for each change of a clock
    "max_query_size": 8_000_000,
    "max_ast_elements": 1_000_000,
    "max_expanded_ast_elements": 1_000_000,
}
_WRITING = {
    "async_insert": 0,
    "distributed_foreground_insert": 1,
    # the same points written again after they were deleted are no mistake
    "insert_deduplicate": 0,
    "max_partitions_per_insert_block": 0,
}
_CHANGING = {
    "lightweight_delete_mode": "lightweight_update",
    # of a cluster those servers that are there
    "distributed_ddl_output_mode": "throw_only_active",
}


@dataclass(frozen=True)
class Server:
    """Where ClickHouse answers and how to get in. `url` is http or https; `ca_file`: certificates to trust instead of the
    system's; `cluster`: its name in the servers' configuration, "" for one server."""

    url: str
    user: str = "default"
    password: str = field(default="", repr=False)
    database: str = "default"
    cluster: str = ""
    ca_file: str | None = None
    timeout_seconds: float = 30


class Connection:
    """Safe to use from several threads. Nothing is sent before the first question."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._opening = threading.Lock()
        self._client: Client | None = None
        self._pool = get_pool_manager(maxsize=POOL, ca_cert=server.ca_file, retries=0)
        self._closed = False

    @property
    def location(self) -> str:
        """For people: without user and password."""
        address = urlsplit(self.server.url)
        host = f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname or ""
        return f"{address.scheme}://{host}:{address.port or _PORTS[address.scheme]}{address.path.rstrip('/')}"

    def query(self, text: str, parameters: Sequence[Parameter]) -> QueryResult:
        with self._told():
            statement, values, lists = bound(text, parameters)
            return self._open().query(statement, values, external_data=_sent(lists), settings=_ALWAYS)

    def command(self, text: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Carry out a statement that changes something."""
        with self._told():
            self._open().command(text, dict(parameters or {}), settings={**_CHANGING, **_WRITING})

    def copy(
        self, text: str, parameters: Sequence[Parameter], lists: Mapping[str, Sequence[int]] | None = None
    ) -> None:
        """Carry out a statement that reads as questions do and stores what it finds. `lists` are named in the text with their types."""
        with self._told():
            statement, values, _ = bound(text, parameters)
            self._open().command(statement, {**values, **(lists or {})}, settings={**_ALWAYS, **_WRITING})

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]], types: Sequence[str]) -> None:
        """Rows, a column at a time; they are stored when this returns."""
        with self._told():
            self._open().insert(table, [*columns.values()], [*columns], column_type_names=types, column_oriented=True,
                                settings={**_ALWAYS, **_WRITING})  # fmt: skip

    @property
    def version(self) -> str:
        with self._told():
            return str(self._open().server_version)

    def close(self) -> None:
        """Safe to call twice; questions afterwards raise StoreUnreachable."""
        with self._opening:
            self._closed = True
            if self._client is not None:
                self._client.close()
                self._client = None
            # The client leaves a pool open that it was given, and its module would keep it for ever.
            self._pool.clear()
            all_managers.pop(self._pool, None)

    def _open(self) -> Client:
        with self._opening:
            if self._closed:
                raise StoreUnreachable("the store is closed")
            if self._client is None:
                self._client = self._connected()
            return self._client

    def _connected(self) -> Client:
        address, server = urlsplit(self.server.url), self.server
        client: Client = get_client(
            interface=address.scheme, host=address.hostname, port=address.port or _PORTS[address.scheme],
            proxy_path=address.path.strip("/"), username=server.user, password=server.password, database=server.database,
            connect_timeout=min(CONNECT_SECONDS, server.timeout_seconds), send_receive_timeout=server.timeout_seconds,
            pool_mgr=self._pool, autogenerate_session_id=False, query_retries=0,
        )  # fmt: skip
        found = tuple(int(part) for part in str(client.server_version).split(".")[:2])
        if found < OLDEST:
            client.close()
            wanted = ".".join(map(str, OLDEST))
            raise SchemaVersionError(
                f"ClickHouse at {self.location} is version {client.server_version}: {wanted} or newer is needed"
            )
        return client

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """The client's and urllib3's exceptions as ours, one sentence each."""
        try:
            yield
        except (ClickHouseError, HTTPError, OSError) as error:
            raise failures.explained(error, self.server, self.location) from error


def _sent(lists: Mapping[str, tuple[str, bytes]]) -> ExternalData | None:
    if not lists:
        return None
    found = ExternalData()
    for name, (structure, data) in lists.items():
        found.add_file(file_name=name, data=data, fmt="RowBinary", structure=structure)
    return found
