"""``hotline flow``: a menu tree is checked, and its journeys are walked, before anybody calls."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ivr.errors import FlowInvalid, Problem

FILES = click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)


@click.group()
def flow() -> None:
    """Menu trees: check them, walk their journeys."""


@flow.command()
@FILES
def check(files: Sequence[Path]) -> None:
    """Check flows, and those beside them that they walk through; queues are not known here."""
    problems = [problem for file in files for problem in _problems(file)]
    _told(problems)
    click.echo(f"{len(files)} {'flow' if len(files) == 1 else 'flows'}: nothing to complain about")


@flow.command("test")
@FILES
def walk(files: Sequence[Path]) -> None:
    """Walk the journeys of each flow, in journeys/ beside it, on virtual time."""
    from ivr.flow import load
    from ivr.journeys import load_journeys
    from ivr.travelling import walk_all

    problems, walked = list[Problem](), 0
    for file in files:
        try:
            tree, book = load(file), load_journeys(file.parent / "journeys" / file.name)
        except FlowInvalid as error:
            problems += error.problems
            continue
        outcomes = list(walk_all(tree, book))
        walked += len(outcomes)
        problems += [one.fault for one in outcomes if one.fault is not None]
        visited = {visit for one in outcomes for visit in one.visits}
        for name in (each for each in tree.nodes if (tree.name, each) not in visited):
            click.echo(f"{file}:{tree.line('nodes', name)}: no journey comes to node '{name}'")
    _told(problems)
    click.echo(f"{walked} journeys: all went as told")


def _problems(file: Path) -> Sequence[Problem]:
    from ivr.flow import load

    try:
        load(file)
    except FlowInvalid as error:
        return error.problems
    return []


def _told(problems: Sequence[Problem]) -> None:
    """Each on a line; exit code 1 if there are any."""
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(1)
