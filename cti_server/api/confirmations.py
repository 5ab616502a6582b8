"""
Asked for the password again: what is to be done with recordings is done by who logged in.

A confirmation holds for one session and one purpose, for some minutes (:mod:`.confirmed`).
"""

from aiohttp import web

from cti_server.store.agents import Agents
from cti_server.wire.events import IdentityConfirmed
from cti_server.wire.sessions import Confirmation, ConfirmationProof

from .admission import check_password, check_second_factor
from .errors import ConfirmationImpossible
from .parts import identity, parts
from .routing import Routes, answer, read

routes = Routes()


@routes.add(
    "POST",
    "/api/v1/account/confirmations",
    needs=("account.own",),
    body=ConfirmationProof,
    answers=Confirmation,
    status=201,
)
async def confirm(request: web.Request) -> web.Response:
    """Prove again who one is, by the password and the second factor where there is one."""
    proof = await read(request, ConfirmationProof)
    here, who = parts(request), identity(request)
    async with here.database.readers() as session:
        agent = await Agents(session).get(who.agent_id)
    if agent is None or agent.password_hash is None:
        raise ConfirmationImpossible
    agent = await check_password(request, who.agent_id, proof.password)
    await check_second_factor(request, agent, proof.code)
    here.failed_log_ins.succeeded(who.agent_id)
    until = here.confirmations.put(who, proof.purpose, here.clock.now())
    here.log.append(
        IdentityConfirmed(
            session_id=who.token_id,
            user_id=who.agent_id,
            purpose=proof.purpose,
            address=request.remote or "",
        )
    )
    return answer(Confirmation(purpose=proof.purpose, expires_at=until), 201)
