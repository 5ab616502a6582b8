"""The knowledge base: articles, their versions, who reads them, votes and use."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.words import words

from .base import Base, SequenceNumber
from .versions import Versioned


class Article(Versioned, Base, kw_only=True):
    """``latest``: the newest version's number; ``published``: the one that agents read."""

    __tablename__ = "article"

    id: Mapped[str] = mapped_column(primary_key=True)
    latest: Mapped[int]
    published: Mapped[int | None] = mapped_column(default=None)
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    created_by: Mapped[str]


Index("ix_article_updated_at_id", Article.updated_at, Article.id)


class ArticleVersion(Base, kw_only=True):
    """
    One edit. ``texts``: by language ("zh", "en") a title and a body. ``copy_of``: the version
    that was rolled back to. ``note``: of who wrote it, then of who decided on it.
    """

    __tablename__ = "article_version"

    article_id: Mapped[str] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    state_since: Mapped[datetime]
    texts: Mapped[dict[str, Any]]
    keywords: Mapped[list[str]]
    written_by: Mapped[str]
    written_at: Mapped[datetime]
    copy_of: Mapped[int | None] = mapped_column(default=None)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    note: Mapped[str | None] = mapped_column(default=None)


Index("ix_article_version_state_article_id", ArticleVersion.state, ArticleVersion.article_id)


class ArticleText(Base, kw_only=True):
    """
    The words of a published text, for the full-text index: apart, each long one's parts before it.

    The index is not mapped: on SQLite the table ``article_fts`` (FTS5, kept by triggers), on
    PostgreSQL the generated column ``fts``.
    """

    __tablename__ = "article_text"
    __table_args__ = (UniqueConstraint("article_id", "language"),)

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, init=False)
    article_id: Mapped[str] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    language: Mapped[str]
    title_words: Mapped[str]
    keyword_words: Mapped[str]
    body_words: Mapped[str]


class ArticlePlace(Base, kw_only=True):
    """
    Where an article belongs: a "team" that reads it (none: all do), a "queue" or a node of a
    "menu" for whose contacts it is suggested.
    """

    __tablename__ = "article_place"

    article_id: Mapped[str] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


Index("ix_article_place_kind_value", ArticlePlace.kind, ArticlePlace.value)


class ArticleVote(Base, kw_only=True):
    """An agent's view of a version."""

    __tablename__ = "article_vote"

    article_id: Mapped[str] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(primary_key=True)
    useful: Mapped[bool]
    at: Mapped[datetime]


class ArticleUse(Base, kw_only=True):
    """How often an article was read, and how often of that during a contact. Derived."""

    __tablename__ = "article_use"

    article_id: Mapped[str] = mapped_column(primary_key=True)
    reads: Mapped[int]
    in_contacts: Mapped[int]
    last_read_at: Mapped[datetime]


PLACES = ("team", "queue", "menu")


def seen_by(teams: frozenset[str] | None) -> list[ColumnElement[bool]]:
    """For a query's WHERE: the articles of these teams and everybody's; None: all."""
    if teams is None:
        return []
    place = ArticlePlace
    limited = select(place.article_id).where(place.kind == "team", place.article_id == Article.id)
    theirs = limited.where(place.value.in_(teams))
    return [or_(~limited.exists(), theirs.exists())]


class Articles:
    """The stored articles. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def need(
        self, article_id: str, teams: frozenset[str] | None, *, locked: bool = False
    ) -> Article:
        """Raises UnknownRecord, also for one of another team's."""
        query = select(Article).where(Article.id == article_id, *seen_by(teams))
        if locked:
            query = query.with_for_update()
        article = (await self._session.scalars(query)).one_or_none()
        if article is None:
            raise UnknownRecord("article", article_id)
        return article

    async def version(self, article_id: str, number: int) -> ArticleVersion:
        """Raises UnknownRecord."""
        found = await self._session.get(ArticleVersion, (article_id, number))
        if found is None:
            raise UnknownRecord("article_version", f"{article_id}/{number}")
        return found

    async def versions(
        self, article_id: str, limit: int, *, before: int | None = None
    ) -> Sequence[ArticleVersion]:
        """The newest first, older than the number ``before``."""
        query = select(ArticleVersion).where(ArticleVersion.article_id == article_id)
        if before is not None:
            query = query.where(ArticleVersion.number < before)
        query = query.order_by(ArticleVersion.number.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def authors_since(self, article: Article) -> set[str]:
        """Who has written on what is not published yet."""
        query = select(ArticleVersion.written_by).where(
            ArticleVersion.article_id == article.id,
            ArticleVersion.number > (article.published or 0),
        )
        return set(await self._session.scalars(query))

    async def page(
        self,
        teams: frozenset[str] | None,
        limit: int,
        *,
        state: str | None = None,
        after: tuple[datetime, str] | None = None,
    ) -> Sequence[Article]:
        """Those changed last first; ``state``: that any of their versions is in."""
        query = select(Article).where(*seen_by(teams))
        if state is not None:
            of = ArticleVersion
            query = query.where(
                select(of.number).where(of.article_id == Article.id, of.state == state).exists()
            )
        if after is not None:
            earlier = or_(Article.updated_at < after[0], Article.id < after[1])
            query = query.where(Article.updated_at <= after[0], earlier)
        query = query.order_by(Article.updated_at.desc(), Article.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def with_versions(
        self, article_ids: Sequence[str], *, published: bool
    ) -> dict[str, tuple[Article, ArticleVersion]]:
        """These articles with their published versions, or with their newest."""
        number = Article.published if published else Article.latest
        query = (
            select(Article, ArticleVersion)
            .join(ArticleVersion, ArticleVersion.article_id == Article.id)
            .where(Article.id.in_(article_ids), ArticleVersion.number == number)
        )
        return {
            article.id: (article, version)
            for article, version in await self._session.execute(query)
        }

    async def index(self, article_id: str, version: ArticleVersion | None) -> None:
        """Have this version found, and no other; None: none."""
        await self._session.execute(delete(ArticleText).where(ArticleText.article_id == article_id))
        if version is None:
            return
        keywords = " ".join(words(" ".join(version.keywords)))
        for language, text in version.texts.items():
            self._session.add(
                ArticleText(
                    article_id=article_id,
                    language=language,
                    title_words=" ".join(words(text["title"])),
                    keyword_words=keywords,
                    body_words=" ".join(words(text["body"])),
                )
            )

    async def places(self, article_ids: Collection[str]) -> dict[str, dict[str, list[str]]]:
        """By article and kind; each kind is there."""
        query = select(ArticlePlace).where(ArticlePlace.article_id.in_(article_ids))
        found = {each: {kind: list[str]() for kind in PLACES} for each in article_ids}
        for place in await self._session.scalars(query.order_by(ArticlePlace.value)):
            found[place.article_id][place.kind].append(place.value)
        return found

    async def put_places(self, article_id: str, kind: str, values: Iterable[str]) -> None:
        here = ArticlePlace.article_id == article_id, ArticlePlace.kind == kind
        await self._session.execute(delete(ArticlePlace).where(*here))
        self._session.add_all(
            ArticlePlace(article_id=article_id, kind=kind, value=value) for value in set(values)
        )

    async def placed(
        self, teams: frozenset[str] | None, queue: str | None, menus: Collection[str], limit: int
    ) -> Sequence[str]:
        """Published articles that belong to the queue or to one of the menu's nodes."""
        place = ArticlePlace
        suits = or_(
            (place.kind == "queue") & (place.value == queue),
            (place.kind == "menu") & place.value.in_(menus),
        )
        query = (
            select(Article.id)
            .join(place, place.article_id == Article.id)
            .where(Article.published.is_not(None), suits, *seen_by(teams))
            .group_by(Article.id)
            .order_by(func.count().desc(), Article.id)
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()

    async def vote(
        self, article_id: str, number: int, agent_id: str, now: datetime, *, useful: bool
    ) -> None:
        """The last one of each agent counts."""
        vote = ArticleVote(
            article_id=article_id, number=number, agent_id=agent_id, useful=useful, at=now
        )
        await self._session.merge(vote)

    async def votes(self, article_ids: Collection[str]) -> Mapping[str, tuple[int, int]]:
        """For and against the published versions."""
        query = (
            select(ArticleVote.article_id, ArticleVote.useful, func.count())
            .join(Article, Article.id == ArticleVote.article_id)
            .where(Article.id.in_(article_ids), ArticleVote.number == Article.published)
            .group_by(ArticleVote.article_id, ArticleVote.useful)
        )
        found: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for article_id, useful, count in await self._session.execute(query):
            good, bad = found[article_id]
            found[article_id] = (count, bad) if useful else (good, count)
        return found

    async def uses(self, article_ids: Collection[str]) -> dict[str, ArticleUse]:
        query = select(ArticleUse).where(ArticleUse.article_id.in_(article_ids))
        return {use.article_id: use for use in await self._session.scalars(query)}
