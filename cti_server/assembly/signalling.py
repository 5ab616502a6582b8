"""SIP: trunks, registered phones, and how much of it is let in."""

from dataclasses import dataclass

from cti_server.calls.refused_calls import RefusedCalls
from cti_server.phone_watch import PhoneWatch
from cti_server.plans import trunk_of
from cti_server.sip.core import CoreSettings
from cti_server.sip.doors import OnCall, OnRecording
from cti_server.sip.overload import Overload, OverloadLimits
from cti_server.sip.registration import Registrar
from cti_server.sip.tcp import TcpLimits
from cti_server.sip.transport import Listen
from cti_server.sip.user_agent import UserAgent
from cti_server.store.bindings import BindingWriter

from .ground import Ground
from .routing import Routing


@dataclass(frozen=True, slots=True, kw_only=True)
class Signalling:
    user_agent: UserAgent
    refused_calls: RefusedCalls


async def open_signalling(
    ground: Ground, routing: Routing, on_call: OnCall, on_recording: OnRecording
) -> Signalling:
    """No socket yet: :func:`let_calls_in` opens them."""
    sip, definitions = ground.settings.sip, routing.definitions
    clients = ground.settings.siprec.clients
    writer = BindingWriter(ground.database)
    ground.run(writer)
    refused_calls = RefusedCalls(ground.log.append)
    registrar = Registrar(PhoneWatch(writer, routing.floor))
    registrar.restore(await definitions.bindings(ground.clock.now()))
    user_agent = UserAgent(
        listen=[Listen(each.transport, each.host, each.port) for each in sip.listen],
        realm=sip.realm,
        trunks=[trunk_of(trunk, sip.realm) for trunk in sip.trunks],
        accounts=definitions,
        registrar=registrar,
        on_call=on_call,
        on_refused=refused_calls.refused,
        recorded=[trunk_of(client, sip.realm) for client in clients],
        on_recording=on_recording if clients else None,
        algorithms=sip.digest_algorithms,
        tcp_limits=TcpLimits(connections_per_source=sip.tcp_connections_per_source),
        settings=CoreSettings(
            ping_interval=sip.ping_every.total_seconds() if sip.ping_every else None
        ),
        overload=Overload(
            OverloadLimits(
                calls_per_second=sip.calls_per_second,
                burst=2 * sip.calls_per_second,
                open_calls=sip.concurrent_calls,
            )
        ),
    )
    return Signalling(user_agent=user_agent, refused_calls=refused_calls)


async def let_calls_in(ground: Ground, user_agent: UserAgent) -> None:
    await user_agent.start()
    ground.opening.push_async_callback(user_agent.close)
