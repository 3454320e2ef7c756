"""Asking services over HTTP: one client for all of them, that spends no more than it may and remembers refusals.

    client = Client("Buffer", service, checkpoint, setting="DASHAPP_BUFFER_API_KEY", windows=(Window("24h", 86_400, 250),))
    yield from client.remembering(checkpoint, batches)

What goes wrong is a `TemporaryFailure` (the runner tries again, see collectors/runner/retry.py) or a `Refused`
(it does not, until something is changed). Both say in one sentence what is wrong, without any credential.
"""

from collectors.base import Refused, TemporaryFailure
from collectors.http.answer import Answer
from collectors.http.budget import Quota, Window
from collectors.http.client import Client, ErrorReader, QuotaReader
from collectors.http.entries import each
from collectors.http.paging import Sheet, follow
from collectors.http.parts import in_turn
from collectors.http.points import quota_points
from collectors.http.shapes import listing, mapping, member

__all__ = [
    "Answer", "Client", "ErrorReader", "Quota", "QuotaReader", "Refused", "Sheet", "TemporaryFailure", "Window",
    "each", "follow", "in_turn", "listing", "mapping", "member", "quota_points",
]  # fmt: skip
