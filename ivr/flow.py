"""Loading a flow. What comes out of here is sound: a walk through it ends, and finds its words."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from .checker import check
from .errors import FlowInvalid, Problem
from .faults import problem, refused
from .model import Flow
from .source import SourceInvalid, read

__all__ = ["Flow", "check", "load", "parse"]


Find = Callable[[str], Flow | None]
"""The flow of that name, for one that walks through it; None if there is none."""


def load(path: Path) -> Flow:
    """
    Read and check a flow file, and those beside it that it walks through.

    Raises :class:`FlowInvalid`.
    """
    return _load(path, ())


def _load(path: Path, around: tuple[Path, ...]) -> Flow:
    """``around``: the files of the flows that walk through this one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _refusal(path, "is not UTF-8 text") from None
    flow = parse(text, path, partial(_beside, path, (*around, path)))
    if missing := list(_missing_files(flow)):
        raise FlowInvalid(missing)
    return flow


def _beside(path: Path, around: tuple[Path, ...], name: str) -> Flow | None:
    """A flow of the same folder. Raises FlowInvalid, also for one that leads to itself again."""
    file = path.with_name(f"{name}.yaml")
    if file in around:
        ring = " -> ".join(one.stem for one in (*around[around.index(file) :], file))
        raise _refusal(path, f"walks through itself: {ring}")
    return _load(file, around) if file.is_file() else None


def _nowhere(name: str) -> None:
    """There are no other flows."""


def parse(text: str, file: Path | str, find: Find = _nowhere) -> Flow:
    """
    Check a flow's text; raises :class:`FlowInvalid`.

    ``file`` gives problems their name, WAV files their folder, and the flow a name if it has
    none; ``find`` knows the flows that it may walk through. Which queues exist is for
    :func:`check` to be told.
    """
    path = Path(file)
    try:
        source = read(text)
    except SourceInvalid as error:
        raise FlowInvalid([Problem(str(file), *fault) for fault in _headed(error)]) from None
    data = {"name": re.sub(r"[^a-z0-9_-]", "-", path.stem.lower()), **source.data}
    problems = [problem(str(file), *fault) for fault in source.faults]
    try:
        flow = Flow.model_validate(data, context={"folder": path.parent})
    except ValidationError as error:
        faulty = {fault[1] for fault in source.faults}
        problems += [p for p, place in refused(str(file), source, error) if place not in faulty]
    else:
        flow.came_from(str(file), source.lines)
        wrong = _linked(flow, find)
        problems += wrong or check(flow)  # what lies behind a broken part is not guessed
    if problems:
        raise FlowInvalid(sorted(problems, key=lambda problem: problem.line))
    return flow


def _linked(flow: Flow, find: Find) -> list[Problem]:
    """Give the flow its parts; what is wrong with them."""
    parts, problems = dict[str, Flow](), list[Problem]()
    for name in sorted(flow.named_parts):
        try:
            part = find(name)
        except FlowInvalid as error:
            problems += error.problems
            continue
        if part is not None:
            parts[name] = part
    flow.walks_through(parts)
    return problems


def _refusal(path: Path, message: str) -> FlowInvalid:
    return FlowInvalid([Problem(str(path), 1, None, message)])


def _headed(error: SourceInvalid) -> Iterator[tuple[int, None, str]]:
    yield from ((line, None, message) for line, message in error.faults)


def _missing_files(flow: Flow) -> Iterator[Problem]:
    for name, sources in flow.prompts.items():
        for language, source in sources.items():
            if source.wav is not None and not source.wav.is_file():
                line = flow.line("prompts", name, language, "wav")
                yield Problem(flow.file, line, None, f"prompt '{name}': no file {source.wav}")
