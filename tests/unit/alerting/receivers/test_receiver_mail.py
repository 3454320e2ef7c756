"""The mail: what it says, that it is one mail whatever a text holds, and that it is the same when it is sent again."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default

import pytest

from alerting.message import Message
from alerting.receivers.bodies.mail import mail
from tests.unit.alerting.receivers.messages import NOW, ended, hostile, message, png

SENDER, TO = "Metrics <metrics@example.org>", ("ops@example.org", "lead@example.org")


def made(one: Message) -> EmailMessage:
    found = email.message_from_bytes(mail(one, SENDER, TO, NOW), policy=default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def part(one: EmailMessage, kind: str) -> str:
    body = one.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_the_text_is_in_the_order_in_which_it_is_read() -> None:
    assert part(made(message()), "plain") == (
        "24 % of the requests to openai failed between 13:00 and 14:00; the limit is 20 %.\n\n"
        "Value     24 %\n"
        "Limit     > 20 %\n"
        "Since     Thu 26 Nov 2026, 14:00 (Europe/Berlin)\n"
        "provider  openai\n"
        "Rule      ai-errors\n"
        "Severity  ticket\n\n"
        "anthropic has not been read since 12:10.\n\n"
        "Thu 26 Nov 11:00  8 %\n"
        "Thu 26 Nov 12:00  no records\n"
        "Thu 26 Nov 13:00  24 %\n\n"
        "View: https://metrics.example.org/generation?from=2026-11-26&to=2026-11-27\n"
        "Acknowledge: https://metrics.example.org/alerts/ack/abc\n"
        "Silence: https://metrics.example.org/alerts/silence/abc\n"
        "Runbook: https://wiki.example.org/ai-errors\n"
    )


def test_its_picture_is_in_the_html_and_intact() -> None:
    picture = png(300, 200)
    one = made(message(picture=picture))
    assert one.get_content_type() == "multipart/alternative"
    html = one.get_body(("html",))
    (image,) = [each for each in one.walk() if each.get_content_type() == "image/png"]
    assert image.get_content() == picture
    assert image.get_content_disposition() == "inline"
    assert html is not None
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in html.get_content()
    assert "cid:" not in part(made(message()), "html")


def test_all_mails_of_an_alert_are_one_thread_and_each_has_its_own_id() -> None:
    first, again, last = made(message()), made(message(sent_before=True)), made(ended())
    assert first["Message-ID"] == again["Message-ID"] != last["Message-ID"]
    assert first["References"] == first["In-Reply-To"] == last["References"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"].endswith("@example.org>")
    assert (first["Subject"], last["Subject"]) == (
        "Alert: AI requests fail (provider openai)",
        "Resolved: AI requests fail (provider openai)",
    )
    assert "Ended     Thu 26 Nov 2026, 14:34" in part(last, "plain")


@pytest.mark.parametrize("times", [1, 500])
def test_no_text_becomes_a_header_a_tag_or_a_link(times: int) -> None:
    one = made(hostile(times))
    assert one["Bcc"] is None
    assert one["To"] == "ops@example.org, lead@example.org"
    assert "\n" not in one["Subject"]
    assert len(one["Subject"]) < 300
    html = part(one, "html")
    assert "<b>" not in html
    assert "javascript:" not in html.replace("javascript:a&lt;b", "")
    assert "href" not in html
    assert "\u202e" not in html
    assert len(html) < 60_000


def test_every_line_is_short_ascii() -> None:
    """Servers that know nothing newer take it."""
    for one in (message(picture=png(200, 200)), hostile(50)):
        content = mail(one, SENDER, TO, NOW)
        assert content.isascii()
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert b"\n" not in content.replace(b"\r\n", b"")
