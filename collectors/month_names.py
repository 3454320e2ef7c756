"""Dates whose month is a word, in the languages of `MONTHS`: `Oct 14, 2026`, `14. Oktober 2026`, `14 de octubre de 2026`. Pure."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from collectors.accents import without_accents

MONTHS = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
"""By language; a date may shorten them to three letters or more."""
_OTHER_FORMS = {"mrt": 3, "mrz": 3, "setiembre": 9, "jänner": 1, "feber": 2}
"""Those that are no beginning of a name."""
_SHORTEST = 3
_MOST_WORDS = 6
_LINKING = frozenset(("de", "del", "of", "the", "le", "den", "der", "am", "il", "el", "em", "on", "op", "st", "nd", "rd", "th", "er", "ter"))  # fmt: skip
_PIECES = re.compile(r"\d+(?::\d+)*|[^\W\d_]+")
_DAY_BEFORE_CLOCK = re.compile(
    r"(.*?[^\W\d_].*?\b\d{4})(?:[\s,]+(?:(?:at|um|à|a|alle|ore|las|om|às)\s+)*(\d.*))?", re.S | re.I
)


def month_named(word: str) -> int | None:
    """1 to 12 for a month's name in any of the languages, in full or shortened; None for another word."""
    plain = without_accents(word)
    return _by_name().get(plain) if len(plain) >= _SHORTEST else None


def worded_day(text: str) -> date | None:
    """The date a text with a month's name says, whatever else stands in it: `Fri, Oct 3, 2025`, `3. Oktober 2025, 18:00`."""
    pieces = _PIECES.findall(text)
    months = [month for piece in pieces if (month := month_named(piece))]
    numbers = [piece for piece in pieces if piece.isdecimal()]
    years = [int(number) for number in numbers if len(number) == 4]
    days = [int(number) for number in numbers if len(number) < 3]
    words = sum(piece.isalpha() for piece in pieces)
    if not months or len(years) != 1 or not days or words > _MOST_WORDS:
        return None
    try:
        return date(years[0], months[-1], days[0])  # `mar, 3 oct`: a weekday stands first
    except ValueError:
        return None


def worded_day_and_clock(text: str) -> tuple[date, str] | None:
    """A date and the time of day behind it, empty where there is none; None where the text says anything else, too."""
    match = _DAY_BEFORE_CLOCK.fullmatch(text)
    if match is None:
        return None
    words = [piece for piece in _PIECES.findall(match[1]) if piece.isalpha() and piece.lower() not in _LINKING]
    weekday_and_month = len(words) <= 2 and sum(number.isdecimal() for number in _PIECES.findall(match[1])) == 2
    day = worded_day(match[1]) if weekday_and_month else None
    return None if day is None else (day, match[2] or "")


@cache
def _by_name() -> dict[str, int]:
    found = {without_accents(name): number for name, number in _OTHER_FORMS.items()}
    for names in MONTHS.values():
        for number, name in enumerate(names.split(), 1):
            plain = without_accents(name)
            for length in range(_SHORTEST, len(plain) + 1):
                other = found.setdefault(plain[:length], number)
                if other != number:
                    found[plain[:length]] = 0  # `jui` is June or July
    return {name: number for name, number in found.items() if number}
