"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "fatal"]


@dataclass(frozen=True)
class Finding:
    """`hint` says how to mend it; empty when all is well."""

    subject: str
    level: Level
    text: str
    hint: str = ""
