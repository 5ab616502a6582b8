"""A flow as a picture, in the words of Mermaid: nodes, ways, and what callers did there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .model import Flow
from .nodes import Ending, Node, Return, Route, Through, ToParty, ToQueue

_LOSSY: Final = 0.1
"""Of those who came to a node, how many hung up there: from this share on it stands out."""
_LONGEST: Final = 40  # characters of a line
_CLASSES: Final = (
    "classDef asks fill:#e8f1fb,stroke:#2b6cb0,color:#1a202c",
    "classDef decides fill:#fdf6e3,stroke:#b7791f,color:#1a202c",
    "classDef person fill:#e6f6ec,stroke:#2f855a,color:#1a202c",
    "classDef ends fill:#edf2f7,stroke:#4a5568,color:#1a202c",
    "classDef tells fill:#ffffff,stroke:#4a5568,color:#1a202c",
    "classDef lossy stroke:#c53030,stroke-width:3px",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What callers did at a node; ``left``: by which way how often, stays in seconds."""

    entered: int
    left: Mapping[str, int] = field(default_factory=dict)
    abandoned: int = 0
    wrong: int = 0
    silent: int = 0
    inside: int = 0
    p50: float | None = None
    p95: float | None = None


Counts = Mapping[tuple[str, str], Seen]
"""By the name of the flow or part, and of the node."""


def mermaid(flow: Flow, counts: Counts | None = None) -> str:
    """
    A flowchart of the flow and, each in a frame of its own, of the parts that it walks through.

    With ``counts`` every node says what callers did there, also one that nobody came to.
    """
    flows = list({one.name: one for one in flow.whole()}.values())
    places = {(one.name, node) for one in flows for node in one.nodes}
    names = {place: f"n{number}" for number, place in enumerate(sorted(places))}
    drawing = _Drawing(names, counts)
    lines = ["flowchart TD", "start((call))", f"start --> {names[flow.name, flow.start]}"]
    for number, one in enumerate(flows):
        if one is not flow:
            lines.append(f'subgraph part{number}["{_escaped(one.name)}"]')
        lines += drawing.nodes(one)
        if one is not flow:
            lines.append("end")
    for one in flows:
        lines += drawing.ways(one)
    return "\n".join([*lines, *_CLASSES]) + "\n"


class _Drawing:
    def __init__(self, names: Mapping[tuple[str, str], str], counts: Counts | None) -> None:
        self._names = names
        self._counts = counts

    def nodes(self, flow: Flow) -> Iterator[str]:
        for name, node in flow.nodes.items():
            kind, (begin, end) = _look_of(node)
            seen = self._seen(flow, name)
            text = "<br/>".join(_escaped(line) for line in _lines(name, node, seen))
            drawn = self._names[flow.name, name]
            yield f'{drawn}{begin}"{text}"{end}:::{kind}'
            if seen is not None and seen.entered and seen.abandoned / seen.entered >= _LOSSY:
                yield f"class {drawn} lossy"

    def ways(self, flow: Flow) -> Iterator[str]:
        for name, node in flow.nodes.items():
            seen, here = self._seen(flow, name), self._names[flow.name, name]
            if isinstance(node, Through) and node.flow in flow.parts:
                part = flow.parts[node.flow]
                into = _way_text("into", seen)
                yield f'{here} -. "{_escaped(into)}" .-> {self._names[part.name, part.start]}'
            for target, routes in _by_target(node).items():
                text = ", ".join(_way_text(route.name, seen) for route in routes)
                yield f'{here} -- "{_escaped(text)}" --> {self._names[flow.name, target]}'

    def _seen(self, flow: Flow, node: str) -> Seen | None:
        if self._counts is None:
            return None
        return self._counts.get((flow.name, node), Seen(0))


def _by_target(node: Node) -> dict[str, list[Route]]:
    found: dict[str, list[Route]] = {}
    for route in node.routes():
        found.setdefault(route.target, []).append(route)
    return found


def _look_of(node: Node) -> tuple[str, tuple[str, str]]:
    """Its class, and the brackets that are its form."""
    match node:
        case ToQueue() | ToParty():
            return "person", ("([", "])")
        case Ending() | Return():
            return "ends", ("([", "])")
        case Through():
            return "tells", ("[[", "]]")
        case _ if node.reaches_person:
            return "person", ("([", "])")
        case _ if node.asks:
            return "asks", ("{{", "}}")
        case _ if len({route.target for route in node.routes()}) > 1:
            return "decides", ("{{", "}}")
        case _:
            return "tells", ("[", "]")


def _lines(name: str, node: Node, seen: Seen | None) -> Sequence[str]:
    type_ = str(getattr(node, "type", ""))
    lines = [name if type_ in {"", name} else f"{name} ({type_})"]
    match node:
        case ToQueue(queue=queue) if queue != name:
            lines.append(queue)
        case ToParty(target=target):
            lines.append(target)
        case Through(flow=flow):
            lines.append(flow)
    if seen is not None:
        lines += _told(seen)
    return [line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in lines]


def _told(seen: Seen) -> Iterator[str]:
    inside = f", {seen.inside} here now" if seen.inside else ""
    yield f"{seen.entered} came{inside}"
    slips = {"hung up": seen.abandoned, "wrong keys": seen.wrong, "silent": seen.silent}
    if told := ", ".join(f"{times} {word}" for word, times in slips.items() if times):
        yield told
    if seen.p50 is not None and seen.p95 is not None:
        yield f"stayed {seen.p50:.1f} s, 95 %: {seen.p95:.1f} s"


def _way_text(name: str, seen: Seen | None) -> str:
    return name if seen is None else f"{name}: {seen.left.get(name, 0)}"


def _escaped(text: str) -> str:
    """Mermaid's own escapes for what would end a text, or begin a tag or an escape."""
    return "".join(
        f"#{ord(letter)};" if letter in '"#<>&\\`;*_~[](){}|' else letter
        for letter in " ".join(text.split())
    )
