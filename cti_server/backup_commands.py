"""``hotline backup``: the database, saved and brought back."""

from pathlib import Path

import click
from pydantic import SecretStr

from .command_line import config_option, run, settings_of


@click.group()
def backup() -> None:
    """The database: its backups, and the way back from one."""


@backup.command("create")
@click.argument("into", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), help="How many stay; by default all.")
@config_option
def create_backup(config_file: Path | None, into: Path, keep: int | None) -> None:
    """Save the database in a new folder below INTO; the server may be running."""
    from .backup.database_by_hand import save

    settings = settings_of(config_file)
    made, manifest = run(lambda: save(settings, into, keep))
    click.echo(
        f"{made}: {manifest.size / 1e6:.1f} MB, up to event {manifest.facts.events}, sound; "
        f"its SHA-256 is {manifest.sha256}"
    )
    masters = ", ".join(manifest.facts.master_keys)
    if masters:
        click.echo(
            f"The recordings' keys in it are sealed under {masters} of {settings.archive_keys}: "
            "keep a copy of that file, and not beside this one.",
            err=True,
        )


@backup.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--into",
    "url",
    metavar="URL",
    help="Another database than the configured one, to try a drill with.",
)
@config_option
def restore_backup(config_file: Path | None, folder: Path, url: str | None) -> None:
    """Bring the database back from FOLDER, to where none is; then erase again what was erased."""
    from .backup.by_hand import BackupRefused
    from .backup.database_by_hand import bring_back

    settings = settings_of(config_file)
    if url is not None:
        settings = settings.model_copy(update={"database_url": SecretStr(url)})
    manifest, again, faults = run(lambda: bring_back(settings, folder, tried=url is not None))
    click.echo(
        f"the database is as it was at {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC, up to event "
        f"{manifest.facts.events}; {again} recordings that were erased since are erased again"
    )
    if faults:
        for fault in faults:
            click.echo(fault, err=True)
        raise BackupRefused(
            "not all lists of what was erased could be read: see to it, and run "
            "hotline archive erase-again before the server starts"
        )
