"""A link proves that we made it: the signature of its embed's id. What it may show is kept here, not in the link."""

from __future__ import annotations

import hashlib

from flask import current_app
from itsdangerous import Signer

from dashapp.settings import Settings, secret_key


def signature(id: str, settings: Settings | None = None) -> str:
    return _signer(settings).get_signature(id).decode()


def genuine(id: str, claimed: str) -> bool:
    """Compared in constant time."""
    return _signer(None).verify_signature(id.encode(), claimed.encode("utf-8", "replace"))


def _signer(settings: Settings | None) -> Signer:
    key = secret_key(settings) if settings is not None else str(current_app.secret_key)
    return Signer(key, salt="embed", key_derivation="hmac", digest_method=hashlib.sha256)
