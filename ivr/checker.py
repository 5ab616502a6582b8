"""What a flow must hold beyond its schema, so that no caller gets lost in it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from .errors import Problem
from .model import VARIABLES, Flow
from .nodes import (
    DataLookUp,
    FaxNode,
    Learnt,
    Node,
    Opening,
    Place,
    Question,
    SystemRequest,
    Through,
    TicketNode,
    ToQueue,
)
from .reading import unreadable
from .systems import Systems
from .ticket_forms import TicketForm
from .ways import lost_callers, problem_at


def check(
    flow: Flow,
    queues: Collection[str] | None = None,
    calendars: Collection[str] | None = None,
    systems: Systems | None = None,
    tickets: Mapping[str, TicketForm] | None = None,
    forms: Collection[str] | None = None,
    faxes: Collection[str] | None = None,
) -> list[Problem]:
    """
    Every problem in the flow, in the order of its lines.

    ``queues``, ``calendars``, ``systems``, the types of ``tickets``, ``forms`` and the codes of
    documents for ``faxes`` are those that exist; None if that is not known.
    """
    unknown = [
        *_unknown_queues(flow, queues),
        *_unknown_calendars(flow, calendars),
        *_asked_wrongly(flow, systems),
        *_refused_tickets(flow, tickets),
        *_unknown_forms(flow, forms),
        *_unknown_faxes(flow, faxes),
    ]
    if problems := list(_unknown_targets(flow)):
        # Where an arrow leads nowhere, what it would have led to cannot be judged.
        return _in_order([*problems, *_within_nodes(flow), *unknown])
    return _in_order([*_within_nodes(flow), *unknown, *lost_callers(flow)])


def check_phrases(flow: Flow, sound: Callable[[str, str], str]) -> list[Problem]:
    """
    What callers may say and nobody would understand, or not tell apart.

    ``sound`` tells how a phrase sounds in a language; it raises ValueError for what cannot be
    understood.
    """
    return _in_order([*_unheard(flow, sound)])


def _unheard(flow: Flow, sound: Callable[[str, str], str]) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        meant: dict[tuple[str, str], str] = {}  # by language and sound
        for phrase in node.phrases():
            try:
                key = phrase.language, sound(phrase.text, phrase.language)
            except ValueError as error:
                yield problem_at(flow, name, f"'{phrase.text}': {error}", *phrase.place)
                continue
            if (other := meant.setdefault(key, phrase.label)) != phrase.label:
                message = f"'{phrase.text}' sounds as a phrase of '{other}' does"
                yield problem_at(flow, name, message, *phrase.place)


def _within_nodes(flow: Flow) -> Iterator[Problem]:
    yield from _languages(flow)
    yield from _values(flow)
    yield from _unknown_parts(flow)
    yield from _labels_of_nothing(flow)


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: problem.line)


# --- names that must exist --------------------------------------------------------------------


def _unknown_targets(flow: Flow) -> Iterator[Problem]:
    if flow.start not in flow.nodes:
        line = flow.line("start")
        yield Problem(flow.file, line, None, f"start: unknown target '{flow.start}'")
    for name, node in flow.nodes.items():
        for route in node.routes():
            if route.target not in flow.nodes:
                yield problem_at(flow, name, f"unknown target '{route.target}'", *route.place)


def _labels_of_nothing(flow: Flow) -> Iterator[Problem]:
    """What would be offered to who reads the question, and be no answer."""
    for name, node in flow.nodes.items():
        if not isinstance(node, Question):
            continue
        for keys in node.labels:
            if not node.takes(keys):
                yield problem_at(flow, name, f"'{keys}' is no answer here", "labels", keys)


def check_in_writing(flow: Flow) -> list[Problem]:
    """What customers could not read who do not call: recordings without words."""
    return _in_order(
        [
            Problem(
                flow.file,
                flow.line("prompts", name, language),
                None,
                f"prompt '{name}' cannot be read: give 'written'",
            )
            for name, language in unreadable(flow)
        ]
    )


def _unknown_queues(flow: Flow, queues: Collection[str] | None) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        for place, queue in node.queues():
            if queues is not None and queue not in queues:
                yield problem_at(flow, name, f"unknown queue '{queue}'", *place)


def _unknown_calendars(flow: Flow, calendars: Collection[str] | None) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        if isinstance(node, Opening) and calendars is not None and node.calendar not in calendars:
            message = f"there is no working calendar '{node.calendar}'"
            yield problem_at(flow, name, message, "calendar")


def _asked_wrongly(flow: Flow, systems: Systems | None) -> Iterator[Problem]:
    """What other systems are asked that they do not know, or not in that way."""
    if systems is None:
        return
    secrets = {one.name for _, one in _learnt(flow) if one.secret}
    for name, node in flow.nodes.items():
        match node:
            case SystemRequest():
                wrong = systems.faults_of_request(node, secrets)
            case DataLookUp():
                wrong = systems.faults_of_look_up(node)
            case _:
                continue
        yield from (problem_at(flow, name, message, *place) for place, message in wrong)


def _refused_tickets(flow: Flow, tickets: Mapping[str, TicketForm] | None) -> Iterator[Problem]:
    """Of types that there are not, and what their forms would refuse."""
    for name, node in flow.nodes.items():
        if not isinstance(node, TicketNode) or tickets is None:
            continue
        if (form := tickets.get(node.ticket)) is None:
            yield problem_at(flow, name, f"there is no ticket type '{node.ticket}'", "ticket")
            continue
        for place, message in form.faults_of(node):
            yield problem_at(flow, name, message, *place)


def _unknown_forms(flow: Flow, forms: Collection[str] | None) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        if not isinstance(node, ToQueue) or node.form is None or forms is None:
            continue
        if node.form not in forms:
            yield problem_at(flow, name, f"there is no form '{node.form}'", "form")


def _unknown_faxes(flow: Flow, faxes: Collection[str] | None) -> Iterator[Problem]:
    """Where the flow itself says the code; what callers press is found out when they do."""
    for name, node in flow.nodes.items():
        if not isinstance(node, FaxNode) or node.literal is None or faxes is None:
            continue
        if node.literal not in faxes:
            message = f"there is no document '{node.literal}' to be faxed"
            yield problem_at(flow, name, message, "document")


def _unknown_parts(flow: Flow) -> Iterator[Problem]:
    """Flows that this one walks through, and what they expect of it."""
    for name, node in flow.nodes.items():
        if not isinstance(node, Through):
            continue
        if (part := flow.parts.get(node.flow)) is None:
            yield problem_at(flow, name, f"unknown flow '{node.flow}'", "flow")
            continue
        if not part.is_part:
            yield problem_at(flow, name, f"flow '{node.flow}' never returns", "flow")
        for language in sorted({*flow.languages} ^ {*part.languages}):
            message = f"flow '{node.flow}' does not speak the same: '{language}'"
            yield problem_at(flow, name, message, "flow")


# --- values -----------------------------------------------------------------------------------


def _values(flow: Flow) -> Iterator[Problem]:
    """Texts and expressions that nothing stands behind; values that nobody asks for."""
    learnt = list(_learnt(flow))
    secrets = {one.name for _, one in learnt if one.secret}
    known = VARIABLES | {*flow.takes} | {one.name for _, one in learnt}
    yield from _learnt_wrongly(flow, learnt, secrets)
    asked = list(_asked(flow))
    for line, node, name, may_be_secret in asked:
        if name in secrets and not may_be_secret:
            yield Problem(flow.file, line, node, f"'{{{name}}}' would show a secret")
        elif name not in known:
            yield Problem(flow.file, line, node, f"nothing collects '{{{name}}}'")
    if not flow.is_part:  # of which others may read what it learns
        yield from _unread(flow, learnt, {name for _, _, name, _ in asked})


def _asked(flow: Flow) -> Iterator[tuple[int, str | None, str, bool]]:
    """
    What texts, expressions and parts ask for: the line, the node if it is in one, the name.

    And whether it may be a secret.
    """
    for node_name, node in flow.nodes.items():
        for read in node.reads():
            line = flow.line("nodes", node_name, *read.place)
            yield line, node_name, read.name, read.may_be_secret
        if isinstance(node, Through) and node.flow in flow.parts:
            for name in flow.parts[node.flow].takes:
                yield flow.line("nodes", node_name, "flow"), node_name, name, False
    for prompt, sources in flow.prompts.items():
        for language, source in sources.items():
            for slot in source.slots:
                yield flow.line("prompts", prompt, language), None, slot.name, False


def _learnt(flow: Flow) -> Iterator[tuple[str, Learnt]]:
    """What comes to be known, with the node that learns it; what a part learns, its flow knows."""
    for name, node in flow.nodes.items():
        yield from ((name, one) for one in node.learns())
        if isinstance(node, Through) and node.flow in flow.parts:
            for _, one in _learnt(flow.parts[node.flow]):
                yield name, replace(one, place=("flow",), optional=True)


def _learnt_wrongly(
    flow: Flow, learnt: list[tuple[str, Learnt]], secrets: set[str]
) -> Iterator[Problem]:
    for name, one in learnt:
        if one.name in VARIABLES:
            yield problem_at(flow, name, f"attribute '{one.name}' is taken by the call", *one.place)
        elif not one.secret and one.name in secrets:
            yield problem_at(
                flow, name, f"attribute '{one.name}' is a secret elsewhere", *one.place
            )


def _unread(
    flow: Flow, learnt: list[tuple[str, Learnt]], asked: Collection[str]
) -> Iterator[Problem]:
    for name, one in learnt:
        if not (one.shown or one.optional or one.secret or one.name in asked):
            yield problem_at(flow, name, f"nothing reads '{one.name}'", *one.place)


# --- languages --------------------------------------------------------------------------------


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
                yield problem_at(flow, name, message, *place)


def _named_languages(node: Node) -> Iterator[tuple[Place, str]]:
    for route in node.routes():
        if route.language is not None:
            yield (*route.place, "language"), route.language
    for place, prompt in node.prompts():
        if prompt.language is not None:
            yield (*place, "language"), prompt.language
    yield from node.languages()
