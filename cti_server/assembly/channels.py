"""Contacts that are no calls, and who rings for which channel."""

from acd.model import Channel
from cti_server.calls.call_back_turns import CallBackTurns
from cti_server.channels.restart import take_up_what_is_open
from cti_server.channels.tray import Tray
from cti_server.floor.offers import Offers, OffersByChannel

from .calling import Calling
from .directory import Directory
from .ground import Ground
from .routing import Routing
from .sms import services_under_way


async def open_channels(
    ground: Ground, directory: Directory, routing: Routing, calling: Calling, turns: CallBackTurns
) -> Tray:
    tray = Tray(
        routing.floor,
        ground.log.append,
        calling.desks,
        ground.clock,
        directory.queues,
        ground.new_id,
        ground.settings.speech.languages[0],
    )
    ground.log.subscribe(tray.hear)
    directory.queues.opened = tray.queue_opened
    calling.exchange.mailboxes.open(tray)
    calling.fax_inbox.open(tray)
    by_channel: dict[Channel, Offers] = dict.fromkeys(Channel, tray)
    by_channel |= {Channel.VOICE: calling.switchboard, Channel.CALLBACK: turns}
    routing.floor.offers = OffersByChannel(by_channel)
    going_on = await services_under_way(ground)
    await take_up_what_is_open(ground.database, tray, ground.log.append, going_on)
    calling.fax_inbox.take_up()
    return tray
