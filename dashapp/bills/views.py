"""`/ai/bill`: paste or upload a provider's bill, see line by line what agrees; nothing of it is kept."""

from __future__ import annotations

import csv
import io
from collections import Counter
from decimal import Decimal

from flask import Blueprint, Response, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as WerkzeugResponse
from wtforms import FileField, SelectField, TextAreaField

from dashapp.administration.forms import sentence, tell_mistakes
from dashapp.administration.sections import page
from dashapp.bills.ledger import providers, recorded, reported
from dashapp.bills.matching import Compared, compared
from dashapp.bills.reading import MOST_BYTES, BillError, BillLine, read_bill
from dashapp.security.roles import require_role
from metricstore.errors import StoreError
from viewer.request_context import store

bp = Blueprint("bills", __name__)
Answer = Response | WerkzeugResponse | str | tuple[str, int]
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_HEADS = (
    "day_utc",
    "model",
    "billed_usd",
    "recorded_usd",
    "difference_usd",
    "verdict",
    "calls",
    "unpriced_calls",
    "why",
    "bill_lines",
    "reported_usd",
    "report_verdict",
)


class BillForm(FlaskForm):
    bill = TextAreaField("The bill as CSV")
    file = FileField("Or its file")
    provider = SelectField("Compare with calls to", validate_choice=False, default="")


@bp.route("/ai/bill", methods=["GET", "POST"])
@require_role("analyst")
def bill() -> Answer:
    form = BillForm()
    if request.method == "GET":
        return _page(form)
    if not form.validate_on_submit():
        tell_mistakes(form)
        return _page(form), 400
    try:
        form.bill.data = _given(form)
        lines = read_bill(form.bill.data)
        rows = _compared(form, lines)
    except BillError as error:
        return _page(form, problem=f"{str(error)[:1].upper()}{str(error)[1:]}."), 400
    except StoreError as error:
        return _page(form, problem=sentence(error)), 503
    if request.form.get("do") == "csv":
        return _file(rows)
    return _page(form, rows)


def _given(form: BillForm) -> str:
    """The file's text where one was chosen, else what was pasted."""
    file = form.file.data
    if not file or not getattr(file, "filename", ""):
        return form.bill.data or ""
    data = file.stream.read(MOST_BYTES + 1)
    try:
        return str(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BillError(f"{file.filename}: this isn't a text file in UTF-8") from None


def _compared(form: BillForm, lines: list[BillLine]) -> list[Compared]:
    first, last = min(line.day for line in lines), max(line.day for line in lines)
    if (last - first).days > 400:
        raise BillError(f"the bill runs from {first} to {last}; give at most 400 days")
    seen = store()
    known = providers(seen, first, last)
    form.provider.choices = [("", "all providers"), *((name, name) for name in known)]
    chosen = form.provider.data or ""
    provider = chosen if chosen in known else ""
    return compared(lines, recorded(seen, first, last, provider), reported(seen, first, last, provider) or ())


def _page(form: BillForm, rows: list[Compared] | None = None, problem: str = "") -> str:
    if not form.provider.choices:
        form.provider.choices = [("", "all providers")]
    found = rows or []
    billed = sum((row.billed for row in found if row.billed is not None), Decimal(0))
    known = sum((row.recorded for row in found if row.recorded is not None), Decimal(0))
    told = [row.reported for row in found if row.reported is not None]
    return page(
        "bill.html", form=form, rows=rows, problem=problem, billed=billed, recorded=known, difference=billed - known,
        verdicts=Counter(row.verdict for row in found), unpriced=sum(row.unpriced for row in found),
        reported=sum(told, Decimal(0)) if told else None, unknown=sum(row.unknown for row in found),
        report_verdicts=Counter(row.report_verdict for row in found),
    )  # fmt: skip


def _file(rows: list[Compared]) -> Response:
    """The comparison as CSV; texts that a spreadsheet would take for a formula begin with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADS)
    for row in rows:
        writer.writerow((row.day, _safe(row.model), _told(row.billed), _told(row.recorded), row.difference, row.verdict,
                         row.calls, row.unpriced, row.why, " ".join(map(str, row.lines)), _told(row.reported), row.report_verdict))  # fmt: skip
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="bill_compared.csv"'
    return answer


def _told(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}"


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_RISKY) else text
