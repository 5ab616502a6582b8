"""Articles as the API shows them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.articles import Article, Articles, ArticleVersion
from cti_server.wire.articles import ArticleTexts, ArticleVersionView, ArticleView


async def article_view(
    session: AsyncSession, article: Article, version: ArticleVersion
) -> ArticleView:
    [view] = await article_views(session, [(article, version)])
    return view


async def article_views(
    session: AsyncSession, found: Sequence[tuple[Article, ArticleVersion]]
) -> list[ArticleView]:
    """With their places, votes and use: a query each, however many they are."""
    stored, ids = Articles(session), [article.id for article, _ in found]
    places, votes, uses = await stored.places(ids), await stored.votes(ids), await stored.uses(ids)
    views = []
    for article, version in found:
        where, use = places[article.id], uses.get(article.id)
        useful, useless = votes[article.id]
        views.append(
            ArticleView(
                id=article.id,
                version=article.version,
                latest=article.latest,
                published=article.published,
                published_at=article.published_at,
                teams=where["team"],
                queues=where["queue"],
                menus=where["menu"],
                useful=useful,
                useless=useless,
                reads=use.reads if use else 0,
                reads_in_contacts=use.in_contacts if use else 0,
                created_by=article.created_by,
                created_at=article.created_at,
                updated_at=article.updated_at,
                content=version_view(version),
            )
        )
    return views


def version_view(version: ArticleVersion) -> ArticleVersionView:
    return ArticleVersionView(
        number=version.number,
        state=version.state,
        state_since=version.state_since,
        texts=ArticleTexts.model_validate(version.texts),
        keywords=version.keywords,
        written_by=version.written_by,
        written_at=version.written_at,
        copy_of=version.copy_of,
        decided_by=version.decided_by,
        note=version.note,
    )
