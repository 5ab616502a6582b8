"""What a flow must hold beyond its schema, so that no caller gets lost in it."""

from collections.abc import Collection, Iterator

from .errors import Problem
from .model import VARIABLES, Flow
from .nodes import Collect, Menu, Node, Place, Play, ToQueue
from .prompts import PromptName


def check(flow: Flow, queues: Collection[str] | None = None) -> list[Problem]:
    """Every problem in the flow, in the order of its lines; ``queues`` are those that exist."""
    if problems := list(_unknown_targets(flow)):
        # Where an arrow leads nowhere, what it would have led to cannot be judged.
        return _in_order([*problems, *_texts(flow), *_unknown_queues(flow, queues)])
    reached = _reached(flow)
    return _in_order(
        [
            *_texts(flow),
            *_unknown_queues(flow, queues),
            *_unreachable(flow, reached),
            *_missing_prompts(flow, reached),
            *_silent_loops(flow, reached),
            *_no_way_to_a_person(flow, reached),
            *_person_key(flow, reached),
        ]
    )


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: problem.line)


def _at(flow: Flow, name: str, message: str, *place: str | int) -> Problem:
    return Problem(flow.file, flow.line("nodes", name, *place), name, message)


# --- names that must exist --------------------------------------------------------------------


def _unknown_targets(flow: Flow) -> Iterator[Problem]:
    if flow.start not in flow.nodes:
        line = flow.line("start")
        yield Problem(flow.file, line, None, f"start: unknown target '{flow.start}'")
    for name, node in flow.nodes.items():
        for route in node.routes():
            if route.target not in flow.nodes:
                yield _at(flow, name, f"unknown target '{route.target}'", *route.place)


def _unknown_queues(flow: Flow, queues: Collection[str] | None) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        if isinstance(node, ToQueue) and queues is not None and node.queue not in queues:
            yield _at(flow, name, f"unknown queue '{node.queue}'", "queue")


def _texts(flow: Flow) -> Iterator[Problem]:
    """Placeholders, attributes and languages that nothing stands behind."""
    yield from _languages(flow)
    collected = {
        node.attribute: node.secret for node in flow.nodes.values() if isinstance(node, Collect)
    }
    for name, node in flow.nodes.items():
        if isinstance(node, Collect):
            yield from _attribute(flow, name, node)
        for place, word in node.placeholders():
            if collected.get(word):
                yield _at(flow, name, f"'{{{word}}}' would show a secret", *place)
            elif word not in collected and word not in VARIABLES:
                yield _at(flow, name, f"nothing collects '{{{word}}}'", *place)


def _attribute(flow: Flow, name: str, node: Collect) -> Iterator[Problem]:
    if node.attribute in VARIABLES:
        yield _at(flow, name, f"attribute '{node.attribute}' is taken by the call", "attribute")
    others = [other for other in flow.nodes.values() if isinstance(other, Collect)]
    if not node.secret and any(o.secret and o.attribute == node.attribute for o in others):
        message = f"attribute '{node.attribute}' is a secret elsewhere"
        yield _at(flow, name, message, "attribute")


def _languages(flow: Flow) -> Iterator[Problem]:
    for prompt, sources in flow.prompts.items():
        for language in sources:
            if language not in flow.languages:
                line = flow.line("prompts", prompt, language)
                message = f"prompt '{prompt}': '{language}' is not among the flow's languages"
                yield Problem(flow.file, line, None, message)
    for name, node in flow.nodes.items():
        for place, language in _named_languages(node):
            if language not in flow.languages:
                message = f"'{language}' is not among the flow's languages"
                yield _at(flow, name, message, *place)


def _named_languages(node: Node) -> Iterator[tuple[Place, str]]:
    for route in node.routes():
        if route.language is not None:
            yield (*route.place, "language"), route.language
    for place, prompt in node.prompts():
        if prompt.language is not None:
            yield (*place, "language"), prompt.language
    if isinstance(node, ToQueue):
        yield from ((("language_skills", language), language) for language in node.language_skills)


# --- ways through the flow --------------------------------------------------------------------


def _reached(flow: Flow) -> dict[str, set[str]]:
    """The nodes that a caller can come to, and in which languages."""
    reached: dict[str, set[str]] = {}
    ahead = [(flow.start, flow.languages[0])]
    while ahead:
        name, language = ahead.pop()
        if language in reached.setdefault(name, set()):
            continue
        reached[name].add(language)
        ahead += [(r.target, r.language or language) for r in flow.nodes[name].routes()]
    return reached


def _unreachable(flow: Flow, reached: Collection[str]) -> Iterator[Problem]:
    for name in flow.nodes:
        if name not in reached:
            yield _at(flow, name, f"unreachable from '{flow.start}'")


def _missing_prompts(flow: Flow, reached: dict[str, set[str]]) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        for place, prompt in node.prompts():
            if prompt.name not in flow.prompts:
                yield _at(flow, name, f"unknown prompt '{prompt.name}'", *place)
                continue
            for language in sorted(_heard_in(prompt, reached.get(name, set()))):
                if language not in flow.prompts[prompt.name]:
                    message = f"prompt '{prompt.name}' is missing in '{language}'"
                    yield _at(flow, name, message, *place)


def _heard_in(prompt: PromptName, languages: set[str]) -> set[str]:
    return {prompt.language} if prompt.language is not None and languages else languages


def _silent_loops(flow: Flow, reached: Collection[str]) -> Iterator[Problem]:
    """Without keys every node leads to one other at most, so a walk in silence finds the loop."""
    told: set[str] = set()
    for start in reached:
        trail: list[str] = []
        name: str | None = start
        while name is not None and name not in told and name not in trail:
            trail.append(name)
            name = _in_silence(flow.nodes[name])
        if name in trail:
            loop = trail[trail.index(name) :]
            first = min(loop, key=lambda member: flow.line("nodes", member))
            turned = [*loop[loop.index(first) :], *loop[: loop.index(first)], first]
            yield _at(flow, first, f"goes round without a key press: {' -> '.join(turned)}")
        told.update(trail)


def _in_silence(node: Node) -> str | None:
    return next((route.target for route in node.routes() if not route.pressed), None)


def _no_way_to_a_person(flow: Flow, reached: Collection[str]) -> Iterator[Problem]:
    """From where the caller is asked something, and from the start, a person must be in reach."""
    leading = {name for name, node in flow.nodes.items() if node.reaches_person}
    grown = True
    while grown:
        more = {
            name
            for name, node in flow.nodes.items()
            if name not in leading and any(r.target in leading for r in node.routes())
        }
        leading |= more
        grown = bool(more)
    for name in flow.nodes:
        if name in reached and name not in leading and _matters(flow, name):
            yield _at(flow, name, "no way to a person")


def _matters(flow: Flow, name: str) -> bool:
    return name == flow.start or flow.nodes[name].asks


def _person_key(flow: Flow, reached: Collection[str]) -> Iterator[Problem]:
    """The promise of ``person_key``; where a number is typed, an exit key or giving up will do."""
    key = flow.person_key
    for name, node in flow.nodes.items():
        if key is None or name not in reached:
            continue
        if isinstance(node, Menu):
            choice = node.choices.get(key)
            if choice is None or not _straight_to_a_person(flow, choice.go_to):
                yield _at(flow, name, f"key {key} does not lead to a person", "choices")
        elif isinstance(node, Collect):
            ways = [*node.exit_keys.values(), node.otherwise]
            if not any(_straight_to_a_person(flow, way) for way in ways):
                message = "neither an exit key nor 'otherwise' leads to a person"
                yield _at(flow, name, message)


def _straight_to_a_person(flow: Flow, name: str) -> bool:
    """Over nothing but announcements."""
    passed: set[str] = set()
    while isinstance(node := flow.nodes[name], Play) and name not in passed:
        passed.add(name)
        name = node.then
    return node.reaches_person
