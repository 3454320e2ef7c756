"""`/embeds`: making links for wikis, their snippets with a preview, and ending them."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as WerkzeugResponse
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from callbacks.asking import default_selection, read_selection, store
from dashapp.accounts import AccountError, current_accounts
from dashapp.accounts.database import now
from dashapp.accounts.rights import why_not
from dashapp.addresses import public_base, root
from dashapp.administration.forms import ActionForm, CheckboxesField, offering, sentence, tell_mistakes
from dashapp.administration.sections import page
from dashapp.embeds import keeping, links
from dashapp.embeds.doctor import check
from dashapp.embeds.model import RANGE, Embed, Wanted, columns_of, target
from dashapp.security.roles import require_role
from dashapp.sharing.files import sentence as view_sentence
from dashapp.sharing.files import shared_words, title_of
from layouts.formats import column_name
from metricstore import vocabulary
from metricstore.errors import StoreError
from metricstore.selection import settled_now

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
    columns = columns_of(*what)
    form.narrow.choices = offering((RANGE, "Range"), *((column, column_name(column)) for column in columns))
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
    base, state = public_base(), embed.state(now())
    wiki = request.args.get("from") or next(iter(embed.wanted.ancestors), "")
    settings = current_app.extensions["settings"]
    findings = check(links.url(embed, base), wiki) if state == "active" and settings.threads > 1 else []
    return page(
        "embed.html", embed=embed, state=state, wiki=wiki, findings=findings, snippets=links.snippets(embed, base),
        shown=title_of(embed.wanted.kind, embed.wanted.name), sentence=view_sentence(dict(embed.wanted.words)),
        frame=links.url(embed, root()), picture=links.url(embed, root(), kind=".png"), height=links.height(embed),
        link=links.url(embed, base), action=ActionForm(),
    )  # fmt: skip


@bp.post("/embeds/<id>/revoke")
@makers_only
def revoke(id: str) -> Answer:
    embed = _mine(id)
    if not ActionForm().validate_on_submit():
        abort(400)
    keeping.revoke(current_accounts(), embed.id, actor=current_user.name)
    flash("The embed is revoked: pages that show it say so from now on.", "info")
    return redirect(url_for("embeds.listed"))


def _mine(id: str) -> Embed:
    """404 also for what belongs to others: ids are no secret worth telling."""
    embed = keeping.get(current_accounts(), id)
    if embed is None or (embed.owner != current_user.name and why_not(current_user) is not None):
        abort(404)
    return embed


def _wanted(form: EmbedForm, kind: str, name: str) -> Wanted:
    words = shared_words()
    if form.time.data == "frozen":
        start, stop = read_selection(words).range(settled_now())
        words |= {"start": start.isoformat(), "stop": stop.isoformat()}
    days = None if form.expires.data == _FOREVER else timedelta(days=int(form.expires.data.removesuffix("d")))
    return Wanted(
        kind, name, words, form.label.data or "", tuple(form.narrow.data or ()), form.theme.data,  # type: ignore[arg-type]
        int(form.refresh.data), form.height.data or 0, tuple((form.ancestors.data or "").replace(",", " ").split()),
        bool(form.download.data), now() + days if days else None,
    )  # fmt: skip


def _form(form: EmbedForm, kind: str, name: str) -> str:
    return page("new_embed.html", form=form, kind=kind, name=name, title=title_of(kind, name),
                sentence=view_sentence(shared_words()), usual=links.usual_height(kind, name))  # type: ignore[arg-type]  # fmt: skip
