"""The workers that carry calls' audio."""

from cti_server.media.plane import MediaPlane
from cti_server.wire.events import MediaWorkerDied

from .ground import Ground


async def open_media(ground: Ground) -> MediaPlane:
    media = ground.settings.media

    def worker_died(worker: int, legs: list[str]) -> None:
        ground.log.append(MediaWorkerDied(worker=worker, legs=legs))

    plane = MediaPlane(
        workers=media.worker_count,
        host=media.host,
        public_host=media.public_host,
        ports=media.ports,
        run_folder=ground.data / "run",
        on_worker_died=worker_died,
        log_level=ground.settings.log.level,
    )
    await plane.start()
    ground.opening.push_async_callback(plane.close)
    return plane
