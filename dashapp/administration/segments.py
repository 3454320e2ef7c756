"""Administrators: segments, with what each lets through told in words and in numbers before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as WerkzeugResponse
from wtforms import StringField
from wtforms.validators import Length

from dashapp.accounts import AccountError, current_accounts
from dashapp.accounts import segments as kept
from dashapp.accounts.segment_rows import words_of
from dashapp.administration.forms import ActionForm, done, sentence, tell_mistakes
from dashapp.administration.preview import Share, shares
from dashapp.administration.sections import administrators_only, page
from dashapp.api.asking import store
from metricstore.catalogue import MEASUREMENTS
from metricstore.errors import StoreError
from metricstore.segment import Segment
from metricstore.time_parts import TIME_PARTS

Answer = Response | WerkzeugResponse | str | tuple[str, int]
Rows = list[tuple[str, str]]
WINDOWS = [("", "any"), ("1h", "an hour"), ("1d", "a day"), ("1w", "a week"), ("1mo", "a month")]
_FREE_ROWS = 3
_OWN = ("start", "stop", "tz", "every")


class SegmentForm(FlaskForm):
    """Filters stand beside it as `column` and `values`, row by row."""

    name = StringField("Name", [Length(max=64)])
    description = StringField("What it is for", [Length(max=200)])
    start = StringField("Nothing before")
    stop = StringField("Nothing from … on")
    tz = StringField("Time zone")
    every = StringField("Finest window")


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/admin/segments", "segments", segments)
    bp.add_url_rule("/admin/segments/new", "new_segment", new_segment, methods=["GET", "POST"])
    bp.add_url_rule("/admin/segments/of/<name>", "segment", segment, methods=["GET", "POST"])
    bp.add_url_rule("/admin/segments/of/<name>/delete", "delete_segment", delete_segment, methods=["POST"])


@administrators_only
def segments() -> Answer:
    return page("segments.html", segments=kept.listed(current_accounts()))


@administrators_only
def new_segment() -> Answer:
    form = SegmentForm()
    if request.method == "GET":
        form.tz.data = current_app.extensions["settings"].timezone
        return _page(form, [])
    made = _read(form)
    if made is None or request.form.get("do") != "save":
        return _page(form, _rows(), made), 200 if made is not None else 400
    try:
        created = kept.create(current_accounts(), form.name.data or "", made, form.description.data or "",
                              current_user.name)  # fmt: skip
    except AccountError as error:
        flash(sentence(error), "error")
        return _page(form, _rows(), made), 400
    flash(f"Segment {created.name} is there: {created.segment.sentence()}.", "info")
    return redirect(url_for("desk.segments"))


@administrators_only
def segment(name: str) -> Answer:
    found = kept.get(current_accounts(), name)
    if found is None:
        abort(404)
    if request.method == "GET":
        words = found.segment.params()
        form = SegmentForm(formdata=None, data={"name": found.name, "description": found.description, **_own(words)})
        return _page(form, _filters(words), found.segment, name)
    form = SegmentForm()
    made = _read(form)
    if made is None or request.form.get("do") != "save":
        return _page(form, _rows(), made, name), 200 if made is not None else 400
    told = f"Segment {name} now lets through: {made.sentence()}."
    if not done(
        lambda: kept.update(current_accounts(), name, made, form.description.data or "", current_user.name), told
    ):
        return _page(form, _rows(), made, name), 400
    return redirect(url_for("desk.segments"))


@administrators_only
def delete_segment(name: str) -> Answer:
    if not ActionForm().validate_on_submit():
        abort(400)
    done(lambda: kept.delete(current_accounts(), name, current_user.name), f"Segment {name} is deleted.")
    return redirect(url_for("desk.segments"))


def _read(form: SegmentForm) -> Segment | None:
    """The segment the form describes; None when it describes none, which is told."""
    if not form.validate_on_submit():
        tell_mistakes(form)
        return None
    params = {key: value.strip() for key in _OWN if (value := getattr(form, key).data)}
    for column, values in _rows():
        params[column] = f"{params[column]},{values}" if column in params else values
    try:
        made = Segment.from_params(params)
        return Segment.from_params(dict(parse_qsl(words_of(made), keep_blank_values=True)))
    except StoreError as error:
        flash(sentence(error), "error")
        return None


def _rows() -> Rows:
    """(column, values) for each row that says both."""
    pairs = zip(request.form.getlist("column"), request.form.getlist("values"), strict=False)
    return [(column, values.strip()) for column, values in pairs if column and values.strip()]


def _own(words: Mapping[str, str]) -> dict[str, str]:
    return {key: words.get(key, "UTC" if key == "tz" else "") for key in _OWN}


def _filters(words: Mapping[str, str]) -> Rows:
    return [(column, values) for column, values in words.items() if column not in _OWN]


def _page(form: SegmentForm, rows: Rows, shown: Segment | None = None, name: str = "") -> str:
    users, tokens = kept.holders(current_accounts(), name) if name else ([], [])
    told, problem = _shares(shown)
    return page(
        "segment.html", form=form, action=ActionForm(), rows=[*rows, *[("", "")] * _FREE_ROWS],
        columns=_columns(rows), windows=WINDOWS, name=name, shown=shown, shares=told, problem=problem,
        users=users, tokens=tokens,
    )  # fmt: skip


def _shares(shown: Segment | None) -> tuple[list[Share], str]:
    if shown is None:
        return [], ""
    try:
        return shares(store(), shown), ""
    except StoreError as error:
        return [], f"The store can't count just now: {error}"


def _columns(rows: Rows) -> list[str]:
    known = {name for source in MEASUREMENTS.values() for name in source.dimensions} | set(TIME_PARTS)
    return sorted(known | {column for column, _ in rows})
