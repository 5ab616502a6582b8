"""
An agent's desktops as a phone: which of them has the audio, whether it is well, what rings there.

Exactly one desktop has the audio, by its name, which a reload keeps. The first one that comes has
it; another gets it only by taking it. When it goes away the next desktop that comes has it; but
while there is a call, only after :data:`AUDIO_KEPT`, so that a reload finds it again.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from acd.errors import UnknownAgent
from cti_server.floor.fitness import (
    AUDIO_NOT_TAKEN,
    DESKTOP_AWAY,
    DeviceHealth,
    MediaPath,
    Microphone,
    StreamHealth,
    unfit_because,
)
from cti_server.wire.phone import (
    Answer,
    Audio,
    AudioMoved,
    Media,
    PhoneCall,
    PhoneTold,
    PhoneView,
)

from .errors import NoSuchLine, NotTheAudio

log = structlog.get_logger()

AUDIO_KEPT = 30.0  # s


class Screen(Protocol):
    """One connected desktop, as the phone sees it."""

    @property
    def name(self) -> str:
        """Its own, kept over a reload."""

    def show(self, message: PhoneTold) -> None: ...


class Line(Protocol):
    """One leg at the handset."""

    @property
    def id(self) -> str: ...

    def view(self) -> PhoneCall: ...

    def answer(self) -> None:
        """The agent picks up."""

    def put_down(self) -> None:
        """The agent does not want it, or is done with it."""

    async def media(self, said: Media) -> Answer:
        """The desktop's offer. Raises MediaError."""

    def screen_changed(self, *, there: bool) -> None:
        """The desktop that has the audio came, went, or is another one now."""


@dataclass(slots=True)
class _Place:
    """A connected desktop and what is known of its equipment."""

    screen: Screen
    health: DeviceHealth = field(default_factory=DeviceHealth)


class Handset:
    """One agent's. Everything here is called on the event loop and returns at once."""

    def __init__(self, agent_id: str, set_fitness: Callable[[str, tuple[str, ...]], None]) -> None:
        self.agent_id = agent_id
        self._set_fitness = set_fitness
        self._places: dict[str, _Place] = {}
        self._lines: dict[str, Line] = {}
        self._owner: str | None = None
        self._owner_left_at: float | None = None  # loop time

    # --- desktops come and go -----------------------------------------------------------------

    def join(self, screen: Screen) -> Screen | None:
        """This desktop is connected; returns the one of the same name that it replaces."""
        before = self._places.get(screen.name)
        health = before.health if before is not None else DeviceHealth()
        self._places[screen.name] = _Place(screen, replace(health, stream=StreamHealth()))
        if self._owner is None or self._given_up():
            self._owner = screen.name
        if self._owner == screen.name:
            self._owner_left_at = None
            self._owner_changed()
        self._assess()
        return before.screen if before is not None else None

    def leave(self, screen: Screen) -> None:
        """Harmless for one that was replaced."""
        place = self._places.get(screen.name)
        if place is None or place.screen is not screen:
            return
        del self._places[screen.name]
        if self._owner == screen.name:
            self._owner_left_at = asyncio.get_running_loop().time()
            self._owner_changed()
        self._assess()

    def take_audio(self, screen: Screen) -> None:
        """This desktop is the phone from now on."""
        if self._owner == screen.name:
            return
        log.info("phone.audio_taken", agent_id=self.agent_id)
        self._owner, self._owner_left_at = screen.name, None
        for place in self._places.values():
            place.screen.show(AudioMoved(owner=self._audio(place.screen)))
        self._owner_changed()
        self._assess()

    def _given_up(self) -> bool:
        """Whether the audio is nobody's: its desktop is away, and nothing waits for it there."""
        left = self._owner_left_at
        if left is None:
            return False
        return not self._lines or asyncio.get_running_loop().time() - left >= AUDIO_KEPT

    def _owner_changed(self) -> None:
        there = self.screen is not None
        for line in list(self._lines.values()):
            line.screen_changed(there=there)

    # --- how they are -------------------------------------------------------------------------

    def reported(self, screen: Screen, microphone: Microphone, path: MediaPath) -> None:
        """What the desktop says of its equipment."""
        self._know(screen.name, microphone=microphone, path=path)

    def measured(self, screen: Screen, stream: StreamHealth) -> None:
        """What the server finds on the desktop's stream."""
        self._know(screen.name, stream=stream)

    def path_tried(self, path: MediaPath) -> None:
        """What the server sees of the peer connection of the desktop that has the audio."""
        if self._owner is not None:
            self._know(self._owner, path=path)

    def _know(self, name: str, **news: object) -> None:
        place = self._places.get(name)
        if place is not None:
            place.health = replace(place.health, **news)  # type: ignore[arg-type]
            self._assess()

    def _assess(self) -> None:
        with suppress(UnknownAgent):  # somebody who has a desktop and no seat on the floor
            self._set_fitness(self.agent_id, self._unfit())

    def _unfit(self) -> tuple[str, ...]:
        if not self._places:
            return (DESKTOP_AWAY,)
        if self._owner not in self._places:
            return (AUDIO_NOT_TAKEN,)
        return unfit_because(self._places[self._owner].health)

    # --- what rings here ----------------------------------------------------------------------

    @property
    def screen(self) -> Screen | None:
        """The desktop that has the audio, if it is connected."""
        place = self._places.get(self._owner) if self._owner is not None else None
        return place.screen if place is not None else None

    @property
    def busy(self) -> bool:
        """Whether something rings or talks here."""
        return bool(self._lines)

    def show(self, message: PhoneTold) -> None:
        """To every desktop of the agent's: all of them show the call."""
        for place in self._places.values():
            place.screen.show(message)

    def add(self, line: Line) -> None:
        self._lines[line.id] = line

    def remove(self, line: Line) -> None:
        self._lines.pop(line.id, None)

    def line(self, line_id: str) -> Line:
        """Raises NoSuchLine."""
        line = self._lines.get(line_id)
        if line is None:
            raise NoSuchLine(line_id)
        return line

    def need_audio(self, screen: Screen) -> None:
        """Raises NotTheAudio for a desktop that is not the phone."""
        if self._owner != screen.name:
            raise NotTheAudio

    def view(self, screen: Screen) -> PhoneView:
        return PhoneView(
            audio=self._audio(screen), calls=[line.view() for line in self._lines.values()]
        )

    def _audio(self, screen: Screen) -> Audio:
        if self._owner == screen.name:
            return "here"
        return "elsewhere" if self._owner in self._places else "nowhere"


class Handsets:
    """Every agent's."""

    def __init__(self, set_fitness: Callable[[str, tuple[str, ...]], None]) -> None:
        self._set_fitness = set_fitness
        self._by_agent: dict[str, Handset] = {}

    def of(self, agent_id: str) -> Handset:
        handset = self._by_agent.get(agent_id)
        if handset is None:
            handset = self._by_agent[agent_id] = Handset(agent_id, self._set_fitness)
        return handset
