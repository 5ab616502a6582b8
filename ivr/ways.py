"""Where callers get in a flow, and where they would be lost."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from .errors import Problem
from .model import Flow
from .nodes import Node, Route, Through
from .prompts import PromptName

Reached = Mapping[str, Collection[str]]
"""The nodes that a caller can come to, and in which languages."""


def lost_callers(flow: Flow) -> Iterator[Problem]:
    """Of a flow all of whose targets are there."""
    reached = _reached(flow, flow.languages if flow.is_part else flow.languages[:1])
    yield from _unreachable(flow, reached)
    yield from _missing_prompts(flow, reached)
    yield from _missing_phrases(flow, reached)
    yield from _silent_loops(flow, reached)
    yield from _passed_on_for_ever(flow)
    if not flow.after_service:
        yield from _no_way_to_a_person(flow, reached)
    if flow.person_key is not None:
        yield from _person_key(flow, flow.person_key, reached, back_to_a_person=True)


def problem_at(flow: Flow, node: str, message: str, *place: str | int) -> Problem:
    """With the line of a key in a node."""
    return Problem(flow.file, flow.line("nodes", node, *place), node, message)


def _part(flow: Flow, node: Node) -> Flow | None:
    """The flow that the node walks through, if it is one of those and is there."""
    return flow.parts.get(node.flow) if isinstance(node, Through) else None


def _reached(flow: Flow, languages: Iterable[str]) -> Reached:
    """By who comes to the flow in one of these languages."""
    reached: dict[str, set[str]] = {}
    ahead = [(flow.start, language) for language in languages]
    while ahead:
        name, language = ahead.pop()
        if language in reached.setdefault(name, set()):
            continue
        reached[name].add(language)
        node = flow.nodes[name]
        if isinstance(node, Through) and (part := _part(flow, node)) is not None:
            ahead += [(node.then, spoken) for spoken in _spoken_on_return(part, language)]
        else:
            ahead += [(r.target, r.language or language) for r in node.routes()]
    return reached


def _spoken_on_return(part: Flow, language: str) -> set[str]:
    """The languages in which somebody comes back who comes in this one."""
    reached = _reached(part, [language])
    return {one for name in reached if part.nodes[name].leads_on for one in reached[name]}


def _unreachable(flow: Flow, reached: Reached) -> Iterator[Problem]:
    for name in flow.nodes:
        if name not in reached:
            yield problem_at(flow, name, f"unreachable from '{flow.start}'")


def _missing_prompts(flow: Flow, reached: Reached) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        for place, prompt in node.prompts():
            if prompt.name not in flow.prompts:
                yield problem_at(flow, name, f"unknown prompt '{prompt.name}'", *place)
                continue
            for language in sorted(_heard_in(prompt, reached.get(name, set()))):
                if language not in flow.prompts[prompt.name]:
                    message = f"prompt '{prompt.name}' is missing in '{language}'"
                    yield problem_at(flow, name, message, *place)


def _missing_phrases(flow: Flow, reached: Reached) -> Iterator[Problem]:
    """Choices that somebody who speaks a language of the node's callers cannot name."""
    for name, node in flow.nodes.items():
        said = [(phrase.label, phrase.language) for phrase in node.phrases()]
        for label in dict.fromkeys(label for label, _ in said):
            for language in sorted(reached.get(name, set())):
                if (label, language) not in said:
                    message = f"nothing is said for '{label}' in '{language}'"
                    yield problem_at(flow, name, message, "choices", label, "phrases")


def _heard_in(prompt: PromptName, languages: Collection[str]) -> Collection[str]:
    return {prompt.language} if prompt.language is not None and languages else languages


# --- rings ------------------------------------------------------------------------------------


def _silent_loops(flow: Flow, reached: Reached) -> Iterator[Problem]:
    """Rings that nobody leaves who presses nothing."""
    out = _out_in_silence(flow)
    told: set[str] = set()
    for start in reached:
        trail: list[str] = []
        name: str | None = start
        while name is not None and name not in told and name not in trail and name not in out:
            trail.append(name)
            name = next(iter(_next_in_silence(flow, flow.nodes[name])), None)
        if name in trail:
            loop = trail[trail.index(name) :]
            first = min(loop, key=lambda member: flow.line("nodes", member))
            turned = [*loop[loop.index(first) :], *loop[: loop.index(first)], first]
            message = f"goes round without a key press: {' -> '.join(turned)}"
            yield problem_at(flow, first, message)
        told.update(trail)


def _passed_on_for_ever(flow: Flow) -> Iterator[Problem]:
    """Queues and transfers that may send a caller round and round, without a word between."""
    for name in flow.nodes:
        ahead, passed = [*_passed_on(flow, name)], set[str]()
        while ahead:
            one = ahead.pop()
            if one not in passed:
                passed.add(one)
                ahead += _passed_on(flow, one)
        if name in passed:
            yield problem_at(flow, name, "may send a caller on to itself, without a word between")


def _passed_on(flow: Flow, name: str) -> Iterator[str]:
    targets = (route.target for route in flow.nodes[name].routes() if route.at_once)
    return (one for one in targets if flow.nodes[one].may_end)


def _out_in_silence(flow: Flow) -> set[str]:
    """The nodes from which the flow ends, in some way, for who presses nothing."""
    ends = {name for name, node in flow.nodes.items() if _ends_in_silence(flow, node)}
    return _leading(flow, ends, lambda node: _next_in_silence(flow, node))


def _ends_in_silence(flow: Flow, node: Node) -> bool:
    part = _part(flow, node)
    if part is None:
        return node.may_end
    ended = {name for name, one in part.nodes.items() if not one.leads_on}
    ended = {name for name in ended if _ends_in_silence(part, part.nodes[name])}
    return part.start in _leading(part, ended, lambda one: _next_in_silence(part, one))


def _next_in_silence(flow: Flow, node: Node) -> Iterator[str]:
    part = _part(flow, node)
    if part is not None:
        back = {name for name, one in part.nodes.items() if one.leads_on}
        if part.start not in _leading(part, back, lambda one: _next_in_silence(part, one)):
            return
    yield from (route.target for route in node.routes() if not route.pressed)


# --- persons ----------------------------------------------------------------------------------


def _no_way_to_a_person(flow: Flow, reached: Reached) -> Iterator[Problem]:
    """From where the caller is asked something, and from the start, a person must be in reach."""
    ends = {n for n, node in flow.nodes.items() if node.leads_on or _has_a_person(flow, node)}
    leading = _leading(flow, ends, lambda node: map(_target, node.routes()))
    for name, node in flow.nodes.items():
        matters = name == flow.start or _asks(flow, node)
        if name in reached and name not in leading and matters:
            yield problem_at(flow, name, "no way to a person")


def _has_a_person(flow: Flow, node: Node) -> bool:
    """In itself, or somewhere in the flow that it walks through."""
    part = _part(flow, node)
    if part is None:
        return node.reaches_person
    return any(_has_a_person(part, one) for one in part.nodes.values())


def _asks(flow: Flow, node: Node) -> bool:
    part = _part(flow, node)
    return node.asks if part is None else any(_asks(part, one) for one in part.nodes.values())


def _person_key(
    flow: Flow, key: str, reached: Reached, *, back_to_a_person: bool
) -> Iterator[Problem]:
    """
    The promise of ``person_key``, which holds in the flows that are walked through as well.

    ``back_to_a_person``: whether who goes back from this flow comes straight to a person.
    """

    def straight(name: str, passed: frozenset[str] = frozenset()) -> bool:
        """Over nothing that asks the caller."""
        node = flow.nodes[name]
        if node.leads_on:
            return back_to_a_person
        if name in passed or _asks(flow, node):
            return False
        ways = [route.target for route in node.routes()]
        return node.reaches_person or (
            bool(ways) and all(straight(way, passed | {name}) for way in ways)
        )

    for name, node in flow.nodes.items():
        if name not in reached:
            continue
        ways = node.ways_by(key)
        if ways is not None and not any(straight(target) for target in ways.targets):
            yield problem_at(flow, name, ways.missing, *ways.place)
        if isinstance(node, Through) and (part := _part(flow, node)) is not None:
            within = _reached(part, reached[name])
            yield from _person_key(part, key, within, back_to_a_person=straight(node.then))


def _target(route: Route) -> str:
    return route.target


def _leading(flow: Flow, ends: Collection[str], ways: Callable[[Node], Iterable[str]]) -> set[str]:
    """The ends, and the nodes from which such ways lead there."""
    leading, grown = set(ends), True
    while grown:
        more = {
            name
            for name, node in flow.nodes.items()
            if name not in leading and any(target in leading for target in ways(node))
        }
        leading |= more
        grown = bool(more)
    return leading
