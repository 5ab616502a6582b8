"""The command ``hotline``. Clients of the server add their own commands by entry point."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

import click
import uvloop

from config.settings import Settings, SettingsInvalid, load

T = TypeVar("T")


class _Commands(click.Group):
    """Ours, and those that the entry points ``hotline.commands`` name."""

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


def _settings(path: Path | None) -> Settings:
    try:
        return load(path)
    except SettingsInvalid as error:
        raise click.ClickException(str(error)) from error


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a command's coroutine on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="HOTLINE_CONFIG_FILE",
    help="The YAML file; without one, Hotline's defaults.",
)


@click.group(cls=_Commands)
@click.version_option(package_name="hotline-cti")
def main() -> None:
    """Hotline, the contact-centre server."""


@main.command()
@config_option
def serve(config_file: Path | None) -> None:
    """Serve calls until SIGTERM, which lets the running ones finish."""
    from .app import StartFailed, serve as serve_forever  # noqa: PLC0415
    from .logs import configure  # noqa: PLC0415

    settings = _settings(config_file)
    configure(level=settings.log.level, json_lines=settings.log.json_lines)
    try:
        run(lambda: serve_forever(settings))
    except StartFailed as error:
        raise click.ClickException(str(error)) from error
