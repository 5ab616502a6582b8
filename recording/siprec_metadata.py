"""
What another PBX tells of the call that it has recorded here: SIP recording metadata (RFC 7865).

Pure. A document (:mod:`.siprec_document`) is whole, or says only what has changed since the one
before (:meth:`Metadata.after`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import unquote

from .errors import MetadataRefused

_SEPARATORS: Final = str.maketrans("", "", "-.() ")
_NUMBER: Final = re.compile(r"\+?[0-9*#]+", re.ASCII)

KEPT: Final = 256
"""Elements of one name that are known at most, however many documents tell of them."""


_NAMES: Final = ("sessions", "participants", "streams", "members")


@dataclass(frozen=True, slots=True)
class Session:
    """A communication session: one call of the other PBX."""

    id: str
    sip_session_ids: tuple[str, ...] = ()
    """RFC 7989's, or whatever the other PBX calls the dialogs: often their Call-IDs."""
    group: str | None = None
    start_at: datetime | None = None
    stop_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in a call, by their first address and name."""

    id: str
    aor: str = ""
    name: str = ""

    @property
    def number(self) -> str:
        """
        What their sip: or tel: address has as a number, as one would dial it.

        Without a password and parameters, with escapes undone (RFC 3261 §19.1.1) and visual
        separators left out (RFC 3966 §3); a name that is none is left as it is.
        """
        scheme, colon, rest = self.aor.partition(":")
        user = (rest if colon else scheme).partition("@")[0].partition(";")[0]
        name = unquote(user.partition(":")[0])
        plain = name.translate(_SEPARATORS)
        return plain if _NUMBER.fullmatch(plain) else name


@dataclass(frozen=True, slots=True)
class Stream:
    """One m= line of the recording session, found there by its label (RFC 4574)."""

    id: str
    session_id: str
    label: str


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's time in a call, or of a call in the recording session (``participant_id`` "")."""

    session_id: str
    participant_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StreamsOf:
    """Whose voice is in which streams, and who hears which."""

    participant_id: str
    sends: tuple[str, ...] = ()
    receives: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """All that is known of the calls in one recording session, each by its id, in their order."""

    sessions: Mapping[str, Session] = field(default_factory=dict)
    participants: Mapping[str, Participant] = field(default_factory=dict)
    streams: Mapping[str, Stream] = field(default_factory=dict)
    recorded: Mapping[str, Membership] = field(default_factory=dict)
    """Sessions' times in the recording session, by session."""
    members: Mapping[tuple[str, str], Membership] = field(default_factory=dict)
    """By participant and session."""
    voices: Mapping[str, StreamsOf] = field(default_factory=dict)
    """By participant."""

    def after(self, update: "Update") -> "Metadata":
        """What is known once this came, too; raises MetadataRefused where that makes no sense."""
        told = update.told
        known = told if update.complete else self._with(told)
        if known.largest > KEPT:
            known = known.pruned()
        known.check()
        return known

    def speakers(self, label: str) -> list[Participant]:
        """Whose voices the stream of that label has at present: of a mixed one, several."""
        ids = {stream.id for stream in self._labelled(label)}
        return [
            self.participants[voice.participant_id]
            for voice in self.voices.values()
            if voice.until is None and ids.intersection(voice.sends)
        ]

    def session_of(self, label: str) -> Session | None:
        """The call that the stream of that label is of."""
        found = self._labelled(label)
        return self.sessions[found[-1].session_id] if found else None

    def _labelled(self, label: str) -> list[Stream]:
        """Of the calls that go on, if any does: the next one may come in the same stream."""
        found = [one for one in self.streams.values() if one.label == label]
        over = self._over
        return [one for one in found if one.session_id not in over] or found

    def present(self, session_id: str) -> list[Participant]:
        """Who is in that call, in the order in which they were told."""
        return [
            self.participants[one.participant_id]
            for one in self.members.values()
            if one.session_id == session_id and one.until is None
        ]

    @property
    def _over(self) -> set[str]:
        """Calls that have ended, or are recorded no more."""
        over = {one.id for one in self.sessions.values() if one.stop_at is not None}
        return over | {one.session_id for one in self.recorded.values() if one.until is not None}

    @property
    def largest(self) -> int:
        """How many elements there are of the name that there are most of."""
        return max(len(getattr(self, name)) for name in _NAMES)

    def pruned(self) -> "Metadata":
        """Without the calls that are over, and who has left: one may come after the other."""
        over = self._over
        members = {
            key: one
            for key, one in self.members.items()
            if one.until is None and one.session_id not in over
        }
        there = {one.participant_id for one in members.values()}
        left = {one.participant_id for one in self.members.values()} - there
        streams = {key: one for key, one in self.streams.items() if one.session_id not in over}
        return Metadata(
            sessions={key: one for key, one in self.sessions.items() if key not in over},
            participants={key: one for key, one in self.participants.items() if key not in left},
            streams=streams,
            recorded={key: one for key, one in self.recorded.items() if key not in over},
            members=members,
            voices={
                key: replace(
                    one,
                    sends=tuple(each for each in one.sends if each in streams),
                    receives=tuple(each for each in one.receives if each in streams),
                )
                for key, one in self.voices.items()
                if one.until is None and key not in left
            },
        )

    def check(self) -> None:
        """Whatever names another element has to name one that there is. Raises MetadataRefused."""
        for name in _NAMES:
            if len(getattr(self, name)) > KEPT:
                raise MetadataRefused("recording", f"more than {KEPT} {name} have been told of")
        for stream in self.streams.values():
            _require("stream", "session_id", stream.session_id, self.sessions)
        for recorded in self.recorded.values():
            _require("sessionrecordingassoc", "session_id", recorded.session_id, self.sessions)
        for member in self.members.values():
            name = "participantsessionassoc"
            _require(name, "session_id", member.session_id, self.sessions)
            _require(name, "participant_id", member.participant_id, self.participants)
        for voice in self.voices.values():
            name = "participantstreamassoc"
            _require(name, "participant_id", voice.participant_id, self.participants)
            for stream_id in (*voice.sends, *voice.receives):
                _require(name, "stream", stream_id, self.streams)

    def _with(self, told: "Metadata") -> "Metadata":
        return Metadata(
            sessions=_merged(self.sessions, told.sessions, _session_after),
            participants=_merged(self.participants, told.participants, _participant_after),
            streams={**self.streams, **told.streams},
            recorded=_merged(self.recorded, told.recorded, _since_kept),
            members=_merged(self.members, told.members, _since_kept),
            voices=_merged(self.voices, told.voices, _since_kept),
        )


@dataclass(frozen=True, slots=True)
class Update:
    """One document: ``complete``, or what has changed alone."""

    complete: bool
    told: Metadata


_Key = TypeVar("_Key")
_One = TypeVar("_One")


def _merged(
    known: Mapping[_Key, _One], told: Mapping[_Key, _One], then: Callable[[_One, _One], _One]
) -> dict[_Key, _One]:
    new = {key: then(known[key], one) if key in known else one for key, one in told.items()}
    return {**known, **new}


def _session_after(known: Session, told: Session) -> Session:
    return Session(
        told.id,
        told.sip_session_ids or known.sip_session_ids,
        told.group or known.group,
        told.start_at or known.start_at,
        told.stop_at or known.stop_at,
    )


def _participant_after(known: Participant, told: Participant) -> Participant:
    return Participant(told.id, told.aor or known.aor, told.name or known.name)


_Timed = TypeVar("_Timed", Membership, StreamsOf)


def _since_kept(known: _Timed, told: _Timed) -> _Timed:
    """Who leaves, and comes back, is there since then; an end alone does not move the beginning."""
    return replace(told, since=told.since or known.since)


def _require(element: str, what: str, named: str, there_are: Mapping[str, object]) -> None:
    if named not in there_are:
        raise MetadataRefused(element, f"{what} {named!r} names nothing that was told")
