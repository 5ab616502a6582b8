"""Reports of tickets: which reasons most of them have, and what became of them."""

from datetime import date, timedelta

from aiohttp import web

from cti_server.store.ticket_figures import GROUPS, Counted, counts, outcomes
from cti_server.store.ticket_types import TicketTypes
from cti_server.wire.tickets import OutcomeRow, Pareto, ParetoGroup, ParetoRow, TicketOutcomes

from .parameters import day, named, number
from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, Routes, answer

routes = Routes()

_WEEKS = 520  # at once
_OUTCOME = list(OutcomeRow.model_fields)
_FARTHEST_EAST = timedelta(hours=14)
"""Where it is the latest: a ticket's week is that of its calendar's own place."""


_PERIOD = (
    Query("since", "string", "a day of the first week; four weeks before the last by default"),
    Query("until", "string", "a day of the last week; today by default"),
    Query("group", "string", "week (default), type or queue"),
    Query("type", "string", "of this type only"),
    Query("queue", "string", "of this queue only"),
)


@routes.add(
    "GET",
    "/api/v1/tickets/pareto",
    needs=("tickets.report",),
    answers=Pareto,
    query=(
        *_PERIOD,
        Query("of", "string", "reason (default) or cause"),
        Query("level", "integer", "1 (default) adds up what is below a reason; 2 does not"),
    ),
)
async def get_ticket_pareto(request: web.Request) -> web.Response:
    """The tickets opened in some weeks by their reasons, the most frequent first."""
    counted, of = _counted(request), request.query.get("of", "reason")
    level = number(request, "level", default=1, most=2)
    if of not in {"reason", "cause"} or level == 0:
        raise BadRequest("of: reason or cause; level: 1 or 2")
    async with parts(request).database.readers() as session:
        rows = await counts(session, counted, of=of, level=level)
        labels = {one.id: one.labels for one in await TicketTypes(session).reasons()}
    return answer(
        Pareto(
            first_week=counted.first_week,
            last_week=counted.last_week,
            groups=_pareto(rows, labels),
        )
    )


@routes.add(
    "GET",
    "/api/v1/tickets/outcomes",
    needs=("tickets.report",),
    answers=TicketOutcomes,
    query=_PERIOD,
)
async def get_ticket_outcomes(request: web.Request) -> web.Response:
    """What became of the tickets opened in some weeks: in time or late, heard back or not."""
    counted = _counted(request)
    async with parts(request).database.readers() as session:
        found = await outcomes(session, counted)
    rows = [OutcomeRow.model_validate(dict(zip(_OUTCOME, row, strict=True))) for row in found]
    return answer(
        TicketOutcomes(
            first_week=counted.first_week,
            last_week=counted.last_week,
            rows=sorted(rows, key=lambda row: (row.key is None, row.key)),
        )
    )


def _counted(request: web.Request) -> Counted:
    """Raises BadRequest."""
    group = request.query.get("group", "week")
    until = day(request, "until") or (parts(request).clock.now() + _FARTHEST_EAST).date()
    since = day(request, "since") or until - timedelta(weeks=4)
    if not timedelta(0) <= until - since <= timedelta(weeks=_WEEKS):
        raise BadRequest(f"since: must be before until, by {_WEEKS} weeks at most")
    if group not in GROUPS:
        raise BadRequest("group: must be week, type or queue")
    return Counted(
        first_week=_week(since),
        last_week=_week(until),
        group=group,
        type=named(request, "type"),
        queue=named(request, "queue"),
        teams=identity(request).teams,
    )


def _pareto(
    rows: list[tuple[str | None, str | None, int]], labels: dict[str, dict[str, str]]
) -> list[ParetoGroup]:
    """The groups in their order, each with its reasons, the most frequent first."""
    groups = []
    for key in sorted({key for key, _, _ in rows}, key=lambda key: (key is None, key)):
        here = sorted(
            ((reason, n) for group, reason, n in rows if group == key),
            key=lambda one: (-one[1], one[0] or ""),
        )
        total, so_far, shown = sum(n for _, n in here), 0, []
        for reason, n in here:
            so_far += n
            shown.append(
                ParetoRow(
                    reason_id=reason,
                    labels=labels.get(reason) if reason is not None else None,
                    tickets=n,
                    share=round(100 * n / total, 2),
                    cumulative=round(100 * so_far / total, 2),
                )
            )
        groups.append(ParetoGroup(key=key, tickets=total, rows=shown))
    return groups


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
