"""The demonstration's other systems, asked as its flows ask them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import SHIPPED, load
from cti_server.calls.other_systems import OtherSystems
from cti_server.connectors.calls import Connectors
from cti_server.flow_plans import check_systems
from cti_server.plans import check_documents
from cti_server.saved_queries_lookups import load_lookups
from cti_server.store.outside_data import OutsideData
from ivr.flow import load as load_flow
from ivr.inquiries import Answered, AskSystem, FirstRow, LookUp, Refused, Reply
from simulator.demo_outside import ACCOUNT, BALANCE, PIN, bank, write_information
from simulator.demo_server import DemoServer


@pytest.fixture
def demo(tmp_path: Path) -> DemoServer:
    return DemoServer(SHIPPED / "demo" / "hotline.yaml", tmp_path, "of this run")


@pytest.fixture
async def systems(demo: DemoServer) -> AsyncIterator[OtherSystems]:
    write_information(SHIPPED / "demo" / "information.sql", demo.information)
    settings = load(demo.config_file)
    connectors = Connectors.of(settings.connectors)
    queries = settings.queries
    outside = OutsideData(queries.databases)
    look_ups = load_lookups(queries.lookups, queries.databases)
    async with bank(demo.bank_port):
        yield OtherSystems(connectors, look_ups, outside, lambda: "key")
        await connectors.close()
        await outside.close()


def test_the_flows_of_the_demonstration_ask_what_there_is(demo: DemoServer) -> None:
    settings = load(demo.config_file)
    names = [leads_to.flow for leads_to in settings.numbers.values() if leads_to.flow]
    flows = [load_flow(settings.flow_file(name)) for name in names]
    queries = settings.queries

    by_machine = {"products", "flights", "balance", "banking", "fault", "complaint", "order", "fax"}
    assert {flow.name for flow in flows} == {"main"} | by_machine
    look_ups = load_lookups(queries.lookups, queries.databases)
    check_documents(settings.fax, ())
    assert settings.fax.documents["101"].file == SHIPPED / "demo" / "price-list.pdf"
    check_systems(flows, Connectors.of(settings.connectors), look_ups)


@pytest.mark.parametrize(
    ("look_up", "number", "row"),
    [
        (
            "product",
            "101",
            {"kind": "broadband", "amount": 500, "months": 24, "price": "129.00"},
        ),
        ("product", "999", None),
        ("flight", "3182", {"state": "delayed", "leaves": "17:40"}),
    ],
)
async def test_the_lines_have_their_data(
    systems: OtherSystems, look_up: str, number: str, row: dict[str, object] | None
) -> None:
    told = await systems.look_up(LookUp(look_up, {"number": number}, within=5.0))

    assert told == FirstRow(row)


async def test_the_bank_tells_a_balance_for_the_pin_and_after_five_wrong_ones_to_nobody(
    systems: OtherSystems,
) -> None:
    async def asked(pin: str) -> Reply:
        values: dict[str, str | SecretStr] = {"account": ACCOUNT, "pin": SecretStr(pin)}
        return await systems.ask(AskSystem("bank", "balance", values, within=5.0))

    first = [await asked("000000"), await asked(PIN)]
    locked = [await asked(pin) for pin in ("1111", "2222", "3333", "4444", "5555", PIN)]

    assert first[0] == Refused()
    assert isinstance(first[1], Answered)
    assert (first[1].answer["balance"], first[1].answer["currency"]) == (BALANCE, "CNY")
    assert locked == [Refused()] * 6
