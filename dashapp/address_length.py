"""How long an address may be, with its long lists of values: the same in every server, refused in a sentence."""

from __future__ import annotations

from flask import Flask, abort, request
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error, RequestHeaderFieldsTooLarge

ADDRESS_BYTES = 262_144
SERVER_BYTES = 4 * ADDRESS_BYTES
"""What servers read of a request's head before they refuse it themselves; up to there the application answers."""
SENTENCE = (
    f"The address has more than {ADDRESS_BYTES:,} bytes. Choose fewer values, or ask for them in several requests."
)


def init_app(app: Flask) -> None:
    @app.before_request
    def refuse() -> None:
        if len(request.environ.get("PATH_INFO", "")) + len(request.environ.get("QUERY_STRING", "")) > ADDRESS_BYTES:
            abort(414, description=SENTENCE)


class _AddressTooLong(Error):
    code = 414
    reason = "URI Too Long"


class Parser(HTTPRequestParser):
    """Of the embedded store's server. Waitress calls every head that is too long one of too many fields; here its first line has not even ended."""

    error: Error | None

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if isinstance(self.error, RequestHeaderFieldsTooLarge) and b"\n" not in self.header_plus + data[:consumed]:
            self.error = _AddressTooLong(SENTENCE)
        return consumed
