"""The knowledge base: articles written, placed, compared, rolled back and voted on."""

from datetime import datetime

from aiohttp import web

from crm.articles import OPEN, TABLE, compared, stepped
from crm.errors import NotNow
from cti_server.store.articles import Article, Articles, ArticleVersion
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.articles import (
    ArticleComparison,
    ArticleCreate,
    ArticleDraft,
    ArticleEdit,
    ArticlePage,
    ArticlePlacesEdit,
    ArticleRollBack,
    ArticleVersionPage,
    ArticleVersionView,
    ArticleView,
    ArticleVoteCast,
    ComparedLine,
)
from cti_server.wire.events import ArticleRead

from .article_views import article_view, article_views, version_view
from .editing import editing
from .paging import PAGING, after, cursor, limit
from .parameters import named, number
from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, Routes, answer, read

routes = Routes()

WRITE = ("knowledge.draft", "knowledge.approve")
ONE_ARTICLE = "/api/v1/articles/{article_id}"
_MOST_VERSIONS = 1_000_000


@routes.add(
    "GET",
    "/api/v1/articles",
    needs=("knowledge.read",),
    answers=ArticlePage,
    query=(*PAGING, Query("state", "string", f"that a version is in: {', '.join(TABLE)}")),
)
async def list_articles(request: web.Request) -> web.Response:
    """The articles that one may read, each with its newest version, those changed last first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    state = request.query.get("state")
    if state is not None and state not in TABLE:
        raise BadRequest(f"state: must be one of {', '.join(TABLE)}")
    async with parts(request).database.readers() as session:
        stored = Articles(session)
        found = await stored.page(identity(request).teams, most + 1, state=state, after=place)
        page = found[:most]
        whole = await stored.with_versions([one.id for one in page], published=False)
        items = await article_views(session, [whole[one.id] for one in page if one.id in whole])
    more = len(found) > most
    return answer(
        ArticlePage(items=items, next=cursor(page[-1].updated_at, page[-1].id) if more else None)
    )


@routes.add(
    "POST",
    "/api/v1/articles",
    needs=WRITE,
    body=ArticleCreate,
    answers=ArticleView,
    status=201,
)
async def create_article(request: web.Request) -> web.Response:
    """Write an article; it is a draft until somebody else has approved it."""
    wanted = await read(request, ArticleCreate)
    async with editing(request) as edit:
        article = Article(
            id=edit.new_id(),
            latest=1,
            created_by=edit.by,
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(article)
        await edit.session.flush()
        version = _written(edit, article, wanted)
        for kind in ("team", "queue", "menu"):
            await Articles(edit.session).put_places(article.id, kind, getattr(wanted, f"{kind}s"))
        edit.change.record("article", article.id, "created")
        await edit.session.flush()
        view = await article_view(edit.session, article, version)
    return answer(view, 201)


@routes.add(
    "GET",
    ONE_ARTICLE,
    needs=("knowledge.read",),
    answers=ArticleView,
    query=(Query("contact_id", "string", "the contact that it is read for"),),
)
async def get_article(request: web.Request) -> web.Response:
    """An article to read: its published version, or the newest if none is; counted as read."""
    here, who = parts(request), identity(request)
    contact_id = named(request, "contact_id")
    async with here.database.readers() as session:
        stored = Articles(session)
        article = await stored.need(request.match_info["article_id"], who.teams)
        shown = await stored.version(article.id, article.published or article.latest)
        view = await article_view(session, article, shown)
    if article.published is not None:
        here.log.append(
            ArticleRead(
                article_id=article.id,
                number=article.published,
                read_by=who.agent_id,
                contact_id=contact_id,
            )
        )
    return answer(view)


@routes.add(
    "PATCH",
    ONE_ARTICLE,
    needs=("knowledge.approve",),
    body=ArticlePlacesEdit,
    answers=ArticleView,
)
async def place_article(request: web.Request) -> web.Response:
    """Say who reads it, and for which queues and menus it is suggested."""
    wanted = await read(request, ArticlePlacesEdit)
    async with editing(request) as edit:
        stored, article = await locked_article(edit, request, wanted.version)
        named_kinds = wanted.model_fields_set & {"teams", "queues", "menus"}
        for name in named_kinds:
            await stored.put_places(article.id, name[:-1], getattr(wanted, name) or [])
        article.updated_at = edit.now
        edit.change.record("article", article.id, "updated", fields=named_kinds)
        await edit.session.flush()
        shown = await stored.version(article.id, article.published or article.latest)
        view = await article_view(edit.session, article, shown)
    return answer(view)


@routes.add(
    "GET",
    f"{ONE_ARTICLE}/versions",
    needs=("knowledge.read",),
    answers=ArticleVersionPage,
    query=PAGING,
)
async def article_versions(request: web.Request) -> web.Response:
    """Every version, the newest first."""
    most, place = limit(request), after(request, tuple[int])
    async with parts(request).database.readers() as session:
        stored = Articles(session)
        article = await stored.need(request.match_info["article_id"], identity(request).teams)
        before = place[0] if place else None
        found = await stored.versions(article.id, most + 1, before=before)
    page = found[:most]
    more = cursor(page[-1].number) if len(found) > most else None
    return answer(ArticleVersionPage(items=[version_view(one) for one in page], next=more))


@routes.add(
    "POST",
    f"{ONE_ARTICLE}/versions",
    needs=WRITE,
    body=ArticleEdit,
    answers=ArticleVersionView,
    status=201,
)
async def edit_article(request: web.Request) -> web.Response:
    """Write a new version; the published one stays until this one is approved."""
    wanted = await read(request, ArticleEdit)
    async with editing(request) as edit:
        stored, article = await locked_article(edit, request, wanted.version)
        await _make_room(edit, stored, article)
        version = _written(edit, article, wanted)
        edit.change.record("article", article.id, "updated", fields=["texts", "keywords"])
    return answer(version_view(version), 201)


@routes.add(
    "POST",
    f"{ONE_ARTICLE}/roll-back",
    needs=WRITE,
    body=ArticleRollBack,
    answers=ArticleVersionView,
    status=201,
)
async def roll_back_article(request: web.Request) -> web.Response:
    """Write an old version's text again, as a new version."""
    wanted = await read(request, ArticleRollBack)
    async with editing(request) as edit:
        stored, article = await locked_article(edit, request, wanted.version)
        old = await stored.version(article.id, wanted.number)
        await _make_room(edit, stored, article)
        draft = ArticleDraft.model_validate({"texts": old.texts, "keywords": old.keywords})
        version = _written(edit, article, draft, copy_of=old.number)
        edit.change.record("article", article.id, "rolled_back", fields=["texts", "keywords"])
    return answer(version_view(version), 201)


@routes.add(
    "GET",
    f"{ONE_ARTICLE}/comparison",
    needs=("knowledge.read",),
    answers=ArticleComparison,
    query=(
        Query("before", "integer", "a version's number"),
        Query("after", "integer", "a version's number"),
    ),
)
async def compare_article(request: web.Request) -> web.Response:
    """What is different between two versions, line by line."""
    numbers = [number(request, name, default=0, most=_MOST_VERSIONS) for name in _COMPARED]
    async with parts(request).database.readers() as session:
        stored = Articles(session)
        article = await stored.need(request.match_info["article_id"], identity(request).teams)
        old, new = [await stored.version(article.id, one) for one in numbers]
    lines = {
        language: [
            ComparedLine(change=line.change, text=line.text)
            for line in compared(_whole(old, language), _whole(new, language))
        ]
        for language in sorted(old.texts.keys() | new.texts.keys())
    }
    return answer(
        ArticleComparison(
            before=old.number,
            after=new.number,
            texts=lines,
            keywords_added=[word for word in new.keywords if word not in old.keywords],
            keywords_removed=[word for word in old.keywords if word not in new.keywords],
        )
    )


@routes.add(
    "PUT",
    f"{ONE_ARTICLE}/vote",
    needs=("knowledge.vote",),
    body=ArticleVoteCast,
    answers=ArticleView,
)
async def vote_on_article(request: web.Request) -> web.Response:
    """Say whether the published version is of use."""
    wanted = await read(request, ArticleVoteCast)
    async with editing(request) as edit:
        stored = Articles(edit.session)
        article = await stored.need(request.match_info["article_id"], identity(request).teams)
        if article.published is None:
            raise NotNow("no version of this article is published")
        await stored.vote(article.id, article.published, edit.by, edit.now, useful=wanted.useful)
        edit.change.record("article", article.id, "voted_on")
        await edit.session.flush()
        shown = await stored.version(article.id, article.published)
        view = await article_view(edit.session, article, shown)
    return answer(view)


_COMPARED = ("before", "after")


async def locked_article(
    edit: Edit, request: web.Request, version: int
) -> tuple[Articles, Article]:
    """Raises UnknownRecord and EditConflict."""
    stored, article_id = Articles(edit.session), request.match_info["article_id"]
    article = await stored.need(article_id, identity(request).teams, locked=True)
    check_version(article, version)
    return stored, article


async def _make_room(edit: Edit, stored: Articles, article: Article) -> None:
    """A newer version follows: an open one is replaced by it."""
    newest = await stored.version(article.id, article.latest)
    if newest.state in OPEN:
        newest.state, newest.state_since = stepped(newest.state, "replace"), edit.now
    article.latest, article.updated_at = article.latest + 1, edit.now


def _written(
    edit: Edit, article: Article, wanted: ArticleDraft, *, copy_of: int | None = None
) -> ArticleVersion:
    version = ArticleVersion(
        article_id=article.id,
        number=article.latest,
        state="draft",
        state_since=edit.now,
        texts=wanted.texts.model_dump(exclude_none=True),
        keywords=list(dict.fromkeys(wanted.keywords)),
        written_by=edit.by,
        written_at=edit.now,
        copy_of=copy_of,
        note=wanted.note,
    )
    edit.session.add(version)
    return version


def _whole(version: ArticleVersion, language: str) -> str:
    text = version.texts.get(language)
    return f"{text['title']}\n{text['body']}" if text else ""
