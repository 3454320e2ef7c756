"""Logging in and out, and changing one's password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as WerkzeugResponse
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from dashapp.accounts import AccountError, current_accounts, logins, passwords
from dashapp.security.account_brake import AccountBrake
from dashapp.security.guard import public
from dashapp.security.origin import cross_site
from dashapp.security.redirects import safe_next
from dashapp.security.throttling import BRAKE, FAILED, address, limit_logins, limit_password_changes, slow_down

Answer = Response | WerkzeugResponse | str | tuple[str, int]


class LoginForm(FlaskForm):
    username = StringField("User name", [InputRequired("Enter your user name.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])
    next = HiddenField()


class PasswordForm(FlaskForm):
    current = PasswordField("Current password", [InputRequired("Enter your current password.")])
    new = PasswordField("New password", [InputRequired("Enter a new password.")])
    again = PasswordField("New password again", [InputRequired("Enter the new password again.")])
    next = HiddenField()


def init_login(app: Flask) -> None:
    """Routes /login, /logout, /account/password."""
    passwords.prepare()
    bp = Blueprint("login", __name__)
    bp.add_url_rule("/login", "login", public(limit_logins(app, login)), methods=["GET", "POST"])
    bp.add_url_rule("/logout", "logout", public(logout), methods=["POST"])
    bp.add_url_rule("/account/password", "password", limit_password_changes(app, password), methods=["GET", "POST"])
    app.register_blueprint(bp)


def login() -> Answer:
    """The form, and what it leads to."""
    form = LoginForm()
    wanted = safe_next(request.args.get("next") or form.next.data)
    if current_user.is_authenticated and request.method == "GET":
        return redirect(wanted)
    form.next.data = wanted
    if request.method == "GET":
        return render_template("login.html", form=form)
    if not form.validate_on_submit():
        return _form_again(form), 400
    brake: AccountBrake = current_app.extensions[BRAKE]
    wait, guess = brake.guess(form.username.data, address())
    if wait:
        slow_down(wait)
    user = current_accounts().authenticate(form.username.data, form.password.data, address())
    if user is None:
        flash("User name or password is wrong.", "error")
        return render_template("login.html", form=form), FAILED
    brake.succeeded(form.username.data, address(), guess)
    _begin(user)
    return redirect(url_for("login.password", next=wanted) if user.must_change_password else wanted)


def logout() -> Answer:
    """Open to everyone, so that a second click on an ended session is no error."""
    if cross_site(request):
        return render_template("error.html", status=403, title="Not allowed", text="This came from another site."), 403
    if current_user.is_authenticated:
        logins.end(current_accounts(), current_user, address())
    logout_user()
    session.clear()
    flash("You are logged out.", "info")
    return redirect(url_for("login.login"))


def password() -> Answer:
    """Change one's own password; the first thing to do after a one-time password."""
    form = PasswordForm()
    form.next.data = safe_next(request.args.get("next") or form.next.data)
    if request.method == "POST":
        if not form.validate_on_submit():
            return _form_again(form, "password.html"), 400
        problem = _change(form)
        if problem is None:
            flash("Your password is changed.", "info")
            return redirect(form.next.data)
        flash(problem, "error")
        return render_template("password.html", form=form), 400
    return render_template("password.html", form=form)


def _begin(user: Any) -> None:
    """A new session, so that nothing planted in the old one lives on."""
    settings = current_app.extensions["settings"]
    session.clear()
    session.permanent = True
    login_user(logins.begin(current_accounts(), user, address(), settings.session_lifetime))


def _change(form: PasswordForm) -> str | None:
    """Why the password stays as it is; None when it is changed."""
    accounts = current_accounts()
    if not accounts.confirms(current_user.name, form.current.data):
        return "The current password is wrong."
    if form.new.data != form.again.data:
        return "The two new passwords differ."
    if form.new.data == form.current.data:
        return "The new password is the old one."
    try:
        accounts.set_password(
            current_user.name, form.new.data, actor=current_user.name, keep=logins.key_hash(current_user.session_key)
        )
    except AccountError as error:
        return f"{str(error)[0].upper()}{str(error)[1:]}."
    return None


def _form_again(form: FlaskForm, template: str = "login.html") -> str:
    if "csrf_token" in form.errors:
        flash("This page had been open for too long. Please try again.", "error")
    for name, problems in form.errors.items():
        if name != "csrf_token":
            flash(str(problems[0]), "error")
    return render_template(template, form=form)
