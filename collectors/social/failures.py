"""Why posts fail, from services' words to a few classes. Pure.

The first rule that fits counts; the words are looked for in the message, case ignored:

- auth: the service lost its access to the channel (token, expired, reconnect, permission …)
- rate_limit: too much in too short a time (rate limit, too many, quota, daily limit …)
- media: pictures and videos (image, video, aspect ratio, file size …)
- content: the text itself (duplicate, too long, characters, hashtags, mentions, policy, spam …)
- network: the platform did not answer (timeout, unavailable, internal error, try again …)
- other: none of these
"""

from __future__ import annotations

import re

from collectors.redaction import redact

_RULES = (
    ("auth", r"\btokens?\b|expired|re-?connect|permission|unauthori[sz]ed|authenticat|authori[sz]|revoked|disconnected"
             r"|credential|log ?in|password|access denied|\b40[13]\b"),
    ("rate_limit", r"rate.?limit|too many|quota|throttl|limit (?:was |has been )?(?:reached|exceeded)|(?:daily|hourly) limit"
                   r"|\b429\b"),
    ("media", r"\bimages?\b|\bvideos?\b|\bmedia\b|\bphotos?\b|aspect ratio|thumbnail|file (?:size|type)|resolution|\bgif\b"),
    ("content", r"duplicate|already (?:posted|been (?:posted|shared))|too long|characters?\b|hashtags?|mentions?\b|caption"
                r"|polic(?:y|ies)|spam|blocked|guidelines|\btext\b|\blinks?\b|\burls?\b"),
    ("network", r"time.?out|timed out|unavailable|internal (?:server )?error|server error|connection|try again|temporar"
                r"|unreachable|\b5\d\d\b|something went wrong"),
)  # fmt: skip
_COMPILED = tuple((name, re.compile(pattern, re.I)) for name, pattern in _RULES)
_LONGEST = 300


def error_class(message: str) -> str:
    """auth, rate_limit, media, content, network or other."""
    return next((name for name, pattern in _COMPILED if pattern.search(message)), "other")


def error_text(message: str) -> str:
    """The service's words, secrets masked, on one line."""
    return " ".join(redact(message).split())[:_LONGEST]
