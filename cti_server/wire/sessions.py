"""Who is logged in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from .resource import Identifier, Resource


class LogIn(Resource):
    """
    An agent's name and password.

    ``code``: of the authenticator app, or a recovery code, where SecondFactorNeeded asks for it.
    """

    agent_id: Identifier
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: Annotated[str, Field(min_length=6, max_length=32)] | None = None


class Session(Resource):
    """
    Send ``token`` as ``Authorization: Bearer …`` until ``expires_at``.

    ``must``: "change_password", "enrol_second_factor": until that is done the session is good for
    one's own account only, and what is done brings a new one.
    """

    token: str
    agent_id: str
    roles: list[str]
    expires_at: datetime
    must: list[str] = Field(default_factory=list)


class SessionRenewal(Resource):
    """
    From now on send this ``token`` in place of the one before.

    ``expires_at`` is no later than before where the session has had its longest life.
    """

    token: str
    expires_at: datetime


Purpose = Literal["recordings.play", "recordings.export"]


class ConfirmationProof(Resource):
    """The password once more; ``code`` where there is a second factor."""

    purpose: Purpose
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: Annotated[str, Field(min_length=6, max_length=32)] | None = None


class Confirmation(Resource):
    """It holds for this session and purpose."""

    purpose: Purpose
    expires_at: datetime
