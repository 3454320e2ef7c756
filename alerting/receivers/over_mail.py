"""One mail over SMTP: to the very address that was checked, within the time, with each recipient's own answer."""

from __future__ import annotations

import contextlib
import functools
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from alerting.receivers.addresses import is_loopback, mail_port, mail_server, resolved
from alerting.receivers.outcome import Failure
from alerting.receivers.waiting import Deadline

_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
Verdicts = dict[str, "str | Failure"]
"""For each recipient the server's answer, or why the mail did not get there."""


@dataclass(frozen=True)
class Envelope:
    sender: str
    to: Sequence[str]
    content: bytes


def post(server: str, user: str, password: str, envelope: Envelope, deadline: Deadline) -> Verdicts:
    """Raises nothing that a server does."""
    verdicts: Verdicts = {}
    try:
        with _connected(server, deadline) as smtp:
            _secure(smtp, server)
            _log_in(smtp, server, user, password)
            _hand_over(smtp, envelope, verdicts)
    except Failure as failure:
        return _rest(verdicts, envelope, failure)
    except smtplib.SMTPResponseException as error:
        return _rest(verdicts, envelope, _refused(error.smtp_code, error.smtp_error))
    except (OSError, ValueError, smtplib.SMTPException) as error:
        return _rest(verdicts, envelope, deadline.failure if deadline.over else Failure(_sentence(error)))
    return verdicts


def _rest(verdicts: Verdicts, envelope: Envelope, failure: Failure) -> Verdicts:
    """What holds for all of whom nothing is known yet."""
    return {each: verdicts.get(each, failure) for each in envelope.to}


def _sentence(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the mail server's certificate is not valid: {error.verify_message}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the mail server closed the connection"
    return f"the mail server can't be reached: {getattr(error, 'strerror', None) or error or type(error).__name__}"


@contextlib.contextmanager
def _connected(server: str, deadline: Deadline) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(mail_server(server))
    host, port = parts.hostname or "", mail_port(parts)
    ips = resolved(host, port, deadline.left())
    smtp: smtplib.SMTP = _Secured(ips, deadline) if parts.scheme == "smtps" else _Open(ips, deadline)
    try:
        code, said = smtp.connect(host, port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        smtp.ehlo_or_helo_if_needed()
        yield smtp
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()  # what was answered before holds, however this goes
    finally:
        smtp.close()


class _Open(smtplib.SMTP):
    """Connects to the first of the checked addresses that answers; certificates are checked against the name."""

    def __init__(self, ips: Sequence[str], deadline: Deadline) -> None:
        self._ips, self._deadline = ips, deadline
        super().__init__(local_hostname=_own_name(), timeout=deadline.left())

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        self._host = host
        return super().connect(host, port)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        for number, ip in enumerate(self._ips, 1):
            left = self._deadline.left()
            try:
                patience = left if number == len(self._ips) else min(left, 3.0)
                made = socket.create_connection((ip, port), patience)
            except OSError:
                if number == len(self._ips):
                    raise
                continue
            self._deadline.watch(made)
            made.settimeout(self._deadline.left())
            return made
        raise OSError("it has no address")


class _Secured(smtplib.SMTP_SSL, _Open):
    def __init__(self, ips: Sequence[str], deadline: Deadline) -> None:
        self.context = _trust()
        _Open.__init__(self, ips, deadline)


def _own_name() -> str:
    """How a mail server is greeted. Not getfqdn(): that may ask a name server for a long while."""
    name = socket.gethostname()
    return name if _HOST.fullmatch(name) else "[127.0.0.1]"


@functools.cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _secure(smtp: smtplib.SMTP, server: str) -> None:
    """`smtp+starttls` insists on TLS; `smtp` takes it where it is offered, and does without on this machine."""
    scheme = urlsplit(server).scheme
    offered = smtp.has_extn("starttls")
    if scheme == "smtp+starttls" and not offered:
        raise Failure("the mail server offers no STARTTLS, and smtp+starttls:// insists on it", permanent=True)
    if scheme == "smtp+starttls" or (scheme == "smtp" and offered and not _is_local(smtp)):
        smtp.starttls(context=_trust())
        smtp.ehlo_or_helo_if_needed()


def _is_local(smtp: smtplib.SMTP) -> bool:
    return smtp.sock is not None and is_loopback(str(smtp.sock.getpeername()[0]))


def _log_in(smtp: smtplib.SMTP, server: str, user: str, password: str) -> None:
    if not user:
        return
    if not isinstance(smtp.sock, ssl.SSLSocket) and not _is_local(smtp):
        raise Failure("the mail server offers no TLS, and a password is not sent without", permanent=True)
    try:
        smtp.login(user, password)
    except smtplib.SMTPNotSupportedError:
        raise Failure("the mail server asks for no user and password: leave them out", permanent=True) from None


def _hand_over(smtp: smtplib.SMTP, envelope: Envelope, verdicts: Verdicts) -> None:
    """Those who are refused do not keep the others from getting it."""
    code, said = smtp.mail(envelope.sender)
    if code != 250:
        raise smtplib.SMTPResponseException(code, said)
    taken = []
    for each in envelope.to:
        code, said = smtp.rcpt(each)
        if code in (250, 251):
            taken.append(each)
        else:
            verdicts[each] = _refused(code, said)
    if not taken:
        smtp.rset()
        return
    code, said = smtp.data(envelope.content)
    for each in taken:
        verdicts[each] = f"{code} {_text(said)}" if code == 250 else _refused(code, said)


def _refused(code: int, said: bytes | str) -> Failure:
    return Failure(f"{code} {_text(said)}".strip(), permanent=500 <= code < 600)


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def bare(sender: str) -> str:
    """`metrics@example.org` of `Metrics <metrics@example.org>`."""
    return parseaddr(sender)[1]
