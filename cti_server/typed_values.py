"""Flows know texts, as callers press them: as the numbers and truths that others want. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_TRUTHS: Final = {"true": True, "false": False}


def typed(values: Mapping[str, str], kinds: Mapping[str, Any]) -> dict[str, Any]:
    """
    Numbers and truths where such are wanted; ``kinds`` as JSON Schema calls them.

    A text that is neither stays what it is, and is refused like any that does not fit.
    """
    return {name: _as(kinds.get(name), text) for name, text in values.items()}


def _as(kind: object, text: str) -> str | int | float | bool:
    match kind:
        case "integer" | "number" if _WHOLE.fullmatch(text):
            return int(text)
        case "number" if _DECIMAL.fullmatch(text):
            return float(text)
        case "boolean":
            return _TRUTHS.get(text, text)
        case _:
            return text
