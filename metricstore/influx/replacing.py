"""A bucket that takes the place of another: filled under a name of its own, then renamed.

The token must be allowed to make and rename buckets of the organisation. Each step can be repeated.
"""

from __future__ import annotations

from influxdb_client import BucketsApi
from influxdb_client.domain.bucket import Bucket
from influxdb_client.rest import ApiException

from metricstore.errors import StoreDenied
from metricstore.influx.connection import Connection

_BESIDE, _REPLACED = ".dashapp-restoring", ".dashapp-replaced"


def beside(bucket: str) -> str:
    """The name of the bucket that is to take its place."""
    return f"{bucket}{_BESIDE}"


def make_beside(connection: Connection) -> None:
    """An empty bucket that keeps points as long as the connection's own; one that an earlier try left is removed."""
    name = connection.bucket
    with connection.buckets() as buckets:
        _remove(buckets, beside(name))
        old = _find(buckets, name)
        rules = old.retention_rules if old is not None else None
        try:
            buckets.create_bucket(bucket_name=beside(name), org=connection.org, retention_rules=rules)
        except ApiException as error:
            if error.status in (401, 403, 404):
                raise StoreDenied(
                    f"the token may not make a bucket {beside(name)!r} in {connection.org!r}: points are put into a new bucket, "
                    "which then takes the name of the old one, so this needs a token that may make and rename buckets"
                ) from error
            raise


def forget_beside(connection: Connection) -> None:
    with connection.buckets() as buckets:
        _remove(buckets, beside(connection.bucket))


def take_place(connection: Connection) -> None:
    """The bucket beside gets the name, the old one is removed. Does nothing where that is done already."""
    name = connection.bucket
    with connection.buckets() as buckets:
        new = _find(buckets, beside(name))
        if new is not None:
            old = _find(buckets, name)
            if old is not None:
                _remove(buckets, f"{name}{_REPLACED}")
                _rename(buckets, old, f"{name}{_REPLACED}")
            _rename(buckets, new, name)
        _remove(buckets, f"{name}{_REPLACED}")


def exists(connection: Connection) -> bool:
    with connection.buckets() as buckets:
        return _find(buckets, connection.bucket) is not None


def _find(buckets: BucketsApi, name: str) -> Bucket | None:
    try:
        return buckets.find_bucket_by_name(name)
    except ApiException as error:
        if error.status == 404:
            return None
        raise


def _rename(buckets: BucketsApi, bucket: Bucket, name: str) -> None:
    bucket.name = name
    buckets.update_bucket(bucket)


def _remove(buckets: BucketsApi, name: str) -> None:
    found = _find(buckets, name)
    if found is not None:
        buckets.delete_bucket(found)
