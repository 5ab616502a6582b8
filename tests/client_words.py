"""The words that the desktop's pages have, by what they are called in its sources."""

import re
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "agent_desktop" / "client" / "src"
_KEY = re.compile(r'^  "([\w.-]+\.[\w.-]+)":', re.MULTILINE)


def keys(folder: str) -> set[str]:
    """Those of more than one part; the compiler holds the Chinese ones to the same."""
    files = [*(SOURCES / folder).rglob("*words.ts")]
    return {key for file in files for key in _KEY.findall(file.read_text("utf-8"))}


def names(folder: str, kind: str) -> set[str]:
    """What has a name of this kind: ``mayDo``, ``auditAction``."""
    return {key.removeprefix(f"{kind}.") for key in keys(folder) if key.startswith(f"{kind}.")}
