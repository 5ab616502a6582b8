"""
Full-text search of published articles: FTS5 with BM25, or a tsvector with ts_rank.

Both databases have the words that :mod:`crm.words` has cut; neither could cut Chinese itself.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, column, func, literal_column, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm.words import Term

from .articles import Article, ArticleText, seen_by

_FTS = table("article_fts", column("rowid"))
_BM25: Any = literal_column("bm25(article_fts, 10.0, 5.0, 1.0)")
"""Title, keywords, body; the best has the lowest."""
_VECTOR: Any = literal_column("article_text.fts")
_SIMPLE: Any = literal_column("'simple'::regconfig")


async def search(
    session: AsyncSession,
    wanted: Sequence[Term],
    teams: frozenset[str] | None,
    limit: int,
    *,
    language: str | None = None,
) -> list[tuple[str, str]]:
    """
    The articles that have all the words or, if none has, some; with the language of the hit.

    The best first, each once.
    """
    if not wanted:
        return []
    for every in (True, False):
        query = _query(session, wanted, every=every)
        query = query.join(Article, Article.id == ArticleText.article_id).where(*seen_by(teams))
        if language is not None:
            query = query.where(ArticleText.language == language)
        found: dict[str, str] = {}
        for article_id, hit_language in await session.execute(query.limit(2 * limit)):
            found.setdefault(article_id, hit_language)
        if found:
            return list(found.items())[:limit]
    return []


def _query(session: AsyncSession, wanted: Sequence[Term], *, every: bool) -> Select[str, str]:
    found = select(ArticleText.article_id, ArticleText.language)
    if session.get_bind().dialect.name == "sqlite":
        matches = text("article_fts MATCH :words").bindparams(words=_fts5(wanted, every=every))
        return (
            found.join(_FTS, _FTS.c.rowid == ArticleText.id)
            .where(matches)
            .order_by(_BM25, ArticleText.id)
        )
    asked = func.to_tsquery(_SIMPLE, _tsquery(wanted, every=every))
    rank = func.ts_rank(_VECTOR, asked)
    return found.where(_VECTOR.op("@@")(asked)).order_by(rank.desc(), ArticleText.id)


def _fts5(wanted: Sequence[Term], *, every: bool) -> str:
    def one(term: Term) -> str:
        alone = f'"{term.word}"' + ("*" if term.prefix else "")
        parts = " AND ".join(f'"{part}"' for part in term.parts)
        return f"({alone} OR ({parts}))" if parts else alone

    return (" AND " if every else " OR ").join(map(one, wanted))


def _tsquery(wanted: Sequence[Term], *, every: bool) -> str:
    def one(term: Term) -> str:
        alone = f"'{term.word}'" + (":*" if term.prefix else "")
        parts = " & ".join(f"'{part}'" for part in term.parts)
        return f"({alone} | ({parts}))" if parts else alone

    return (" & " if every else " | ").join(map(one, wanted))
