"""PostgreSQL's own programs, which know its catalogue best: ``pg_dump`` and ``pg_restore``."""

import asyncio
import os
from pathlib import Path

from sqlalchemy import URL

from .errors import BackupError

_TOLD = 500  # characters of what a program complains of


async def dump(url: URL, file: Path) -> None:
    """One moment of it, compressed; read to its end afterwards. Raises BackupError."""
    await _run(url, "pg_dump", "--format=custom", "--no-owner", f"--file={file}")
    await _run(url, "pg_restore", "--file=/dev/null", str(file), connects=False)


async def bring_back(file: Path, url: URL) -> None:
    """All of it or nothing. Raises BackupError."""
    options = ("--no-owner", "--exit-on-error", "--single-transaction")
    await _run(url, "pg_restore", *options, f"--dbname={url.database}", str(file))


async def _run(url: URL, program: str, *arguments: str, connects: bool = True) -> None:
    given = _environment(url) if connects else {}
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | given,
        )
    except FileNotFoundError:
        raise BackupError(
            f"{program} is not installed: it comes with PostgreSQL's client of the server's version"
        ) from None
    _, complaint = await process.communicate()
    if process.returncode:
        raise BackupError(f"{program}: {complaint.decode(errors='replace').strip()[-_TOLD:]}")


def _environment(url: URL) -> dict[str, str]:
    """The password is not among the arguments, which others on the machine can see."""
    given = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port and str(url.port),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return {name: str(value) for name, value in given.items() if value}
