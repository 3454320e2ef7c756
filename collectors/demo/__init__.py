"""Demo data: invented files in exactly the observed system's formats, deterministic by seed, with live activity."""

from collectors.demo.demo import Demo
from collectors.demo.history import TIMEZONE, catch_up, write_history
from collectors.demo.live import Live

__all__ = ["TIMEZONE", "Demo", "Live", "catch_up", "write_history"]
