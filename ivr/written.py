"""A flow as it is written: all the texts and recordings that make it, to be kept and read again."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from .errors import FlowInvalid, Problem
from .flow import load
from .model import Flow

_NAME = re.compile(r"\w[\w .-]{0,99}")
_LONGEST_PATH = 300


@dataclass(frozen=True, slots=True)
class WrittenFlow:
    """
    ``texts`` in YAML by name, of which ``main`` is the flow itself and the others are those that it
    walks through; ``sounds``: WAV files by their path beside it.
    """

    main: str
    texts: Mapping[str, str]
    sounds: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def written(flow: Flow) -> WrittenFlow:
    """What a flow that was read from its file is made of. Raises FlowInvalid."""
    main = Path(flow.file)
    texts, sounds = dict[str, str](), dict[str, bytes]()
    for one in flow.whole():
        path = Path(one.file)
        try:
            texts[path.stem] = path.read_text(encoding="utf-8-sig")
            for wav in _recordings(one):
                sounds[wav.relative_to(main.parent).as_posix()] = wav.read_bytes()
        except (OSError, UnicodeDecodeError) as error:
            raise FlowInvalid([Problem(one.file, 1, None, f"cannot be read: {error}")]) from None
    return WrittenFlow(main.stem, texts, sounds)


def _recordings(flow: Flow) -> Iterator[Path]:
    for sources in flow.prompts.values():
        yield from (source.wav for source in sources.values() if source.wav is not None)


@contextmanager
def laid_out(flow: WrittenFlow) -> Iterator[Path]:
    """
    Its main file, with everything that belongs to it around, for as long as the context.

    Raises FlowInvalid for names that no file can have.
    """
    if problems := list(_misnamed(flow)):
        raise FlowInvalid(problems)
    with tempfile.TemporaryDirectory(prefix="hotline-flow-") as name:
        folder = Path(name)
        for text in flow.texts:
            (folder / f"{text}.yaml").write_text(flow.texts[text], encoding="utf-8")
        for path, sound in flow.sounds.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(sound)
        yield folder / f"{flow.main}.yaml"


def read(file: Path) -> Flow:
    """
    Read what was laid out; its problems name files as their author does.

    Raises FlowInvalid.
    """
    try:
        return load(file)
    except FlowInvalid as error:
        raise FlowInvalid([told_from(file.parent, problem) for problem in error.problems]) from None


def told_from(folder: Path, problem: Problem) -> Problem:
    """With the file as it is called in that folder."""
    return replace(
        problem,
        file=problem.file.removeprefix(f"{folder}/"),
        message=problem.message.replace(f"{folder}/", ""),
    )


def _misnamed(flow: WrittenFlow) -> Iterator[Problem]:
    if flow.main not in flow.texts:
        yield Problem(f"{flow.main}.yaml", 1, None, "there is no such text")
    for name in flow.texts:
        if _NAME.fullmatch(name) is None:
            yield Problem(f"{name}.yaml", 1, None, "is no name of a flow")
    files = {*flow.sounds, *(f"{name}.yaml" for name in flow.texts)}
    for path in flow.sounds:
        if not _is_below(path):
            yield Problem(path, 1, None, "must be a path below the flow's folder")
        elif path.removesuffix(".yaml") in flow.texts or _around(path) & files:
            yield Problem(path, 1, None, "another file has its place")


def _around(path: str) -> set[str]:
    """The folders that it is in."""
    return {folder.as_posix() for folder in PurePosixPath(path).parents}


def _is_below(path: str) -> bool:
    pure = PurePosixPath(path)
    return (
        path.isprintable()
        and len(path.encode()) <= _LONGEST_PATH
        and bool(pure.name)
        and pure.as_posix() == path
        and not pure.is_absolute()
        and ".." not in pure.parts
        and all(len(part.encode()) <= 255 for part in pure.parts)
    )
