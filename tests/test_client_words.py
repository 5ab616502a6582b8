"""What the server says in words of its own has a name on the administrator's pages."""

import ast
from collections.abc import Collection, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, get_args

import cti_server
from crm.care import Means
from crm.orders import RESERVATIONS
from crm.work_orders import TABLE
from cti_server.api.permissions import PERMISSIONS
from cti_server.store.recording_exports import BROKEN_OFF, CANCELLED, DONE
from cti_server.store.routing_definitions import Kind
from cti_server.store.sms_messages import FAILED, PASSED_OVER, SEEN_TO
from cti_server.wire.leads import LeadMove
from cti_server.wire.orders import OrderReport

from .client_words import names

ROOT = Path(cti_server.__file__).parent
NAMED_THERE: Final[Collection[str]] = ()
"""It hands on what other places say, and these are looked at."""

SAID_LATER: Final[dict[str, Collection[str]]] = {
    "api.definition_versions: found.kind": get_args(Kind),
    "api.dispositions: action": ("created", "updated"),
    "api.kept_definitions: kept.kind": get_args(Kind),
    "api.leads: wanted.state": get_args(LeadMove.model_fields["state"].annotation),
    "api.orders: wanted.state": get_args(OrderReport.model_fields["state"].annotation),
    "api.reservations: found.state": {to for of in RESERVATIONS.values() for to in of.values()},
    "api.sending_exports: state": (BROKEN_OFF, CANCELLED, DONE),
    "api.working_calendars: action": ("created", "updated", "rolled_back"),
    "broadcast_book: outcome": ("withdrawn", "expired"),
    "configured_definitions: kind": get_args(Kind),
    "known_words: kind": ("skill", "team"),
    "quality.reviewing: action": (
        *("assigned", "submitted", "acknowledged", "objected", "settled", "withdrawn"),
    ),
    "sales.care: action": {f"{means}_wanted" for means in get_args(Means)},
    "sales.care: state": ("done", "dropped", "refused"),
    "sales.opportunities: stage.ends": ("won", "lost"),
    "sms.conclusions: answer.state": (FAILED, PASSED_OVER, SEEN_TO),
    "store.audit: action": ("listen_started", "listen_changed", "listen_ended"),
    "store.audit: event.action": NAMED_THERE,
    "store.audit: event.record": NAMED_THERE,
    "tickets.edit: action": NAMED_THERE,
    "tickets.edit: record": NAMED_THERE,
    "tickets.field_repairs: state": {to for following in TABLE.values() for to in following},
    "tickets.reminders: action": ("overdue", "reminded"),
    "tickets.todo: to": ("done", "cancelled"),
}
"""What stands in variables, by the place and the variable."""


def test_every_permission_has_a_name() -> None:
    assert names("administrator", "mayDo") == set[str]().union(*PERMISSIONS.values())


def test_every_kind_of_record_and_every_action_of_the_audit_trail_has_a_name() -> None:
    records, actions, later = set[str](), set[str](), set[str]()
    for module, record, action in _told():
        for found, given in ((records, record), (actions, action)):
            for one in [] if given is None else _values(module, given):
                if isinstance(one, str):
                    found.add(one)
                else:
                    place = f"{module.__name__.removeprefix('cti_server.')}: {ast.unparse(one)}"
                    later.add(place)
                    found.update(SAID_LATER.get(place, ()))

    assert later == set(SAID_LATER)
    assert len(records) > 70
    assert len(actions) > 100
    assert records - names("administrator", "auditRecord") == set()
    assert actions - names("administrator", "auditAction") == set()


def _told() -> Iterator[tuple[ModuleType, ast.expr, ast.expr | None]]:
    """Each place that tells the audit trail something: the kind of record, and what was done."""
    for file in sorted(ROOT.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            match call:
                case (
                    ast.Call(func=ast.Attribute(attr="record"), args=[record, _, action, *_])
                    | ast.Call(
                        func=ast.Attribute(value=ast.Name(id="edit"), attr="tell"),
                        args=[record, _, action, *_],
                    )
                ):
                    yield _module(file), record, action
                case ast.Call(func=ast.Name(id="Fact"), args=[_, action, record, *_]) if (
                    file.name == "audit.py"
                ):
                    yield _module(file), record, action
                case ast.Call(func=ast.Name(id="RecordRead"), keywords=given):
                    for one in given:
                        if one.arg == "record":
                            yield _module(file), one.value, None


def _module(file: Path) -> ModuleType:
    return import_module(".".join(file.relative_to(ROOT.parent).with_suffix("").parts))


def _values(module: ModuleType, given: ast.expr) -> Iterator[str | ast.expr]:
    """All that it can be; what only the running server knows as it is written."""
    match given:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*_values(module, one), *_values(module, other))
        case ast.BoolOp(values=several):
            for each in several:
                yield from _values(module, each)
        case ast.Subscript(value=ast.Name(id=table)) if isinstance(vars(module).get(table), dict):
            yield from vars(module)[table].values()
        case _:
            known = _known(module, given)
            yield known if isinstance(known, str) else given


def _known(module: ModuleType, given: ast.expr) -> Any:
    """What a name of the module, or a part of what it names, is; None for any other."""
    match given:
        case ast.Name(id=name):
            return vars(module).get(name)
        case ast.Attribute(value=of, attr=part):
            return getattr(_known(module, of), part, None)
        case _:
            return None
