"""``hotline archive copy | drill | restore``: the second store, and the way back from it."""

import sys
from pathlib import Path

import click
from pydantic import SecretStr

from .command_line import config_option, run, settings_of


@click.command("copy")
@config_option
def copy_archive(config_file: Path | None) -> None:
    """
    Have the server copy to each store what it lacks, and read some copies again.

    It does so each quiet hour by itself; this is for a store that was just added.
    """
    from .administration import administer, tell_server
    from .backup.by_hand import ask_for_round

    settings = settings_of(config_file)
    asked = run(lambda: administer(settings, lambda one: ask_for_round(one, settings)))
    said = "a round is asked for" if asked else "a round was asked for before"
    does = "the running server does it" if tell_server(settings) else "the next start does it"
    click.echo(f"{said}: {does}")


@click.command("drill")
@click.option("--sample", type=click.IntRange(1, 100_000), help="How many recordings.")
@click.option(
    "--keys",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file of master keys that a restore would be done with.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the sounds are for a moment; by default in the data folder.",
)
@click.option(
    "--database",
    "url",
    metavar="URL",
    help="A restored database in place of the configured one, which then knows nothing of this.",
)
@click.option("--json", "as_data", is_flag=True, help="The report as JSON.")
@config_option
def drill_archive(
    config_file: Path | None,
    sample: int | None,
    keys: Path | None,
    folder: Path | None,
    url: str | None,
    as_data: bool,
) -> None:
    """Restore some recordings as if the first store were lost; exit code 1 if one is not whole."""
    from .administration import administer, tell_server
    from .backup.by_hand import as_json, drill, in_words

    settings = settings_of(config_file)
    used = settings
    if url is not None:
        used = settings.model_copy(update={"database_url": SecretStr(url)})
    done, outcome = run(
        lambda: administer(
            used,
            lambda one: drill(
                one, settings, sample=sample, keys=keys, folder=folder, kept=url is None
            ),
        )
    )
    if url is None:
        tell_server(settings)
    for each in done.findings:
        click.echo(
            f"recording {each['recording_id']} in {each['store']!r} {each['fault']}", err=True
        )
    click.echo(as_json(done, outcome) if as_data else in_words(done, outcome))
    if done.state == "failed":
        sys.exit(1)


@click.command("restore")
@click.option("--to", "target", metavar="STORE", help="By default the first.")
@click.option("--from", "sources", metavar="STORE", multiple=True, help="By default all others.")
@click.option("--whole", is_flag=True, help="Read what is there to its end, not its size alone.")
@config_option
def restore_archive(
    config_file: Path | None, target: str | None, sources: tuple[str, ...], whole: bool
) -> None:
    """
    Bring a store again what it has lost, from the others; also beside a running server.

    Interrupted, it is begun again: what is there is passed over.
    """
    from .administration import administer
    from .backup.bringing_back import Brought
    from .backup.by_hand import bring_back

    def tell(now: Brought) -> None:
        click.echo(f"… {now.looked} looked at, {now.brought} brought", err=True)

    settings = settings_of(config_file)
    done = run(
        lambda: administer(
            settings,
            lambda one: bring_back(one, settings, target, sources, whole=whole, tell=tell),
        )
    )
    for fault in done.faults:
        click.echo(fault, err=True)
    click.echo(
        f"{done.looked} recordings looked at, {done.brought} brought ({done.size / 1e6:.1f} MB), "
        f"{len(done.faults)} faults"
    )
    if done.faults:
        sys.exit(1)


@click.command("erase-again")
@config_option
def erase_again(config_file: Path | None) -> None:
    """After a restore of the database: erase what the stores say was erased meanwhile."""
    from .administration import administer
    from .backup.by_hand import BackupRefused
    from .backup.database_by_hand import erase_again as erase

    settings = settings_of(config_file)
    again, faults = run(lambda: administer(settings, lambda one: erase(one, settings)))
    for fault in faults:
        click.echo(fault, err=True)
    click.echo(f"{again} recordings are erased again")
    if faults:
        raise BackupRefused("not all lists of what was erased could be read")


@click.command("certificate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@config_option
def check_certificate(config_file: Path | None, file: Path) -> None:
    """Check a certificate of erasure: its signature, the archive's chain, and that all is gone."""
    from .administration import administer
    from .certificate_checking import check_certificate as check
    from .certificate_checking import read_certificate

    settings, certificate = settings_of(config_file), read_certificate(file)
    faults = run(lambda: administer(settings, lambda one: check(one, settings, certificate)))
    for fault in faults:
        click.echo(fault, err=True)
    told = f"erasure {certificate['erasure_id']}, {len(certificate['recordings'])} recordings"
    click.echo(f"{told}: {len(faults)} faults")
    if faults:
        sys.exit(1)
