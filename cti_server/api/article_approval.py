"""How an article comes to be published: submitted, approved or rejected, withdrawn."""

from aiohttp import web

from crm.articles import check_approval, stepped
from cti_server.store.articles import Article, Articles, ArticleVersion
from cti_server.tickets.edit import Edit
from cti_server.wire.articles import ArticleStep, ArticleView

from .article_views import article_view
from .articles import ONE_ARTICLE, WRITE, locked_article
from .editing import editing
from .routing import Routes, answer, read

routes = Routes()


@routes.add("POST", f"{ONE_ARTICLE}/submit", needs=WRITE, body=ArticleStep, answers=ArticleView)
async def submit_article(request: web.Request) -> web.Response:
    """Ask for the approval of the newest version."""
    return await _step(request, "submit")


@routes.add("POST", f"{ONE_ARTICLE}/take-back", needs=WRITE, body=ArticleStep, answers=ArticleView)
async def take_back_article(request: web.Request) -> web.Response:
    """Go on writing what was submitted."""
    return await _step(request, "take_back")


@routes.add(
    "POST",
    f"{ONE_ARTICLE}/reject",
    needs=("knowledge.approve",),
    body=ArticleStep,
    answers=ArticleView,
)
async def reject_article(request: web.Request) -> web.Response:
    """Give the newest version back to who wrote it."""
    return await _step(request, "reject")


@routes.add(
    "POST",
    f"{ONE_ARTICLE}/approve",
    needs=("knowledge.approve",),
    body=ArticleStep,
    answers=ArticleView,
)
async def approve_article(request: web.Request) -> web.Response:
    """Publish the newest version; nobody who wrote on it may."""
    return await _step(request, "approve")


@routes.add(
    "POST",
    f"{ONE_ARTICLE}/withdraw",
    needs=("knowledge.approve",),
    body=ArticleStep,
    answers=ArticleView,
)
async def withdraw_article(request: web.Request) -> web.Response:
    """Take the published version away from agents."""
    return await _step(request, "withdraw")


async def _step(request: web.Request, step: str) -> web.Response:
    """Raises IllegalStep and OwnWork."""
    wanted = await read(request, ArticleStep)
    async with editing(request) as edit:
        stored, article = await locked_article(edit, request, wanted.version)
        meant = article.published if step == "withdraw" else article.latest
        version = await stored.version(article.id, meant or article.latest)
        to = stepped(version.state, step)
        if step == "approve":
            check_approval(edit.by, await stored.authors_since(article))
            await _publish(edit, stored, article, version)
        elif step == "withdraw":
            article.published = article.published_at = None
            await stored.index(article.id, None)
        version.state, version.state_since = to, edit.now
        if step in {"approve", "reject", "withdraw"}:
            version.decided_by = edit.by
        version.note = wanted.note or version.note
        article.updated_at = edit.now
        edit.change.record("article", article.id, _DONE[step], fields=["state"])
        await edit.session.flush()
        view = await article_view(edit.session, article, version)
    return answer(view)


_DONE = {
    "submit": "submitted",
    "take_back": "taken_back",
    "reject": "rejected",
    "approve": "published",
    "withdraw": "withdrawn",
}


async def _publish(edit: Edit, stored: Articles, article: Article, version: ArticleVersion) -> None:
    if article.published is not None:
        before = await stored.version(article.id, article.published)
        before.state, before.state_since = stepped(before.state, "replace"), edit.now
    article.published, article.published_at = version.number, edit.now
    await stored.index(article.id, version)
