"""The command ``hotline``. Clients of the server add their own commands by entry point."""

import gc
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from .archive_commands import (
    check_certificate,
    copy_archive,
    drill_archive,
    erase_again,
    restore_archive,
)
from .backup_commands import backup
from .command_line import config_option, run
from .command_line import settings_of as _settings
from .disk_commands import plan_storage
from .flow_commands import flow
from .prompt_commands import prompts
from .refusals import CommandRefused


class _Commands(click.Group):
    """Ours, and those that the entry points ``hotline.commands`` name."""

    def invoke(self, ctx: click.Context) -> Any:
        """A refusal of any command is one line and exit code 1."""
        try:
            return super().invoke(ctx)
        except CommandRefused as error:
            raise click.ClickException(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        found = {point.name for point in entry_points(group="hotline.commands")}
        return sorted({*super().list_commands(ctx), *found})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        for point in entry_points(group="hotline.commands", name=cmd_name):
            command = point.load()
            if isinstance(command, click.Command):
                return command
        return None


@click.group(cls=_Commands)
@click.version_option(package_name="hotline-cti")
def main() -> None:
    """Hotline, the contact-centre server."""


main.add_command(backup)
main.add_command(flow)
main.add_command(prompts)


@main.command()
@config_option
@click.option(
    "--watched",
    is_flag=True,
    help="Watch over the server: end it if it hangs, start it again if it dies.",
)
def serve(config_file: Path | None, watched: bool) -> None:
    """Serve calls until SIGTERM, which lets the running ones finish."""
    gc.disable()  # nothing of what a start makes is waste; serving begins to collect
    from .logs import configure

    settings = _settings(config_file)
    configure(level=settings.log.level, json_lines=settings.log.json_lines)
    if watched:
        from .watchdog.keeper import keep

        options = [] if config_file is None else ["--config", str(config_file)]
        sys.exit(keep([sys.executable, "-m", "cti_server", "serve", *options], settings))
    from .serving import serve as serve_forever

    sys.exit(serve_forever(settings))


@main.command()
@config_option
def check(config_file: Path | None) -> None:
    """Check the configuration: what it names, queues and their policies, the number plan."""
    from .administration import defined_queues
    from .connectors.calls import Connectors
    from .connectors.errors import ConnectorUnusable
    from .flow_plans import check_faxes, check_systems, load_flows
    from .plans import (
        check_documents,
        check_keywords,
        check_numbers,
        check_surveys,
        number_plan_of,
        queue_of,
        regions_of,
    )
    from .saved_queries_lookups import load_lookups

    settings = _settings(config_file)
    defined = run(lambda: defined_queues(settings))
    queues = {*defined, *(queue.name for queue in settings.queues)}
    flows = load_flows(settings, queues)
    number_plan_of(settings, {})
    regions_of(settings)
    for queue in settings.queues:
        queue_of(queue)
    check_numbers(settings.queues, settings.crm.default_region)
    check_surveys(settings.queues, settings.surveys)
    check_keywords(settings.sms)
    try:
        connectors = Connectors.of(settings.connectors)
    except ConnectorUnusable as error:
        raise click.ClickException(str(error)) from error
    lookups = load_lookups(settings.queries.lookups, settings.queries.databases)
    check_systems(flows.values(), connectors, lookups)
    check_documents(settings.fax, lookups)
    check_faxes(flows.values(), settings.fax.documents)
    click.echo(
        f"{len(settings.numbers)} numbers, {len(flows)} flows, {len(settings.queues)} queues: "
        "nothing to complain about"
    )


@main.group()
def db() -> None:
    """The database."""


@db.command()
@config_option
def upgrade(config_file: Path | None) -> None:
    """Bring the database's tables to this release's."""
    from .administration import administer

    settings = _settings(config_file)
    run(lambda: administer(settings, lambda database: database.upgrade()))
    click.echo("the database is up to date")


@main.group()
def agent() -> None:
    """Agents: who they are, what they can do, how they log in."""


@agent.command("add")
@click.argument("agent_id")
@click.option("--name", required=True, help="As colleagues know them.")
@click.option("--number", required=True, help="What callers are told: 'agent 8026'.")
@click.option("--skill", "skills", multiple=True, metavar="NAME[:LEVEL]", help="Level 1 to 10.")
@click.option("--role", "roles", multiple=True, default=["agent"], show_default=True)
@click.option(
    "--phone",
    help="A SIP URI, or 'browser' for the desktop; without one, the phone registered as AGENT_ID.",
)
@click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    envvar="HOTLINE_PASSWORD",
    help="For the desktop and for the agent's SIP phone.",
)
@config_option
def add_agent(
    config_file: Path | None,
    agent_id: str,
    name: str,
    number: str,
    skills: tuple[str, ...],
    roles: tuple[str, ...],
    phone: str | None,
    password: str,
) -> None:
    """Define an agent, or change one; a running server learns of it at once."""
    from .administration import NewAgent, administer, tell_server
    from .administration import add_agent as define

    settings = _settings(config_file)
    new = NewAgent.of(agent_id, name, number, skills, roles, phone, password)
    run(lambda: administer(settings, lambda database: define(database, settings, new)))
    told = "; the running server knows" if tell_server(settings) else ""
    click.echo(f"agent {agent_id} is defined{told}")


@agent.command("list")
@config_option
def list_agents(config_file: Path | None) -> None:
    """The defined agents."""
    from .administration import administer, agents

    settings = _settings(config_file)
    for each in run(lambda: administer(settings, agents)):
        skills = ", ".join(f"{skill}:{level}" for skill, level in sorted(each.skills.items()))
        click.echo(f"{each.id}\t{each.number}\t{each.name}\t{','.join(each.roles)}\t{skills}")


@main.group()
def audit() -> None:
    """The audit trail: who saw or changed what is protected."""


@audit.command("verify")
@click.option(
    "--noted",
    metavar="SEQUENCE:HASH",
    help="An entry as an earlier check printed it: tells a trail that was written anew or cut off.",
)
@config_option
def verify_audit(config_file: Path | None, noted: str | None) -> None:
    """Check that no entry was altered, removed or moved, and that none of the log is missing."""
    from .administration import administer, noted_entry
    from .administration import verify_audit as verify

    settings = _settings(config_file)
    entry = noted_entry(noted)
    verdict = run(lambda: administer(settings, lambda database: verify(database, entry)))
    for fault in verdict.faults:
        click.echo(fault, err=True)
    click.echo(f"{verdict.entries} entries, the last is {verdict.last}:{verdict.head}")
    if verdict.faults:
        click.echo(f"{len(verdict.faults)} faults", err=True)
        sys.exit(1)


@main.group()
def archive() -> None:
    """The recordings: their keys, their copies, and whether they are as they were stored."""


for _command in (
    copy_archive,
    drill_archive,
    restore_archive,
    erase_again,
    plan_storage,
    check_certificate,
):
    archive.add_command(_command)


@archive.command("new-key")
@config_option
def new_archive_key(config_file: Path | None) -> None:
    """Add a master key to the file, for new recordings; rotate-key brings the old ones to it."""
    from .administration import add_archive_key, tell_server

    settings = _settings(config_file)
    added = add_archive_key(settings)
    told = "; the running server knows" if tell_server(settings) else ""
    click.echo(f"{settings.archive_keys}: the key {added} is there: keep a copy of the file{told}")


@archive.command("rotate-key")
@config_option
def rotate_archive_key(config_file: Path | None) -> None:
    """Bring all recordings' keys below the active master key; beside a running server, too."""
    from .administration import administer, rotate_archive_keys

    settings = _settings(config_file)
    done = run(lambda: administer(settings, lambda one: rotate_archive_keys(one, settings)))
    click.echo(f"{done} recordings' keys are sealed anew")


@archive.command("verify")
@click.option(
    "--files",
    metavar="NUMBER|all",
    default="100",
    show_default=True,
    help="How many recordings' files to open whole, of every store, chosen by chance.",
)
@click.option(
    "--noted",
    metavar="SEQUENCE:HASH",
    help="An entry as an earlier check printed it: tells a chain that was written anew or cut off.",
)
@click.option(
    "--publish",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Add the last entry to this file, if there is no fault: kept elsewhere, it is a witness.",
)
@config_option
def verify_archive(
    config_file: Path | None, files: str, noted: str | None, publish: Path | None
) -> None:
    """Check that nothing of the archive was altered, removed, moved or cut."""
    from .administration import administer, noted_entry, number_of_files, publish_head
    from .administration import verify_archive as verify

    settings = _settings(config_file)
    count, entry = number_of_files(files), noted_entry(noted)
    verdict = run(lambda: administer(settings, lambda one: verify(one, settings, count, entry)))
    for fault in verdict.faults:
        click.echo(fault, err=True)
    click.echo(
        f"{verdict.entries} entries, {verdict.recordings} recordings, the files of "
        f"{verdict.files} opened; the last entry is {verdict.head}"
    )
    if verdict.faults:
        click.echo(f"{len(verdict.faults)} faults", err=True)
        sys.exit(1)
    if publish is not None:
        publish_head(publish, verdict.head)


@main.group()
def routing() -> None:
    """Who was given which contact, and why."""


@routing.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay_routing(file: Path) -> None:
    """Let a recorded day (data folder, routing/YYYY-MM-DD.jsonl[.gz]) happen again, and compare."""
    from .floor.record_files import read
    from .floor.replay import replay

    verdict = replay(read(file))
    for one in verdict.differences:
        click.echo(f"{one.at.isoformat()} {one.happened} contact {one.contact_id}", err=True)
        click.echo(f"  recorded: {one.recorded}\n  replayed: {one.replayed}", err=True)
    click.echo(
        f"{verdict.segments} server starts, {verdict.inputs} inputs, {verdict.decisions} decisions"
        f" by release {', '.join(sorted(verdict.versions))}"
    )
    if verdict.differences:
        click.echo(f"{len(verdict.differences)} starts decided otherwise", err=True)
        sys.exit(1)
    click.echo("all as they were recorded")


@main.group()
def warehouse() -> None:
    """The warehouse's staging: what happened, for analysis."""


@warehouse.command("check")
@config_option
def check_warehouse(config_file: Path | None) -> None:
    """Compare the counts of the event log with those of the facts made from it."""
    from .administration import with_warehouse
    from .warehouse.checking import check as compare

    settings = _settings(config_file)
    verdict = run(lambda: with_warehouse(settings, compare))
    for each in verdict.compared:
        fault = "" if each.logged == each.loaded else "  <- differ"
        click.echo(f"{each.what}\t{each.logged}\t{each.loaded}{fault}")
    click.echo(f"up to event {verdict.position}")
    if verdict.faults:
        click.echo(f"{len(verdict.faults)} faults", err=True)
        sys.exit(1)


@warehouse.command("rebuild")
@config_option
def rebuild_warehouse(config_file: Path | None) -> None:
    """Make the facts anew from the first event of the log; the server may be running."""
    from .administration import rebuild, with_warehouse

    settings = _settings(config_file)
    click.echo(f"up to event {run(lambda: with_warehouse(settings, rebuild))}")


@main.group()
def customer() -> None:
    """Customers."""


@customer.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@config_option
def import_customers(config_file: Path | None, file: Path) -> None:
    """Create and update customers from a CSV file."""
    from .administration import administer
    from .administration import import_customers as take_in

    settings = _settings(config_file)
    done, problems = run(
        lambda: administer(
            settings, lambda database: take_in(database, settings, file.read_bytes())
        )
    )
    for problem in problems:
        click.echo(f"{file}: {problem}", err=True)
    click.echo(f"{done.created} created, {done.updated} updated, {len(problems)} problems")
    if problems:
        sys.exit(1)
