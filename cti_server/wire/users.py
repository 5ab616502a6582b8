"""The REST resources of users, their accounts and sessions, API keys, and the audit trail."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator

from .resource import Identifier, Line, Page, Resource, Version

Role = Literal["agent", "supervisor", "auditor", "admin", "field", "wall"]
Roles = Annotated[list[Role], Field(min_length=1, max_length=6)]
Skills = Annotated[
    dict[
        Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$")],
        Annotated[int, Field(ge=1, le=10)],
    ],
    Field(max_length=100),
]


def _begins_with_a_country(region: list[str]) -> list[str]:
    """As callers' regions do; any other word would be far from everybody."""
    if region and not (region[0].isascii() and region[0].isdigit() and len(region[0]) <= 3):
        raise ValueError('must begin with the country\'s calling code, e.g. "86"')
    return region


Queues = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=64)],
        Annotated[int, Field(ge=1, le=10)],
    ],
    Field(max_length=200),
]
ChannelName = Literal["voice", "callback", "web", "chat", "sms", "email", "fax", "task"]


def _alone(capacity: dict[str, int]) -> dict[str, int]:
    if unknown := sorted(set(capacity) - set(get_args(ChannelName))):
        raise ValueError(f"there is no channel {unknown[0]!r}")
    if any(capacity.get(channel, 0) > 1 for channel in ("voice", "callback")):
        raise ValueError("nobody has two calls at once")
    return capacity


Capacity = Annotated[dict[str, Annotated[int, Field(ge=0, le=100)]], AfterValidator(_alone)]
"""How many contacts of a channel at once; 0: none of it."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Region = Annotated[list[Word], Field(max_length=4), AfterValidator(_begins_with_a_country)]
Works = Annotated[list[Word], Field(max_length=20)]
SpokenNumber = Annotated[str, Field(pattern=r"^[0-9]{1,10}$")]
"""Digits that callers are told: "agent 8026"."""
Phone = Annotated[str, Field(pattern=r"^(browser|(sips?|tel):[!-~]+)$", max_length=200)]
Team = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Password = Annotated[str, Field(min_length=1, max_length=256)]
Code = Annotated[str, Field(min_length=6, max_length=32)]


class User(Resource):
    """
    Somebody who can log in.

    ``phone``: a SIP URI, a telephone number (``tel:``) or ``browser``; null for the SIP phone that
    is registered under the user's id. ``team``: whose records they see; null for everybody's.
    ``queues``: those that they serve, each with a level: 1 is asked first, 10 last; null for all
    whose skills they have. ``region``: country's calling code, province, city. ``works``: what work
    is theirs by its nature, in the words of the queues' settings. ``auto_answer``: whether the
    phone picks up by itself, as a headset's does; null for as each queue says. ``capacity``: how
    many contacts of a channel at once, where it is not as many as the team's.
    """

    id: str
    name: str
    number: str
    phone: str | None
    skills: dict[str, int]
    queues: dict[str, int] | None
    region: list[str]
    works: list[str]
    auto_answer: bool | None
    capacity: dict[str, int]
    roles: list[str]
    team: str | None
    enabled: bool
    has_password: bool
    password_is_temporary: bool
    second_factor: bool
    version: int


class UserPage(Page[User]):
    pass


class NewUser(Resource):
    """``password`` is temporary: its owner has to choose another at the first log-in."""

    id: Identifier
    name: Line
    number: SpokenNumber
    phone: Phone | None = None
    skills: Skills = Field(default_factory=dict)
    queues: Queues | None = None
    region: Region = Field(default_factory=list)
    works: Works = Field(default_factory=list)
    auto_answer: bool | None = None
    capacity: Capacity = Field(default_factory=dict)
    roles: Roles = Field(default_factory=lambda: list[Role](["agent"]))
    team: Team | None = None
    password: Password | None = None


class UserChange(Resource):
    """What is left out stays. Who is not ``enabled`` has no session, and cannot log in."""

    version: Version
    name: Line | None = None
    number: SpokenNumber | None = None
    phone: Phone | None = None
    skills: Skills | None = None
    queues: Queues | None = None
    region: Region | None = None
    works: Works | None = None
    auto_answer: bool | None = None
    capacity: Capacity | None = None
    roles: Roles | None = None
    team: Team | None = None
    enabled: bool | None = None

    @model_validator(mode="after")
    def _null_only_where_it_means_something(self) -> Self:
        for name in self.model_fields_set - {"phone", "team", "queues", "auto_answer"}:
            if getattr(self, name) is None:
                raise ValueError(f"{name}: must not be null; leave it out")
        return self


class SkillRow(Resource):
    """A user's skills as a whole; ``version``: the user's."""

    user: Identifier
    version: Version
    skills: Skills


MOST_ROWS: Final = 200
"""Each is told of on every supervisor's stream, in one go."""


class SkillMatrixEdit(Resource):
    """At most one row for each user."""

    rows: Annotated[list[SkillRow], Field(min_length=1, max_length=MOST_ROWS)]

    @model_validator(mode="after")
    def _nobody_twice(self) -> Self:
        seen: set[str] = set()
        for place, row in enumerate(self.rows):
            if row.user in seen:
                raise ValueError(f"rows.{place}.user: {row.user!r} has a row already")
            seen.add(row.user)
        return self


class PasswordReset(Resource):
    """A temporary password, which ends every session of the user."""

    password: Password


class PhonePassword(Resource):
    """What the user's SIP phone registers with; shown this once."""

    username: str
    password: str


class Account(Resource):
    """
    The one who asks.

    ``must``: what they have to do before anything else is permitted: "change_password",
    "enrol_second_factor"; ``session_expires_at``: unless the session is renewed before.
    """

    id: str
    name: str
    roles: list[str]
    team: str | None
    session_expires_at: datetime
    permissions: list[str]
    must: list[str]
    second_factor: bool
    recovery_codes_left: int


class PasswordChange(Resource):
    """By its owner; ends every session, and the answer is a new one."""

    password: Password
    new_password: Password


class PasswordProof(Resource):
    """The password once more, for what a stolen session must not do."""

    password: Password


class Enrolment(Resource):
    """
    For the authenticator app: ``uri`` as a QR code, or ``secret`` to type.

    It counts when :class:`EnrolmentCode` has come. The recovery codes are shown this once; each
    opens the account one time without the app.
    """

    secret: str
    uri: str
    recovery_codes: list[str]


class EnrolmentCode(Resource):
    code: Code


class SessionView(Resource):
    """A log-in that still holds. ``method``: "password", "second_factor" or "oidc"."""

    id: str
    agent_id: str
    method: str
    address: str
    client: str
    opened_at: datetime
    expires_at: datetime
    current: bool


class Matrix(Resource):
    """
    What each role may do, what an API key can be given, and which fields are masked.

    ``masked``: a field, and the permission that shows it whole.
    """

    roles: dict[str, list[str]]
    scopes: list[str]
    masked: dict[str, str]


class NewApiKey(Resource):
    """``team``: whose records the key sees; null for everybody's."""

    name: Line
    scopes: Annotated[
        list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=100)
    ]
    team: Team | None = None
    expires_at: AwareDatetime


class ApiKeyView(Resource):
    """``last_used_at`` is right to within ten minutes."""

    id: str
    name: str
    scopes: list[str]
    team: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_from: str | None


class ApiKeyPage(Page[ApiKeyView]):
    pass


class ApiKeyMade(Resource):
    """Send ``key`` as ``Authorization: Bearer …``; it is shown this once."""

    key: str
    made: ApiKeyView


class AuditEntryView(Resource):
    """
    Who did what to which record. ``actor``: an agent's id, ``key:<id>``, "system", or empty where
    nobody is known. ``hash`` covers the entry and the hash of the one before it.
    """

    sequence: int
    event_sequence: int
    at: datetime
    actor: str
    action: str
    record: str
    record_id: str
    details: dict[str, Any]
    hash: str


class AuditPage(Page[AuditEntryView]):
    pass


class OidcTicket(Resource):
    """What the page got after single sign-on, for a session; it holds for a minute, once."""

    ticket: Annotated[str, Field(min_length=1, max_length=128)]
