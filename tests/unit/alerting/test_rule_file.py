"""Rules from TOML: defaults, and every mistake with its line in one sentence."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from alerting.checking import mistakes, unknown_receivers
from alerting.limits import Limit
from alerting.rule import WEEKDAYS, Rule, Span
from alerting.rule_file import read_rules
from tests.unit.alerting.rules import rule

RIGHT = """\
# a comment

[[rule]]
id = "ai-errors"
metric = "ai_request_error_rate"
every = "1h"
fire = "> 20"

[[rule]]
id = "nothing-made"
kind = "absent"
metric = "generations"
every = "1d"
where = "platform=linkedin"
"""


def read(text: str) -> tuple[list[Rule], list[str]]:
    rules, wrong = read_rules(text, "rules.toml")
    return rules, [str(each) for each in [*wrong, *(one for rule in rules for one in mistakes(rule))]]


def test_defaults_are_those_of_the_docs() -> None:
    rules, wrong = read(RIGHT)
    assert wrong == []
    errors, nothing_made = rules
    assert (errors.clear, errors.needed, errors.quiet) == (Limit("<=", 18), Span(1, 1), timedelta(hours=12))
    assert (errors.title, errors.severity, errors.place) == ("ai-errors", "ticket", "rules.toml:3")
    assert (nothing_made.fire, nothing_made.clear, nothing_made.weekdays) == (Limit("<", 1), Limit(">=", 1), WEEKDAYS)
    assert nothing_made.where == {"platform": ("linkedin",)}


def test_values_are_known_in_any_case_as_in_addresses() -> None:
    rules, wrong = read(RIGHT.replace("platform=linkedin", "platform=LinkedIn,!TWITTER"))
    assert (rules[1].where, wrong) == ({"platform": ("linkedin", "!twitter")}, [])
    plain, _ = read(RIGHT.replace("platform=linkedin", "platform=linkedin,!twitter"))
    assert plain[1].condition == rules[1].condition


def test_the_rules_that_come_along_can_be_used() -> None:
    rules, wrong = read(files("alerting").joinpath("default_rules.toml").read_text(encoding="utf-8"))
    assert (len(rules), wrong) == (19, [])
    told = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text(encoding="utf-8")
    assert [rule.id for rule in rules if not rule.momentary and f"| `{rule.id}` |" not in told] == [], (
        "what it would have done"
    )


@pytest.mark.parametrize(
    ("before", "after", "line", "text"),
    [
        ('fire = "> 20"', 'fire = "more than 20"', 7, "'more than 20' is not a limit"),
        ('fire = "> 20"', 'fire = "> 20 %"', 7, "leave out the %"),
        ('fire = "> 20"', 'kind = "change"\nleast = nan\nfire = "> 20"', 8, "least must be a number"),
        ('fire = "> 20"', 'kind = "burn"\nallowance = inf\nfire = "> 20 %"', 8, "allowance must be a number"),
        ('fire = "> 20"', 'fire = "> 20"\nclear = "<= 30"', 8, "beyond fire"),
        ('fire = "> 20"', 'fire = "> 20"\nclear = "> 5"', 8, "turn its sign round"),
        ('fire = "> 20"', 'fire = "> 20"\npage = "> 10"', 3, "not beyond fire"),
        ('fire = "> 20"', 'fire = "> 20"\nquiet = "soon"', 8, "write 30m, 12h or 2d"),
        ('fire = "> 20"', 'fire = "> 20"\nfor = "3 of 2"', 8, "two of the last three"),
        ('fire = "> 20"', 'fire = "> 20"\nsevrity = "page"', 8, "'sevrity' is not a part of a rule"),
        ('fire = "> 20"\n', "", 3, "'fire' is missing"),
        ('fire = "> 20"', "fire = 20", 7, "fire must be a text"),
        ('id = "nothing-made"', 'id = "ai-errors"', 10, "used twice"),
        ('id = "nothing-made"', 'id = "Nothing made"', 10, "small letters"),
        ('kind = "absent"', 'kind = "missing"', 11, "say value, change, band, absent, late, each"),
        ('kind = "absent"', 'kind = "absent"\nweekdays = ["monday"]', 12, "'monday' is not a weekday"),
        ('metric = "generations"', 'metric = "generation"', 9, "did you mean 'generations'?"),
        ('metric = "generations"', 'metric = "generation_success_rate"', 9, "does not count anything"),
        ('where = "platform=linkedin"', 'where = "platform=linkdin"', 9, "did you mean 'linkedin'?"),
        ('where = "platform=linkedin"', 'where = "platfrom=linkedin"', 9, "did you mean 'platform'?"),
        ('where = "platform=linkedin"', 'by = ["level"]', 9, "can't be grouped by 'level'"),
        ('every = "1h"', 'every = "1m"', 3, "more than 20,000"),
        ('every = "1h"', 'every = "7h"', 3, "does not divide a day"),
        ('every = "1h"', 'every = "1h"\ntimezone = "Berlin"', 3, "unknown time zone 'Berlin'"),
        ('fire = "> 20"', 'fire = "> 20"\nneeds = "ai_request >= 5"', 3, "did you mean 'ai_requests'?"),
        ('kind = "absent"\nmetric = "generations"\nevery = "1d"', 'kind = "each"\nmetric = "generation_times"', 9, "does not count records"),
        ('kind = "absent"\nmetric = "generations"\nevery = "1d"', 'kind = "each"\nmetric = "generations"\nfire = "> 1"', 13, "'fire' is not a part"),
        ('kind = "absent"\nmetric = "generations"\nevery = "1d"', 'kind = "each"\nmetric = "generations"\nback = "0h"', 13, "no record would ever"),
        ('kind = "absent"\nmetric = "generations"\nevery = "1d"', 'kind = "each"\nmetric = "generations"\nahead = "60d"', 9, "31 days at most"),
        ('kind = "absent"\nmetric = "generations"\nevery = "1d"', 'kind = "each"\nmetric = "generations"\nshow = ["topci"]', 9, "did you mean 'topic'?"),
        ('kind = "absent"\nmetric = "generations"\nevery = "1d"', 'kind = "first"\nmetric = "generations"\nahead = "2d"', 13, "'ahead' is not a part"),
        ('kind = "absent"', 'kind = "burn"\nfire = "> 50 %"', 9, "needs an allowance"),
        ('kind = "absent"', 'kind = "burn"\nallowance = 20\nfire = "> 5"', 13, "a share of the allowance"),
        ('kind = "absent"', 'kind = "burn"\nallowance = 20\nfire = "< 5 %"', 13, "fires above its limit"),
        ('kind = "absent"', 'kind = "burn"\nallowance = 20\npage = "> 5"\nfire = "> 5 %"', 13, "a share of the allowance too"),
        ('kind = "absent"\nmetric = "generations"', 'kind = "burn"\nallowance = 20\nfire = "> 5 %"\nmetric = "generation_times"', 9, "can be used up"),
        ('kind = "absent"\nmetric = "generations"\nevery = "1d"', 'kind = "budget"\nfire = "> 5"\nmetric = "generation_times"', 9, "do not add up"),
        ('kind = "absent"', 'kind = "budget"\nfire = "> 5"', 14, "'every' is not a part"),
        ("# a comment", "[[rule]", 1, "this is not TOML"),
        ("# a comment", "rules = 3", 1, "'rules' is not known here"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(before: str, after: str, line: int, text: str) -> None:
    assert before in RIGHT
    _, wrong = read(RIGHT.replace(before, after, 1))
    assert len(wrong) == 1, wrong
    assert wrong[0].startswith(f"rules.toml:{line}: ")
    assert text in wrong[0]


def test_one_mistake_does_not_hide_the_next_nor_the_other_rules() -> None:
    rules, wrong = read(RIGHT.replace('"> 20"', '"20"') + '\n[[rule]]\nid = "third"\nmetric = "posts"\n')
    assert [each.id for each in rules] == ["nothing-made"]
    assert [each.split(": ")[0] for each in wrong] == ["rules.toml:7", "rules.toml:16"]


@pytest.mark.parametrize("text", ["[rule]\nid = 'one'", "rule = 3", "rule = [3]"])
def test_a_rule_in_single_brackets_is_a_mistake(text: str) -> None:
    assert read(f"# a comment\n{text}") == (
        [],
        ["rules.toml:2: write [[rule]] in double brackets: there can be several"],
    )


def test_receivers_may_stand_in_the_same_file() -> None:
    receiver = '[[receiver]]\nname = "ops"\nmetric = 3\n\n'
    rules, wrong = read(receiver + RIGHT.replace("ai_request_error_rate", "ai_requests_error_rate"))
    assert [rule.line for rule in rules] == [7, 13]
    assert [each.split(": ")[0] for each in wrong] == ["rules.toml:7"]


def test_a_receiver_that_nobody_declared_is_a_mistake() -> None:
    one = rule(notify=["ops-mail", "ops-hok"])
    assert [str(each) for each in unknown_receivers(one, ("ops-mail", "ops-hook"))] == [
        "rules.toml:1: rule 'one': notify names 'ops-hok', and no [[receiver]] is called so; did you mean 'ops-hook'?"
    ]
    assert len(unknown_receivers(one, ())) == 2


def test_a_limit_at_zero_has_a_way_back() -> None:
    assert rule(fire="> 0", clear=None).clear == Limit("<=", 0)
    assert rule(fire="< -10", clear=None).clear == Limit(">=", -9)
