"""``hotline archive plan``: how large the disks have to be."""

from pathlib import Path

import click

from recording.planning import CODECS, GB, Plan, PlanRefused, Traffic, plan

from .command_line import config_option, settings_of
from .disks import free_of_first
from .refusals import CommandRefused


@click.command("plan")
@click.option("--seats", type=int, required=True, help="Agents who talk.")
@click.option("--calls-per-hour", type=float, required=True, help="Of one seat.")
@click.option("--talk", type=float, required=True, metavar="SECONDS", help="Of a call.")
@click.option("--hours", type=float, default=10, show_default=True, help="A day.")
@click.option(
    "--recorded", type=float, default=100, show_default=True, help="Per cent of the calls."
)
@click.option(
    "--codec",
    type=click.Choice([*CODECS, "all"]),
    default="all",
    show_default=True,
    help="As stored.",
)
@click.option("--keep", type=int, metavar="DAYS", help="For how long each is kept.")
@click.option(
    "--free",
    type=float,
    metavar="GB",
    help="Of the first store's disk; else what is free there now.",
)
@config_option
def plan_storage(
    seats: int,
    calls_per_hour: float,
    talk: float,
    hours: float,
    recorded: float,
    codec: str,
    keep: int | None,
    free: float | None,
    config_file: Path | None,
) -> None:
    """Say what recordings need of disks and lines, and how it comes to that."""
    traffic = Traffic(
        seats=seats, calls_per_hour=calls_per_hour, talk=talk, hours=hours, recorded=recorded
    )
    room = (
        free_of_first(settings_of(config_file).archive_stores) if free is None else round(free * GB)
    )
    try:
        plans = [
            plan(traffic, each, keep_days=keep, free=room)
            for each in (CODECS if codec == "all" else [codec])
        ]
    except PlanRefused as error:
        raise CommandRefused(str(error)) from error
    for each in plans:
        _tell(each)


def _tell(each: Plan) -> None:
    click.echo(f"{each.codec}: {each.gb_a_day:.3f} GB a day")
    for line in each.arithmetic:
        click.echo(f"  {line}")
