"""What the commands of ``hotline`` have in common."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click
import uvloop

from config.settings import Settings, SettingsInvalid, load

T = TypeVar("T")

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="HOTLINE_CONFIG_FILE",
    help="The YAML file; without one, Hotline's defaults.",
)


def settings_of(path: Path | None) -> Settings:
    try:
        return load(path)
    except SettingsInvalid as error:
        raise click.ClickException(str(error)) from error


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a command's coroutine on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())
