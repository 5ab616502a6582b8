"""What every part shows on ``/metrics``."""

from cti_server.calls.archiver import Archiver
from cti_server.calls.owed_copies import OwedCopies
from cti_server.figures import watch
from cti_server.media.plane import MediaPlane
from cti_server.sip.user_agent import UserAgent
from cti_server.siprec.sessions import RecordingSessions

from .calling import Calling
from .ground import Ground
from .routing import Routing


def open_metrics(
    ground: Ground,
    *,
    plane: MediaPlane,
    routing: Routing,
    user_agent: UserAgent,
    archiver: Archiver,
    owed: OwedCopies,
    calling: Calling,
    sessions: RecordingSessions,
) -> None:
    watch(
        ground.metrics,
        switchboard=calling.switchboard,
        floor=routing.floor,
        record=routing.record,
        desks=calling.desks,
        user_agent=user_agent,
        outbound=calling.outbound,
        trunk_watch=calling.trunk_watch,
        losses=calling.losses,
        audio=calling.audio_figures,
        plane=plane,
        log=ground.log,
        archiver=archiver,
        owed=owed,
        outside_crm=calling.callers.outside_crm,
        sessions=sessions,
    )
