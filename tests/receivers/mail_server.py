"""A real SMTP server on loopback whose answers a test scripts."""

from __future__ import annotations

import contextlib
import email
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from tests.stores import free_port


@dataclass(frozen=True)
class Mail:
    sender: str
    to: list[str]
    content: bytes
    secured: bool
    user: str

    @property
    def read(self) -> EmailMessage:
        found = email.message_from_bytes(self.content, policy=default)
        assert isinstance(found, EmailMessage)
        return found


class MailServer:
    """`refusals` are used up first: for each address what it is answered, under "" what a whole mail is."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refusals: dict[str, deque[str]] = defaultdict(deque)
        self.password = "hunter22"
        self.port = 0

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if self.refusals[address]:
            return self.refusals[address].popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refusals[""]:
            return self.refusals[""].popleft()
        content, user = envelope.original_content, getattr(session, "auth_data", None)
        assert content is not None
        assert envelope.mail_from is not None
        secured = session.ssl is not None or bool(server.transport.get_extra_info("sslcontext"))
        self.mails.append(Mail(envelope.mail_from, list(envelope.rcpt_tos), content, secured, user or ""))
        return f"250 queued as {len(self.mails)}"

    def _judged(self, server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
        assert isinstance(said, LoginPassword)
        right = said.password.decode() == self.password
        return AuthResult(success=right, handled=False, auth_data=said.login.decode() if right else None)

    def _greet(self) -> None:
        anyone = ssl.create_default_context()
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port), 5) as plain, anyone.wrap_socket(plain) as secured:
            secured.recv(1024)

    @contextlib.contextmanager
    def running(
        self, tls: ssl.SSLContext | None = None, *, at_once: bool = False, users: bool = False
    ) -> Iterator[MailServer]:
        """With `tls` it offers STARTTLS, or speaks nothing else `at_once`; `users`: it lets nobody in without a password."""
        self.port = free_port()
        words: dict[str, Any] = {"ssl_context": tls} if at_once else {"tls_context": tls}
        if users:
            words |= {"authenticator": self._judged, "auth_required": True, "auth_require_tls": not at_once}
        controller = Controller(self, hostname="127.0.0.1", port=self.port, **words)
        if at_once:
            controller._trigger_server = self._greet  # its own one would offer the server's certificate as a client's
        controller.start()
        try:
            yield self
        finally:
            controller.stop()
