"""``GET /api/v1/demo``: what the start page of a demonstration says. Nowhere else is there one."""

from collections.abc import Collection, Sequence

from aiohttp import web

from config.demonstration import DemoLogInSettings, DemoNumberSettings
from config.sip import ListenSettings
from cti_server.wire.demo import DemoFacts, DemoLogIn, DemoNumber, DemoSip

from .parts import parts
from .problems import NotFound
from .routing import Routes, answer

routes = Routes()


@routes.add("GET", "/api/v1/demo", needs=None, answers=DemoFacts)
async def get_demo(request: web.Request) -> web.Response:
    """What there is to try in this demonstration; 404 where the server is none."""
    here = parts(request)
    if here.demo is None:
        raise NotFound("page", request.path)
    pages = here.web_calls.settings if here.web_calls is not None else None
    facts = DemoFacts(
        password=here.demo.password.get_secret_value(),
        log_ins=[_log_in(one) for one in here.demo.log_ins],
        sip=[
            DemoSip(transport=one.transport, host=one.host, port=one.port)
            for one in here.sip_listen
        ],
        realm=here.realm,
        numbers=[
            _number(one, here.sip_listen, pages.numbers if pages else ())
            for one in here.demo.numbers
        ],
        page_caller_number=pages.caller_number if pages else "",
        tries=[dict(one) for one in here.demo.tries],
    )
    response = answer(facts)
    response.headers["Cache-Control"] = "no-store"  # the password is of this run
    return response


def _log_in(one: DemoLogInSettings) -> DemoLogIn:
    return DemoLogIn(
        agent_id=one.agent_id,
        name=one.name,
        role=one.role,
        phone=one.phone,
        about=dict(one.about),
    )


def _number(
    one: DemoNumberSettings, listens: Sequence[ListenSettings], from_page: Collection[str]
) -> DemoNumber:
    return DemoNumber(
        number=one.number,
        title=dict(one.title),
        hint=dict(one.hint) if one.hint is not None else None,
        sip_uri=f"sip:{one.number}@{listens[0].host}:{listens[0].port}" if listens else None,
        from_page=one.number in from_page,
    )
