"""`python -m collectors.demo --seed 7 --days 365 --out DIR [--live]`"""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from collectors.demo import TIMEZONE, Live, write_history


def main() -> int:
    """Write a demo project folder; with --live keep things happening in it until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m collectors.demo", description=main.__doc__)
    parser.add_argument("--seed", type=int, default=7, help="same seed, same story (default: 7)")
    parser.add_argument("--days", type=int, default=365, help="how far back it goes (default: 365)")
    parser.add_argument("--out", type=Path, required=True, help="folder to create")
    parser.add_argument("--timezone", default=TIMEZONE, help=f"zone of its local times (default: {TIMEZONE})")
    parser.add_argument("--live", action="store_true", help="go on until interrupted")
    chosen = parser.parse_args()
    if chosen.out.exists():
        sys.stderr.write(f"{chosen.out} exists already\n")
        return 1
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    write_history(chosen.out, seed=chosen.seed, days=chosen.days, timezone=chosen.timezone)
    if chosen.live:
        try:
            Live(chosen.out, threading.Event()).run()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
