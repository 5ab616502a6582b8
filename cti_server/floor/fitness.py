"""
Whether an agent's desktop could take a call now, or anything at all, and if not, why. Pure.

What is wrong with the sound keeps calls away and nothing else: mails and chats need none.

A reason stands beside the agent's state and does not change it: who is ready and unfit stays ready,
is offered nothing, and is offered contacts again in the moment in which the last reason is gone.
"""

from dataclasses import dataclass, field
from typing import Literal

Microphone = Literal["live", "unasked", "denied", "missing", "ended", "muted"]
"""What the desktop says of it; "ended": the device went away, "muted": the system silenced it."""

MediaPath = Literal["untested", "connected", "failed"]
"""How the last peer connection that the desktop tried ended up."""

DESKTOP_AWAY = "desktop-away"
AUDIO_NOT_TAKEN = "audio-not-taken"
STREAM_SILENT = "stream-silent"
STREAM_SLOW = "stream-slow"
MEDIA_PATH_FAILED = "media-path-failed"
LISTENING = "listening"

REASONS: dict[str, str] = {
    DESKTOP_AWAY: "no desktop is connected",
    AUDIO_NOT_TAKEN: "no desktop has the audio: take it in one of them",
    STREAM_SILENT: "the desktop does not answer the server's pings",
    STREAM_SLOW: "the desktop answers the server's pings too late",
    "microphone-unasked": "the browser has not been asked for the microphone",
    "microphone-denied": "the browser refuses the microphone",
    "microphone-missing": "there is no microphone",
    "microphone-ended": "the microphone was unplugged or taken away",
    "microphone-muted": "the system has muted the microphone",
    MEDIA_PATH_FAILED: "no audio connection to the server came up",
    LISTENING: "a supervisor listens to a call, or is rung to",
}
"""Every reason, and what it means."""

FOR_CALLS_ONLY = frozenset(
    (AUDIO_NOT_TAKEN, MEDIA_PATH_FAILED, *(one for one in REASONS if one.startswith("microphone-")))
)
"""What is wrong with the sound. Every other reason keeps contacts of all channels away."""

PING_EVERY = 5.0  # s
PONGS_MISSED = 2  # in a row, and the desktop is not there as far as anybody can tell
SLOW_ROUND_TRIP = 1.0  # s; a ring and its acceptance would take as long twice


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """What the server measures on the WebSocket itself."""

    round_trip: float | None = None  # s, of the last pong; None before the first
    missed_pongs: int = 0  # in a row


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """The equipment of the one desktop that has the agent's audio."""

    microphone: Microphone = "unasked"
    path: MediaPath = "untested"
    stream: StreamHealth = field(default_factory=StreamHealth)


def unfit_because(health: DeviceHealth) -> tuple[str, ...]:
    """Why no call can be offered to who sits there, the most general reason first."""
    reasons = []
    if health.stream.missed_pongs >= PONGS_MISSED:
        reasons.append(STREAM_SILENT)
    elif (health.stream.round_trip or 0.0) > SLOW_ROUND_TRIP:
        reasons.append(STREAM_SLOW)
    if health.microphone != "live":
        reasons.append(f"microphone-{health.microphone}")
    if health.path == "failed":
        reasons.append(MEDIA_PATH_FAILED)
    return tuple(reasons)


def by_channel(reasons: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those for which nothing can be offered, and those for which only calls cannot."""
    calls_only = tuple(one for one in reasons if one in FOR_CALLS_ONLY)
    return tuple(one for one in reasons if one not in FOR_CALLS_ONLY), calls_only
