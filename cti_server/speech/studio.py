"""
What the studio has recorded: a text's recording is heard in place of the voice that speaks it.

A recording belongs to a text in a language, whichever voice, flow or queue says it: so it goes on
being heard when the voice becomes another one, and in the next version of a flow. The folder is
data, not a cache: nothing can make it anew.
"""

from pathlib import Path

import structlog

from .cache import Cache, key
from .tts import primary

log = structlog.get_logger()


def recording_id(text: str, language: str) -> str:
    """Of a text in a language, for ever: the studio names its files so."""
    return key("studio", primary(language), " ".join(text.split()))


class Studio:
    """
    Read once; changed by :meth:`keep` and :meth:`withdraw` while calls go on.

    Without a folder it is one that has recorded nothing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._cache = None if folder is None else Cache(folder, shipped=None)
        self._recordings: dict[str, Path] = {}
        self._texts: dict[Path, str] = {}
        for note in sorted(folder.glob("*.json")) if folder is not None else ():
            self._take(note.stem)

    def _take(self, name: str) -> None:
        path = self._cache.find(name) if self._cache is not None else None
        if path is None:
            log.warning("studio.recording_damaged", recording=name)
        else:
            self._recordings[name] = path

    def may_replace(self, rendered: Path, text: str, language: str) -> None:
        """This file is the text in the voice."""
        if rendered not in self._texts:
            self._texts[rendered] = recording_id(text, language)

    def heard(self, rendered: Path) -> Path:
        """What is played where this file of the voice is due."""
        name = self._texts.get(rendered)
        return rendered if name is None else self._recordings.get(name, rendered)

    def find(self, name: str) -> Path | None:
        return self._recordings.get(name)

    def keep(self, name: str, sound: bytes) -> None:
        """Have it heard from now on. Raises OSError."""
        if self._cache is None:
            raise FileNotFoundError("the studio has no folder")
        self._recordings[name] = self._cache.keep(name, sound, "studio")

    def withdraw(self, name: str) -> None:
        """Have the voice heard again. Raises OSError."""
        if self._cache is not None:
            self._cache.drop(name)
        self._recordings.pop(name, None)
