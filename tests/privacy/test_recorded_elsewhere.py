"""What another PBX has recorded here of somebody who is erased."""

from pathlib import Path

from msgspec.structs import replace

from cti_server.store.database import Database
from cti_server.store.foreign_calls import ForeignCalls
from cti_server.store.recordings import Recording
from cti_server.wire.events import RecordingStarted, RecordingStored
from recording.foreign_call import ForeignCall

from .office import PERSON, a_call, a_customer, a_recording, found_in, office


async def test_what_another_pbx_has_recorded_of_them_goes_too(
    database: Database, tmp_path: Path
) -> None:
    """There is no contact of it: it is found by the customer's side, however that was shown."""
    async with office(database, tmp_path) as here:
        await a_customer(database)
        for n, number in ((1, "013511112222"), (2, "+8613900139000")):
            for told in a_call(n, number=number):
                if isinstance(told, RecordingStarted | RecordingStored):
                    here.log.append(of_another_pbx(told, n, number))
        await here.log.stored()
        theirs, anothers = a_recording(tmp_path, 1), a_recording(tmp_path, 2)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            gone = await session.get_one(Recording, "recording1")
            kept = await session.get_one(Recording, "recording2")
            named = await ForeignCalls(session).of([gone, kept])

    assert (gone.state, gone.caller_number, theirs.exists()) == ("erased", "", False)
    assert (kept.state, kept.caller_number, anothers.exists()) == ("stored", "+8613900139000", True)
    assert named.keys() == {"recording2"}
    assert await found_in(database, "named1", "zhao1", "013511112222") == {}
    assert (await found_in(database, "named2", "zhao2")).keys() == {
        *("event", "foreign_call", "foreign_call_name"),
    }


def of_another_pbx(
    told: RecordingStarted | RecordingStored, n: int, number: str
) -> RecordingStarted | RecordingStored:
    foreign = ForeignCall(
        client="branch",
        session_id=f"session.named{n}",
        calls=(f"call.named{n}@pbx",),
        agent_aor="sip:1001@pbx",
        agent_name=f"Zhao{n}",
    )
    none = {"interaction_id": "", "agent_id": "", "queue": ""}
    return replace(told, kind="siprec", foreign=foreign, caller_number=number, **none)
