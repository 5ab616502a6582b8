"""Calls from pages, where the configuration has numbers for them."""

from cti_server.calls.web_calls import WebCalls
from cti_server.readiness import Readiness

from .calling import Calling
from .ground import Ground
from .signalling import Signalling


def open_web_calls(
    ground: Ground, calling: Calling, signalling: Signalling, readiness: Readiness
) -> WebCalls | None:
    settings = ground.settings.web_calls
    if not settings.numbers:
        return None
    return WebCalls(
        settings,
        calling.switchboard,
        lambda: readiness.taking_calls and not readiness.draining,
        signalling.refused_calls.refused,
    )
