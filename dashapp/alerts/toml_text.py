"""Rules as TOML: what a form or a reader with a limited view gets is written from the values, without comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def rule_table(entry: Mapping[str, Any]) -> str:
    """A `[[rule]]`, a key a line."""
    return f"[[rule]]\n{''.join(f'{key} = {_toml(value)}{chr(10)}' for key, value in entry.items())}"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_toml(key)} = {_toml(each)}' for key, each in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else f'"{_escaped(str(value))}"'


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in '"\\' else f"\\u{ord(one):04x}" if ord(one) < 32 or ord(one) == 127 else one for one in text)  # fmt: skip
