"""Excel workbooks and a page's zip: without the directory at its end a zip is cut."""

from __future__ import annotations

import hashlib
import html
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from dashapp.downloads.formats.workbook import ABOUT, DATA
from dashapp.downloads.page import MANIFEST
from dashapp.downloads.verify.verdict import BLOCK, Counted, State, Verdict, cut, judged
from metricstore.quantities import quantity

_SHARED = "xl/sharedStrings.xml"
_PROOF = re.compile(r'\{"complete":true,.*?\}(?=</t>)', re.DOTALL)
_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LETTERS = re.compile("[A-Z]+")


_FIRST_NAME = 30
"""Where the name of the first member begins in a zip."""


def is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64)[_FIRST_NAME:].startswith(b"[Content_Types].xml")


def xlsx(path: Path) -> Verdict:
    try:
        with zipfile.ZipFile(path) as file:
            proof = _workbook_proof(file)
            if proof is None:
                return Verdict("xlsx", "altered", ("it holds no proof: its sheet About is gone",))
            with file.open(DATA) as sheet:
                found = _hash(sheet)
            with file.open(DATA) as sheet:
                counted = _sheet_counted(sheet, proof, _shared(file) if _SHARED in file.namelist() else [])
    except zipfile.BadZipFile:
        return cut("xlsx")
    except (KeyError, ElementTree.ParseError) as error:
        return Verdict("xlsx", "altered", (f"it can't be read: {error}",))
    return judged("xlsx", proof, found, counted)


def _hash(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while block := file.read(BLOCK):
        found.update(block)
    return found.hexdigest()


def _workbook_proof(file: zipfile.ZipFile) -> dict[str, Any] | None:
    """In the sheet as we write it; other programs move texts to a list of their own."""
    for name in (ABOUT, _SHARED):
        if name in file.namelist():
            found = _PROOF.search(file.read(name).decode(errors="replace"))
            if found:
                try:
                    document: dict[str, Any] = json.loads(html.unescape(found[0]))
                except ValueError:
                    continue
                return document
    return None


def _sheet_counted(sheet: IO[bytes], proof: Mapping[str, Any], shared: list[str]) -> Counted:
    counted = Counted(proof.get("sums", {}))
    rows = _rows(sheet, shared)
    names: dict[int, str] = {}
    for place, text in next(rows, {}).items():
        names[place] = text
        counted.seen(text)
    wanted = {place: name for place, name in names.items() if name in proof.get("sums", {})}
    for row in rows:
        counted.rows += 1
        for place, name in wanted.items():
            text = row.get(place, "")
            counted.add(name, (float(text) if "." in text or "e" in text else int(text)) if text else None)
    return counted


def _rows(sheet: IO[bytes], shared: list[str]) -> Iterator[dict[int, str]]:
    """Each row's texts by column, counted from 0; forgotten as soon as they were read."""
    parent: ElementTree.Element | None = None
    for event, element in ElementTree.iterparse(sheet, ("start", "end")):  # noqa: S314  a file of our own making
        if event == "start" and element.tag == f"{_NAMESPACE}sheetData":
            parent = element
        if event == "end" and element.tag == f"{_NAMESPACE}row":
            yield {place: text for place, text in _cells(element, shared) if text}
            element.clear()
            if parent is not None:
                parent.clear()


def _cells(row: ElementTree.Element, shared: list[str]) -> Iterator[tuple[int, str]]:
    for place, cell in enumerate(row):
        reference = _LETTERS.match(cell.get("r", ""))
        own = _number(reference[0]) - 1 if reference else place
        value = cell.find(f"{_NAMESPACE}v")
        if value is not None:
            text = value.text or ""
            yield own, shared[int(text)] if cell.get("t") == "s" else text
        else:
            yield own, "".join(part.text or "" for part in cell.iter(f"{_NAMESPACE}t"))


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found


def _shared(file: zipfile.ZipFile) -> list[str]:
    with file.open(_SHARED) as part:
        return [
            "".join(text.text or "" for text in element.iter(f"{_NAMESPACE}t"))
            for _, element in ElementTree.iterparse(part)  # noqa: S314
            if element.tag == f"{_NAMESPACE}si"
        ]


def page(path: Path) -> Verdict:
    """Every file the manifest names is there with the bytes it had."""
    try:
        with zipfile.ZipFile(path) as file:
            if MANIFEST not in file.namelist():
                return Verdict("zip", "altered", ("it holds no manifest",))
            manifest = json.loads(file.read(MANIFEST))
            members = tuple(_member(file, told) for told in manifest["files"])
    except zipfile.BadZipFile:
        return cut("zip")
    except (ValueError, KeyError) as error:
        return Verdict("zip", "altered", (f"its manifest can't be read: {error}",))
    wrong = tuple(f"{name}: {remark}" for name, state, remark in members if state != "complete")
    rows = sum(int(told["proof"]["rows"]) for told in manifest["files"] if told.get("proof"))
    return Verdict("zip", "altered" if wrong else "complete", wrong, rows, {}, manifest, members)


def _member(file: zipfile.ZipFile, told: Mapping[str, Any]) -> tuple[str, State, str]:
    name = told.get("file")
    if name is None:
        return str(told["title"]), "complete", f"left out: {told.get('refused')}"
    if name not in file.namelist():
        return name, "altered", "is missing"
    try:
        with file.open(name) as member:
            same = _hash(member) == told["sha256"]
    except zipfile.BadZipFile as error:
        return name, "altered", str(error)
    return (
        name,
        "complete" if same else "altered",
        quantity(told["proof"]["rows"], "rows") if same else "has other bytes",
    )
