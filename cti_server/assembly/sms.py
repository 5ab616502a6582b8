"""Texts (SMS): what takes them in, sees to them and sends them, where there is a gateway."""

import asyncio
import random
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from config.sms import SmppSettings
from cti_server.api.tokens import secret_of
from cti_server.channels.tray import Tray
from cti_server.outbox.sms import SmsSender, Way
from cti_server.plans import check_keywords
from cti_server.refusals import StartFailed
from cti_server.self_service.values import in_region
from cti_server.sms.arrivals import Arrivals
from cti_server.sms.conclusions import Conclusions
from cti_server.sms.forgetting import Forgetting
from cti_server.sms.inbox import Inbox
from cti_server.sms.kannel_way import KannelWay
from cti_server.sms.link import SmppLink
from cti_server.sms.services import Services
from cti_server.sms.turns import Offered, Turns
from cti_server.store.sms_messages import SmsMessages
from cti_server.store.sms_sessions import SmsSessions
from fax_sms_email.smpp.session import Times

from .calling import Calling
from .directory import Directory
from .ground import Ground


@dataclass(frozen=True, slots=True)
class SmsWays:
    """By gateway: how texts leave, and those of them that are connections of our own."""

    ways: Mapping[str, Way]
    links: Mapping[str, SmppLink]


async def open_sms_ways(ground: Ground) -> SmsWays:
    """Raises StartFailed. A link is bound by :func:`open_sms`, when there is who takes texts."""
    gateways = ground.settings.sms.gateways
    timeout = ground.settings.sms.timeout.total_seconds()
    ways = dict[str, Way]()
    links = dict[str, SmppLink]()
    for name, one in gateways.items():
        password = await _secret(name, "password", one.send_password)
        if isinstance(one, SmppSettings):
            tls = await asyncio.to_thread(_tls, name, one)
            times = Times(answer=timeout)
            link = SmppLink(name, one, password, tls, time.monotonic, random.random, times)
            ways[name] = links[name] = link
        else:
            kannel = KannelWay(one, password, timeout)
            ground.opening.push_async_callback(kannel.close)
            ways[name] = kannel
    return SmsWays(ways, links)


def sms_sender(ground: Ground, ways: SmsWays) -> SmsSender | None:
    settings = ground.settings.sms
    if not settings.gateways:
        return None
    return SmsSender(settings, ways.ways, ground.database, ground.clock, _key(ground))


async def services_under_way(ground: Ground) -> Collection[str]:
    """The contacts of services by text that :func:`open_sms` takes up."""
    if not ground.settings.sms.gateways:
        return ()
    async with ground.database.readers() as session:
        return {one.contact_id for one in await SmsSessions(session).all()}


async def open_sms(
    ground: Ground, directory: Directory, calling: Calling, tray: Tray, ways: SmsWays
) -> Inbox | None:
    """Raises StartFailed. Nothing is seen to before :func:`.due_work.start_due_work`."""
    settings, offered = ground.settings.sms, ground.settings.self_service.services
    ground.due.add(Forgetting(ground.database))
    if not settings.gateways:
        async with ground.database.sessions.begin() as session:
            await SmsSessions(session).remove_all()  # their contacts were ended with the others
        return None
    check_keywords(settings)
    kannels = settings.kannels
    secrets = {
        name: await _secret(name, "secret", one.inbound_secret) for name, one in kannels.items()
    }
    services = Services(
        calling.exchange,
        tray,
        ground.database,
        ground.log,
        directory.flows,
        offered,
        in_region(ground.region),
        idle=settings.idle.total_seconds(),
        at_once=settings.at_once,
    )
    ground.opening.push_async_callback(services.close)
    async with ground.database.sessions.begin() as session:
        await SmsMessages(session).take_up(ground.clock.now())
    await services.take_up()
    key = _key(ground)
    look_up = calling.exchange.customers.look_up
    turns = Turns(
        settings,
        Offered(offered, key),
        services,
        Conclusions(ground.changes, look_up, ground.clock, ground.new_id, key),
        ground.database,
        ground.log,
        ground.clock,
        ground.due.wake,
    )
    ground.opening.push_async_callback(turns.close)
    ground.due.add(turns)
    inbox = Inbox(
        kannels,
        secrets,
        settings.numbers,
        ground.changes,
        ground.clock,
        ground.new_id,
        ground.region,
    )
    _bind(ground, inbox, ways)
    return inbox


def _bind(ground: Ground, inbox: Inbox, ways: SmsWays) -> None:
    alphabets = {name: link.alphabet for name, link in ways.links.items()}
    arrivals = Arrivals(
        inbox,
        alphabets,
        ground.database,
        ground.changes,
        ground.clock,
        ground.new_id,
        ground.due.wake,
    )
    ground.due.add(arrivals)
    for link in ways.links.values():
        link.open(arrivals.take)
        ground.run(link)


def _key(ground: Ground) -> bytes:
    """Of the digests of numbers that want no texts: a backup has it."""
    return secret_of(ground.data / "proof.key")


async def _secret(name: str, what: str, read: Callable[[], str]) -> str:
    try:
        return await asyncio.to_thread(read)
    except (OSError, ValueError) as error:
        field = f"sms.gateways.{name}.{what}_file"
        raise StartFailed(f"{field}: cannot be used: {error}") from error


def _tls(name: str, gateway: SmppSettings) -> ssl.SSLContext | None:
    """Blocks."""
    if not gateway.tls:
        return None
    try:
        return ssl.create_default_context(cafile=gateway.ca_file)
    except (OSError, ValueError) as error:
        raise StartFailed(f"sms.gateways.{name}.ca_file: cannot be used: {error}") from error
