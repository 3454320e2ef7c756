"""Files from the shell: the same as the page's Download, beside or through the running application."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import PASSWORD, Shell, Started

RANGE = ("--start", "2026-10-01", "--stop", "2026-11-01", "--tz", "UTC")


def source(project: Path) -> dict[str, str]:
    return {"DASHAPP_SOURCE_DIR": str(project), "DASHAPP_SOURCE_TIMEZONE": "UTC"}


def test_records_go_to_a_file_that_verifies_and_a_cut_one_does_not(shell: Shell, project: Path) -> None:
    shell("collect", "--once", **source(project))
    done = shell(
        "export", "records/log_record", *RANGE, "-o", "log.csv", "--progress", "--proof", "1", **source(project)
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "Wrote log.csv: 4 rows." in done.stderr
    path = shell.folder / "log.csv"
    looked = shell("verify", "log.csv")
    assert looked.returncode == 0
    assert "log.csv: complete, 4 rows (csv)" in looked.stdout
    path.write_bytes(path.read_bytes()[:-1])
    looked = shell("verify", "log.csv", "--json")
    assert looked.returncode == 1
    assert json.loads(looked.stdout)["state"] == "cut"


def test_a_proof_lies_beside_the_file_and_a_re_sorted_file_is_told_from_a_cut_one(shell: Shell, project: Path) -> None:
    shell("collect", "--once", **source(project))
    done = shell("export", "records/log_record", *RANGE, "-o", "log.csv", "--proof", "file", **source(project))
    assert done.returncode == 0, done.stderr
    path = shell.folder / "log.csv"
    assert "_proof" not in path.read_text()
    assert "log.csv: complete, 4 rows (csv)" in shell("verify", "log.csv").stdout
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(rows)]) + "\n")
    looked = shell("verify", "log.csv")
    assert looked.returncode == 1
    assert looked.stdout == "log.csv: re-sorted, 4 rows (csv)\n  its rows are all there, in another order\n"
    path.write_text("\n".join([head, *rows[:2]]) + "\n")
    assert "log.csv: cut, 2 rows (csv)" in shell("verify", "log.csv").stdout
    (shell.folder / "log.csv.proof.json").unlink()
    looked = shell("verify", "log.csv")
    assert looked.returncode == 1
    assert "log.csv: unproven, 2 rows (csv)" in looked.stdout
    assert "--proof file" in shell("export", "records/log_record", "--proof", "file", "-o", "-").stderr


def test_filters_formats_and_standard_output_are_those_of_the_page(shell: Shell, project: Path) -> None:
    shell("collect", "--once", **source(project))
    done = shell("export", "table/log_records", *RANGE, "--level", "ERROR", "-o", "-", **source(project))
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["level"], row["message"]) == ("ERROR", "Unknown command: x")
    done = shell("export", "log_records_by_level", *RANGE, "-f", "json", "-o", "-", **source(project))
    assert sum(row["log_records"] or 0 for row in json.loads(done.stdout)["data"]) == 4
    assert shell("export", "page/events", *RANGE, "-f", "parquet", "-o", "all.zip", **source(project)).returncode == 0
    looked = shell("verify", "all.zip")
    assert looked.returncode == 0
    assert "log_records.parquet: complete, 4 rows" in looked.stdout


def test_what_can_not_be_exported_is_told_in_one_sentence_and_leaves_no_file(shell: Shell, project: Path) -> None:
    shell("collect", "--once", **source(project))
    for words, says in (
        (["nonsense"], "nonsense"),
        (["generation"], "generation"),
        (["records/log_record", "--format", "pdf"], "csv, xlsx, parquet, json, ndjson"),
        (["records/log_record", "--start", "someday"], "someday"),
        (["records/log_record", "--decimal", "both"], "point or comma"),
    ):
        done = shell("export", *words, "-o", "out.csv", **source(project))
        assert done.returncode != 0, words
        assert says in done.stderr
        assert "Traceback" not in done.stderr
    assert not list(shell.folder.glob("out.csv*"))


def test_where_nothing_can_be_written_the_file_is_named(shell: Shell, project: Path) -> None:
    shell("collect", "--once", **source(project))
    done = shell("export", "records/log_record", *RANGE, "-o", "nowhere/out.csv", **source(project))
    assert done.returncode == 1
    assert done.stderr == "dashapp: nowhere/out.csv can't be written: No such file or directory\n"


def test_that_nothing_can_be_written_is_not_blamed_on_the_running_application(shell: Shell, running: Started) -> None:
    running.get("/readyz")
    running.waits_for(lambda: _rows(shell) == 4)
    done = shell("export", "records/log_record", *RANGE, "-o", "nowhere/out.csv")
    assert done.stderr == "dashapp: nowhere/out.csv can't be written: No such file or directory\n"
    assert _rows(shell) == 4


def test_one_file_that_is_not_there_keeps_no_other_from_being_verified(shell: Shell, project: Path) -> None:
    shell("collect", "--once", **source(project))
    shell("export", "records/log_record", *RANGE, "-o", "log.csv", "--proof", "file", **source(project))
    looked = shell("verify", "gone.csv", "log.csv")
    assert looked.returncode == 1
    assert "gone.csv can't be read" in looked.stderr
    assert "log.csv: complete" in looked.stdout


def test_a_running_application_does_the_work_and_curl_with_a_token_gets_the_same(
    shell: Shell, running: Started
) -> None:  # fmt: skip
    running.get("/readyz")
    running.waits_for(lambda: _rows(shell) == 4)
    shell("user", "add", "ann", "--role", "viewer", "--password-stdin", stdin=PASSWORD)
    token = shell("token", "create", "--user", "ann", "--name", "x").stdout.strip()
    words = "start=2026-10-01&stop=2026-11-01&tz=UTC"
    status, text = running.get(f"/download/records/log_record.csv?{words}&proof=1", Authorization=f"Bearer {token}")
    assert status == 200
    path = shell.folder / "curl.csv"
    path.write_text(text, newline="")
    assert shell("verify", "curl.csv").returncode == 0
    done = shell("export", "records/log_record", *RANGE, "-o", "-")
    assert list(csv.reader(io.StringIO(done.stdout))) == [row[:-1] for row in csv.reader(io.StringIO(text))]
    assert running.get(f"/download/records/log_record.csv?{words}")[0] == 401


def _rows(shell: Shell) -> int:
    done = shell("export", "records/log_record", *RANGE, "-o", "-")
    return len(list(csv.DictReader(io.StringIO(done.stdout)))) if done.returncode == 0 else -1


def test_a_reader_that_has_enough_is_no_error(shell: Shell, project: Path) -> None:
    shell("collect", "--once", **source(project))
    command = [sys.executable, "-c", "from dashapp.cli import main; main()", "export", "records/log_record", *RANGE,
               "-o", "-"]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=shell.folder, env={**shell.env, **source(project)}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
