"""Mail over a real SMTP server."""

from __future__ import annotations

import ssl

import pytest

from alerting.receivers import over_mail
from alerting.receivers.outcome import Outcome
from alerting.receivers.receiver import Receiver
from alerting.receivers.sending import send
from tests.receivers.certificates import Certificates
from tests.receivers.declared import declared, now
from tests.receivers.mail_server import MailServer
from tests.stores import free_port
from tests.unit.alerting.receivers.messages import hostile, message, png

OPS, LEAD = "ops@example.org", "lead@example.org"


def mail(server: MailServer, scheme: str = "smtp", host: str = "127.0.0.1", **words: object) -> Receiver:
    url = f"{scheme}://{host}:{server.port}"
    return declared("mail", to=[OPS, LEAD], from_="Metrics <metrics@example.org>", server=url, **words)


def test_a_mail_arrives_with_its_picture_intact() -> None:
    with MailServer().running() as server:
        picture = png(400, 300)
        found = send(mail(server), message(picture=picture), now())
    assert found == [Outcome(each, True, answer="250 queued as 1") for each in (OPS, LEAD)]
    (one,) = server.mails
    assert (one.sender, one.to) == ("metrics@example.org", [OPS, LEAD])
    (image,) = [part for part in one.read.walk() if part.get_content_type() == "image/png"]
    assert image.get_content() == picture
    assert one.read["Subject"] == "Alert: AI requests fail (provider openai)"


def test_one_who_is_refused_keeps_the_other_from_nothing() -> None:
    with MailServer().running() as server:
        server.refusals[LEAD].append("550 5.1.1 no such user here")
        found = send(mail(server), message(), now())
    assert found == [
        Outcome(OPS, True, answer="250 queued as 1"),
        Outcome(LEAD, False, permanent=True, answer="550 5.1.1 no such user here"),
    ]
    assert server.mails[0].to == [OPS]


def test_a_mail_that_is_put_off_twice_is_taken_once_and_only_by_those_who_have_it_not() -> None:
    with MailServer().running() as server:
        server.refusals[LEAD].extend(["451 4.7.1 come back later"] * 2)
        receiver, one = mail(server), message()
        found = send(receiver, one, now())
        assert found[1] == Outcome(LEAD, False, permanent=False, answer="451 4.7.1 come back later")
        assert not send(receiver, one, now(), only=[LEAD])[0].delivered
        assert send(receiver, one, now(), only=[LEAD]) == [Outcome(LEAD, True, answer="250 queued as 2")]
    first, second = server.mails
    assert (first.to, second.to) == ([OPS], [LEAD])
    assert first.read["Message-ID"] == second.read["Message-ID"]
    assert second.read["To"] == f"{OPS}, {LEAD}"


@pytest.mark.parametrize(("said", "permanent"), [("452 4.3.1 disk full", False), ("554 5.7.1 looks like spam", True)])
def test_a_mail_refused_as_a_whole_is_refused_for_all(said: str, permanent: bool) -> None:
    with MailServer().running() as server:
        server.refusals[""].append(said)
        found = send(mail(server), message(), now())
    assert found == [Outcome(each, False, permanent, answer=said) for each in (OPS, LEAD)]


def test_whatever_texts_hold_it_stays_one_mail_to_those_who_should_have_it() -> None:
    with MailServer().running() as server:
        found = send(mail(server), hostile(picture=png()), now())
    assert all(each.delivered for each in found)
    (one,) = server.mails
    assert one.to == [OPS, LEAD]
    assert one.read["Bcc"] is None


@pytest.mark.parametrize(("scheme", "at_once"), [("smtps", True), ("smtp+starttls", False)])
def test_with_tls_a_password_is_sent_and_the_certificate_checked(
    scheme: str, at_once: bool, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hunter22")
    with MailServer().running(certificates.server(), at_once=at_once, users=True) as server:
        receiver = mail(server, scheme, "localhost", user="metrics", password="env:SMTP_PASSWORD")
        strange = send(receiver, message(), now())
        assert [each.delivered for each in strange] == [False, False]
        assert "certificate is not valid" in strange[0].answer
        monkeypatch.setattr(over_mail, "_trust", certificates.trusting)
        assert [each.delivered for each in send(receiver, message(), now())] == [True, True]
        monkeypatch.setenv("SMTP_PASSWORD", "wrong-password")
        (first, _) = send(receiver, message(), now())
    assert (first.permanent, first.answer[:3]) == (True, "535")
    assert (server.mails[0].secured, server.mails[0].user) == (True, "metrics")


def test_smtp_starttls_insists_on_tls() -> None:
    with MailServer().running() as server:
        found = send(mail(server, "smtp+starttls"), message(), now())
    assert found[0] == Outcome(
        OPS, False, permanent=True, answer="the mail server offers no STARTTLS, and smtp+starttls:// insists on it"
    )
    assert server.mails == []


def test_a_server_that_is_not_there_is_no_permanent_failure() -> None:
    server = MailServer()
    server.port = free_port()
    found = send(mail(server), message(), now())
    assert [(each.delivered, each.permanent) for each in found] == [(False, False)] * 2
    assert found[0].answer == "the mail server can't be reached: Connection refused"


def test_a_missing_password_says_where_it_should_be() -> None:
    server = MailServer()
    server.port = free_port()
    receiver = mail(server, user="metrics", password="env:NOBODY_SET_THIS")
    assert send(receiver, message(), now())[0] == Outcome(OPS, False, answer="NOBODY_SET_THIS is not set")


def test_only_named_recipients_have_an_outcome() -> None:
    server = MailServer()
    assert send(mail(server), message(), now(), only=[]) == []
    assert send(mail(server), message(), now(), only=["somebody@example.org"]) == []


def test_tls_contexts_of_the_product_check_names() -> None:
    assert over_mail._trust().check_hostname
    assert over_mail._trust().verify_mode == ssl.CERT_REQUIRED
