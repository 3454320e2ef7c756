"""One long-lived connection to InfluxDB 2: queries, writes and deletes, its failures told as ours."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

from influxdb_client import BucketsApi, DeletePredicateRequest, Dialect, InfluxDBClient
from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from influxdb_client.service.delete_service import DeleteService
from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError

from metricstore.errors import (
    SchemaVersionError,
    StoreDenied,
    StoreError,
    StoreFailed,
    StoreFull,
    StoreUnreachable,
    logged,
    network_reason,
)
from metricstore.influx import disk, flux

logger = logging.getLogger(__name__)

POOL = 16
"""Connections kept open: as many threads may ask at once without waiting."""


class BucketMissing(StoreError):
    """The bucket is not there (yet)."""


class BatchRefused(StoreError):
    """InfluxDB did not take all lines of a batch. `reason` is its own words, not for people; `dropped` is how many it
    says it left out, if it says so."""

    def __init__(self, reason: str, dropped: int | None = None) -> None:
        super().__init__("InfluxDB did not take all that was written")
        self.reason = reason
        self.dropped = dropped


class BatchTooLarge(StoreError):
    """The batch is more than the server takes at once."""


class Connection:
    """Safe to use from several threads."""

    def __init__(self, url: str, token: str, org: str, bucket: str, timeout_seconds: float) -> None:
        self.url = url.rstrip("/")
        self.org = org
        self.bucket = bucket
        self._timeout_seconds = timeout_seconds
        self._client = InfluxDBClient(
            url=self.url, token=token, org=org, timeout=int(timeout_seconds * 1000), verify_ssl=True,
            enable_gzip=not _is_local(self.url), connection_pool_maxsize=POOL,
        )  # fmt: skip
        self._queries = self._client.query_api()
        self._writes = self._client.write_api(write_options=SYNCHRONOUS)
        self._deletes = DeleteService(self._client.api_client)
        self._lock = threading.Lock()
        self._bucket_known = False
        self._closed = False

    def query(self, script: str, *, annotated: bool = False) -> bytes:
        """The answer as CSV. `from(bucket: bucket)` in the script means our bucket."""
        head = f"bucket = {flux.text(self.bucket)}\n"
        dialect = Dialect(header=True, delimiter=",", comment_prefix="#", date_time_format="RFC3339",
                          annotations=["datatype"] if annotated else [])  # fmt: skip
        with self._told():
            answer: bytes = self._queries.query_raw(head + script, dialect=dialect).data
        return answer

    def write(self, body: bytes) -> None:
        """Store lines durably. Raises BatchRefused, BatchTooLarge or what is wrong with the connection."""
        with self._told():
            self._writes.write(bucket=self.bucket, record=body, write_precision="ns")

    def delete(self, start: int, stop: int, predicate: str) -> None:
        """Remove what meets `predicate` in [start, stop], both ends included, in nanoseconds."""
        request = DeletePredicateRequest(start=flux.time(start), stop=flux.time(stop), predicate=predicate)
        with self._told():
            self._deletes.post_delete(delete_predicate_request=request, org=self.org, bucket=self.bucket)

    @contextlib.contextmanager
    def buckets(self) -> Iterator[BucketsApi]:
        """For making, renaming and removing buckets; StoreDenied where the token may not."""
        with self._told():
            yield self._client.buckets_api()

    def version(self) -> str:
        """The server's version; it is told even without credentials."""
        with self._told():
            return str(self._client.version()).removeprefix("v")

    def bucket_bytes(self) -> int | None:
        """What the bucket takes on the server's disk, by the server's own metrics; None where it doesn't show them."""
        try:
            with self._told():
                bucket = self._client.buckets_api().find_bucket_by_name(self.bucket)
                answer = self._client.api_client.call_api(
                    "/metrics", "GET", response_type="str", auth_settings=[], _return_http_data_only=True
                )
        except StoreError:
            return None
        return disk.bucket_bytes(str(answer), bucket.id) if bucket is not None else None

    def ensure_bucket(self) -> None:
        """Create the bucket when it is missing and the token may; StoreDenied says what to do otherwise."""
        with self._lock:
            if self._bucket_known:
                return
            with self._told():
                buckets = self._client.buckets_api()
                try:
                    found = buckets.find_bucket_by_name(self.bucket)
                except ApiException as error:
                    # A token limited to reading this bucket may not list any: the first question will tell.
                    if error.status not in (403, 404):
                        raise
                    found = None
                if found is None:
                    self._create(buckets)
            self._bucket_known = True

    def _create(self, buckets: object) -> None:
        try:
            buckets.create_bucket(bucket_name=self.bucket, org=self.org)  # type: ignore[attr-defined]
            logger.info("created bucket %s in InfluxDB", self.bucket)
        except (ApiException, InfluxDBError) as error:
            status = getattr(error, "status", None)
            if self._answers():  # not listed for this token, or another process was quicker
                return
            if status is not None and status >= 500:
                raise
            self._refuse_without_flux()
            raise StoreDenied(
                f"InfluxDB at {self.url} has no bucket {self.bucket!r} in an organisation {self.org!r} that the token "
                f"may use or create: check both names, create it (influx bucket create) or use a token that may"
            ) from error

    def _refuse_without_flux(self) -> None:
        """Raise SchemaVersionError for InfluxDB 3: it has other addresses and no Flux, so that all seems to be missing."""
        version = self.version()
        if version.partition(".")[0].isdigit() and int(version.partition(".")[0]) > 2:
            raise SchemaVersionError(
                f"InfluxDB at {self.url} is version {version}, which does not answer Flux: use InfluxDB 2.7"
            )

    def _answers(self) -> bool:
        """Whether the bucket is there after all: a token may be allowed to read it but not to list it."""
        with contextlib.suppress(StoreError):
            self.query("from(bucket: bucket) |> range(start: -1m) |> limit(n: 1)")
            return True
        return False

    def close(self) -> None:
        """Safe to call twice; questions afterwards raise StoreUnreachable."""
        if self._closed:
            return
        self._closed = True
        self._writes.close()
        self._client.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """The client's and urllib3's exceptions as ours, one sentence each."""
        if self._closed:
            raise StoreUnreachable("the store is closed")
        try:
            yield
        except ApiException as error:
            raise self._explained(error) from error
        except NewConnectionError as error:  # to urllib3 a kind of timeout
            raise StoreUnreachable(f"InfluxDB at {self.url} can't be reached: {network_reason(error)}") from error
        except TimeoutError as error:
            raise StoreUnreachable(
                f"InfluxDB at {self.url} did not answer within {self._timeout_seconds:g} seconds"
            ) from error
        except (HTTPError, OSError) as error:
            raise StoreUnreachable(f"InfluxDB at {self.url} can't be reached: {network_reason(error)}") from error

    def _explained(self, error: ApiException) -> StoreError:
        message, here = _message(error), f"InfluxDB at {self.url}"
        if error.status in (401, 403):
            return StoreDenied(f"{here} refuses the token: check it, and what it may do ({logged(message)} in the log)")
        if error.status == 404:
            return BucketMissing(f"{here} has no bucket {self.bucket!r} for this token")
        if error.status == 413:
            return BatchTooLarge("more than InfluxDB takes at once")
        if "no space left" in message:
            return StoreFull(f"the disk under {here} is full")
        if error.status == 422 or (error.status == 400 and "unable to parse" in message):
            return BatchRefused(message, _dropped(message))
        if error.status == 400:
            return StoreFailed(f"{here} could not answer this question", message)
        if error.status == 0:
            return StoreUnreachable(f"{here} can't be reached; the log says why under {logged(message)}")
        return StoreUnreachable(f"{here} answers {error.status}; the log says why under {logged(message)}")


def _is_local(url: str) -> bool:
    """Whether the server is on this machine, where packing costs more than it saves."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _message(error: ApiException) -> str:
    body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else str(error.body or error.reason)
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body[:500]


def _dropped(message: str) -> int | None:
    _, _, count = message.rpartition("dropped=")
    return int(count) if count.isdigit() else None
