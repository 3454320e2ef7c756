"""Colours of values: one value looks the same in every chart."""

from __future__ import annotations

from collections.abc import Sequence

from layouts.charts.model import Theme

# Hues that stay apart for the common kinds of colour blindness (after Okabe and Ito), a shade per theme; then those for longer lists.
_SERIES: dict[Theme, tuple[str, ...]] = {
    "light": ("#2563eb", "#d97706", "#059669", "#c026d3", "#0891b2", "#b45309", "#4f46e5", "#65a30d",
              "#be185d", "#115e59", "#ec4899", "#1e3a8a", "#854d0e", "#0284c7", "#a855f7", "#78716c"),
    "dark": ("#60a5fa", "#fbbf24", "#34d399", "#e879f9", "#22d3ee", "#fb923c", "#a5b4fc", "#a3e635",
             "#fb7185", "#2dd4bf", "#f9a8d4", "#3b82f6", "#ca8a04", "#bae6fd", "#a78bfa", "#a8a29e"),
}  # fmt: skip

_MEANING: dict[Theme, dict[str, str]] = {
    "light": {
        "linkedin": "#0a66c2", "twitter": "#475569", "instagram": "#c13584", "facebook": "#4f46e5",
        "ok": "#059669", "completed": "#065f46", "published": "#059669", "posted": "#34d399", "200": "#059669",
        "partial": "#d97706", "WARNING": "#d97706", "running": "#2563eb", "429": "#d97706",
        "failed": "#dc2626", "error": "#dc2626", "ERROR": "#dc2626", "503": "#ea580c", "timeout": "#b91c1c", "abandoned": "#9333ea", "500": "#dc2626",
        "CRITICAL": "#7f1d1d", "unknown": "#94a3b8", "other": "#94a3b8", "deleted": "#94a3b8", "replaced": "#64748b",
        "accepted": "#4f46e5", "due": "#d97706", "seen": "#65a30d", "engaged": "#15803d", "stuck": "#d97706", "done": "#059669",
        "moving": "#2563eb", "dropped": "#94a3b8", "untold": "#cbd5e1",
        "sent": "#059669", "withdrawn": "#64748b", "sending": "#0891b2", "approval": "#78716c",
        "INFO": "#2563eb", "DEBUG": "#94a3b8", "scheduled": "#2563eb", "draft": "#a8a29e", "generated": "#0891b2",
    },
    "dark": {
        "linkedin": "#4a9eea", "twitter": "#a9b6c8", "instagram": "#f06fb8", "facebook": "#a5b4fc",
        "ok": "#34d399", "completed": "#059669", "published": "#34d399", "posted": "#a7f3d0", "200": "#34d399",
        "partial": "#fbbf24", "WARNING": "#fbbf24", "running": "#60a5fa", "429": "#fbbf24",
        "failed": "#f87171", "error": "#f87171", "ERROR": "#f87171", "503": "#fb923c", "timeout": "#ef4444", "abandoned": "#c084fc", "500": "#f87171",
        "CRITICAL": "#fca5a5", "unknown": "#64748b", "other": "#64748b", "deleted": "#64748b", "replaced": "#94a3b8",
        "accepted": "#a5b4fc", "due": "#fbbf24", "seen": "#a3e635", "engaged": "#4ade80", "stuck": "#fbbf24", "done": "#34d399",
        "moving": "#60a5fa", "dropped": "#64748b", "untold": "#475569",
        "sent": "#34d399", "withdrawn": "#94a3b8", "sending": "#22d3ee", "approval": "#d6d3d1",
        "INFO": "#60a5fa", "DEBUG": "#64748b", "scheduled": "#60a5fa", "draft": "#a8a29e", "generated": "#22d3ee",
    },
}  # fmt: skip

INK: dict[Theme, dict[str, str]] = {
    "light": {"text": "#334155", "faint": "#64748b", "grid": "#e2e8f0", "paper": "#ffffff"},
    "dark": {"text": "#cbd5e1", "faint": "#94a3b8", "grid": "#263244", "paper": "#111a2b"},
}

# Beside the colour, so that nobody has to tell red from green.
PATTERN = {
    "failed": "/",
    "error": "/",
    "partial": ".",
    "ERROR": "/",
    "CRITICAL": "x",
    "abandoned": "\\",
    "timeout": "x",
    "stuck": ".",
    "published": ".",
    "posted": "\\",
    "503": "/",
}


def colours(values: Sequence[str], theme: Theme, known: Sequence[str] = ()) -> dict[str, str]:
    """A colour for each value: its own where it has a meaning, else that of its place among all that are `known` of its kind, so that
    it is the same in every chart, whatever else is in it. No two of the values get the same one."""
    whole = [*dict.fromkeys((*known, *sorted(set(values) - set(known))))]
    meant = {value: _MEANING[theme][value] for value in whole if has_meaning(value)}
    hues = [colour for colour in _SERIES[theme] if colour not in meant.values()] or list(_SERIES[theme])
    unnamed = (value for value in whole if value not in meant)
    own = meant | {value: shade(hues[n % len(hues)], n // len(hues)) for n, value in enumerate(unnamed)}
    found: dict[str, str] = {}
    for value in sorted(values, key=whole.index):
        step = 0
        while (colour := shade(own[value], step)) in found.values():
            step += 1
        found[value] = colour
    return found


def shade(colour: str, step: int) -> str:
    """The colour itself, then darker and paler ones by turns; all are different while they can be told apart at all."""
    share = 1 - 0.7 ** ((step + 1) // 2)
    return mixed(colour, "#000000" if step % 2 else "#ffffff", share) if step else colour


def has_meaning(value: str) -> bool:
    """Whether a value has a colour of its own, such as red for failed."""
    return value in _MEANING["light"]


def meaning(value: str, theme: Theme) -> str:
    """The colour that a value has of its own; "" where it has none."""
    return _MEANING[theme].get(value, "")


def accent(theme: Theme, place: int = 0) -> str:
    return _SERIES[theme][place % len(_SERIES[theme])]


def mixed(first: str, last: str, share: float) -> str:
    """The colour (#rrggbb) that lies `share` of the way from the first to the last."""
    parts = [
        round(int(first[place : place + 2], 16) * (1 - share) + int(last[place : place + 2], 16) * share)
        for place in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


_DARK, _WHITE = "#0f172a", "#ffffff"


def readable(ground: str) -> str:
    """Dark or white, whichever stands out more on that colour (#rrggbb)."""
    return max((_DARK, _WHITE), key=lambda ink: contrast(ink, ground))


def contrast(one: str, other: str) -> float:
    """How far two colours (#rrggbb) stand apart, from 1 to 21, as WCAG measures it."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


NUMBERED = 0.6
"""How much of the accent is in the fullest cell that has a number in it: one ink is readable on all of them."""


def numbered_ramp(theme: Theme, palest: float = 0.0) -> tuple[list[list[float | str]], str]:
    """(colours of cells with numbers from few to many, the ink of the numbers)."""
    grey, full = INK[theme]["grid"], accent(theme)
    most = mixed(grey, full, NUMBERED)
    return [[0.0, mixed(grey, full, palest)], [1.0, most]], readable(most)
