"""``hotline prompts``: what the studio is to record, and what it delivers."""

import asyncio
import sys
from pathlib import Path

import click

from .flow_commands import at_server

LANGUAGE = click.option("--language", metavar="zh|en|…", help="Only texts in this language.")
MISSING = click.option("--missing", is_flag=True, help="Only what the studio has not recorded.")


@click.group()
def prompts() -> None:
    """What callers hear: list the texts, export them for the studio, import its recordings."""


@prompts.command("list")
@MISSING
@LANGUAGE
@at_server
def list_texts(missing: bool, language: str | None, server: str, key: str) -> None:
    """Every text with its id, its language and who says it."""
    from .prompt_exchange import texts_of
    from .server_client import Server

    found = asyncio.run(texts_of(Server(server, key), missing=missing, language=language))
    for one in found:
        click.echo("\t".join((one["id"], one["language"], one["source"], one["text"])))


@prompts.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@MISSING
@LANGUAGE
@at_server
def export(file: Path, missing: bool, language: str | None, server: str, key: str) -> None:
    """Write the texts into a CSV file: the studio names its recordings <id>.wav."""
    from .prompt_exchange import texts_of, write_table
    from .server_client import Server

    found = asyncio.run(texts_of(Server(server, key), missing=missing, language=language))
    try:
        write_table(found, file)
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be written: {error.strerror}") from error
    click.echo(f"{file}: {len(found)} {'text' if len(found) == 1 else 'texts'}")


@prompts.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@at_server
def import_recordings(folder: Path, server: str, key: str) -> None:
    """Have the recordings <id>.wav of a folder heard in place of the voice."""
    if not asyncio.run(_imported(folder, server, key)):
        sys.exit(1)


async def _imported(folder: Path, server: str, key: str) -> bool:
    """Whether all were taken."""
    from .prompt_exchange import import_folder
    from .server_client import Server

    refused = False
    async for one in import_folder(Server(server, key), folder):
        click.echo(f"{one.file}: {one.text if one.refused is None else f'refused: {one.refused}'}")
        refused |= one.refused is not None
    return not refused
