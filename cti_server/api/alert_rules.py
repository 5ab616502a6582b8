"""The rules by which figures raise alerts."""

from aiohttp import web

from crm.errors import InvalidField
from cti_server.tickets.edit import Edit
from cti_server.wire.alert_rules import AlertRule, AlertRuleEdit, AlertRuleView

from .errors import NotPermitted
from .kept_definitions import Kept, add_routes
from .parts import parts
from .permissions import Identity
from .references import need_queues, need_team
from .routing import Routes

routes = Routes()


def need_own_subject(who: Identity, subject: str, name: str | None) -> None:
    """Raises NotPermitted for another team, or all teams."""
    if subject == "team" and who.teams is not None and (name is None or name not in who.teams):
        raise NotPermitted("rows.all")


async def check_subject(
    request: web.Request, edit: Edit, who: Identity, subject: str, name: str | None
) -> None:
    """Raises NotPermitted as above, and InvalidField for what is not there."""
    here = parts(request)
    need_own_subject(who, subject, name)
    if subject == "team":
        await need_team(edit.session, name, "name")
    elif subject == "queue" and name is not None:
        need_queues(here, [name], "name")
    elif subject == "trunk" and name is not None:
        trunks = [row["trunk"] for row in here.figures.snapshot.centre["trunks"]]
        if name not in trunks:
            raise InvalidField("name", f"there is no trunk {name!r}")


async def _check(request: web.Request, edit: Edit, who: Identity, rule: AlertRule) -> None:
    await check_subject(request, edit, who, rule.subject, rule.name)


def _need_own(who: Identity, rule: AlertRule) -> None:
    need_own_subject(who, rule.subject, rule.name)


add_routes(
    routes,
    Kept(
        kind="alert_rule",
        title="rule that raises alerts",
        path="/api/v1/alert-rules",
        read=("alerts.read",),
        write=("alerts.manage",),
        content=AlertRule,
        edit=AlertRuleEdit,
        view=AlertRuleView,
        check=_check,
        need_own=_need_own,
    ),
)
