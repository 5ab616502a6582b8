"""Knowledge that is found: by words, and by what is known of a contact."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.articles import Candidate, suggested
from crm.errors import UnknownRecord
from crm.words import snippet, terms
from cti_server.store.article_search import search
from cti_server.store.articles import Articles
from cti_server.store.contacts import Contacts
from cti_server.wire.articles import ArticleHit, ArticleSuggestion, SnippetPart

from .contact_scope import in_sight
from .parameters import named, number
from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, Routes, answer_many

routes = Routes()

_WORDS = 500  # characters of a query
_LIMIT = Query("limit", "integer", "at most this many, 1 to 50")
_PLACED = 50  # articles of a queue or menu that are looked at for one suggestion
_FOUND = 10  # articles that the words found, likewise
_SUGGESTED = 5


@routes.add(
    "GET",
    "/api/v1/articles/search",
    needs=("knowledge.read",),
    answers=ArticleHit,
    many=True,
    query=(
        Query("words", "string", "Chinese or English; all of them or, failing that, some"),
        Query("language", "string", "zh or en: texts in this language alone"),
        _LIMIT,
    ),
)
async def search_articles(request: web.Request) -> web.Response:
    """Published articles by their words, the best first."""
    wanted, language = terms(_words(request)), request.query.get("language")
    if language not in {None, "zh", "en"}:
        raise BadRequest("language: must be zh or en")
    most = max(1, number(request, "limit", default=20, most=50))
    async with parts(request).database.readers() as session:
        found = await search(session, wanted, identity(request).teams, most, language=language)
        ids = [article_id for article_id, _ in found]
        stored = Articles(session)
        whole = await stored.with_versions(ids, published=True)
        places, votes = await stored.places(ids), await stored.votes(ids)
    hits = []
    for article_id, hit_language in found:
        text = whole[article_id][1].texts[hit_language]
        useful, useless = votes[article_id]
        hits.append(
            ArticleHit(
                id=article_id,
                language=hit_language,
                title=text["title"],
                snippet=[
                    SnippetPart(text=part.text, hit=part.hit)
                    for part in snippet(text["body"], wanted)
                ],
                queues=places[article_id]["queue"],
                useful=useful,
                useless=useless,
            )
        )
    return answer_many(hits)


@routes.add(
    "GET",
    "/api/v1/articles/suggestions",
    needs=("knowledge.read",),
    answers=ArticleSuggestion,
    many=True,
    query=(
        Query("contact_id", "string", "whose queue and way through the menu are gone by"),
        Query("queue", "string", "in its place"),
        Query("words", "string", "what the customer says"),
    ),
)
async def suggest_articles(request: web.Request) -> web.Response:
    """What an agent had best read now."""
    here, who = parts(request), identity(request)
    contact_id, queue = named(request, "contact_id"), named(request, "queue")
    wanted = terms(_words(request))
    if contact_id is not None:
        await here.log.stored()  # the contact as it is this moment
    async with here.database.readers() as session:
        path: list[str] = []
        if contact_id is not None:
            contact = await Contacts(session).get(contact_id, in_sight(who))
            if contact is None:
                raise UnknownRecord("contact", contact_id)
            queue, path = queue or contact.queue, contact.path
        found = [one for one, _ in await search(session, wanted, who.teams, _FOUND)]
        placed = await Articles(session).placed(who.teams, queue, set(path), _PLACED)
        candidates = await _candidates(session, found, list(dict.fromkeys([*found, *placed])))
        best = suggested(candidates, queue=queue, path=path, most=_SUGGESTED)
        ids = [one.article_id for one in best]
        whole = await Articles(session).with_versions(ids, published=True)
    return answer_many(
        [
            ArticleSuggestion(
                id=one.article_id,
                titles={
                    language: text["title"]
                    for language, text in whole[one.article_id][1].texts.items()
                },
                score=one.score,
                reasons=one.reasons,
            )
            for one in best
        ]
    )


async def _candidates(session: AsyncSession, found: list[str], ids: list[str]) -> list[Candidate]:
    stored = Articles(session)
    places, votes = await stored.places(ids), await stored.votes(ids)
    return [
        Candidate(
            article_id=one,
            queues=frozenset(places[one]["queue"]),
            menus=frozenset(places[one]["menu"]),
            place=found.index(one) if one in found else None,
            useful=votes[one][0],
            useless=votes[one][1],
        )
        for one in ids
    ]


def _words(request: web.Request) -> str:
    """Raises BadRequest."""
    text = request.query.get("words", "")
    if len(text) > _WORDS:
        raise BadRequest(f"words: must be at most {_WORDS} characters")
    return text
