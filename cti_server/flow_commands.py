"""``hotline flow``: a menu tree is checked, and its journeys are walked, before anybody calls."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from ivr.errors import FlowInvalid, Problem

FILES = click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)


def at_server(command: Callable[..., None]) -> Callable[..., None]:
    """With the options that say which server is spoken to, and with which key."""
    url = click.option(
        "--server",
        envvar="HOTLINE_SERVER",
        default="http://127.0.0.1:8080",
        show_default=True,
        metavar="URL",
        help="Where its API is.",
    )
    key = click.option(
        "--key",
        envvar="HOTLINE_API_KEY",
        required=True,
        help="An API key that may do this (routing.manage); better by HOTLINE_API_KEY.",
    )
    return url(key(command))


@click.group()
def flow() -> None:
    """Menu trees: check them, walk their journeys, publish them, roll them back."""


@flow.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@at_server
def publish(file: Path, server: str, key: str) -> None:
    """Have new calls begin in this flow; calls in the older version go on in that."""
    from .flow_publishing import publish_flow
    from .server_client import Server

    _told(_problems(file))
    name, version = asyncio.run(publish_flow(Server(server, key), file))
    click.echo(f"flow {name}: new calls begin in version {version}")


@flow.command()
@click.argument("name")
@click.argument("version", type=click.IntRange(min=1), required=False)
@at_server
def rollback(name: str, version: int | None, server: str, key: str) -> None:
    """Have new calls begin in an earlier version again: the last other one, if none is named."""
    from .flow_publishing import roll_back_flow
    from .server_client import Server

    made = asyncio.run(roll_back_flow(Server(server, key), name, version))
    click.echo(f"flow {name}: new calls begin in version {made}")


@flow.command()
@click.argument("name")
@at_server
def versions(name: str, server: str, key: str) -> None:
    """Who published what when, the newest first."""
    from .flow_publishing import versions_of
    from .server_client import Server

    for one in asyncio.run(versions_of(Server(server, key), name)):
        click.echo(f"{one['number']}\t{one['changed_at']}\t{one['changed_by']}\t{one['action']}")


@flow.command()
@FILES
def check(files: Sequence[Path]) -> None:
    """Check flows, and those beside them that they walk through; queues are not known here."""
    problems = [problem for file in files for problem in _problems(file)]
    _told(problems)
    click.echo(f"{len(files)} {'flow' if len(files) == 1 else 'flows'}: nothing to complain about")


@flow.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Have it drawn into this file; without, its Mermaid text is written out.",
)
def draw(file: Path, svg: Path | None) -> None:
    """Show a flow, and those that it walks through, as a picture."""
    from ivr.flow import load
    from ivr.picture import mermaid

    from .flow_drawing import draw as drawn

    _told(_problems(file))
    text = mermaid(load(file))
    if svg is None:
        click.echo(text, nl=False)
    else:
        svg.write_text(drawn(text), encoding="utf-8")


@flow.command("test")
@FILES
def walk(files: Sequence[Path]) -> None:
    """
    Walk the journeys of each flow, in journeys/ beside it, on virtual time.

    A flow without any may be a part of others that are walked with it: their journeys are its own.
    """
    from ivr.flow import Flow, load
    from ivr.journeys import load_journeys
    from ivr.travelling import walk_all
    from ivr.walk import Visit

    problems, walked = list[Problem](), 0
    flows, visited = list[tuple[Path, Flow]](), set[Visit]()
    for file in files:
        with _noted(problems):
            flows.append((file, load(file)))
    for file, tree in sorted(flows, key=lambda one: not _journeys(one[0]).exists()):
        if not _journeys(file).exists() and any(flow == tree.name for flow, _ in visited):
            continue
        with _noted(problems):
            outcomes = list(walk_all(tree, load_journeys(_journeys(file))))
            walked += len(outcomes)
            problems += [one.fault for one in outcomes if one.fault is not None]
            visited |= {visit for one in outcomes for visit in one.visits}
    for file, tree in flows:
        for name in (each for each in tree.nodes if (tree.name, each) not in visited):
            click.echo(f"{file}:{tree.line('nodes', name)}: no journey comes to node '{name}'")
    _told(problems)
    click.echo(f"{walked} journeys: all went as told")


def _journeys(flow: Path) -> Path:
    return flow.parent / "journeys" / flow.name


@contextlib.contextmanager
def _noted(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except FlowInvalid as error:
        problems += error.problems


def _problems(file: Path) -> Sequence[Problem]:
    from cti_server.speech_recognition.ears import sound
    from ivr.checker import check_phrases
    from ivr.flow import load

    try:
        flow = load(file)
    except FlowInvalid as error:
        return error.problems
    return [problem for one in flow.whole() for problem in check_phrases(one, sound)]


def _told(problems: Sequence[Problem]) -> None:
    """Each on a line; exit code 1 if there are any."""
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(1)
