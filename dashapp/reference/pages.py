"""Which page is written from what, and whether the files on disk still say the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashapp.reference import catalogue, collecting, commands, endpoints, monitoring, settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reference"

PAGES: dict[str, Callable[[], str]] = {
    "metrics.md": catalogue.metrics,
    "measurements.md": catalogue.measurements,
    "charts.md": catalogue.charts,
    "api.md": endpoints.page,
    "settings.md": settings.page,
    "commands.md": commands.page,
    "collectors.md": collecting.page,
    "monitoring.md": monitoring.page,
}

_NOTE = "<!-- Written by `make docs` from the declarations; changes made here are lost. -->\n"


def texts() -> dict[str, str]:
    """File name → text of every page, the index included."""
    made = {name: _NOTE + make().rstrip("\n") + "\n" for name, make in PAGES.items()}
    index = "\n".join(f"- [{_title(text)}]({name})" for name, text in made.items())
    return made | {"README.md": f"{_NOTE}# Reference\n\n{index}\n"}


def write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def stale() -> list[str]:
    """Names of pages that are missing, differ from what would be written, or are written by nothing."""
    wanted = texts()
    present = {path.name for path in FOLDER.glob("*")} if FOLDER.is_dir() else set()
    differing = [name for name, text in wanted.items() if name not in present or _read(name) != text]
    return sorted({*differing, *(present - set(wanted))})


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _title(text: str) -> str:
    return next(line[2:] for line in text.splitlines() if line.startswith("# "))
