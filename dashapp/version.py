"""Which release this is, as `setup.py` declares it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """`0.2.0`; `unknown` where the package isn't installed."""
    try:
        return version("content-metrics-dashboard")
    except PackageNotFoundError:
        return "unknown"
