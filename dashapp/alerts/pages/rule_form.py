"""The form of a rule: every word of it as a field, with the choices there are."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from dashapp.administration.forms import CheckboxesField, offering
from dashapp.alerts.rulebook import Book
from dashapp.alerts.wording import page_of
from layouts.formats import column_name
from layouts.pages import PAGES
from metricstore.metrics import METRICS, Metric

WINDOWS = {"15m": "15 minutes", "30m": "30 minutes", "1h": "1 hour", "6h": "6 hours", "1d": "1 day", "1w": "1 week"}
KINDS = offering(
    ("value", "crosses a limit"), ("change", "differs from an earlier time"), ("band", "is unusual for its weekday and hour"),
    ("absent", "did not happen at all"), ("each", "has a new record"), ("first", "has a record of a new kind"),
    ("budget", "exceeds a budget"), ("burn", "uses up an allowance"), ("late", "is not collected: a source is late"),
)  # fmt: skip
AGAINST = offering(
    ("previous", "the window before"),
    ("weekday", "a week before"),
    ("year", "52 weeks before"),
    ("median", "the median of ten weeks"),
)
SIGNS = offering((">", "more than"), (">=", "at least"), ("<", "less than"), ("<=", "at most"))
SEVERITIES = offering(("page", "page: look now"), ("ticket", "ticket: look today"), ("info", "info: good to know"))
BACK = {"0h": "– until then –", "6h": "6 hours", "24h": "24 hours", "3d": "3 days", "7d": "7 days", "30d": "30 days"}
AHEAD = {"0h": "– not before –", "24h": "24 hours", "48h": "48 hours", "7d": "7 days"}
DAYS = offering(
    ("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun")
)
GROUPINGS = ("by", "by2", "by3")
"""Fields of the columns that a rule is grouped by."""
FOLDED = ("by2", "by3", "page", "breaches", "keep", "weekdays")
"""Fields that are shown only to who asks for more, or has filled one."""
QUIET_SPANS = {
    "2h": "2 hours",
    "3h": "3 hours",
    "6h": "6 hours",
    "12h": "12 hours",
    "24h": "24 hours",
    "2d": "2 days",
    "3d": "3 days",
    "7d": "7 days",
}


class RuleForm(FlaskForm):
    """`metric`, GROUPINGS and `needs_metric` are drawn by the template: their choices stand in groups."""

    title = StringField("Title", [InputRequired("Give the rule a title."), Length(max=120)])
    metric = SelectField("Metric", choices=list(METRICS))
    by = SelectField("One alert for each", validate_choice=False)
    where = StringField("Filters", [Length(max=1000)])
    segment = SelectField("Sees no more than", default="")
    every = SelectField("Window", choices=offering(*WINDOWS.items()), default="1h")
    kind = SelectField("Fires when it", choices=KINDS, default="value")
    sign = SelectField("Limit", choices=SIGNS, default=">")
    number = StringField("Limit", [Length(max=20)])
    percent = BooleanField("in percent of it")
    against = SelectField("Compared with", choices=AGAINST, default="previous")
    clear = StringField("Ends at", [Length(max=20)])
    needs_metric = SelectField("Judged only if", validate_choice=False)
    needs_number = StringField("is at least", [Length(max=20)])
    severity = SelectField("Severity", choices=SEVERITIES, default="ticket")
    notify = CheckboxesField("Write to")
    quiet = SelectField("Ends as “quiet” after", choices=offering(*QUIET_SPANS.items()), default="12h")
    allowance = StringField("Allowed in 28 days", [Length(max=20)])
    back = SelectField("Looked at for", choices=offering(*BACK.items()), default="24h")
    ahead = SelectField("And before its time for", choices=offering(*AHEAD.items()), default="0h")
    by2 = SelectField("and for each", validate_choice=False)
    by3 = SelectField("and for each", validate_choice=False)
    page = StringField("Page", [Length(max=20)])
    breaches = StringField("Windows beyond the limit", [Length(max=3)])
    looks = StringField("of the last", [Length(max=3)])
    keep = StringField("Stays open at least", [Length(max=10)])
    weekdays = CheckboxesField("Expected on", choices=DAYS)
    tz = HiddenField()
    tried = HiddenField()


def prepared(form: RuleForm, book: Book, segments: Iterable[str], *, limited: bool = False) -> RuleForm:
    """With the receivers and the segments there are; `limited`: one of them must be chosen."""
    if limited:  # whether a source is late concerns all data
        form.kind.choices = [choice for choice in KINDS if choice.value != "late"]
    everything = () if limited else (("", "– all data –"),)
    form.segment.choices = offering(*everything, *((name, name) for name in segments))
    form.notify.choices = offering(*((name, f"{name} ({each.kind})") for name, each in sorted(book.receivers.items())))
    return form


def metric_groups() -> list[tuple[str, list[Metric]]]:
    """(page, metrics) in the order of the pages."""
    found: dict[str, list[Metric]] = {}
    for one in METRICS.values():
        found.setdefault(page_of(one.name), []).append(one)
    return [(page.title, sorted(found[page.key], key=lambda one: one.title)) for page in PAGES.values() if page.key in found]  # fmt: skip


def groupings(metric: Metric | None, chosen: str) -> list[tuple[str, str]]:
    """(value, title) of what a metric can be grouped by; the chosen one too when it is none of them."""
    names = metric.dimensions if metric else ()
    more = [chosen] if chosen and chosen not in names else []
    return [(name, " and ".join(column_name(part) for part in name.split(","))) for name in (*names, *more)]
