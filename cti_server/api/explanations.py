"""Why an agent was offered nothing, why a caller waited, and why it was this agent."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from aiohttp import web

from acd.explanations import Explanation, NotTheirs, PassedBy, Standing, Stretch
from acd.hopes import Hopes
from cti_server.explanations import sentences
from cti_server.explanations.reasons import told
from cti_server.explanations.story import Phase, Story
from cti_server.store import contacts as stored
from cti_server.store.contacts import Contact, Contacts
from cti_server.store.interactions import Interaction, Interactions
from cti_server.store.stored_events import StoredEvents
from cti_server.wire.explanations import (
    AgentExplanation,
    CandidateView,
    ChoiceView,
    ContactExplanation,
    NotTheirsView,
    PassedByView,
    PhaseView,
    QualifiedNow,
    StandingView,
    StretchView,
    WaitingNow,
    WentBefore,
)

from .contact_scope import need_contact
from .parameters import number
from .parts import caught_up, identity, parts
from .problems import NotFound
from .routing import Query, Routes, answer

routes = Routes()

LONGEST = 30  # minutes


@routes.add(
    "GET",
    "/api/v1/agents/{agent_id}/explanation",
    needs=("state.own", "floor.read"),
    answers=AgentExplanation,
    query=(Query("minutes", "integer", f"so far back, 1 to {LONGEST}; 8 if not given"),),
)
async def why_not_this_agent(request: web.Request) -> web.Response:
    """What an agent was lately and, while they were free, why nothing was offered to them."""
    here, agent_id = parts(request), request.match_info["agent_id"]
    if (who := identity(request)).agent_id != agent_id:
        who.need("floor.read")
    minutes = max(1, number(request, "minutes", default=8, most=LONGEST))
    now = here.clock.now()
    since = now - timedelta(minutes=minutes)
    return answer(_agent(await here.floor.explain(agent_id, since, now)))


@routes.add(
    "GET",
    "/api/v1/contacts/{contact_id}/explanation",
    needs=("contacts.own", "contacts.read"),
    answers=ContactExplanation,
)
async def why_this_contact_waited(request: web.Request) -> web.Response:
    """Why a caller waited, or waits: phase by phase, who was rung, and who went before."""
    here, contact_id = parts(request), request.match_info["contact_id"]
    await caught_up(here)
    now = here.clock.now()
    async with here.database.readers() as session:
        found = await need_contact(session, contact_id, identity(request))
        interactions = await Interactions(session).of_contacts([contact_id])
        story = Story(await StoredEvents(session).of_contact(contact_id, [found.call_id]))
        until = found.connected_at or found.ended_at or now
        went_before = await Contacts(session).went_before(found, until)
    waited = found.queued_at is not None
    return answer(
        ContactExplanation(
            contact_id=contact_id,
            phases=[_phase(phase, now) for phase in story.phases],
            went_before=_went_before(found, went_before) if waited else None,
            choices=[_choice(one) for one in interactions],
            now=_now(here.floor.hopes_of(contact_id)),
        )
    )


@routes.add(
    "GET",
    "/api/v1/interactions/{interaction_id}/explanation",
    needs=("contacts.own", "contacts.read"),
    answers=ChoiceView,
)
async def why_this_agent(request: web.Request) -> web.Response:
    """Why it was this agent: who else qualified, and what the policy went by."""
    who, interaction_id = identity(request), request.match_info["interaction_id"]
    async with parts(request).database.readers() as session:
        found = await Interactions(session).get(interaction_id)
        if found is None:
            raise NotFound("interaction", interaction_id)
        await need_contact(session, found.contact_id, who)
    if found.agent_id != who.agent_id:
        who.need("contacts.read")
    return answer(_choice(found))


def _phase(phase: Phase, now: datetime) -> PhaseView:
    return PhaseView(
        kind=phase.kind,
        since=phase.since,
        until=phase.until,
        seconds=phase.seconds(now),
        facts=phase.facts,
        told=sentences.told(phase, now),
    )


def _went_before(contact: Contact, others: Sequence[stored.WentBefore]) -> WentBefore:
    by_affinity = sum(one.wanted_its_agent for one in others)
    rest = [one for one in others if not one.wanted_its_agent]
    by_priority = sum(one.priority > contact.priority for one in rest)
    return WentBefore(
        by_priority=by_priority, by_affinity=by_affinity, otherwise=len(rest) - by_priority
    )


def _choice(interaction: Interaction) -> ChoiceView:
    why = interaction.why
    answered = interaction.accepted_at or interaction.ended_at
    rule = why.get("rule")
    return ChoiceView(
        interaction_id=interaction.id,
        contact_id=interaction.contact_id,
        agent_id=interaction.agent_id,
        queue=interaction.queue,
        offered_at=interaction.offered_at,
        rang_seconds=(answered - interaction.offered_at).total_seconds() if answered else None,
        outcome=interaction.outcome,
        policy=why.get("policy"),
        version=why.get("version"),
        rule=rule,
        candidates=why.get("candidates"),
        idle_seconds=why.get("idle"),
        waited_seconds=why.get("waited"),
        credit_seconds=why.get("credit"),
        terms=why.get("terms", {}),
        passed_over=[
            CandidateView(id=one["id"], reason=one["reason"], told=told(one["reason"]))
            for one in why.get("passed_over", [])
        ],
        told=told(rule) if rule else {},
    )


def _now(hopes: Hopes | None) -> WaitingNow | None:
    if hopes is None:
        return None
    counts = Counter(doing for _, doing in hopes.qualified)
    zh, en = sentences.staff(counts)
    return WaitingNow(
        position=hopes.position,
        kept_for=hopes.kept_for,
        qualified=[QualifiedNow(agent_id=one, state=doing) for one, doing in hopes.qualified],
        told={"zh": f"排在第 {hopes.position} 位；{zh}", "en": f"at place {hopes.position}; {en}"},
    )


def _agent(explanation: Explanation) -> AgentExplanation:
    return AgentExplanation(
        agent_id=explanation.agent_id,
        since=explanation.since,
        until=explanation.until,
        stretches=[_stretch(one) for one in explanation.stretches],
    )


def _stretch(stretch: Stretch) -> StretchView:
    return StretchView(
        since=stretch.since,
        until=stretch.until,
        state=stretch.state,
        reasons=list(stretch.reasons),
        contact_id=stretch.contact_id,
        passed_by=[_passed_by(one) for one in stretch.passed_by],
        not_theirs=[_not_theirs(one) for one in stretch.not_theirs],
    )


def _passed_by(passed: PassedBy) -> PassedByView:
    return PassedByView(
        at=passed.at,
        contact_id=passed.contact_id,
        queue=passed.queue,
        channel=passed.channel.value,
        chosen=passed.chosen,
        policy=passed.policy,
        version=passed.version,
        rule=passed.rule,
        reason=passed.reason,
        backing_off_until=passed.backing_off_until,
        own=_standing(passed.own),
        theirs=_standing(passed.theirs),
        told=told(passed.reason),
    )


def _standing(standing: Standing | None) -> StandingView | None:
    if standing is None:
        return None
    return StandingView(
        level=standing.level,
        cost=list(standing.cost),
        terms=dict(standing.terms),
        idle_seconds=standing.idle.total_seconds(),
    )


def _not_theirs(lot: NotTheirs) -> NotTheirsView:
    return NotTheirsView(
        queue=lot.queue,
        reason=lot.reason,
        contacts=lot.contacts,
        since=lot.since,
        until=lot.until,
        told=told(lot.reason),
    )
