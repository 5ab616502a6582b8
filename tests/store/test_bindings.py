import asyncio
from datetime import timedelta
from pathlib import Path

from cti_server.sip.registration import Binding
from cti_server.sip.transport import Flow
from cti_server.store.bindings import LONGEST_URI, BindingWriter, SipBindings
from cti_server.store.database import Database
from tests.fakes.postgres import PostgresServer

from .logs import until
from .stories import NINE


def binding(aor: str, port: int = 5070, *, expires: float = 3600, uri: str = "") -> Binding:
    return Binding(
        aor=aor,
        contact_uri=uri or f"sip:{aor}@10.0.0.7:{port}",
        flow=Flow("udp", "10.0.0.7", port, ("10.0.0.1", 5060)),
        expires_at=NINE + timedelta(seconds=expires),
        sip_call_id=f"{aor}@phone",
        sequence=2**31 - 1,
        user_agent="Phone 1.0\0",
    )


async def saved(database: Database) -> list[tuple[str, str]]:
    async with database.readers() as session:
        return [(each.aor, each.contact_uri) for each in await SipBindings(session).live(NINE)]


async def test_bindings_outlive_the_process_that_took_them(database: Database) -> None:
    writer = BindingWriter(database)
    writer.start()
    writer.saved(binding("anna"))
    writer.saved(binding("anna", 5071))
    writer.saved(binding("bert", expires=-1))
    await writer.close()

    async with database.readers() as session:
        first, second = await SipBindings(session).live(NINE)

    assert (first.aor, first.contact_uri) == ("anna", "sip:anna@10.0.0.7:5070")
    assert second.contact_uri == "sip:anna@10.0.0.7:5071"
    assert (first.transport, first.host, first.port) == ("udp", "10.0.0.7", 5070)
    assert (first.local_host, first.local_port) == ("10.0.0.1", 5060)
    assert (first.sequence, first.user_agent) == (2**31 - 1, "Phone 1.0")
    assert first.expires_at == NINE + timedelta(hours=1)


async def test_the_last_word_on_a_binding_counts(database: Database) -> None:
    writer = BindingWriter(database)
    writer.start()
    writer.saved(binding("anna"))
    writer.removed("anna", "sip:anna@10.0.0.7:5070")
    writer.removed("bert", "sip:bert@10.0.0.7:5070")
    writer.saved(binding("bert"))
    await writer.close()
    assert await saved(database) == [("bert", "sip:bert@10.0.0.7:5070")]

    writer = BindingWriter(database)
    writer.start()
    writer.saved(binding("bert", expires=7200))
    await writer.close()
    assert await saved(database) == [("bert", "sip:bert@10.0.0.7:5070")]


async def test_many_phones_at_once_are_all_kept(database: Database) -> None:
    writer = BindingWriter(database)
    writer.start()
    for n in range(700):
        writer.saved(binding(f"agent{n:03}"))
    await writer.close()

    assert len(await saved(database)) == 700


async def test_a_contact_longer_than_an_index_takes_is_not_kept(database: Database) -> None:
    writer = BindingWriter(database)
    writer.start()
    writer.saved(binding("anna", uri="sip:" + "a" * LONGEST_URI))
    writer.saved(binding("bert"))
    await writer.close()

    assert [aor for aor, _ in await saved(database)] == ["bert"]


async def test_a_database_that_is_away_holds_bindings_up_and_nobody_else(
    postgres: PostgresServer, postgres_url: str
) -> None:
    database = Database(postgres_url, patience=0.3)
    writer = BindingWriter(database, retry=0.1)
    assert writer.waiting == 0
    writer.start()
    postgres.freeze()
    try:
        writer.saved(binding("anna"))
        await until(lambda: writer.failure is not None)
        writer.saved(binding("bert"))
    finally:
        postgres.thaw()
    await until(lambda: writer.waiting == 0)
    found = await saved(database)
    await writer.close()
    await database.close()

    assert [aor for aor, _ in found] == ["anna", "bert"]


async def test_closing_while_the_database_is_away_comes_to_an_end(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/none/x.db")
    writer = BindingWriter(database)
    writer.start()
    writer.saved(binding("anna"))

    async with asyncio.timeout(10):
        await writer.close()
    await database.close()
