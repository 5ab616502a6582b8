"""Where callers get in a flow, and where they would be lost."""

from collections.abc import Callable, Collection, Iterator

from .errors import Problem
from .model import Flow
from .nodes import Node, Play, Route, Through
from .prompts import PromptName


def lost_callers(flow: Flow) -> Iterator[Problem]:
    """Of a flow all of whose targets are there."""
    reached = _reached(flow)
    yield from _unreachable(flow, reached)
    yield from _missing_prompts(flow, reached)
    yield from _silent_loops(flow, reached)
    yield from _no_way_to_a_person(flow, reached)
    yield from _person_key(flow, reached)


def problem_at(flow: Flow, node: str, message: str, *place: str | int) -> Problem:
    """With the line of a key in a node."""
    return Problem(flow.file, flow.line("nodes", node, *place), node, message)


def _reached(flow: Flow) -> dict[str, set[str]]:
    """The nodes that a caller can come to, and in which languages."""
    reached: dict[str, set[str]] = {}
    begin = flow.languages if flow.is_part else flow.languages[:1]
    ahead = [(flow.start, language) for language in begin]
    while ahead:
        name, language = ahead.pop()
        if language in reached.setdefault(name, set()):
            continue
        reached[name].add(language)
        node = flow.nodes[name]
        ahead += [(r.target, r.language or language) for r in node.routes()]
        if isinstance(node, Through) and node.flow in flow.parts:
            # A part may have changed the language.
            ahead += [(node.then, spoken) for spoken in flow.parts[node.flow].languages]
    return reached


def _unreachable(flow: Flow, reached: Collection[str]) -> Iterator[Problem]:
    for name in flow.nodes:
        if name not in reached:
            yield problem_at(flow, name, f"unreachable from '{flow.start}'")


def _missing_prompts(flow: Flow, reached: dict[str, set[str]]) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        for place, prompt in node.prompts():
            if prompt.name not in flow.prompts:
                yield problem_at(flow, name, f"unknown prompt '{prompt.name}'", *place)
                continue
            for language in sorted(_heard_in(prompt, reached.get(name, set()))):
                if language not in flow.prompts[prompt.name]:
                    message = f"prompt '{prompt.name}' is missing in '{language}'"
                    yield problem_at(flow, name, message, *place)


def _heard_in(prompt: PromptName, languages: set[str]) -> set[str]:
    return {prompt.language} if prompt.language is not None and languages else languages


def _silent_loops(flow: Flow, reached: Collection[str]) -> Iterator[Problem]:
    """Rings that nobody leaves who presses nothing."""
    ends = {name for name, node in flow.nodes.items() if not any(node.routes())}
    out = _leading(flow, ends, lambda route: not route.pressed)
    told: set[str] = set()
    for start in reached:
        trail: list[str] = []
        name: str | None = start
        while name is not None and name not in told and name not in trail and name not in out:
            trail.append(name)
            name = _in_silence(flow.nodes[name])
        if name in trail:
            loop = trail[trail.index(name) :]
            first = min(loop, key=lambda member: flow.line("nodes", member))
            turned = [*loop[loop.index(first) :], *loop[: loop.index(first)], first]
            message = f"goes round without a key press: {' -> '.join(turned)}"
            yield problem_at(flow, first, message)
        told.update(trail)


def _in_silence(node: Node) -> str | None:
    return next((route.target for route in node.routes() if not route.pressed), None)


def _leading(
    flow: Flow, ends: Collection[str], over: Callable[[Route], bool] = lambda _: True
) -> set[str]:
    """The ends, and the nodes from which some way over such routes gets there."""
    leading, grown = set(ends), True
    while grown:
        more = {
            name
            for name, node in flow.nodes.items()
            if name not in leading and any(over(r) and r.target in leading for r in node.routes())
        }
        leading |= more
        grown = bool(more)
    return leading


def _no_way_to_a_person(flow: Flow, reached: Collection[str]) -> Iterator[Problem]:
    """From where the caller is asked something, and from the start, a person must be in reach."""
    ends = {n for n, node in flow.nodes.items() if node.leads_on or _has_a_person(flow, node)}
    leading = _leading(flow, ends)
    for name in flow.nodes:
        if name in reached and name not in leading and _matters(flow, name):
            yield problem_at(flow, name, "no way to a person")


def _has_a_person(flow: Flow, node: Node) -> bool:
    """In itself, or somewhere in the flow that it walks through."""
    if isinstance(node, Through) and (part := flow.parts.get(node.flow)) is not None:
        return any(_has_a_person(part, one) for one in part.nodes.values())
    return node.reaches_person


def _matters(flow: Flow, name: str) -> bool:
    return name == flow.start or flow.nodes[name].asks


def _person_key(flow: Flow, reached: Collection[str]) -> Iterator[Problem]:
    """The promise of ``person_key``."""
    if (key := flow.person_key) is None:
        return
    for name, node in flow.nodes.items():
        ways = node.ways_by(key) if name in reached else None
        if ways is not None and not any(_straight_to_a_person(flow, to) for to in ways.targets):
            yield problem_at(flow, name, ways.missing, *ways.place)


def _straight_to_a_person(flow: Flow, name: str) -> bool:
    """Over nothing but announcements."""
    passed: set[str] = set()
    while isinstance(node := flow.nodes[name], Play) and name not in passed:
        passed.add(name)
        name = node.then
    return node.reaches_person or node.leads_on
