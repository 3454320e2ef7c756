"""Receivers from TOML: each kind, and every mistake with its line in one sentence that repeats no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerting.receivers.receiver import KINDS, Receiver
from alerting.receivers.receiver_file import missing_secrets, read_receivers
from alerting.receivers.secret import SecretMissing

DOCS = Path(__file__).parents[4] / "docs" / "alerts.md"
ALL = """\
[[rule]]
id = "ai-errors"

[[receiver]]
name = "ops-mail"
kind = "mail"
to = ["ops@example.org", "lead@example.org"]
from = "Metrics <metrics@example.org>"
server = "smtps://mail.example.org:465"
user = "metrics"
password = "env:SMTP_PASSWORD"

[[receiver]]
name = "hook"
kind = "webhook"
url = "https://hooks.example.org/alerts"
secret = "file:/run/secrets/hook"

[[receiver]]
name = "manager"
kind = "alertmanager"
url = "http://alertmanager:9093"

[[receiver]]
name = "team"
kind = "slack"
url = "env:SLACK_URL"

[[receiver]]
name = "office"
kind = "teams"
url = "env:TEAMS_URL"

[[receiver]]
name = "guild"
kind = "discord"
url = "env:DISCORD_URL"

[[receiver]]
name = "phone"
kind = "ntfy"
url = "https://ntfy.example.org/content"
token = "env:NTFY_TOKEN"

[[receiver]]
name = "chat"
kind = "telegram"
chat = "-1001234567890"
token = "env:TELEGRAM_TOKEN"

[[receiver]]
name = "duty"
kind = "pagerduty"
key = "env:PAGERDUTY_KEY"

[[receiver]]
name = "watch"
kind = "apprise"
url = "env:APPRISE_URL"
"""


def read(text: str) -> tuple[list[Receiver], list[str]]:
    found, wrong = read_receivers(text, "alerts.toml")
    return found, [str(each) for each in wrong]


def test_each_kind_can_be_read() -> None:
    found, wrong = read(ALL)
    assert wrong == []
    assert {each.kind for each in found} == set(KINDS)
    mail, hook, *_ = found
    assert mail.recipients == ("ops@example.org", "lead@example.org")
    assert (mail.sender, mail.place) == ("Metrics <metrics@example.org>", "alerts.toml:4")
    assert (hook.recipients, hook.url) == (("hook",), "https://hooks.example.org/alerts")


@pytest.mark.parametrize(
    ("before", "after", "line", "text"),
    [
        ('name = "hook"', 'name = "ops-mail"', 14, "the name 'ops-mail' is used twice"),
        ('name = "hook"', 'name = "My hook"', 14, "use small letters"),
        ('name = "hook"\n', "", 13, "'name' is missing"),
        ('kind = "webhook"', 'kind = "pager"', 15, "kind = 'pager' is not known; say mail, webhook"),
        ('kind = "webhook"\n', "", 13, "'kind' is missing"),
        ('kind = "webhook"', 'kind = "webhook"\ntopic = "a"', 16, "'topic' is not a part of a receiver of this kind; there are digest, fallback, kind"),
        ('to = ["ops@example.org", "lead@example.org"]\n', "", 4, "'to' is missing"),
        ('"lead@example.org"', '"lead"', 7, "'lead' is not a mail address"),
        ('"lead@example.org"', '"lead@example.org\\nBcc: x@example.org"', 7, "is not a mail address"),
        ('"lead@example.org"', '"OPS@example.org"', 7, "named twice"),
        ('"Metrics <metrics@example.org>"', '"Metrics"', 8, "write an address"),
        ('"smtps://mail.example.org:465"', '"mail.example.org:465"', 9, "this is not an address: write smtps://host"),
        ('"smtps://mail.example.org:465"', '"https://mail.example.org"', 9, "begins with smtps://"),
        ('"smtps://mail.example.org:465"', '"smtp://m:hunter22@mail.example.org"', 9, "no user and no password in an address"),
        ('password = "env:SMTP_PASSWORD"', 'password = "hunter22"', 11, "a secret does not stand in this file"),
        ('password = "env:SMTP_PASSWORD"', 'password = "file:hunter22"', 11, "a secret does not stand in this file"),
        ('password = "env:SMTP_PASSWORD"\n', "", 10, "user and password together"),
        ('url = "env:SLACK_URL"', 'url = "https://hooks.slack.example/services/T0/hunter22"', 27, "a secret does not stand"),
        ('url = "https://hooks.example.org/alerts"', 'url = "ftp://hooks.example.org/alerts"', 16, "only http:// and https://"),
        ('url = "https://hooks.example.org/alerts"', 'url = "https://u:hunter22@hooks.example.org/"', 16, "this address holds a secret"),
        ('url = "https://hooks.example.org/alerts"', 'url = "https://hooks.example.org/?api_key=hunter22"', 16, "this address holds a secret"),
        ('url = "https://hooks.example.org/alerts"', 'url = "http://169.254.169.254/latest"', 16, "nothing is sent there"),
        ('url = "https://hooks.example.org/alerts"', 'url = "http://2852039166/"', 16, "nothing is sent there"),
        ('url = "https://hooks.example.org/alerts"', 'url = "http://0xA9.0xFE.43518/"', 16, "nothing is sent there"),
        ('url = "https://hooks.example.org/alerts"', 'url = "http://[fd00:ec2::254]/"', 16, "nothing is sent there"),
        ('url = "https://hooks.example.org/alerts"', 'url = "http://[::ffff:169.254.169.254]/"', 16, "nothing is sent there"),
        ('url = "https://hooks.example.org/alerts"', 'url = "http://[fe80::1]/"', 16, "nothing is sent there"),
        ('url = "https://hooks.example.org/alerts"', 'url = "http://Metadata.Google.Internal./"', 16, "nothing is sent there"),
        ('url = "https://hooks.example.org/alerts"', 'url = "https:///alerts"', 16, "this is not an address"),
        ('url = "https://hooks.example.org/alerts"', 'url = "https://hooks.example.org:99999/"', 16, "this is not an address"),
        ('"https://ntfy.example.org/content"', '"https://ntfy.example.org/"', 42, "ends with its topic"),
        ('"-1001234567890"', '"my chat"', 48, "a chat is its number"),
        ('key = "env:PAGERDUTY_KEY"', 'key = "hunter22"', 54, "a secret does not stand in this file"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(before: str, after: str, line: int, text: str) -> None:
    assert before in ALL
    _, wrong = read(ALL.replace(before, after, 1))
    assert len(wrong) == 1, wrong
    assert wrong[0].startswith(f"alerts.toml:{line}: ")
    assert text in wrong[0]
    assert "hunter22" not in wrong[0]


def test_the_example_of_the_docs_can_be_used() -> None:
    section = DOCS.read_text(encoding="utf-8").partition("## Receivers")[2]
    found, wrong = read(section.partition("```toml\n")[2].partition("```")[0])
    assert ([each.name for each in found], wrong) == (["ops-mail", "ops-hook", "team"], [])
    assert all(f"| `{kind}` |" in section for kind in KINDS)


def test_secrets_are_read_when_they_are_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = tmp_path / "hook"
    mail, hook, *_ = read(ALL.replace("/run/secrets/hook", str(place)))[0]
    assert [str(each) for each in missing_secrets(mail)] == [
        "alerts.toml:4: receiver 'ops-mail', password: SMTP_PASSWORD is not set"
    ]
    monkeypatch.setenv("SMTP_PASSWORD", "hunter22")
    assert missing_secrets(mail) == []
    assert mail.secret("password") == "hunter22"
    assert "hunter22" not in repr(mail)
    with pytest.raises(SecretMissing, match="No such file"):
        hook.secret("secret")
    for value in ("whsec_b25l\n", "whsec_dHdv"):
        place.write_text(value)
        assert hook.secret("secret") == value.strip()
    place.write_text("one\ntwo")
    with pytest.raises(SecretMissing, match="more than one line"):
        hook.secret("secret")
