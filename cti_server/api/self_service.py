"""
Customers who serve themselves in writing. Open to everybody, where a service is configured.

A session is known by its token alone, which is in no address and no log.
"""

from typing import Final

from aiohttp import web

from acd.model import Channel
from cti_server.self_service.session import Session
from cti_server.self_service.sessions import Sessions
from cti_server.wire.self_service import (
    AnswerOption,
    AnswerTyped,
    LineRead,
    QuestionAsked,
    SelfServiceOpened,
    SelfServiceState,
    SelfServiceWanted,
    ServiceOffered,
)

from .parameters import number
from .parts import parts
from .problems import NotFound
from .routing import Query, Routes, answer, answer_many, bearer, read

routes = Routes()

PATH = "/api/v1/self-service"
LARGEST = 4096  # bytes of a body
SETTLED: Final = 8.0
"""Seconds that an answer waits for what comes after it; then the page asks for it."""
LONGEST_WAIT: Final = 25


@routes.add("GET", PATH, needs=None, answers=ServiceOffered, many=True)
async def get_services(request: web.Request) -> web.Response:
    """What customers can do by themselves in writing."""
    offered = [
        ServiceOffered(service=name, title=dict(one.title), channels=sorted(one.channels))
        for name, one in _sessions(request).services.items()
    ]
    return answer_many(offered)


@routes.add(
    "POST",
    PATH + "/sessions",
    needs=None,
    body=SelfServiceWanted,
    answers=SelfServiceOpened,
    status=201,
)
async def begin_self_service(request: web.Request) -> web.Response:
    """Begin a service; so many from one address in a minute."""
    wanted = await read(request, SelfServiceWanted, most=LARGEST)
    token = _sessions(request).open(
        wanted.service, Channel(wanted.channel), wanted.language, request.remote or ""
    )
    return _unkept(answer(SelfServiceOpened(session=token), 201))


@routes.add(
    "GET",
    PATH + "/session",
    needs=None,
    answers=SelfServiceState,
    query=(
        Query("since", "integer", "the number of the last line that is known; 0 by default"),
        Query("question", "integer", "the number of the question that is known, if one is"),
        Query("wait", "integer", "seconds to wait for news, up to 25; 0 by default"),
    ),
)
async def get_self_service(request: web.Request) -> web.Response:
    """The lines since then and the open question; nothing is lost by asking again."""
    session = _session(request)
    since = number(request, "since", default=0, most=10**9)
    asked = number(request, "question", default=0, most=10**9)
    wait = number(request, "wait", default=0, most=LONGEST_WAIT)
    if wait:
        await session.news(since, asked or None, wait)
    return _state(session, since)


@routes.add(
    "POST", PATH + "/session/answers", needs=None, body=AnswerTyped, answers=SelfServiceState
)
async def answer_self_service(request: web.Request) -> web.Response:
    """Answer the open question; what was answered already is not answered twice."""
    session = _session(request)
    typed = await read(request, AnswerTyped, most=LARGEST)
    session.type(typed.question, typed.answer.get_secret_value())
    await session.settled(SETTLED)
    return _state(session, typed.since)


@routes.add("DELETE", PATH + "/session", needs=None, answers=SelfServiceState)
async def leave_self_service(request: web.Request) -> web.Response:
    """Want nothing more; the flow ends as for a caller who says nothing more."""
    session = _session(request)
    session.leave()
    await session.settled(SETTLED)
    return _state(session, number(request, "since", default=0, most=10**9))


def _sessions(request: web.Request) -> Sessions:
    """Raises NotFound where no service is configured."""
    sessions = parts(request).self_service
    if sessions is None:
        raise NotFound("page", request.path)
    return sessions


def _session(request: web.Request) -> Session:
    """Raises NotFound and NoSuchSession."""
    return _sessions(request).find(bearer(request))


def _state(session: Session, since: int) -> web.Response:
    asked = session.question
    state = SelfServiceState(
        lines=[
            LineRead(number=line.number, author=line.author, text=line.text)
            for line in session.lines(since)
        ],
        question=None
        if asked is None
        else QuestionAsked(
            number=asked.number,
            options=[AnswerOption(answer=one.answer, label=one.label) for one in asked.options],
            open=asked.open,
            secret=asked.secret,
            least=asked.least,
            most=asked.most,
        ),
        over=session.over,
        language=session.language,
    )
    return _unkept(answer(state))


def _unkept(response: web.Response) -> web.Response:
    """No cache on the way keeps what one customer was told."""
    response.headers["Cache-Control"] = "no-store"
    return response
