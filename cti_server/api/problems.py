"""The one place that knows about HTTP statuses: a refusal becomes an RFC 9457 problem."""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import web
from pydantic import ValidationError

from acd import errors as acd
from crm import errors as crm
from crm import queries
from crm.quality.errors import NotYours
from cti_server.backup import errors as backup
from cti_server.calls import errors as calls
from cti_server.calls.dial_pad import NoNewCalls
from cti_server.calls.number_plan import DiallingRefused
from cti_server.calls.outbound import AllTrunksBusy
from cti_server.channels import errors as channels
from cti_server.connectors import errors as connectors
from cti_server.fax.errors import FaxUnavailable
from cti_server.flow_drawing import DrawingTooSlow
from cti_server.live.errors import FiguresNotReady
from cti_server.media import errors as media
from cti_server.recorded_sound import SoundUnavailable
from cti_server.reporting.reading import ReportsNotReady
from cti_server.self_service import errors as self_service
from cti_server.speech import errors as speech
from cti_server.store.database import UNAVAILABLE, refused_the_data
from cti_server.store.errors import EventsUnavailable
from cti_server.wire.storable import fault_of
from ivr.errors import FlowInvalid

from . import errors
from .route_patterns import pattern_of

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotFound(Exception):
    """What the path names does not exist."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"there is no {what} {name!r}")


class BadRequest(Exception):
    """The body or query cannot be used; the message names the field and the rule."""


class DatabaseUnavailable(Exception):
    """It does not answer."""

    def __init__(self) -> None:
        super().__init__("the database does not answer; calls go on, try again soon")


class ImportRefused(Exception):
    """The file is no table of customers; the message says why."""


STATUS: dict[type[Exception], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    BadRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    DatabaseUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    FaxUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ImportRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotLoggedIn: HTTPStatus.UNAUTHORIZED,
    errors.WrongPassword: HTTPStatus.UNAUTHORIZED,
    errors.SecondFactorNeeded: HTTPStatus.UNAUTHORIZED,
    errors.WrongCode: HTTPStatus.UNAUTHORIZED,
    errors.SignOnFailed: HTTPStatus.UNAUTHORIZED,
    errors.NoSingleSignOn: HTTPStatus.NOT_FOUND,
    errors.ProviderUnavailable: HTTPStatus.BAD_GATEWAY,
    errors.ForeignOrigin: HTTPStatus.FORBIDDEN,
    errors.ForeignAddress: HTTPStatus.FORBIDDEN,
    errors.NotPermitted: HTTPStatus.FORBIDDEN,
    errors.ConfirmationNeeded: HTTPStatus.FORBIDDEN,
    errors.ConfirmationImpossible: HTTPStatus.FORBIDDEN,
    errors.ApprovalNeeded: HTTPStatus.FORBIDDEN,
    errors.NotBySomebodyElse: HTTPStatus.FORBIDDEN,
    errors.TooManyFailures: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TooManyLogIns: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NotKnownYet: HTTPStatus.SERVICE_UNAVAILABLE,
    calls.NoSuchCall: HTTPStatus.NOT_FOUND,
    calls.NoSuchLine: HTTPStatus.NOT_FOUND,
    channels.NoSuchWork: HTTPStatus.NOT_FOUND,
    calls.NoSuchCallBack: HTTPStatus.NOT_FOUND,
    calls.NotForPages: HTTPStatus.NOT_FOUND,
    calls.TooManyWebCalls: HTTPStatus.TOO_MANY_REQUESTS,
    calls.NoRoomToRecord: HTTPStatus.INSUFFICIENT_STORAGE,
    NoNewCalls: HTTPStatus.SERVICE_UNAVAILABLE,
    DiallingRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    AllTrunksBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    media.NoSuchWorker: HTTPStatus.NOT_FOUND,
    media.WorkerDraining: HTTPStatus.CONFLICT,
    media.MediaUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    speech.VoiceMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    speech.TextUnspeakable: HTTPStatus.UNPROCESSABLE_ENTITY,
    speech.SoundInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    speech.RenderFailed: HTTPStatus.SERVICE_UNAVAILABLE,
    media.MediaError: HTTPStatus.UNPROCESSABLE_ENTITY,
    self_service.NoSuchService: HTTPStatus.NOT_FOUND,
    self_service.NoSuchSession: HTTPStatus.NOT_FOUND,
    self_service.TooManySessions: HTTPStatus.TOO_MANY_REQUESTS,
    FiguresNotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    ReportsNotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    acd.UnknownAgent: HTTPStatus.NOT_FOUND,
    acd.UnknownQueue: HTTPStatus.NOT_FOUND,
    acd.InvalidValue: HTTPStatus.UNPROCESSABLE_ENTITY,
    acd.UnknownReason: HTTPStatus.UNPROCESSABLE_ENTITY,
    acd.StateNotSelectable: HTTPStatus.UNPROCESSABLE_ENTITY,
    acd.IllegalTransition: HTTPStatus.CONFLICT,
    connectors.NoSuchOperation: HTTPStatus.NOT_FOUND,
    connectors.OutsideRefused: HTTPStatus.CONFLICT,
    connectors.OutsideFailed: HTTPStatus.BAD_GATEWAY,
    connectors.OutsideResting: HTTPStatus.SERVICE_UNAVAILABLE,
    crm.UnknownRecord: HTTPStatus.NOT_FOUND,
    crm.InvalidField: HTTPStatus.UNPROCESSABLE_ENTITY,
    crm.EditConflict: HTTPStatus.CONFLICT,
    crm.AlreadyThere: HTTPStatus.CONFLICT,
    crm.NotNow: HTTPStatus.CONFLICT,
    NotYours: HTTPStatus.FORBIDDEN,
    FlowInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    DrawingTooSlow: HTTPStatus.GATEWAY_TIMEOUT,
    queries.QueryTooSlow: HTTPStatus.GATEWAY_TIMEOUT,
    queries.OutsideUnavailable: HTTPStatus.BAD_GATEWAY,
    SoundUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    backup.NoSecondStore: HTTPStatus.CONFLICT,
}
"""A refusal that is not here takes the nearest base class that is, else 409."""

REFUSALS = (
    NotFound,
    BadRequest,
    DatabaseUnavailable,
    FaxUnavailable,
    ImportRefused,
    FiguresNotReady,
    ReportsNotReady,
    errors.AccessError,
    acd.AcdError,
    calls.CallError,
    channels.ChannelError,
    connectors.ConnectorError,
    crm.CrmError,
    media.MediaError,
    self_service.SelfServiceError,
    speech.SpeechError,
    FlowInvalid,
    DrawingTooSlow,
    SoundUnavailable,
    backup.BackupError,
)


def status_of(error: Exception) -> HTTPStatus:
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.CONFLICT


def problem(kind: str, status: HTTPStatus, detail: str) -> web.Response:
    body = {"type": kind, "title": status.phrase, "status": int(status), "detail": detail}
    response = web.json_response(
        body, status=status, content_type="application/problem+json", dumps=_dumps
    )
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="hotline"'
    return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a refusal of the domain, or a bad request, into a problem document."""
    try:
        _check_address(request)
        return await handler(request)
    except ValidationError as error:
        return problem("BadRequest", HTTPStatus.UNPROCESSABLE_ENTITY, faults_of(error))
    except REFUSALS as error:
        answer = problem(type(error).__name__, status_of(error), str(error))
        if (seconds := retry_after(error)) is not None:
            answer.headers["Retry-After"] = str(seconds)
        return answer
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        status = HTTPStatus(error.status)
        answer = problem(status.phrase.replace(" ", ""), status, error.reason)
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except (*UNAVAILABLE, EventsUnavailable) as error:
        if refused_the_data(error):
            reason = type(error).__name__
            log.warning("api.value_refused", path=pattern_of(request), reason=reason)
            detail = "the database cannot keep one of the values"
            return problem("BadRequest", HTTPStatus.UNPROCESSABLE_ENTITY, detail)
        log.warning("api.database_unavailable", path=pattern_of(request), reason=str(error))
        unavailable = DatabaseUnavailable()
        return problem(type(unavailable).__name__, status_of(unavailable), str(unavailable))
    except Exception:
        if request.writer.output_size > 0:
            raise  # an answer is on its way already: the connection ends
        log.exception("api.failed", method=request.method, path=pattern_of(request))
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return problem("ServerFault", status, "a fault of the server's; its log has the details")


def retry_after(error: Exception) -> int | None:
    """Seconds after which it may be tried again, if that would help."""
    match error:
        case errors.AccessError() | self_service.TooManySessions() | calls.TooManyWebCalls():
            return error.retry_after
        case _:
            return None


def _check_address(request: web.Request) -> None:
    """Raises NotFound or BadRequest for what names nothing that could be stored."""
    if fault_of(request.path, "path") is not None:
        raise NotFound("page", request.rel_url.raw_path)
    for name, text in request.query.items():
        if (fault := fault_of({name: text}, "")) is not None:
            raise BadRequest(fault)


def faults_of(error: ValidationError, *within: str) -> str:
    """Each field, from ``within`` the body on, with the rule that it breaks."""
    return "; ".join(
        f"{'.'.join((*within, *map(str, fault['loc']))) or 'body'}: "
        f"{fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors()
    )


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
