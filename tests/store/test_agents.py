import pytest
from sqlalchemy.exc import IntegrityError

from cti_server.store.agents import Agent, Agents, SipAccount, SipAccounts
from cti_server.store.database import Database


def anna() -> Agent:
    return Agent(
        id="anna",
        name="Anna 王",
        number="101",
        phone="sip:anna@example.org",
        skills={"sales": 3, "english": 5},
        roles=["agent", "supervisor"],
        password_hash="$argon2id$…",
    )


async def test_an_agent_is_kept_as_defined(database: Database) -> None:
    async with database.sessions.begin() as session:
        Agents(session).add(anna())
        Agents(session).add(Agent(id="bert", name="Bert", number="102"))

    async with database.readers() as session:
        agents = Agents(session)
        assert await agents.get("anna") == anna()
        assert [each.id for each in await agents.all()] == ["anna", "bert"]
        bert = await agents.get("bert")
        nobody = await agents.get("carl")

    assert bert is not None
    assert (bert.phone, bert.skills, bert.roles, bert.password_hash) == (None, {}, ["agent"], None)
    assert nobody is None


async def test_changes_of_an_agent_are_ordinary(database: Database) -> None:
    async with database.sessions.begin() as session:
        Agents(session).add(anna())
    async with database.sessions.begin() as session:
        agent = await Agents(session).get("anna")
        assert agent is not None
        agent.skills = {"sales": 1}

    async with database.sessions.begin() as session:
        agent = await Agents(session).get("anna")
        assert agent is not None
        assert agent.skills == {"sales": 1}
        assert await Agents(session).remove("anna")
        assert not await Agents(session).remove("anna")


@pytest.mark.parametrize(("id", "number"), [("anna", "999"), ("other", "101")])
async def test_neither_an_id_nor_a_number_is_given_twice(
    database: Database, id: str, number: str
) -> None:
    async with database.sessions.begin() as session:
        Agents(session).add(anna())

    with pytest.raises(IntegrityError):
        async with database.sessions.begin() as session:
            Agents(session).add(Agent(id=id, name="Somebody else", number=number))


async def test_an_account_can_get_a_new_password(database: Database) -> None:
    for digest in ("old", "new"):
        async with database.sessions.begin() as session:
            account = SipAccount(username="anna", ha1_md5=digest, ha1_sha256=f"{digest}-256")
            await SipAccounts(session).put(account)

    async with database.sessions.begin() as session:
        accounts = SipAccounts(session)
        found = await accounts.get("anna")
        assert found is not None
        assert (found.ha1_md5, found.ha1_sha256) == ("new", "new-256")
        assert [each.username for each in await accounts.all()] == ["anna"]
        assert await accounts.remove("anna")
        assert not await accounts.remove("anna")
