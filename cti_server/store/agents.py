"""Definitions of agents and of the SIP accounts that phones register with."""

from collections.abc import Collection, Sequence

from sqlalchemy import JSON, String, cast, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Agent(Base, kw_only=True):
    """
    A person who serves customers.

    ``number`` is what is announced to the caller. ``phone`` is a SIP URI, or None for the SIP
    phone that is registered under the agent's id. ``skills`` are levels by skill.
    ``queues``: those that they serve, with a level from 1, asked first, to 10; None for all whose
    skills they have. ``region``: from the country's code down. ``works``: natures of work.
    ``auto_answer``: whether the phone picks up by itself; None for as the contact's queue says.
    ``capacity``: contacts of a channel at once, where it is not as many as the team's.
    ``team``: whose records they see; None for everybody's. ``password_hash`` is argon2's; None
    means that this agent cannot log in by password. ``password_is_temporary``: somebody else knows
    it, so its owner has to choose another. Who is not ``enabled`` is nobody to the running server.
    """

    __tablename__ = "agent"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str | None] = mapped_column(default=None)
    skills: Mapped[dict[str, int]] = mapped_column(default_factory=dict)
    queues: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True), default=None)
    region: Mapped[list[str]] = mapped_column(default_factory=list)
    works: Mapped[list[str]] = mapped_column(default_factory=list)
    auto_answer: Mapped[bool | None] = mapped_column(default=None)
    capacity: Mapped[dict[str, int]] = mapped_column(default_factory=dict)
    roles: Mapped[list[str]] = mapped_column(default_factory=lambda: ["agent"])
    team: Mapped[str | None] = mapped_column(default=None)
    password_hash: Mapped[str | None] = mapped_column(default=None)
    password_is_temporary: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(init=False, compare=False)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class SipAccount(Base, kw_only=True):
    """
    What a phone proves itself by: H(username:realm:password), RFC 7616 §3.4.2.

    The password itself is not kept. The hashes hold for the server's realm only.
    """

    __tablename__ = "sip_account"

    username: Mapped[str] = mapped_column(primary_key=True)
    ha1_md5: Mapped[str]
    ha1_sha256: Mapped[str]


class Agents:
    """The defined agents. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, agent: Agent) -> None:
        """Define a new agent; the id and the number must be free (IntegrityError on flush)."""
        self._session.add(agent)

    async def get(self, agent_id: str) -> Agent | None:
        return await self._session.get(Agent, agent_id)

    async def of(self, agent_ids: Collection[str]) -> dict[str, Agent]:
        """By id, those of them that there are."""
        query = select(Agent).where(Agent.id.in_(agent_ids)).order_by(Agent.id)
        return {agent.id: agent for agent in await self._session.scalars(query)}

    async def all(self) -> Sequence[Agent]:
        return (await self._session.scalars(select(Agent).order_by(Agent.id))).all()

    async def page(
        self,
        limit: int,
        after: str | None,
        *,
        like: str | None = None,
        role: str | None = None,
        team: str | None = None,
    ) -> Sequence[Agent]:
        """
        Some of them by id, those after this one.

        ``like``: a part of the id, name or number; ``team``: an empty one is that of nobody's.
        """
        query = select(Agent).order_by(Agent.id).limit(limit)
        if after is not None:
            query = query.where(Agent.id > after)
        if like is not None:
            fields = (Agent.id, Agent.name, Agent.number)
            query = query.where(or_(*(each.icontains(like, autoescape=True) for each in fields)))
        if role is not None:
            query = query.where(cast(Agent.roles, String).contains(f'"{role}"', autoescape=True))
        if team is not None:
            query = query.where(Agent.team == team if team else Agent.team.is_(None))
        return (await self._session.scalars(query)).all()

    async def remove(self, agent_id: str) -> bool:
        """Whether there was one. Records of what the agent did stay."""
        gone = await self._session.execute(
            delete(Agent).where(Agent.id == agent_id).returning(Agent.id)
        )
        return gone.first() is not None


class SipAccounts:
    """The accounts of SIP phones. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, account: SipAccount) -> None:
        """Create the account, or change its password."""
        await self._session.merge(account)

    async def get(self, username: str) -> SipAccount | None:
        return await self._session.get(SipAccount, username)

    async def all(self) -> Sequence[SipAccount]:
        query = select(SipAccount).order_by(SipAccount.username)
        return (await self._session.scalars(query)).all()

    async def remove(self, username: str) -> bool:
        """Whether there was one."""
        gone = await self._session.execute(
            delete(SipAccount).where(SipAccount.username == username).returning(SipAccount.username)
        )
        return gone.first() is not None
