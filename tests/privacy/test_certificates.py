"""The certificate of an erasure: what it says, that it is ours, and that it is still so."""

import json
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, update

from crm.errors import NotNow, UnknownRecord
from cti_server.file_keys import FileKeys
from cti_server.privacy.certificates import ErasureCertificates, in_words
from cti_server.store.archive_entries import ArchiveEntry
from cti_server.store.database import Database
from cti_server.store.erased_recordings import ErasedRecording
from cti_server.store.recordings import Recording
from cti_server.wire.events import Event, RecordingStored
from tests.fakes.archives import MADE_AT
from tests.store.stories import NINE

from .office import NUMBER, PERSON, TRACE, Office, a_call, a_customer, office


def sealed(n: int) -> list[Event]:
    """A call whose recording lies in a store."""
    *before, stored = a_call(n)
    assert isinstance(stored, RecordingStored)
    return [*before, msgspec.structs.replace(stored, stores=("local",))]


async def erased(here: Office) -> tuple[ErasureCertificates, str]:
    await a_customer(here.database)
    for told in (*sealed(1), *sealed(2)):
        here.log.append(told)
    await here.log.stored()
    keys = await FileKeys.open(
        here.database, here.folder / "archive.key", None, now=MADE_AT, own=True
    )
    await keys.ensure(["recording1"])
    certificates = ErasureCertificates(here.database, keys)
    erasure, _ = await here.erasures.accept(PERSON, None, "asked for it", "sun")
    await here.erasures.carry_on(erasure.id, until="recordings")
    with pytest.raises(NotNow, match="'recordings'"):
        await certificates.of(erasure.id, NINE)
    await here.erasures.carry_on(erasure.id)
    return certificates, erasure.id


async def test_it_names_what_was_destroyed_and_nothing_of_the_person(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        certificates, erasure_id = await erased(here)

        told = await certificates.of(erasure_id, NINE)
        again = json.loads(json.dumps(told))

        assert await certificates.faults(again) == []
    assert [one["id"] for one in told["recordings"]] == ["recording1", "recording2"]
    first, second = told["recordings"]
    for one, sequences in ((first, [1, 3]), (second, [2, 4])):
        stored, gone = one["chain"]
        assert one["stores"] == ["local"]
        assert [stored["sequence"], gone["sequence"]] == sequences
        assert (stored["action"], len(stored["content"])) == ("stored", 64)
        assert (gone["action"], gone["content"]) == ("erased", "")
    assert second["chain"][0]["previous_hash"] == first["chain"][0]["hash"]
    assert told["chain_head"] == f"4:{second['chain'][1]['hash']}"
    assert (told["requested_by"], told["reason"]) == ("sun", "asked for it")
    text = in_words(told)
    assert "recording1" in text
    assert told["signature"]["value"] in text
    for trace in (TRACE, NUMBER.removeprefix("+86")):
        assert trace not in text + json.dumps(told)


async def test_a_store_that_was_not_asked_is_not_named_and_what_is_not_known_is_not_signed(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(here.database)
        for event in (*sealed(1), *sealed(2)):
            here.log.append(event)
        await here.log.stored()
        async with database.sessions.begin() as session:
            row = await session.get_one(Recording, "recording1")
            row.stores = ["local", "sold-last-year"]
        key = tmp_path / "archive.key"
        keys = await FileKeys.open(here.database, key, None, now=MADE_AT, own=True)
        certificates = ErasureCertificates(here.database, keys)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked for it", "sun")
        await here.erasures.carry_on(erasure.id)

        told = await certificates.of(erasure.id, NINE)
        async with database.sessions.begin() as session:
            await session.execute(delete(ErasedRecording))  # as before there were certificates
        with pytest.raises(NotNow, match="before certificates"):
            await certificates.of(erasure.id, NINE)

    assert [one["stores"] for one in told["recordings"]] == [["local"], ["local"]]


async def test_what_is_not_so_any_more_or_never_was_is_named(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        certificates, erasure_id = await erased(here)
        told = json.loads(json.dumps(await certificates.of(erasure_id, NINE)))

        forged = told | {"recordings": told["recordings"][:1]}
        assert await certificates.faults(forged) == ["the signature is of something else"]
        async with database.sessions.begin() as session:
            which = ArchiveEntry.sequence == 1
            await session.execute(update(ArchiveEntry).where(which).values(content="0" * 64))
            back = update(Recording).where(Recording.id == "recording2").values(state="stored")
            await session.execute(back)
        keys = await FileKeys.open(database, tmp_path / "archive.key", None, now=NINE, own=False)
        await keys.ensure(["recording1"])

        assert await certificates.faults(told) == [
            "recording recording1: entry 1 of the chain is another one",
            "recording recording1: has a key",
            "recording recording2: is there",
        ]
        async with database.sessions.begin() as session:
            await session.execute(delete(ArchiveEntry))
        faults = await certificates.faults(told)
        assert "recording recording2: entry 4 of the chain is another one" in faults
        with pytest.raises(UnknownRecord):
            await certificates.of("nothing", NINE)
