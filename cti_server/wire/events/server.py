"""The server's own life."""

from .base import BaseEvent


class ServerStarted(BaseEvent, frozen=True, kw_only=True, tag="server.started"):
    version: str


class ServerStopped(BaseEvent, frozen=True, kw_only=True, tag="server.stopped"):
    reason: str


class MediaWorkerDied(BaseEvent, frozen=True, kw_only=True, tag="media.worker_died"):
    """A media worker's process ended by itself; its legs ended with it."""

    worker: int
    legs: list[str]


AnyServerEvent = ServerStarted | ServerStopped | MediaWorkerDied
