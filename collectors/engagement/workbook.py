"""Reads a spreadsheet from standard input and writes its rows to standard output. Run as a program of its own, never imported.

The reader keeps a whole sheet in memory, as wide and high as its outermost cells: a file of 5 kB can ask for 500 GB, and when
that is refused, the process ends at once. So it is a process that holds nothing else, with limits on memory and time.
Output: one JSON document a line. `{"sheet": name}`, then its rows as lists, empty ones too; a date is `{"date": ISO}`.
At the end `{"end": true}`, or `{"error": why}`.
"""

import io
import json
import sys
import zipfile
from datetime import date, datetime, time, timedelta

MAX_UNPACKED = 512 * 1024 * 1024
MAX_OUTPUT = 64 * 1024 * 1024
MAX_ROWS, MAX_COLUMNS = 200_000, 1_000
MAX_MEMORY = 1024 * 1024 * 1024
MAX_SECONDS = 60
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The name of the part that holds the spreadsheet where it is protected by a password."""


def main() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        pass
    else:
        limits = ((resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_CPU, MAX_SECONDS), (resource.RLIMIT_CORE, 0))
        for limit, most in limits:
            _, allowed = resource.getrlimit(limit)
            most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
            resource.setrlimit(limit, (most, most))
    data = sys.stdin.buffer.read()
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", write_through=False)
    try:
        answer = write_rows(data, out)
    except MemoryError:
        answer = {"error": "it needs more than 1 GB of memory"}
    except Exception as failure:  # whatever is wrong with a file, its reason goes to who asked
        answer = {"error": f"{type(failure).__name__}: {failure}"}
    print(json.dumps(answer), file=out)
    out.flush()


def write_rows(data: bytes, out: io.TextIOWrapper) -> dict[str, object]:
    from python_calamine import CalamineWorkbook, PasswordError

    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > MAX_UNPACKED:
            return {"error": f"it unpacks to {unpacked // 1024**2} MiB, more than {MAX_UNPACKED // 1024**2}"}
    if ENCRYPTED in data:
        return {"error": "password"}
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError:
        return {"error": "password"}
    written = 0
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
            size = f"{sheet.total_height:,} rows and {sheet.total_width:,} columns"
            return {"error": f"its sheet {name!r} has {size}; {MAX_ROWS:,} and {MAX_COLUMNS:,} are the most"}
        written += out.write(json.dumps({"sheet": name}) + "\n")
        for row in sheet.to_python(skip_empty_area=False):
            written += out.write(json.dumps([plain(cell) for cell in row]) + "\n")
            if written > MAX_OUTPUT:
                return {"error": f"it holds more than {MAX_OUTPUT // 1024**2} MiB of cells"}
    return {"end": True}


def plain(cell: object) -> object:
    if isinstance(cell, datetime | date):
        return {"date": cell.isoformat()}
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


if __name__ == "__main__":
    main()
