"""Texts to the studio, and its recordings from there, over the REST API of a running server."""

import csv
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from .refusals import CommandRefused
from .server_client import Asking, Server, ServerRefused, asking


class FolderEmpty(CommandRefused):
    """There is nothing to import."""


class Imported(NamedTuple):
    file: str
    text: str
    refused: str | None


async def texts_of(
    server: Server, *, missing: bool = False, language: str | None = None
) -> list[dict[str, Any]]:
    """What callers hear, as the API shows it; ``missing``: what the studio has not recorded."""
    wanted = {"limit": "200"}
    if missing:
        wanted["missing"] = "true"
    if language is not None:
        wanted["language"] = language
    async with asking(server, "prompts") as ask:
        return [text async for text in _pages(ask, wanted)]


async def _pages(ask: Asking, wanted: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
    while True:
        page = await ask("GET", f"?{urlencode(wanted)}")
        for text in page["items"]:
            yield text
        if page["next"] is None:
            return
        wanted = {**wanted, "after": page["next"]}


def write_table(texts: list[dict[str, Any]], file: Path) -> None:
    """As CSV that spreadsheets open in any language. Raises OSError."""
    with file.open("w", encoding="utf-8-sig", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(("id", "language", "text", "used by"))
        for one in texts:
            writer.writerow((one["id"], one["language"], one["text"], "; ".join(one["used_by"])))


async def import_folder(server: Server, folder: Path) -> AsyncIterator[Imported]:
    """Every WAV file, named as its text's id; one that is refused does not stop the others."""
    files = list(_wav_files(folder))
    if not files:
        raise FolderEmpty(f"{folder}: there is no WAV file")
    async with asking(server, "prompts") as ask:
        for file in files:
            try:
                path = f"/{quote(file.stem, safe='')}/audio"
                taken = await ask("PUT", path, wav=file.read_bytes())
            except OSError as error:
                yield Imported(file.name, "", f"cannot be read: {error.strerror}")
            except ServerRefused as error:
                yield Imported(file.name, "", str(error))
            else:
                yield Imported(file.name, taken["text"], None)


def _wav_files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.iterdir()) if file.suffix.lower() == ".wav")
