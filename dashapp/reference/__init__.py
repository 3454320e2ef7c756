"""Pages of reference, written from the declarations: `python -m dashapp.reference` (`--check` only compares)."""

from dashapp.reference.pages import PAGES, stale, write

__all__ = ["PAGES", "stale", "write"]
