"""Annotations: what was written on moments and spans, as their reader may see it; writing and deleting them."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, current_app, request
from flask_login import current_user

from dashapp.accounts.visible_annotations import add, may_write, readable, remove
from dashapp.administration.adding import Answer, added, platform_of_address, removed, require
from dashapp.administration.forms import ActionForm, AnnotationForm, offering
from dashapp.administration.sections import page
from dashapp.security.redirects import safe_next
from metricstore.catalogue.model import PLATFORMS
from metricstore.errors import InvalidQuestion
from metricstore.selection import resolve, settled_now
from metricstore.windows import zone

_INPUT = "%Y-%m-%dT%H:%M"


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/annotations", "annotations", all_annotations)
    bp.add_url_rule("/annotations", "add_annotation", add_annotation, methods=["POST"])
    bp.add_url_rule("/annotations/<int:number>/delete", "delete_annotation", delete_annotation, methods=["POST"])


def all_annotations() -> Answer:
    """`start`, `stop`, `tz` and `platform` of the address fill the form: charts lead here with a mark's own."""
    form = _form(AnnotationForm(formdata=None))
    place = _zone(request.args.get("tz"))
    form.tz.data = place
    form.next.data = safe_next(request.args.get("next"), "")
    form.start.data = _wall(request.args.get("start"), place) or settled_now().astimezone(zone(place)).strftime(_INPUT)
    form.stop.data = _wall(request.args.get("stop"), place)
    form.platform.data = platform_of_address()
    return _page(form)


def add_annotation() -> Answer:
    require(may_write(current_user), "annotations are written by analysts and administrators")
    form = _form(AnnotationForm())
    return added(
        form, lambda: _add(form), lambda: _page(form),
        "The annotation stands on every chart over time whose range it falls in.", "desk.annotations",
    )  # fmt: skip


def _add(form: AnnotationForm) -> None:
    place = zone(_zone(form.tz.data))
    start = resolve("From", form.start.data or "", settled_now(), place)
    stop = resolve("Until", form.stop.data, settled_now(), place) if form.stop.data else None
    add(current_user, start, stop, form.text.data or "", (form.tags.data or "").split(","), form.platform.data)


def delete_annotation(number: int) -> Answer:
    require(may_write(current_user), "annotations are deleted by analysts and administrators")
    return removed(lambda: remove(current_user, number), "The annotation is deleted.", "desk.annotations", refused=403)


def _page(form: AnnotationForm) -> str:
    place = _zone(form.tz.data)
    return page(
        "annotations.html", form=form, action=ActionForm(), place=place, writes=may_write(current_user),
        found=[
            (one, _told(one.start, place), _told(one.stop, place) if one.stop else "")
            for one in reversed(readable(current_user, None, None))
        ],
    )  # fmt: skip


def _form(form: AnnotationForm) -> AnnotationForm:
    form.platform.choices = [*offering(("", "all platforms")), *PLATFORMS]
    return form


def _zone(name: str | None) -> str:
    try:
        return name if name and zone(name) else str(current_app.extensions["settings"].timezone)
    except InvalidQuestion:
        return str(current_app.extensions["settings"].timezone)


def _wall(text: str | None, place: str) -> str:
    """A moment of an address on the zone's wall clock, as a date field wants it."""
    try:
        found = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError:
        return ""
    return (found.astimezone(zone(place)) if found.tzinfo else found).strftime(_INPUT)


def _told(moment: datetime, place: str) -> str:
    return moment.astimezone(zone(place)).strftime("%Y-%m-%d %H:%M")
