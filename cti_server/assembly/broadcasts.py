"""What supervisors put on for callers; what was on is on again."""

from functools import partial

from cti_server.broadcast_book import BroadcastBook
from cti_server.calls.dialled_numbers import line_of

from .calling import Calling
from .directory import Directory
from .ground import Ground
from .voice import Voice


async def open_broadcasts(
    ground: Ground, directory: Directory, voice: Voice, calling: Calling
) -> BroadcastBook:
    book = BroadcastBook(
        ground.database,
        ground.changes,
        calling.exchange.broadcasts,
        render=voice.render,
        now=ground.clock.now,
        new_id=ground.new_id,
        queues=directory.queues,
        ours=lambda number: directory.dialled.leads_to(number, "", "") is not None,
        line=partial(line_of, region=ground.region),
    )
    await book.load()
    ground.due.add(book)
    return book
