"""A file says of itself whether it is whole; cut anywhere, or changed by a byte, it is found out."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from random import Random

import openpyxl
import pandas as pd
import pytest

from dashapp.downloads.formats import FORMATS, Csv
from dashapp.downloads.formats.model import Proof
from dashapp.downloads.verify import kind_of, verify
from tests.downloads.conftest import COLUMNS, FACTS, frame, sample, written
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


def _cut(kind: str) -> tuple[str, ...]:
    """A file of lines that is cut between two of them is one that never had a proof."""
    return ("cut", "unproven") if kind == "ndjson" else ("cut",)


@pytest.mark.parametrize("kind", KINDS)
def test_cut_at_twenty_random_places_and_at_each_of_its_last_bytes_it_is_recognised(kind: str, tmp_path: Path) -> None:
    whole = written(sample(3_000), kind, tmp_path).read_bytes()
    random = Random(20)
    places = [0, 1, 5, *(random.randrange(len(whole)) for _ in range(20)), *range(len(whole) - 24, len(whole))]
    path = tmp_path / f"cut.{kind}"
    for place in places:
        path.write_bytes(whole[:place])
        assert verify(path).state in _cut(kind), f"{place} of {len(whole)}"


@pytest.mark.parametrize("rows", [0, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_small_file_cut_at_any_byte_is_recognised(kind: str, rows: int, tmp_path: Path) -> None:
    whole = written(sample(rows), kind, tmp_path).read_bytes()
    path = tmp_path / f"cut.{kind}"
    for place in range(0, len(whole), 1 if kind in ("csv", "json", "ndjson") else 7):
        path.write_bytes(whole[:place])
        assert verify(path).state in _cut(kind), f"{place} of {len(whole)}"


@pytest.mark.parametrize("kind", PROVING)
def test_the_sums_in_the_proof_are_those_of_the_rows(kind: str, tmp_path: Path) -> None:
    rows = frame(60)
    found = verify(written(sample(60), kind, tmp_path))
    assert found.proof["rows"] == 60
    assert found.proof["sums"]["posts"] == int(rows["whole"].sum())
    assert found.proof["sums"]["duration"] == pytest.approx(float(rows["part"].sum()), rel=1e-12)
    assert found.sums == found.proof["sums"]
    assert found.proof["units"] == {"posts": "posts", "duration": "s"}


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
    path.write_bytes(b"".join(Csv(decimal=",", excel=True, proof="inside").stream(sample(60))))
    text = path.read_bytes()
    assert text.startswith(b'\xef\xbb\xbf"time [Europe/Berlin]";"time_utc_offset";')
    assert b";-2,9;" in text
    assert verify(path).state == "complete"


def test_a_csv_saved_again_by_another_program_is_altered_though_its_numbers_are_right(tmp_path: Path) -> None:
    path = written(sample(60), "csv", tmp_path)
    pd.read_csv(path, dtype=str, keep_default_na=False).to_csv(path, index=False)
    found = verify(path)
    assert found.state == "altered"
    assert found.reasons == (
        "its bytes are not those that were written",
        "its rows are the same, in the same order: another program has saved it",
    )


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


def resorted_lines(path: Path) -> None:
    """By a text tool: whole lines in another order."""
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(rows)]))


def resorted_by_pandas(path: Path, kind: str) -> None:
    """By a program that reads it, sorts it and spells it anew: 3 becomes 3.0, quotation marks go."""
    if kind == "csv":
        pd.read_csv(path, keep_default_na=False, na_values={"posts": [""], "duration": [""]}).sort_values(
            "text", kind="stable"
        ).to_csv(path, index=False)
    else:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text("".join(json.dumps(line) + "\n" for line in reversed(lines)))


@pytest.mark.parametrize("proof", ["inside", "beside"])
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_re_sorted_file_is_told_from_a_cut_and_from_a_changed_one(kind: str, proof: Proof, tmp_path: Path) -> None:
    path = written(sample(60), kind, tmp_path, proof)
    whole = path.read_bytes()
    resorted_by_pandas(path, kind)
    found = verify(path)
    assert (found.state, found.reasons) == ("re-sorted", ("its rows are all there, in another order",))
    resorted = path.read_text()
    path.write_text("\n".join(resorted.splitlines()[:-9]) + "\n")
    assert verify(path).state in ("cut", "altered"), "re-sorted and then cut"
    path.write_bytes(whole.replace(b"20000000000000", b"20000000000001", 1))
    assert verify(path).state == "altered"


def test_lines_in_another_order_are_told_from_missing_ones(tmp_path: Path) -> None:
    """Numbers alone, so that no text holds a line end."""
    table = replace(sample(60), columns=tuple(column for column in COLUMNS if column.kind != "text"))
    path = written(table, "csv", tmp_path, "beside")
    whole = path.read_text()
    resorted_lines(path)
    assert verify(path).state == "re-sorted"
    path.write_text("\n".join(whole.splitlines()[:40]) + "\n")
    assert verify(path).state == "cut", "cut between two rows"
    path.write_text("\n".join([*whole.splitlines()[:20], *whole.splitlines()[21:]]) + "\n")
    assert verify(path).state == "altered", "one row taken out of the middle"


@pytest.mark.parametrize("rows", [0, 1, 60, 5_000])
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_file_with_its_proof_beside_it_holds_rows_alone_and_is_complete(kind: str, rows: int, tmp_path: Path) -> None:
    path = written(sample(rows), kind, tmp_path, "beside")
    assert b"_proof" not in path.read_bytes().splitlines()[0] if rows else True
    found = verify(path)
    assert (found.kind, found.state, found.reasons, found.rows) == (kind, "complete", (), rows)
    assert found == verify(tmp_path / f"{path.name}.proof.json"), "told of the proof, it looks at the file"
    path.rename(tmp_path / f"renamed.{kind}")
    assert verify(tmp_path / f"renamed.{kind}", tmp_path / f"{path.name}.proof.json").state == "complete"


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_with_its_proof_beside_it_a_file_cut_at_any_byte_is_recognised(kind: str, tmp_path: Path) -> None:
    path = written(sample(6), kind, tmp_path, "beside")
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place])
        assert verify(path).state == "cut", f"{place} of {len(whole)}"


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_without_a_proof_nothing_is_claimed_of_a_file_but_that_it_ends_within_a_row(kind: str, tmp_path: Path) -> None:
    path = written(sample(60), kind, tmp_path, "none")
    assert verify(path).state == "unproven"
    assert verify(path).rows == 60
    path.write_bytes(path.read_bytes()[:-5])
    assert verify(path).state == "cut"
    (tmp_path / f"{path.name}.proof.json").write_text('{"rows": 6')
    found = verify(path)
    assert found.state == "unproven"
    assert f"{path.name}.proof.json can't be read" in found.reasons[0]


def test_a_file_of_a_former_version_without_a_row_checksum_is_still_verified(tmp_path: Path) -> None:
    path = written(sample(2), "csv", tmp_path)
    text = path.read_text()
    begin = text.index(',""columns"":')
    end = text.index(',""rows"":')
    path.write_text(text[:begin] + text[end:])
    assert verify(path).state == "complete"


def test_files_taken_out_of_a_zip_are_proven_by_its_manifest(ann: Person, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(ann.client.get("/download/page/generation.zip?start=-30d").data)) as file:
        file.extractall(tmp_path)
    path = tmp_path / "batches.csv"
    assert "_proof" not in path.read_text().splitlines()[0]
    assert verify(path).state == "complete"
    path.write_bytes(path.read_bytes()[:-40])
    assert verify(path).state == "cut"
