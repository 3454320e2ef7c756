"""Forms of the pages, all with a token against forgery, and how their mistakes are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DecimalField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from dashapp.accounts import ROLES, AccountError
from metricstore.errors import InvalidQuestion, StoreError, UnknownName
from metricstore.goal import DIRECTIONS, PERIODS

FOREVER = "never"
NO_SEGMENT = SelectChoice("", "none")


def offering(*pairs: tuple[str, str]) -> list[SelectChoice]:
    """(value, what people read) as choices of a field."""
    return [SelectChoice(value, title) for value, title in pairs]


LIFETIMES = offering(("7d", "7 days"), ("30d", "30 days"), ("90d", "90 days"), ("365d", "a year"), (FOREVER, "never"))


class CheckboxesField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ActionForm(FlaskForm):
    """A single button."""

    next = HiddenField()


class TokenForm(FlaskForm):
    label = StringField("Name", [InputRequired("Give the token a name."), Length(max=100)])
    scopes = CheckboxesField("May be used for")
    segment = SelectField("Limited to segment")
    expires = SelectField("Expires after", choices=LIFETIMES, default="90d")


class UserForm(FlaskForm):
    """What an administrator sets of a user."""

    role = SelectField("Role", choices=list(ROLES), default="viewer")
    platforms = CheckboxesField("Only these platforms")
    segment = SelectField("Limited to segment")
    active = BooleanField("May log in", default=True)


class NewUserForm(UserForm):
    name = StringField("User name", [InputRequired("Enter a user name."), Length(max=64)])


class AnnotationForm(FlaskForm):
    start = StringField("From", [InputRequired("Say when it was.")])
    stop = StringField("Until")
    tz = HiddenField()
    text = TextAreaField("Text", [InputRequired("Write what happened."), Length(max=500)])
    tags = StringField("Tags")
    platform = SelectField("Platform")
    next = HiddenField()


class GoalForm(FlaskForm):
    metric = SelectField("Figure")
    direction = SelectField("Should be", choices=[SelectChoice(one, one) for one in DIRECTIONS])
    value = DecimalField("Value", [InputRequired("Say a number.")], places=None)
    period = SelectField("In a", choices=[SelectChoice(one, one) for one in PERIODS], default="week")
    platform = SelectField("Platform")
    filters = StringField("Other filters", [Length(max=300)])
    next = HiddenField()


def tell_mistakes(form: FlaskForm) -> None:
    """Each field's first mistake as a message; a forged or old form in words people understand."""
    for name, problems in form.errors.items():
        text = "This page had been open for too long. Please try again." if name == "csrf_token" else str(problems[0])
        flash(text, "error")


def done(change: Callable[[], Any], told: str) -> bool:
    """Whether `change` worked; `told`, or why it did not, is shown on the next page."""
    try:
        change()
    except (AccountError, StoreError) as error:
        flash(sentence(error), "error")
        return False
    flash(told, "info")
    return True


def sentence(error: Exception) -> str:
    """An error's text as a sentence of a page."""
    text = str(error)
    if isinstance(error, InvalidQuestion):
        text = f"{error.parameter}: {error.reason}"
    elif isinstance(error, UnknownName):
        text = f"there is no {error.kind} {error.name!r}"
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def refilled(values: dict[str, Any]) -> MultiDict[str, Any]:
    """A form's data from plain values, lists as several values."""
    found: MultiDict[str, Any] = MultiDict()
    for name, value in values.items():
        found.setlist(name, list(value) if isinstance(value, list | tuple) else [value])
    return found
