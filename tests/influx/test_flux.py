"""Whatever a person types stays a text: literals are tried on the real server."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from influxdb_client import Dialect

from metricstore.influx import flux
from metricstore.influx.answers import blocks
from metricstore.influx.connection import Connection
from metricstore.validation import field_text
from tests.stores import InfluxServer

pytestmark = pytest.mark.influx

HOSTILE = [
    '"', "\\", '\\"', "${1 + 1}", "$", "{", "}", "\n", "\t", "\x00", "\x1b[0m", "\x7f", '") |> drop(', "// comment", "/x/",
    'a"\n|> to(bucket: "first")', "\\x22", "\\n", "é", "日本", "🎉", "\u2028", "\ufeff", "' OR 1=1 --", "", " ", "#datatype,string",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(HOSTILE), max_size=6).map("".join),
    st.text(alphabet='"\\${}\n\r\x00|>()', max_size=20),
)


@pytest.fixture
def connection(influxd: InfluxServer, influx_bucket: str) -> Connection:
    return Connection(influxd.url, influxd.token, influxd.org, influx_bucket, 30)


def echoed(connection: Connection, values: list[str]) -> list[str]:
    """What the server makes of the literals; a carriage return is lost on the way back, so there must be none."""
    rows = ", ".join(f"{{v: {flux.text(value)}}}" for value in values)
    script = f'import "array"\narray.from(rows: [{rows}])'
    answer = connection._queries.query_raw(script, dialect=Dialect(header=True, annotations=["datatype"])).data
    return [text.replace("\r\n", "\n") for block in blocks(answer) for text in block.column("v")]


@settings(max_examples=40, deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(values=st.lists(TEXTS.map(field_text).filter(bool), min_size=1, max_size=25))
def test_no_text_breaks_out_of_its_literal(connection: Connection, values: list[str]) -> None:
    assert echoed(connection, values) == values


def test_a_literal_holds_no_character_with_a_meaning() -> None:
    every = "".join(map(chr, range(256))) + "${x}"
    literal = flux.text(every)[1:-1]
    assert not set(literal) & set('"${}\n\r\t')
    assert "\\" not in literal.replace("\\x", "")


@pytest.mark.parametrize(
    ("value", "kind", "literal"),
    [(1e-7, "float", "0.0000001"), (1e22, "float", "10000000000000000000000.0"), (-2.5, "float", "-2.5"),
     (3, "float", "3.0"), (3, "int", "3"), (-7, "int", "-7")],
)  # fmt: skip
def test_numbers_are_written_without_exponents(value: float, kind: str, literal: str) -> None:
    assert flux.number(value, kind) == literal


def test_times_keep_nanoseconds_before_and_after_1970() -> None:
    assert flux.time(1) == "1970-01-01T00:00:00.000000001Z"
    assert flux.time(-1) == "1969-12-31T23:59:59.999999999Z"
    assert flux.time(1_735_689_600_123_456_789) == "2025-01-01T00:00:00.123456789Z"
