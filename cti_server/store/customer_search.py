"""
Customers under what they can be found by: ordinary keys, on either database.

A query looks at the terms that begin with it, in their order, so a page costs what it shows: a
full-text index of either kind would first gather everybody called Wang.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    ForeignKey,
    delete,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm.search import PLAIN, Searched, Way

from .base import Base, by_bytes
from .bulk import insert_all

AT_ONCE = 100  # terms that are looked at in one statement
MOST = 800
"""Terms that are looked at for one page; it may end early, with a place to go on from."""

_BEHIND = "\U0010ffff"
_FIELD = "\t"


class CustomerTerm(Base, kw_only=True):
    """One of the beginnings by which a customer is found (:attr:`crm.search.Searched.terms`)."""

    __tablename__ = "customer_term"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own attribute

    term: Mapped[str] = mapped_column(by_bytes(), primary_key=True)
    customer_id: Mapped[str] = mapped_column(primary_key=True)


class CustomerTerms(Base, kw_only=True):
    """
    All of a customer's terms, to judge a find without looking elsewhere, and to forget them.

    One a line, with the centre's own field that it is from behind it; ``team`` as the customer's.
    ``keys``: those of :class:`.customer_keys.CustomerKey`, parted by blanks.
    """

    __tablename__ = "customer_terms"

    customer_id: Mapped[str] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    team: Mapped[str | None] = mapped_column(default=None)
    terms: Mapped[str]
    keys: Mapped[str]


@dataclass(frozen=True, slots=True)
class Noted:
    """What is stored of a customer to be found, and to be compared."""

    team: str | None
    searched: Searched
    keys: frozenset[int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: which way, and the last term and customer looked at."""

    way: int
    term: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Found:
    """The customers of a page in their order; ``next``: where more may be."""

    customer_ids: list[str]
    next: Place | None


class CustomerSearch:
    """Keeps the terms. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, customers: dict[str, Noted], *, new: bool = False) -> None:
        """Store the terms of these customers, by id, in place of those that they had."""
        if not new:
            await self.forget(customers)
        await self._session.flush()  # a new customer's row comes first
        await self._session.run_sync(_store, customers)

    async def forget(self, customer_ids: Collection[str]) -> None:
        rows = (
            await self._session.execute(
                select(CustomerTerms.customer_id, CustomerTerms.terms).where(
                    CustomerTerms.customer_id.in_(list(customer_ids))
                )
            )
        ).all()
        keys = [(term, row.customer_id) for row in rows for term in terms_in(row.terms)]
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            key = tuple_(CustomerTerm.term, CustomerTerm.customer_id)
            await self._session.execute(delete(CustomerTerm).where(key.in_(some)))
        gone = [row.customer_id for row in rows]
        await self._session.execute(
            delete(CustomerTerms).where(CustomerTerms.customer_id.in_(gone))
        )


def _store(session: Session, customers: dict[str, Noted]) -> None:
    store_terms(session, customers)
    # In the order of the index: pages of neighbours are written once.
    found = ((customer_id, noted.searched.terms) for customer_id, noted in customers.items())
    pairs = sorted((term, customer_id) for customer_id, terms in found for term in terms)
    insert_all(
        session,
        CustomerTerm,
        [{"term": term, "customer_id": customer_id} for term, customer_id in pairs],
    )


def store_terms(session: Session, customers: dict[str, Noted]) -> None:
    """All of each customer's together, without which none is found."""
    insert_all(
        session,
        CustomerTerms,
        [
            {
                "customer_id": customer_id,
                "team": noted.team,
                "terms": lines_of(noted.searched),
                "keys": " ".join(map(str, noted.keys)),
            }
            for customer_id, noted in customers.items()
        ],
    )


def search(
    connection: Connection,
    ways: Sequence[Way],
    *,
    limit: int,
    after: Place | None = None,
    teams: frozenset[str] | None = None,
    hidden: frozenset[str] = frozenset(),
) -> Found:
    """
    Customers who are meant by the query, each once over all pages.

    ``hidden``: fields of the centre's own by which the one who asks may find nobody.
    """
    found: dict[str, None] = {}
    left = MOST
    place = after
    for number, way in enumerate(ways):
        if after is not None and number < after.way:
            continue
        while True:
            rows = _some(connection, way, place if place and place.way == number else None, teams)
            for term, customer_id, terms in rows:
                place = Place(number, term, customer_id)
                own = _own(terms, hidden)
                if customer_id not in found and _is_first(ways, number, term, own):
                    found[customer_id] = None
                    if len(found) == limit:
                        return Found(list(found), place)
            left -= len(rows)
            if len(rows) < AT_ONCE:
                break
            if left <= 0:
                return Found(list(found), place)
    return Found(list(found), None)


def _some(
    connection: Connection, way: Way, place: Place | None, teams: frozenset[str] | None
) -> Sequence[tuple[str, str, str]]:
    term, customer_id = CustomerTerm.term, CustomerTerm.customer_id
    query = (
        select(term, customer_id, CustomerTerms.terms)
        .join(CustomerTerms, CustomerTerms.customer_id == customer_id)
        .where(term >= (place.term if place else way.drive), term < way.drive + _BEHIND)
        .order_by(term, customer_id)
        .limit(AT_ONCE)
    )
    if place is not None:
        query = query.where(tuple_(term, customer_id) > (place.term, place.customer_id))
    if teams is not None:
        query = query.where(or_(CustomerTerms.team.is_(None), CustomerTerms.team.in_(teams)))
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def _is_first(ways: Sequence[Way], number: int, term: str, own: Collection[str]) -> bool:
    """Whether the customer is meant, and was not shown for an earlier way or term."""
    way = ways[number]
    if term not in own or not way.meets(own):
        return False
    if any(one < term and one.startswith(way.drive) for one in own):
        return False
    return not any(earlier.meets(own) for earlier in ways[:number])


def _own(terms: str, hidden: frozenset[str]) -> set[str]:
    return {term for term, name in _lines(terms) if name == PLAIN or name not in hidden}


def lines_of(searched: Searched) -> str:
    """As :class:`CustomerTerms` keeps them."""
    return "\n".join(
        f"{term}{_FIELD}{name}" if name else term for term, name in searched.terms.items()
    )


def terms_in(lines: str) -> list[str]:
    """Of :func:`lines_of`."""
    return [line.partition(_FIELD)[0] for line in lines.split("\n")] if lines else []


def _lines(terms: str) -> Iterable[tuple[str, str]]:
    for line in terms.split("\n"):
        term, _, name = line.partition(_FIELD)
        yield term, name
