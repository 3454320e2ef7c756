"""AI calls recorded by the observed system: each line is one point, whenever and however often it is read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from collectors.ai_usage.collector import AiUsageCollector
from collectors.source import Source
from metricstore.point import Point
from tests.collectors.memory import Driver, MemoryStore


def line(number: int, **more: Any) -> str:
    return json.dumps({"time": f"2026-10-05T07:00:{number:02d}Z", "provider": "zai", "model": "glm-4.5-air",
                       "input_tokens": number, "output_tokens": 1, **more}) + "\n"  # fmt: skip


class Project:
    def __init__(self, root: Path) -> None:
        self.source = Source(root, "Europe/Berlin")
        self.file = self.source.ai_usage_path()
        self.file.parent.mkdir()
        self.store = MemoryStore()
        self.driver = Driver(AiUsageCollector(self.source), self.store)

    def append(self, *lines: str) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.writelines(lines)

    @property
    def numbers(self) -> list[int]:
        return [row["input_tokens"] for row in self.store.rows("gen_ai_request")]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_without_a_file_there_is_nothing_and_no_complaint(project: Project) -> None:
    assert project.driver.run() == 0
    assert AiUsageCollector(project.source).validate() == []


def test_lines_appended_are_read_on(project: Project) -> None:
    project.append(line(1), line(2))
    project.driver.run()
    project.append(line(3))
    project.driver.run()
    assert project.numbers == [1, 2, 3]


def test_a_half_written_line_waits_until_it_is_whole(project: Project) -> None:
    whole = line(2)
    project.append(line(1), whole[:20])
    project.driver.run()
    assert (project.numbers, project.driver.letters) == ([1], {})
    project.append(whole[20:])
    project.driver.run()
    assert (project.numbers, project.driver.letters) == ([1, 2], {})


@pytest.mark.parametrize("compressed", [False, True])
def test_rotation_loses_and_doubles_nothing(project: Project, compressed: bool) -> None:
    project.append(line(1), line(2))
    project.driver.run()
    project.append(line(3))
    old = project.file.with_name(project.file.name + ".1")
    project.file.rename(old)
    if compressed:
        old.with_suffix(".1.gz").write_bytes(gzip.compress(old.read_bytes()))
        old.unlink()
    project.append(line(4))
    project.driver.run()
    project.driver.run()
    assert project.numbers == [1, 2, 3, 4]


def test_two_calls_that_ended_in_the_same_millisecond_are_two(project: Project) -> None:
    project.append(line(1, request_id="a"), line(1, request_id="b"), line(1, request_id="b"))
    project.driver.run()
    assert project.numbers == [1, 1]


def test_an_own_price_goes_first_and_a_broken_table_stops_this_collector_alone(
    project: Project, tmp_path: Path
) -> None:
    prices = tmp_path / "prices.toml"
    source = Source(tmp_path, "UTC", price_table=prices)
    (problem,) = AiUsageCollector(source).validate()
    assert problem.fatal and "prices.toml" in problem.text
    prices.write_text('[[price]]\nprovider="zai"\nmodel="glm-4.5-air"\nfrom=2020-01-01\ninput="1000000"\noutput="0"\n')
    project.append(line(7))
    Driver(AiUsageCollector(source), project.store).run()
    (row,) = project.store.rows("gen_ai_request")
    assert (row["cost_nano_usd"], row["pricing"]) == (7_000_000_000, "estimated")
    assert row["price_table"].startswith("own:")


def test_a_secret_in_a_line_is_not_kept(project: Project) -> None:
    project.append(line(1, error_type="401 access_token=abcdefghijklmnop1234567890", outcome="error"))
    project.append('{"oops": "access_token=abcdefghijklmnop1234567890"}\n')
    project.driver.run()
    kept = repr(project.store.rows("gen_ai_request")) + repr(project.driver.letters)
    assert "abcdefghijklmnop" not in kept


def test_a_line_too_long_to_be_a_call_is_set_aside(project: Project) -> None:
    project.append(json.dumps({"time": "2026-10-05T07:00:00Z", "text": "x" * (2 << 20)}) + "\n", line(2))
    project.driver.run()
    assert project.numbers == [2]
    (letter,) = project.driver.letters.values()
    assert (letter.line, "bytes" in letter.reason) == (1, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("duration_seconds", "long"), ("cost_usd", "#DIV/0!"), ("input_tokens", -1), ("retries", 1e300), ("outcome", "perhaps"),
        ("platform", {"a": 1}), ("provider", [1]), ("post_number", True), ("usage", "none"),
    ],
)  # fmt: skip
def test_a_field_a_call_can_do_without_costs_itself_alone(project: Project, name: str, value: Any) -> None:
    project.append(line(1, **{name: value}), line(2))
    project.driver.run()
    assert len(project.store.rows("gen_ai_request")) == 2
    (letter,) = project.driver.letters.values()
    assert name in letter.reason and letter.reason.startswith("kept without what can't be read")


def test_a_value_no_parser_takes_costs_its_field(project: Project) -> None:
    for value in ("[" * 50_000 + "]" * 50_000, "9" * 5_000, "1e999999999", "NaN"):
        project.append(line(1, output_tokens="HERE", request_id=value[:9]).replace('"HERE"', value))
    project.driver.run()
    assert len(project.store.rows("gen_ai_request")) == 4
    assert len(project.driver.letters) == 4


def test_lines_that_are_no_calls_are_a_warning_until_the_file_is_another(project: Project) -> None:
    project.append("[\n", '  {"model": "m"},\n', "]\n")
    project.driver.run()
    (warning,) = project.driver.checkpoint["warnings"]
    assert "outputs/ai_usage.ndjson: 3 of 3 lines aren't AI calls; the first is line 1" in warning
    assert [problem.text for problem in project.driver.collector.validate()] == [warning]
    project.file.write_text(line(1) * 50)
    project.driver.run()
    assert project.driver.checkpoint.get("warnings", []) == []


def test_calls_of_networks_spelled_otherwise_get_the_networks_name(project: Project) -> None:
    project.append(line(1, platform="x (Twitter)"), line(2, platform="LinkedIn & X"))
    project.driver.run()
    assert [row["platform"] for row in project.store.rows("gen_ai_request")] == ["twitter", "LinkedIn & X"]
    for point in list(project.store.points.values()):
        if point.fields["platform"] == "twitter":
            project.store.write([Point(point.measurement, point.time, point.tags, {"platform": "x (twitter)"})])
    project.driver.checkpoint.pop("version")
    project.driver.run()
    assert [row["platform"] for row in project.store.rows("gen_ai_request")] == ["twitter", "LinkedIn & X"]
