"""Points kept in InfluxDB 2, questions answered by Flux."""

from metricstore.influx.store import InfluxStore

__all__ = ["InfluxStore"]
