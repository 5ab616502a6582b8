"""What the last server left: open call-backs, calls that were cut, captures not archived yet."""

from dataclasses import dataclass

from cti_server.calls.aftermath import end_what_was_cut
from cti_server.calls.archiver import Archiver
from cti_server.calls.call_backs import CallBacks
from cti_server.calls.left_behind import hand_on_what_was_left
from cti_server.calls.mailboxes import Mailboxes
from cti_server.store.call_backs import CallBacks as StoredCallBacks

from .archive import RecordingsArchive
from .directory import Directory
from .ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    call_backs: CallBacks
    archiver: Archiver


async def open_aftermath(
    ground: Ground, directory: Directory, kept: RecordingsArchive
) -> Aftermath:
    archiver = Archiver(
        spool=ground.data / "spool",
        stores=kept.settings,
        keys=kept.keys.ensure,
        jobs=kept.jobs,
        append=ground.log.append,
        logged=ground.log.stored,
    )
    call_backs = await _open_call_backs(ground, directory)  # the cut calls add to them
    await end_what_was_cut(ground.database, ground.log.append, ground.region)
    return Aftermath(call_backs=call_backs, archiver=archiver)


async def take_up_captures(ground: Ground, archiver: Archiver, mailboxes: Mailboxes) -> None:
    """The mailboxes are open: who left a message is heard, and what was recorded is archived."""
    await hand_on_what_was_left(
        ground.data / "spool", ground.database, mailboxes, ground.log.append
    )
    await archiver.recover()


async def _open_call_backs(ground: Ground, directory: Directory) -> CallBacks:
    call_backs = CallBacks(
        ground.log.append,
        now=ground.clock.now,
        queues=directory.queues,
        region=ground.region,
        new_id=ground.new_id,
    )
    ground.log.subscribe(call_backs.hear)
    async with ground.database.readers() as session:
        call_backs.take_up(await StoredCallBacks(session).all_open())
    return call_backs
