"""Texts (SMS): what takes them in, sees to them and sends them, where there is a gateway."""

import asyncio
from collections.abc import Callable, Collection, Mapping

from config.sms import KannelSettings
from cti_server.api.tokens import secret_of
from cti_server.channels.tray import Tray
from cti_server.outbox.sms import SmsSender
from cti_server.plans import check_keywords
from cti_server.refusals import StartFailed
from cti_server.self_service.values import in_region
from cti_server.sms.conclusions import Conclusions
from cti_server.sms.forgetting import Forgetting
from cti_server.sms.inbox import Inbox
from cti_server.sms.services import Services
from cti_server.sms.turns import Offered, Turns
from cti_server.store.sms_messages import SmsMessages
from cti_server.store.sms_sessions import SmsSessions

from .calling import Calling
from .directory import Directory
from .ground import Ground


async def sms_sender(ground: Ground) -> SmsSender | None:
    """Raises StartFailed."""
    settings = ground.settings.sms
    if not settings.gateways:
        return None
    passwords = await _secrets(settings.gateways, "password", KannelSettings.send_password)
    sender = SmsSender(settings, passwords, ground.database, _key(ground))
    ground.opening.push_async_callback(sender.close)
    return sender


async def services_under_way(ground: Ground) -> Collection[str]:
    """The contacts of services by text that :func:`open_sms` takes up."""
    if not ground.settings.sms.gateways:
        return ()
    async with ground.database.readers() as session:
        return {one.contact_id for one in await SmsSessions(session).all()}


async def open_sms(
    ground: Ground, directory: Directory, calling: Calling, tray: Tray
) -> Inbox | None:
    """Raises StartFailed. Nothing is seen to before :func:`.due_work.start_due_work`."""
    settings, offered = ground.settings.sms, ground.settings.self_service.services
    ground.due.add(Forgetting(ground.database))
    if not settings.gateways:
        async with ground.database.sessions.begin() as session:
            await SmsSessions(session).remove_all()  # their contacts were ended with the others
        return None
    check_keywords(settings)
    secrets = await _secrets(settings.gateways, "secret", KannelSettings.inbound_secret)
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
    return Inbox(
        settings.gateways,
        secrets,
        settings.numbers,
        ground.changes,
        ground.clock,
        ground.new_id,
        ground.region,
    )


def _key(ground: Ground) -> bytes:
    """Of the digests of numbers that want no texts: a backup has it."""
    return secret_of(ground.data / "proof.key")


async def _secrets(
    gateways: Mapping[str, KannelSettings], what: str, read: Callable[[KannelSettings], str]
) -> Mapping[str, str]:
    return {name: await _secret(name, one, what, read) for name, one in gateways.items()}


async def _secret(
    name: str, gateway: KannelSettings, what: str, read: Callable[[KannelSettings], str]
) -> str:
    try:
        return await asyncio.to_thread(read, gateway)
    except (OSError, ValueError) as error:
        field = f"sms.gateways.{name}.{what}_file"
        raise StartFailed(f"{field}: cannot be used: {error}") from error
