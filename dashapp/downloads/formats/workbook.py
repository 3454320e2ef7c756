"""The parts of an Excel workbook (ECMA-376) around its rows."""

from __future__ import annotations

import json
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument"
DATA, ABOUT = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
CORE, CUSTOM = "docProps/core.xml", "docProps/custom.xml"
JSON_KEY = "proof as JSON"
_LONGEST_PROPERTY = 255

PARTS = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.spreadsheetml.sheet.main+xml"/>'
    f'<Override PartName="/{DATA}" ContentType="{_TYPE}.spreadsheetml.worksheet+xml"/>'
    f'<Override PartName="/{ABOUT}" ContentType="{_TYPE}.spreadsheetml.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.spreadsheetml.styles+xml"/>'
    f'<Override PartName="/{CORE}" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    f'<Override PartName="/{CUSTOM}" ContentType="{_TYPE}.custom-properties+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="{CORE}"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/relationships/custom-properties" Target="{CUSTOM}"/></Relationships>',
    "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships"><sheets>'
    f'<sheet name="Data" sheetId="1" r:id="rId1"/><sheet name="About" sheetId="2" r:id="rId2"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/relationships/worksheet" Target="worksheets/sheet2.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/relationships/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}  # fmt: skip
"""What is the same in every workbook. Style 1 is a moment, style 2 a heading, style 3 a date."""


def text_cell(escaped: str, style: int = 0) -> str:
    own = f' s="{style}"' if style else ""
    return f'<c t="inlineStr"{own}><is><t xml:space="preserve">{escaped}</t></is></c>'


def sheet_begin(names: list[str], widths: list[int]) -> bytes:
    """Up to the headings, which stay in sight."""
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{max(width, len(name) + 3)}" customWidth="1"/>'
        for place, (name, width) in enumerate(zip(names, widths, strict=True), 1)
    )
    heads = "".join(text_cell(escape(name), 2) for name in names)
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView tabSelected="1" workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData><row>{heads}</row>"
    ).encode()


def sheet_end(columns: int, rows: int) -> bytes:
    return f'</sheetData><autoFilter ref="A1:{_letters(columns)}{rows + 1}"/></worksheet>'.encode()


def _letters(number: int) -> str:
    """1 is A, 27 is AA."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def about(document: dict[str, object]) -> bytes:
    """The sheet that tells what the file is: a line a fact, the sums one by one, the whole proof as JSON."""
    lines = [(name, value) for name, value in document.items() if not isinstance(value, dict)]
    for group in ("units", "sums"):
        own = document.get(group)
        if isinstance(own, dict):
            lines += [(f"{group.removesuffix('s')} of {name}", value) for name, value in own.items()]
    rows = "".join(f"<row>{text_cell(escape(name), 2)}{_value_cell(value)}</row>" for name, value in lines)
    whole = escape(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    rows += f"<row>{text_cell(JSON_KEY, 2)}{text_cell(whole)}</row>"
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><cols><col min="1" max="1" width="28" customWidth="1"/>'
        f'<col min="2" max="2" width="90" customWidth="1"/></cols><sheetData>{rows}</sheetData></worksheet>'
    ).encode()


def _value_cell(value: object) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return text_cell("yes" if value else "no")
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text_cell(escape(text))


def core(title: str, made: datetime) -> bytes:
    moment = made.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>Content Metrics</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created></cp:coreProperties>'
    ).encode()


def custom(document: dict[str, object]) -> bytes:
    """Document properties (File, Info). Texts are cut to what Excel shows there; the sheet has them whole."""
    flat: dict[str, object] = {name: value for name, value in document.items() if not isinstance(value, dict)}
    sums = document.get("sums")
    if isinstance(sums, dict):
        flat |= {f"sum of {name}": value for name, value in sums.items()}
    properties = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{place}" name={quoteattr(name)}>'
        f"<vt:lpwstr>{escape(_short(value))}</vt:lpwstr></property>"
        for place, (name, value) in enumerate(flat.items(), 2)
    )
    return (
        f'{_HEAD}<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes">'
        f"{properties}</Properties>"
    ).encode()


def _short(value: object) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return text if len(text) <= _LONGEST_PROPERTY else text[: _LONGEST_PROPERTY - 1] + "…"
