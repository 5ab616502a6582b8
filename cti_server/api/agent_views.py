"""Agents as the floor sees them now, with all that they have in hand."""

from collections.abc import Sequence

from acd.wrap_ups import WrapUp
from cti_server.channels.work import Holding, Work
from cti_server.floor.views import AgentSnapshot
from cti_server.wire.floor import AgentView, HeldContact, WrapUpView

from .parts import Parts


def agent_now(here: Parts, agent_id: str) -> AgentView:
    """Raises UnknownAgent."""
    return _view(here, here.floor.agent(agent_id), here.tray.in_hand().get(agent_id, ()))


def agents_now(here: Parts, teams: frozenset[str] | None) -> list[AgentView]:
    """Those of these ``teams``, None being all, and of none."""
    in_hand = here.tray.in_hand()
    views = [_view(here, agent, in_hand.get(agent.id, ())) for agent in here.floor.agents()]
    return [one for one in views if teams is None or one.team in {None, *teams}]


def _view(here: Parts, agent: AgentSnapshot, beside: Sequence[Work]) -> AgentView:
    return AgentView(
        id=agent.id,
        name=agent.name,
        number=agent.number,
        team=here.sessions.team_of(agent.id),
        state=agent.state,
        since=agent.since,
        reason=agent.reason,
        next_state=agent.next_state,
        next_reason=agent.next_reason,
        contact_id=agent.contact_id,
        interaction_id=agent.wrap_up.offer_id if agent.wrap_up else agent.interaction_id,
        beside=[_held(work, work.holding) for work in beside if work.holding is not None],
        skills=dict(agent.skills),
        unfit=list(agent.unfit),
        open_work=agent.open_work,
        wrap_up_until=agent.wrap_up.ends_at if agent.wrap_up else None,
        wrap_up=_wrap_up(agent.wrap_up) if agent.wrap_up else None,
    )


def _wrap_up(wrap_up: WrapUp) -> WrapUpView:
    return WrapUpView(
        interaction_id=wrap_up.offer_id,
        contact_id=wrap_up.contact_id,
        queue=wrap_up.queue.name,
        until=wrap_up.until,
        ends_at=wrap_up.ends_at,
        extendable_until=wrap_up.latest,
        owes_disposition=wrap_up.owes,
    )


def _held(work: Work, holding: Holding) -> HeldContact:
    return HeldContact(
        contact_id=work.id,
        channel=work.about.channel.value,
        queue=holding.queue,
        since=holding.since,
    )
