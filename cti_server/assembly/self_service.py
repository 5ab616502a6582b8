"""Customers who serve themselves in writing, where the configuration offers them something."""

from cti_server.channels.tray import Tray
from cti_server.self_service.sessions import Sessions
from cti_server.self_service.values import in_region

from .calling import Calling
from .directory import Directory
from .ground import Ground


def open_self_service(
    ground: Ground, directory: Directory, calling: Calling, tray: Tray
) -> Sessions | None:
    settings = ground.settings.self_service
    if not settings.services:
        return None
    sessions = Sessions(calling.exchange, tray, directory.flows, settings, in_region(ground.region))
    ground.opening.push_async_callback(sessions.close)
    return sessions
