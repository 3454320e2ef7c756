"""`/embeds`: making links for wikis, their snippets with a preview, and ending them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as WerkzeugResponse
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from dashapp.accounts import AccountError, current_accounts
from dashapp.accounts.database import now
from dashapp.accounts.rights import why_not
from dashapp.addresses import public_base, root
from dashapp.administration.forms import ActionForm, CheckboxesField, offering, refilled, sentence, tell_mistakes
from dashapp.administration.sections import page
from dashapp.embeds import keeping, links
from dashapp.embeds.doctor import check
from dashapp.embeds.frame_height import frame_height, usual_height
from dashapp.embeds.model import RANGE, Embed, Kind, Wanted, columns_of, target
from dashapp.embeds.showing import view
from dashapp.security.roles import require_role
from dashapp.sharing.files import sentence as view_sentence
from dashapp.sharing.files import shared_words, title_of
from layouts.formats import column_name, counted
from metricstore import vocabulary
from metricstore.errors import StoreError
from metricstore.selection import settled_now
from viewer.request_context import default_selection, goals, read_selection, store

Answer = Response | WerkzeugResponse | str | tuple[str, int]
bp = Blueprint("embeds", __name__)

_FOREVER = "never"
_LIVES = offering(("30d", "30 days"), ("90d", "90 days"), ("365d", "a year"), (_FOREVER, "never"))
_REFRESH = offering(("0", "never"), ("60", "1 minute"), ("300", "5 minutes"), ("3600", "1 hour"))
_THEMES = offering(("follow", "as its reader prefers"), ("light", "light"), ("dark", "dark"))
_TIMES = offering(("moving", "moves along"), ("frozen", "frozen as it is now"))


class EmbedForm(FlaskForm):
    label = StringField("Title", [Length(max=100)])
    time = SelectField("Range", choices=_TIMES)
    theme = SelectField("Theme", choices=_THEMES)
    refresh = SelectField("Draw anew every", choices=_REFRESH, default="300")
    expires = SelectField("Expires after", choices=_LIVES, default="365d")
    height = IntegerField("Height of the frame in pixels", [Optional(), NumberRange(120, 4000)])
    ancestors = StringField("Pages that may frame it", [Length(max=500)])
    narrow = CheckboxesField("Readers may narrow")
    download = BooleanField("Readers may download the numbers")
    next = HiddenField()


_KEPT = "kept"


class ChangeForm(EmbedForm):
    """What may be changed of an embed that is shown already: its link, what it shows and its filters stay."""

    time = SelectField("Range", choices=offering((_KEPT, "as it is"), ("frozen", "frozen as it is now")))
    expires = SelectField("Expires after", choices=[*offering((_KEPT, "as it is")), *_LIVES])


makers_only = require_role("analyst")
"""Whoever makes an embed shows what they see to everybody who has the link: analysts and administrators may."""


@bp.get("/embeds")
@makers_only
def listed() -> Answer:
    """One's own; administrators see all of them."""
    everybody = why_not(current_user) is None
    found = keeping.listed(current_accounts(), None if everybody else current_user.name)
    moment = now()
    return page(
        "embeds.html", everybody=everybody, action=ActionForm(),
        mine=any(embed.owner == current_user.name and embed.revoked is None for embed in found),
        embeds=[(embed, embed.state(moment), title_of(embed.wanted.kind, embed.wanted.name)) for embed in found],
    )  # fmt: skip


@bp.route("/embeds/new/<kind>/<name>", methods=["GET", "POST"])
@makers_only
def new(kind: str, name: str) -> Answer:
    """The view's words in the address are what gets locked."""
    try:
        what = target(f"{kind}/{name}")
    except AccountError:
        abort(404)
    form = EmbedForm()
    _offer_columns(form, *what)
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        form.ancestors.data = " ".join(current_app.extensions["settings"].embed_ancestors)
        return _form(form, kind, name)
    if not form.validate_on_submit():
        tell_mistakes(form)
        return _form(form, kind, name), 400
    try:
        wanted = _wanted(form, kind, name)
        vocabulary.asked(wanted.words, store, default_selection())
        embed = keeping.create(current_accounts(), wanted, current_user._get_current_object(), default_selection(),
                               actor=current_user.name)  # fmt: skip
    except (AccountError, StoreError) as error:
        flash(sentence(error), "error")
        return _form(form, kind, name), 400
    return redirect(url_for("embeds.one", id=embed.id))


@bp.get("/embeds/<id>")
@makers_only
def one(id: str) -> Answer:
    """Snippets, previews, and what would keep it from showing."""
    embed = _mine(id)
    base, state, tall = public_base(), embed.state(now()), _height(embed)
    wiki = request.args.get("from") or next(iter(embed.wanted.ancestors), "")
    settings = current_app.extensions["settings"]
    findings = check(links.url(embed, base), wiki) if state == "active" and settings.threads > 1 else []
    return page(
        "embed.html", embed=embed, state=state, wiki=wiki, findings=findings, snippets=links.snippets(embed, base, tall),
        shown=title_of(embed.wanted.kind, embed.wanted.name), sentence=view_sentence(dict(embed.wanted.words)),
        frame=links.url(embed, root()), picture=links.url(embed, root(), kind=".png"), height=tall,
        link=links.url(embed, base), action=ActionForm(),
    )  # fmt: skip


@bp.route("/embeds/<id>/edit", methods=["GET", "POST"])
@makers_only
def edit(id: str) -> Answer:
    """Another look for the same link."""
    embed = _mine(id)
    if embed.state(now()) == "revoked":
        abort(404)
    form = ChangeForm() if request.method == "POST" else ChangeForm(formdata=refilled(_filled(embed)))
    _offer_columns(form, embed.wanted.kind, embed.wanted.name)
    if request.method == "GET":
        return _form(form, embed.wanted.kind, embed.wanted.name, embed)
    if not form.validate_on_submit():
        tell_mistakes(form)
        return _form(form, embed.wanted.kind, embed.wanted.name, embed), 400
    try:
        wanted = _wanted(form, embed.wanted.kind, embed.wanted.name, embed.wanted)
        keeping.change(current_accounts(), embed.id, wanted, default_selection(), actor=current_user.name)
    except (AccountError, StoreError) as error:
        flash(sentence(error), "error")
        return _form(form, embed.wanted.kind, embed.wanted.name, embed), 400
    flash("The embed is saved. Its link stays the same; pages that show it update when they next load it.", "info")
    return redirect(url_for("embeds.one", id=embed.id))


@bp.post("/embeds/revoke-all")
@makers_only
def revoke_all() -> Answer:
    """All of one's own; administrators name whose."""
    owner = request.form.get("owner", "") or current_user.name
    if not ActionForm().validate_on_submit():
        abort(400)
    if owner != current_user.name and why_not(current_user) is not None:
        abort(403)
    count = keeping.revoke_all(current_accounts(), owner, actor=current_user.name)
    flash(
        f"{count} {counted(str(count), 'embeds')} of {owner} revoked: pages that show them say so from now on.", "info"
    )
    return redirect(url_for("embeds.listed"))


@bp.post("/embeds/<id>/revoke")
@makers_only
def revoke(id: str) -> Answer:
    embed = _mine(id)
    if not ActionForm().validate_on_submit():
        abort(400)
    keeping.revoke(current_accounts(), embed.id, actor=current_user.name)
    flash("The embed is revoked: pages that show it say so from now on.", "info")
    return redirect(url_for("embeds.listed"))


def _height(embed: Embed) -> int:
    """As it was asked for, else as much as the chart and what is said of it need now."""
    if embed.wanted.height:
        return embed.wanted.height
    limits = keeping.limits_of(current_accounts(), embed)
    try:
        return frame_height(view(embed, limits, store(), {}, default_selection(), settled_now(), goals(limits)))
    except StoreError:
        return usual_height(embed.wanted.kind, embed.wanted.name)


def _mine(id: str) -> Embed:
    """404 also for what belongs to others: ids are no secret worth telling."""
    embed = keeping.get(current_accounts(), id)
    if embed is None or (embed.owner != current_user.name and why_not(current_user) is not None):
        abort(404)
    return embed


def _offer_columns(form: EmbedForm, kind: Kind, name: str) -> None:
    form.narrow.choices = offering(
        (RANGE, "Range"), *((column, column_name(column)) for column in columns_of(kind, name))
    )


def _filled(embed: Embed) -> dict[str, Any]:
    """The form's fields as they are kept."""
    wanted = embed.wanted
    return {"label": wanted.label, "theme": wanted.theme, "refresh": str(wanted.refresh_seconds), "height": str(wanted.height or ""),
            "ancestors": " ".join(wanted.ancestors), "narrow": wanted.narrow} | ({"download": "y"} if wanted.download else {})  # fmt: skip


def _wanted(form: EmbedForm, kind: str, name: str, before: Wanted | None = None) -> Wanted:
    """What the form asks for; of an embed that is there already (`before`) its words and, if wanted, its end are kept."""
    words = dict(before.words) if before else shared_words()
    if form.time.data == "frozen":
        start, stop = read_selection(words).range(settled_now())
        words |= {"start": start.isoformat(), "stop": stop.isoformat()}
    lives = form.expires.data
    if before and lives == _KEPT:
        expires = before.expires
    else:
        expires = None if lives == _FOREVER else now() + timedelta(days=int(lives.removesuffix("d")))
    return Wanted(
        kind, name, words, form.label.data or "", tuple(form.narrow.data or ()), form.theme.data,  # type: ignore[arg-type]
        int(form.refresh.data), form.height.data or 0, tuple((form.ancestors.data or "").replace(",", " ").split()),
        bool(form.download.data), expires,
    )  # fmt: skip


def _form(form: EmbedForm, kind: str, name: str, embed: Embed | None = None) -> str:
    words = dict(embed.wanted.words) if embed else shared_words()
    return page("new_embed.html", form=form, kind=kind, name=name, title=title_of(kind, name), embed=embed,
                sentence=view_sentence(words), usual=usual_height(kind, name))  # type: ignore[arg-type]  # fmt: skip
