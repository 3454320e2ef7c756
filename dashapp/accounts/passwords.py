"""Argon2id hashes, and what counts as a password."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from dashapp.accounts.user import AccountError

SHORTEST = 10
LONGEST = 1024
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
_COMMON = ("password", "12345678", "qwertyui", "letmein", "changeme", "administrator")
# Above OWASP's minimum for Argon2id (12 MiB, 3 passes, 1 lane); little enough memory for eight logins at once.
_HASHER = PasswordHasher(time_cost=4, memory_cost=16 * 1024, parallelism=1)


def hashed(password: str) -> str:
    return _HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Without a hash (unknown user) it takes the same time and says no."""
    try:
        _HASHER.verify(password_hash or _dummy(), password[:LONGEST])
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def prepare() -> None:
    """Make the stand-in hash now, so that not even the first unknown user can be told by the clock."""
    _dummy()


@cache
def _dummy() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))


def one_time() -> str:
    """Easy to type (no 0/O, 1/l): 4 groups of 5, 117 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def checked(password: str, name: str) -> str:
    """The password, or AccountError with the reason it is refused."""
    if len(password) < SHORTEST:
        raise AccountError(f"a password needs at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise AccountError(f"a password has at most {LONGEST} characters")
    plain = password.lower()
    if len(set(plain)) < 4 or any(plain.startswith(word) for word in _COMMON):
        raise AccountError("this password is too easy to guess")
    if plain == name.lower() or (len(name) >= 4 and plain.replace(name.lower(), "") == ""):
        raise AccountError("the password must not be the user name")
    return password
