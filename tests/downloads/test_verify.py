"""A file says of itself whether it is whole; cut anywhere, or changed by a byte, it is found out."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from random import Random

import openpyxl
import pandas as pd
import pytest

from dashapp.downloads.formats import FORMATS, Csv
from dashapp.downloads.verify import kind_of, verify
from tests.downloads.conftest import FACTS, frame, sample, written
from tests.web.conftest import Person

KINDS = tuple(FORMATS)
PROVING = tuple(kind for kind in KINDS if kind != "arrow")


@pytest.mark.parametrize("rows", [0, 1, 60, 5_000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_file_is_complete_and_its_rows_are_counted(kind: str, rows: int, tmp_path: Path) -> None:
    found = verify(written(sample(rows), kind, tmp_path))
    assert (found.kind, found.state, found.reasons, found.rows) == (kind, "complete", (), rows)
    assert found.proof["filters"] == list(FACTS.filters)
    assert found.proof["view"] == FACTS.view
    assert found.proof["timezone"] == "Europe/Berlin"
    assert found.proof["start"] == "2024-03-30T01:00:00+01:00"


@pytest.mark.parametrize("kind", KINDS)
def test_cut_at_twenty_random_places_and_at_each_of_its_last_bytes_it_is_recognised(kind: str, tmp_path: Path) -> None:
    whole = written(sample(3_000), kind, tmp_path).read_bytes()
    random = Random(20)
    places = [0, 1, 5, *(random.randrange(len(whole)) for _ in range(20)), *range(len(whole) - 24, len(whole))]
    path = tmp_path / f"cut.{kind}"
    for place in places:
        path.write_bytes(whole[:place])
        assert verify(path).state == "cut", f"{place} of {len(whole)}"


@pytest.mark.parametrize("rows", [0, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_small_file_cut_at_any_byte_is_recognised(kind: str, rows: int, tmp_path: Path) -> None:
    whole = written(sample(rows), kind, tmp_path).read_bytes()
    path = tmp_path / f"cut.{kind}"
    for place in range(0, len(whole), 1 if kind in ("csv", "json", "ndjson") else 7):
        path.write_bytes(whole[:place])
        assert verify(path).state == "cut", f"{place} of {len(whole)}"


@pytest.mark.parametrize("kind", PROVING)
def test_the_sums_in_the_proof_are_those_of_the_rows(kind: str, tmp_path: Path) -> None:
    rows = frame(60)
    found = verify(written(sample(60), kind, tmp_path))
    assert found.proof["rows"] == 60
    assert found.proof["sums"]["posts"] == int(rows["whole"].sum())
    assert found.proof["sums"]["duration [s]"] == pytest.approx(float(rows["part"].sum()), rel=1e-12)
    assert found.sums == found.proof["sums"]
    assert found.proof["units"] == {"posts": "posts", "duration [s]": "s"}


@pytest.mark.parametrize("kind", ["csv", "json", "ndjson"])
def test_a_changed_digit_is_found_and_told(kind: str, tmp_path: Path) -> None:
    path = written(sample(60), kind, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"20000000000000", b"20000000000001", 1))
    found = verify(path)
    assert found.state == "altered"
    assert any("sum of posts" in reason for reason in found.reasons)


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_row_taken_out_of_the_middle_is_found(kind: str, tmp_path: Path) -> None:
    path = written(sample(16, 1), kind, tmp_path)
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(lines[:2] + lines[3:]))
    found = verify(path)
    assert found.state == "altered"
    assert "it says 16 rows and holds 15" in found.reasons


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_a_changed_byte_in_a_packed_file_is_found(kind: str, tmp_path: Path) -> None:
    path = written(sample(2_000), kind, tmp_path)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    path.write_bytes(whole)
    assert verify(path).state != "complete"


def test_a_csv_with_decimal_commas_and_a_mark_for_excel_verifies(tmp_path: Path) -> None:
    path = tmp_path / "german.csv"
    path.write_bytes(b"".join(Csv(decimal=",", bom=True).stream(sample(60))))
    text = path.read_bytes()
    assert text.startswith(b'\xef\xbb\xbf"time";')
    assert b";-2,9;" in text
    assert verify(path).state == "complete"


def test_a_csv_saved_again_by_another_program_is_altered_though_its_numbers_are_right(tmp_path: Path) -> None:
    path = written(sample(60), "csv", tmp_path)
    pd.read_csv(path, dtype=str, keep_default_na=False).to_csv(path, index=False)
    found = verify(path)
    assert found.state == "altered"
    assert found.reasons == ("its bytes are not those that were written",)


def test_a_workbook_saved_again_is_altered_and_says_which_sum_changed(tmp_path: Path) -> None:
    path = written(sample(60), "xlsx", tmp_path)
    book = openpyxl.load_workbook(path)
    book["Data"]["D2"] = 77
    book.save(path)
    found = verify(path)
    assert (found.state, found.rows) == ("altered", 60)
    assert any("sum of posts" in reason for reason in found.reasons)


def test_files_are_recognised_by_what_is_in_them(tmp_path: Path) -> None:
    for kind in KINDS:
        path = written(sample(60), kind, tmp_path)
        assert kind_of(path.rename(tmp_path / f"{kind}.download")) == kind


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "json", "ndjson"])
def test_a_page_as_zip_verifies_with_every_file_in_it(kind: str, ann: Person, tmp_path: Path) -> None:
    answer = ann.client.get(f"/download/page/generation.zip?start=-30d&format={kind}")
    path = tmp_path / "page.zip"
    path.write_bytes(answer.data)
    found = verify(path)
    assert (found.state, found.kind) == ("complete", "zip")
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
        assert names[-1] == "manifest.json"
        assert f"batches.{kind}" in names
        assert f"failures_per_reason.{kind}" in names
        file.extractall(tmp_path / "out")
        manifest = json.loads(file.read("manifest.json"))
    for told in manifest["files"]:
        own = verify(tmp_path / "out" / told["file"])
        assert (own.state, own.rows) == ("complete", told["proof"]["rows"])
    path.write_bytes(answer.data[:-3])
    assert verify(path).state == "cut"


def test_a_page_with_a_file_replaced_is_altered(ann: Person, tmp_path: Path) -> None:
    answer = ann.client.get("/download/page/generation.zip?start=-30d")
    path = tmp_path / "page.zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file, zipfile.ZipFile(path, "w") as other:
        for name in file.namelist():
            other.writestr(name, file.read(name) if name != "batches.csv" else b"changed")
    found = verify(path)
    assert found.state == "altered"
    assert found.reasons == ("batches.csv: has other bytes",)
