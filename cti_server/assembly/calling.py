"""Calls at work: everything that a call needs, and the switchboard where all of them run."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from config.settings import Settings
from cti_server.api.desks import Desks
from cti_server.audio_figures import AudioFigures
from cti_server.calls.broadcasts import Broadcasts
from cti_server.calls.browser_phone import BrowserPhone
from cti_server.calls.dialled_numbers import line_of
from cti_server.calls.exchange import Exchange
from cti_server.calls.handset import Handsets
from cti_server.calls.losses import Losses
from cti_server.calls.mailboxes import Mailboxes
from cti_server.calls.other_systems import OtherSystems
from cti_server.calls.outbound import Outbound
from cti_server.calls.phones import Phones, SipPhones
from cti_server.calls.sip_session import SipSessions
from cti_server.calls.switchboard import Switchboard
from cti_server.connectors.calls import Connectors
from cti_server.fax.inbox import FaxInbox
from cti_server.media.plane import MediaPlane
from cti_server.outbox.faxes import FaxRequests
from cti_server.plans import regions_of
from cti_server.saved_queries import Queries
from cti_server.sip.user_agent import UserAgent
from cti_server.tickets.in_calls import TicketsInCalls
from cti_server.trunks.watch import TrunkWatch
from recording.budget import Room

from .aftermath import Aftermath
from .callers import Callers, open_callers
from .directory import Directory
from .fax_machines import fax_inbox, fax_machines
from .ground import Ground
from .routing import Routing
from .voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    exchange: Exchange
    switchboard: Switchboard
    outbound: Outbound
    trunk_watch: TrunkWatch
    desks: Desks
    handsets: Handsets
    callers: Callers
    fax_inbox: FaxInbox
    losses: Losses
    audio_figures: AudioFigures


def open_calling(
    ground: Ground,
    directory: Directory,
    *,
    queries: Queries,
    connectors: Connectors,
    voice: Voice,
    plane: MediaPlane,
    routing: Routing,
    user_agent: UserAgent,
    aftermath: Aftermath,
    room: Callable[[], Room],
) -> Calling:
    settings, log = ground.settings, ground.log
    desks = Desks(log.subscribe, routing.definitions.team_of)
    losses = Losses(log.append, ground.region, directory.queues)
    log.subscribe(losses.hear)
    audio_figures = AudioFigures()
    log.subscribe(audio_figures.hear)
    callers = open_callers(ground)
    handsets = Handsets(routing.floor.set_fitness)
    sessions = _sessions(settings)
    tickets = TicketsInCalls(ground.changes, ground.clock, ground.new_id)
    ground.opening.push_async_callback(tickets.close)
    faxes = FaxRequests(settings.fax.documents, ground.changes, ground.clock, ground.new_id)
    ground.opening.push_async_callback(faxes.close)
    trunk_watch = _trunk_watch(ground, directory, user_agent)
    outbound = Outbound(
        user_agent, directory.number_plan, settings.sip.realm, log.append, trunk_watch.called
    )
    inbox = fax_inbox(ground, callers)
    exchange = Exchange(
        clock=ground.clock,
        append=log.append,
        plane=plane,
        user_agent=user_agent,
        outbound=outbound,
        floor=routing.floor,
        desks=desks,
        customers=callers.customers,
        other_systems=OtherSystems(connectors, queries.lookups, queries.outside, ground.new_id),
        tickets=tickets,
        faxes=faxes,
        fax_machines=fax_machines(ground),
        fax_inbox=inbox,
        fax=settings.fax,
        phones=Phones(
            routing.definitions.phone_of,
            user_agent.registered,
            SipPhones(outbound, sessions),
            lambda agent_id: BrowserPhone(handsets.of(agent_id), desks.pop_of, ground.clock),
        ),
        prompts=voice.prompts,
        broadcasts=Broadcasts(ground.clock.now, partial(line_of, region=ground.region)),
        recogniser=voice.recogniser,
        archiver=aftermath.archiver,
        mailboxes=Mailboxes(),
        queues=directory.queues,
        forms=directory.forms,
        survey=lambda name: directory.flows.get(settings.surveys.get(name, "")),
        supervision=settings.supervision,
        recording=settings.recording,
        room=room,
        spool=ground.data / "spool",
        realm=settings.sip.realm,
        language=settings.speech.languages[0],
        pop_budget=settings.crm.pop_budget.total_seconds(),
        tier_priorities=settings.crm.tier_priorities,
        regions=regions_of(settings),
        region=ground.region,
        is_open=directory.opening_hours.is_open,
        silence_limit=settings.media.silence_limit,
        new_id=ground.new_id,
        sessions=sessions,
    )
    return Calling(
        exchange=exchange,
        switchboard=Switchboard(exchange, directory.dialled, directory.flows),
        outbound=outbound,
        trunk_watch=trunk_watch,
        desks=desks,
        handsets=handsets,
        callers=callers,
        fax_inbox=inbox,
        losses=losses,
        audio_figures=audio_figures,
    )


def _trunk_watch(ground: Ground, directory: Directory, user_agent: UserAgent) -> TrunkWatch:
    sip = ground.settings.sip
    watch = TrunkWatch(
        lambda: user_agent.core,
        tuple(trunk.name for trunk in sip.trunks),
        directory.number_plan.peers,
        append=ground.log.append,
        clock=ground.clock,
        every=sip.trunks_asked_every,
    )
    ground.log.subscribe(watch.hear)
    return watch


def _sessions(settings: Settings) -> SipSessions:
    return SipSessions(
        itertools.count(secrets.randbits(31)).__next__,
        settings.media.codecs,
        settings.media.fallback_codecs,
        frozenset(trunk.name for trunk in settings.sip.trunks if trunk.inband_digits),
    )
