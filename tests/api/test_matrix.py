"""
Every route, asked by every role: who gets in is what this table says.

The table is written by hand, from what each role is there for; it must not be made from
:data:`cti_server.api.permissions.PERMISSIONS`, which it checks. A new route with a known permission
needs nothing here; a new permission needs its line.
"""

import re
from http import HTTPStatus

import pytest

from cti_server.api.permissions import OWN, PERMISSIONS, SENSITIVE
from cti_server.api.routing import Route
from cti_server.api.server import ROUTES

from .asking import Asking, asking
from .conftest import Centre

AGENT, SUPERVISOR, AUDITOR, ADMIN = "agent", "supervisor", "auditor", "admin"
FIELD, WALL = "field", "wall"
STAFF = {AGENT, SUPERVISOR}
ALL = {AGENT, SUPERVISOR, AUDITOR, ADMIN}

WHO: dict[str, set[str]] = {
    # who serves customers, and who looks after those who do
    "stream": STAFF,
    "state.own": STAFF,
    "state.any": {SUPERVISOR},
    "queues.read": STAFF | {ADMIN},
    "floor.read": {SUPERVISOR, ADMIN},
    "wall.watch": {SUPERVISOR, ADMIN, WALL},
    "contacts.own": STAFF,
    "contacts.read": {SUPERVISOR, AUDITOR, ADMIN},
    "contacts.control": {SUPERVISOR},
    "calls.dial": STAFF,
    "calls.listen": {SUPERVISOR},
    "channels.watch": {SUPERVISOR, ADMIN},
    "broadcasts.manage": {SUPERVISOR, ADMIN},
    "call_backs.ask": STAFF,
    "call_backs.remove": {SUPERVISOR},
    "recordings.read": {SUPERVISOR, AUDITOR, ADMIN},
    "recordings.play": {SUPERVISOR, AUDITOR},
    "recordings.play_original": {SUPERVISOR, AUDITOR},
    "recordings.edit": {SUPERVISOR},
    "recordings.export": {SUPERVISOR, AUDITOR},
    "recordings.approve": {SUPERVISOR, AUDITOR},
    "metrics.read": {SUPERVISOR, AUDITOR, ADMIN},
    "archive.read": {AUDITOR, ADMIN},
    "archive.manage": {ADMIN},
    "faxes.send": STAFF,
    "outbox.read": {SUPERVISOR, AUDITOR, ADMIN},
    "outbox.manage": {SUPERVISOR, ADMIN},
    # the customer's record
    "customers.read": ALL | {FIELD},
    "customers.write": STAFF | {ADMIN, FIELD},
    "customers.merge": {SUPERVISOR, ADMIN},
    "customers.reveal": {SUPERVISOR, FIELD},
    "customers.assign": {SUPERVISOR, ADMIN},
    "customers.import": {ADMIN},
    "customers.export": {ADMIN},
    "customers.erase": {ADMIN},
    "customers.schema": {ADMIN},
    "timeline.read": ALL | {FIELD},
    "timeline.note": STAFF | {FIELD},
    "timeline.write": {ADMIN},
    "tickets.read": ALL | {FIELD},
    "tickets.write": STAFF | {FIELD},
    "tickets.manage": {SUPERVISOR, ADMIN},
    "tickets.types": {ADMIN},
    "routing.manage": {ADMIN},
    "tickets.report": {SUPERVISOR, ADMIN},
    "work_orders.report": {SUPERVISOR, ADMIN, FIELD},
    "orders.read": ALL | {FIELD},
    "orders.write": STAFF | {FIELD},
    "orders.manage": {SUPERVISOR, ADMIN},
    "catalogue.manage": {ADMIN},
    "sales.read": ALL | {FIELD},
    "sales.write": STAFF | {FIELD},
    "sales.manage": {SUPERVISOR, ADMIN},
    "campaigns.read": ALL,
    "campaigns.manage": {SUPERVISOR, ADMIN},
    "care.manage": {ADMIN},
    "promises.manage": {ADMIN},
    "tasks.own": STAFF | {FIELD},
    "tasks.any": {SUPERVISOR, ADMIN},
    "knowledge.read": STAFF | {ADMIN, FIELD},
    "knowledge.vote": STAFF | {FIELD},
    "knowledge.draft": STAFF,
    "knowledge.approve": {SUPERVISOR, ADMIN},
    "forms.read": ALL | {FIELD},
    "forms.fill": STAFF,
    "forms.manage": {ADMIN},
    "queries.run": STAFF | {ADMIN},
    "queries.manage": {ADMIN},
    "connectors.use": STAFF | {ADMIN},
    "reports.read": {SUPERVISOR, AUDITOR, ADMIN},
    # the centre itself
    "account.own": ALL | {FIELD, WALL},
    "users.read": {AUDITOR, ADMIN},
    "users.manage": {ADMIN},
    "keys.manage": {ADMIN},
    "audit.read": {AUDITOR, ADMIN},
    "retention.manage": {ADMIN},
    "webhooks.manage": {ADMIN},
    "feed.read": {ADMIN},
    "workers.drain": {ADMIN},
    "agents.release": {SUPERVISOR, ADMIN},
    "incidents.read": {SUPERVISOR, AUDITOR, ADMIN},
    "system.read": {SUPERVISOR, ADMIN},
    "alerts.read": {SUPERVISOR, AUDITOR, ADMIN},
    "alerts.acknowledge": {SUPERVISOR},
    "alerts.manage": {SUPERVISOR, ADMIN},
    "targets.manage": {SUPERVISOR, ADMIN},
    "templates.read": STAFF | {ADMIN},
    "templates.manage": {ADMIN},
    "work.create": STAFF | {ADMIN},
    "work.withdraw": {SUPERVISOR, ADMIN},
    "quality.own": STAFF,
    "quality.review": {SUPERVISOR},
    "quality.manage": {SUPERVISOR, ADMIN},
    "quality.read": {SUPERVISOR, AUDITOR, ADMIN},
    "rows.all": {AUDITOR, ADMIN},
}

PUBLIC = {
    ("GET", "/api/v1/recordings/{recording_id}/audio/{ticket}"),  # which is the permission
    ("GET", "/api/v1/about"),
    ("POST", "/api/v1/sessions"),
    ("GET", "/api/v1/sessions/oidc"),
    ("GET", "/api/v1/sessions/oidc/callback"),
    ("POST", "/api/v1/sessions/oidc"),
    ("GET", "/api/v1/stream"),  # the token comes with the hello
    ("GET", "/api/v1/self-service"),  # customers: the session is known by its token
    ("POST", "/api/v1/self-service/sessions"),
    ("GET", "/api/v1/self-service/session"),
    ("POST", "/api/v1/self-service/session/answers"),
    ("DELETE", "/api/v1/self-service/session"),
    ("GET", "/api/v1/web-calls"),  # callers, in bounds
    ("GET", "/api/v1/web-calls/socket"),
    ("GET", "/api/v1/demo"),  # on loopback alone
    ("POST", "/api/v1/sms/{gateway}"),  # a gateway, known by its secret and address
    ("GET", "/healthz"),
    ("GET", "/readyz"),
}
"""Routes that anybody may ask."""

PERSON = {AGENT: "li", SUPERVISOR: "zhao", AUDITOR: "qian", ADMIN: "sun", WALL: "screen"}
GUARDED = [route for route in ROUTES if route.needs is not None]


def test_each_role_may_what_it_is_there_for_and_nothing_else() -> None:
    granted = {
        permission: {role for role, some in PERMISSIONS.items() if permission in some}
        for permission in set().union(*PERMISSIONS.values())
    }

    assert granted == WHO


def test_every_permission_that_is_named_anywhere_is_some_roles() -> None:
    named = {permission for route in GUARDED for permission in route.needs or ()}

    assert (named | OWN | SENSITIVE) <= WHO.keys()


def test_a_route_names_a_permission_or_is_known_to_be_public() -> None:
    assert {(route.method, route.path) for route in ROUTES if route.needs is None} == PUBLIC
    assert all(route.needs for route in GUARDED)


def path_of(route: Route, agent_id: str) -> str:
    """One's own id where an agent is named, else the id of nothing."""
    path = route.path.replace("{agent_id}", agent_id)
    return re.sub(r"\{\w+\}", "nothing-such", path)


async def status(centre: Centre, route: Route, who: Asking | None, agent_id: str) -> int:
    headers = {"Authorization": f"Bearer {who.token}"} if who else {}
    answer = await centre.client.request(
        route.method, path_of(route, agent_id), json={}, headers=headers
    )
    return answer.status


@pytest.mark.parametrize("role", sorted(PERSON))
async def test_every_route_answers_each_role_as_the_table_says(
    public_centre: Centre, role: str
) -> None:
    agent_id, wrong = PERSON[role], []
    for route in GUARDED:
        expected = any(role in WHO[permission] for permission in route.needs or ())
        got = await status(public_centre, route, asking(public_centre, agent_id), agent_id)
        let_in = got not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        if let_in != expected or got == HTTPStatus.INTERNAL_SERVER_ERROR:
            wrong.append((route.method, route.path, got))

    assert wrong == []


async def test_every_guarded_route_wants_a_token_that_holds(public_centre: Centre) -> None:
    stranger = Asking(public_centre, "hk_nobodys_key")

    for route in GUARDED:
        for who in (None, stranger):
            assert await status(public_centre, route, who, "li") == 401, route.path
