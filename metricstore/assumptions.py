"""What modelled numbers assume: declared once with defaults, changed by settings, and by whoever looks (in the address).

An address says `assume=hourly_rate:60,manual_minutes:30`; what it does not name is as the settings say, else the default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isfinite

from metricstore.errors import InvalidQuestion

CURRENCY = "¤"
"""Stands in units for the currency that is set."""


@dataclass(frozen=True)
class Assumption:
    """A number nobody measured. Per cent are written as such and count as shares in formulas."""

    name: str
    title: str
    unit: str
    default: float
    meaning: str
    least: float = 0.0
    most: float = 1e9

    def text(self, value: float, currency: str) -> str:
        """`45 min`, `2 %`, `15,000 EUR`."""
        unit = self.unit.replace(CURRENCY, currency)
        return f"{value:,.10g} {unit}".strip()


def _share(name: str, title: str, default: float, meaning: str, most: float = 100.0) -> Assumption:
    return Assumption(name, title, "%", default, meaning, most=most)


_ALL = (
    Assumption("manual_minutes", "Writing by hand", "min", 45.0, "time a post or thread takes without the generator",
               most=10_000),
    Assumption("review_minutes", "Checking", "min", 10.0, "time to read and correct a generated post", most=10_000),
    Assumption("hourly_rate", "An hour of work", CURRENCY, 40.0, "what an hour of the people who write costs", most=1e6),
    Assumption("monthly_cost", "Tools for 30 days", CURRENCY, 290.0, "subscriptions and services, the AI provider included"),
    Assumption("one_by_one_seconds", "A post one by one", "s", 45.0, "seconds a post takes when posts are not made together",
               least=0.001, most=1e6),
    Assumption("views_per_post", "Views of a post", "views", 500.0, "how often a post is seen"),
    _share("reaction_rate", "Reactions", 4.2, "views that lead to a like, a comment or a share"),
    Assumption("reaction_value", "Value of a reaction", CURRENCY, 0.5, "what a like, a comment or a share is worth"),
    Assumption("comment_weight", "Weight of a comment", "likes", 2.0, "how many likes a comment stands for", most=1_000),
    Assumption("click_weight", "Weight of a click", "likes", 3.0, "how many likes a click stands for", most=1_000),
    _share("lead_rate", "Views to leads", 2.0, "views that become a lead"),
    _share("demo_rate", "Leads to demos", 10.0, "leads that lead to a demo"),
    _share("deal_rate", "Demos to deals", 20.0, "demos that end in a deal"),
    Assumption("deal_value", "Value of a deal", CURRENCY, 15_000.0, "revenue of a deal", most=1e12),
    Assumption("revenue_goal", "Goal", CURRENCY, 100_000.0, "revenue to be reached in the range shown", least=0.01, most=1e15),
    Assumption("ai_budget", "AI budget of a month", "USD", 0.0, "what AI calls may cost in a month; 0: no budget is set"),
    _share("low_case", "Cautious case", 70.0, "share of the modelled revenue that comes if things go badly", most=1_000),
    _share("high_case", "Hopeful case", 150.0, "share of the modelled revenue that comes if things go well", most=1_000),
)  # fmt: skip
ASSUMPTIONS: dict[str, Assumption] = {one.name: one for one in _ALL}


@dataclass(frozen=True)
class Assumed:
    """The assumptions in force, and the currency. Those nobody has set have their defaults, which are invented."""

    changed: tuple[tuple[str, float], ...] = ()
    """Those that were set, by settings or by whoever looks, by name; also to what is the default."""
    currency: str = "EUR"

    def __getitem__(self, name: str) -> float:
        return dict(self.changed).get(name, ASSUMPTIONS[name].default)

    def share(self, name: str) -> float:
        """The number as it counts in a formula: 2 % is 0.02."""
        return self[name] / 100 if ASSUMPTIONS[name].unit == "%" else self[name]

    def told(self, name: str) -> str:
        return ASSUMPTIONS[name].text(self[name], self.currency)

    def unit(self, text: str) -> str:
        """A unit with the currency that is set."""
        return text.replace(CURRENCY, self.currency)

    def with_words(self, text: str) -> Assumed:
        """Changed by `name:number,name:number`; InvalidQuestion says what is wrong."""
        pairs = (word.partition(":") for word in text.split(",") if word.strip())
        return self.with_values({name.strip(): value for name, _, value in pairs})

    def with_values(self, values: Mapping[str, object]) -> Assumed:
        found = dict(self.changed)
        for name, value in values.items():
            found[name] = _checked(name, value)
        return replace(self, changed=tuple(sorted(found.items())))

    def unset(self, names: Iterable[str]) -> list[str]:
        """Of these, what nobody has set: titles, for people."""
        known = dict(self.changed)
        return [ASSUMPTIONS[name].title for name in names if name not in known]

    def words(self, usual: Assumed | None = None) -> str:
        """The opposite of `with_words`: what differs from `usual`, or is set only here."""
        base = usual or USUAL
        mine, others = dict(self.changed), dict(base.changed)
        return ",".join(f"{name}:{self[name]:.15g}" for name in sorted({*mine, *others})
                        if self[name] != base[name] or (name in mine and name not in others))  # fmt: skip

    def spelled(self, names: Iterable[str]) -> str:
        """These assumptions with their values, defaults too: means the same wherever it is read."""
        return ",".join(f"{name}:{self[name]:.15g}" for name in names)

    def __str__(self) -> str:
        return self.words()


USUAL = Assumed()
"""All as declared."""


def taken_as_they_are() -> Assumed:
    """All set to their defaults: for made-up data, which made-up assumptions suit."""
    return USUAL.with_values({one.name: one.default for one in _ALL})


def _checked(name: str, value: object) -> float:
    if name not in ASSUMPTIONS:
        raise InvalidQuestion("assume", f"unknown assumption {name!r}; known: {', '.join(ASSUMPTIONS)}")
    declared = ASSUMPTIONS[name]
    try:
        number = float(str(value))
    except ValueError:
        raise InvalidQuestion("assume", f"{name}: {value!r} isn't a number") from None
    if not isfinite(number) or not declared.least <= number <= declared.most:
        raise InvalidQuestion("assume", f"{name} must be between {declared.least:,.10g} and {declared.most:,.10g}")
    return number
