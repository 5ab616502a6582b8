"""
What happened in each quarter of an hour, added up: reports of months are sums of these.

``number`` counts the quarters since 1970 (UTC): in every zone of today a day begins with one. All
of them derive from the other records (:mod:`cti_server.reporting.counting`) and are counted once
their quarter is over; durations are in whole milliseconds, so that any sum of them is exact.
"""

from typing import Annotated

from sqlalchemy import JSON, BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

Number = Annotated[int, mapped_column(primary_key=True, autoincrement=False)]
Name = Annotated[str, mapped_column(primary_key=True)]
Times = int
Milliseconds = Annotated[int, mapped_column(BigInteger)]
Lengths = Annotated[list[int], mapped_column(JSON)]
"""Milliseconds of each, so that quantiles are exact and a target may be changed afterwards."""


class CountedQuarter(Base, kw_only=True):
    """A quarter that is over and counted."""

    __tablename__ = "counted_quarter"

    number: Mapped[Number]


class AgentQuarter(Base, kw_only=True):
    """How long an agent was in which state; together they are the time logged in."""

    __tablename__ = "agent_quarter"

    number: Mapped[Number]
    agent_id: Mapped[Name]
    ready_ms: Mapped[Milliseconds]
    not_ready_ms: Mapped[Milliseconds]
    ringing_ms: Mapped[Milliseconds]
    talking_ms: Mapped[Milliseconds]
    wrap_up_ms: Mapped[Milliseconds]


class AbsenceQuarter(Base, kw_only=True):
    """How long an agent was not ready for this reason; empty where none was given."""

    __tablename__ = "absence_quarter"

    number: Mapped[Number]
    agent_id: Mapped[Name]
    reason: Mapped[Name]
    times: Mapped[Times]
    not_ready_ms: Mapped[Milliseconds]


class HandlingQuarter(Base, kw_only=True):
    """What one agent was offered of a queue's contacts, and did with them."""

    __tablename__ = "handling_quarter"

    number: Mapped[Number]
    agent_id: Mapped[Name]
    queue: Mapped[Name]
    channel: Mapped[Name]
    presented: Mapped[Times]
    accepted: Mapped[Times]
    missed: Mapped[Times]
    declined: Mapped[Times]
    unreachable: Mapped[Times]
    withdrawn: Mapped[Times]
    taken_over: Mapped[Times]
    handled: Mapped[Times]
    transferred: Mapped[Times]
    talk_ms: Mapped[Milliseconds]
    hold_ms: Mapped[Milliseconds]
    wrap_ms: Mapped[Milliseconds]


class WaitQuarter(Base, kw_only=True):
    """The waits in a queue; those that were answered or abandoned with the length of each."""

    __tablename__ = "wait_quarter"

    number: Mapped[Number]
    queue: Mapped[Name]
    offered: Mapped[Times]
    overflowed: Mapped[Times]
    exited: Mapped[Times]
    lost: Mapped[Times]
    turned_away: Mapped[Times]
    deferred_offered: Mapped[Times]
    deferred_answered: Mapped[Times]
    answered: Mapped[Lengths]
    abandoned: Mapped[Lengths]


class SurveyQuarter(Base, kw_only=True):
    """Surveys and complaints about an agent's part in a queue's contacts, by when they ended."""

    __tablename__ = "survey_quarter"

    number: Mapped[Number]
    agent_id: Mapped[Name]
    queue: Mapped[Name]
    surveys: Mapped[Times]
    rated: Mapped[Times]
    complaints: Mapped[Times]


class MarkQuarter(Base, kw_only=True):
    """
    How often a mark was given, of ``best``; of contacts as a whole with neither agent nor queue.

    ``satisfied``: those that are among the best. ``points``: all of them added up.
    """

    __tablename__ = "mark_quarter"

    number: Mapped[Number]
    agent_id: Mapped[Name]
    queue: Mapped[Name]
    question: Mapped[Name]
    best: Mapped[Name]
    mark: Mapped[Name]
    marks: Mapped[Times]
    satisfied: Mapped[Times]
    points: Mapped[Times]
    best_points: Mapped[Times]


class LineQuarter(Base, kw_only=True):
    """
    Calls and the lines that they occupied; ``kind`` is "trunk", "number" (ours) or "all".

    ``peak``: most at once. ``turned_away`` by queues, of "all" only.
    """

    __tablename__ = "line_quarter"

    number: Mapped[Number]
    kind: Mapped[Name]
    name: Mapped[Name]
    arrived: Mapped[Times]
    answered: Mapped[Times]
    refused: Mapped[Times]
    unavailable: Mapped[Times]
    turned_away: Mapped[Times]
    placed: Mapped[Times]
    placed_answered: Mapped[Times]
    busy_ms: Mapped[Milliseconds]
    peak: Mapped[Times]


class ContactQuarter(Base, kw_only=True):
    """
    Contacts that ended, by what became of them; ``kind`` is "channel" or "path".

    A path is a flow and the nodes of it that the caller came through.
    """

    __tablename__ = "contact_quarter"

    number: Mapped[Number]
    kind: Mapped[Name]
    name: Mapped[Name]
    contacts: Mapped[Times]
    inbound: Mapped[Times]
    outbound: Mapped[Times]
    connected: Mapped[Times]
    handled: Mapped[Times]
    self_served: Mapped[Times]
    abandoned: Mapped[Times]
    transferred: Mapped[Times]
    turned_away: Mapped[Times]
    call_back: Mapped[Times]
    voicemail: Mapped[Times]
    not_reached: Mapped[Times]
    withdrawn: Mapped[Times]
    failed: Mapped[Times]
    transfers: Mapped[Times]
