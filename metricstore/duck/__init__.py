"""The embedded store on DuckDB: one file, nothing to install."""

from metricstore.duck.store import DuckStore

__all__ = ["DuckStore"]
