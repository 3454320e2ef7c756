"""Secrets the observed system prints are masked before anything is stored.

What is masked: access tokens and keys in URLs and assignments (`access_token=…`, `OPENAI_API_KEY=…`,
`BUFFER_ACCESS_TOKEN: …`), `Authorization` headers and bearer tokens, `sk-…` keys, passwords
(the web UI's DEBUG lines print them), cookies, and user:password in URLs. A bare `token:` or `secret:` is an
ordinary word in posts too, so its value is masked only when it looks like a secret.
"""

from __future__ import annotations

import re

MASK = "***"

_SUSPECTS = ("token", "bearer", "authorization", "key", "secret", "passw", "pwd", "sk-", "cookie")
"""A text with none of these (case ignored), and no `://…@`, holds nothing that any pattern below could match."""

_VALUE = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[^\s"'&,;<>)\]}]+)"""
_NAME = (
    r"(?:(?<!\w)\w+[_-](?:token|secret|key|pwd)|access[_-]?token|api[_-]?key|(?<![a-z])(?:ssl)?pass(?:word|wd)|pwd|"
    r"(?:private|access|secret|client)[_-]?key)"
)
_SUSPICIOUS_VALUE = r"""["']?(?=[^\s"'&,;<>)\]}]*\d|[^\s"'&,;<>)\]}]{16})[^\s"'&,;<>)\]}]{6,}["']?"""

_PATTERNS = (
    (
        re.compile(r"""(?i)(authorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic|token|digest)\s+)?[^\s"',;}]+"""),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{6,}"), rf"\1{MASK}"),
    (re.compile(r"""(?i)\b(cookie["']?\s*:\s*["']?)[^\s"'][^"'\n]*"""), rf"\1{MASK}"),
    (re.compile(rf"""(?i)({_NAME}["']?\s*[=:]\s*)(?!\*\*\*){_VALUE}"""), rf"\1{MASK}"),
    (re.compile(rf"""(?i)\b((?:token|secret)["']?\s*[=:]\s*)(?!\*\*\*){_SUSPICIOUS_VALUE}"""), rf"\1{MASK}"),
    (re.compile(r"(?i)\b(sk-)[A-Za-z0-9_-]{6,}"), rf"\1{MASK}"),
    # The password of an address reaches to the last @ of its host; one with a slash in it, which is a mistake, to the next.
    (re.compile(r"""(://[^\s/:@?#"'<>]*:)(?!\*\*\*@)[^\s/?#"'<>]*(@)"""), rf"\1{MASK}\2"),
    (re.compile(r"""(://[^\s/:@?#"'<>]*:)(?!\*\*\*@|\d{1,5}[/?#])[^\s@"'<>]{0,256}(@)"""), rf"\1{MASK}\2"),
)


def redact(text: str) -> str:
    """`text` with every secret replaced by `***`. Running it twice changes nothing more."""
    lowered = text.lower()
    for suspect in _SUSPECTS:
        if suspect in lowered:
            break
    else:
        if "://" not in text or "@" not in text:
            return text
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
