"""Who is called back after a media worker died, by what the log tells."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from cti_server.calls.losses import Losses
from cti_server.wire import events
from cti_server.wire.events import Event, Logged

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def arrived(number: str = "13800138000") -> Event:
    return events.CallArrived(
        call_id="call",
        contact_id="c",
        sip_call_id="s",
        caller_number=number,
        dialled_number="95588",
        trunk="t",
    )


def queued(queue: str = "sales", at: int = 0, purpose: str = "serve") -> Event:
    return events.ContactQueued(
        contact_id="c",
        queue=queue,
        queued_at=NINE + timedelta(seconds=at),
        priority=0,
        requirements={},
        purpose=purpose,
    )


def ended(reason: str = "media-lost") -> Event:
    return events.ContactEnded(contact_id="c", outcome="failed", reason=reason)


def call_ended(reason: str = "media-lost") -> Event:
    return events.CallEnded(call_id="call", contact_id="c", result="server_error", reason=reason)


TALKING = events.InteractionStarted(
    contact_id="c", interaction_id="i", agent_id="li", queue="sales"
)
ACCEPTED = events.OfferAccepted(contact_id="c", interaction_id="i", agent_id="li")


async def heard(*story: Event) -> tuple[Losses, list[Event]]:
    appended: list[Event] = []
    losses = Losses(appended.append, "CN")
    for number, event in enumerate(story, 1):
        losses.hear(Logged(number, NINE, event))
    await asyncio.sleep(0)
    return losses, appended


async def test_who_waited_is_called_back_and_keeps_the_first_moment() -> None:
    losses, appended = await heard(arrived(), queued(), ended(), call_ended())

    assert appended == [
        events.CallBackWanted(
            contact_id="c",
            number="13800138000",
            queue="sales",
            queued_at=NINE,
            reason="media-lost",
        )
    ]
    assert (losses.calls, losses.call_backs) == (1, 1)


@pytest.mark.parametrize(
    "story",
    [
        pytest.param([arrived(), ended()], id="in the menu"),
        pytest.param([arrived(), queued(), TALKING, ended()], id="in conversation"),
        pytest.param(
            [arrived(), queued(), TALKING, queued("support", purpose="consult"), ended()],
            id="while an adviser was waited for",
        ),
        pytest.param([arrived(), queued(), ended("caller-hung-up")], id="gave up"),
        pytest.param([arrived("anonymous"), queued(), ended()], id="no number"),
        pytest.param([arrived(""), queued(), ended()], id="withheld"),
        pytest.param([queued(), ended()], id="not a call that came in"),
    ],
)
async def test_nobody_else_is_called_back(story: list[Event]) -> None:
    losses, appended = await heard(*story)

    assert appended == []
    assert losses.call_backs == 0


@pytest.mark.parametrize(
    "story",
    [
        pytest.param([arrived(), queued(), ACCEPTED, ended()], id="an agent had just picked up"),
        pytest.param(
            [arrived(), queued("sales"), TALKING, queued("support"), ended()],
            id="given back to a queue by an agent",
        ),
    ],
)
async def test_who_waits_again_or_still_is_called_back(story: list[Event]) -> None:
    _, appended = await heard(*story)

    [wanted] = appended
    assert isinstance(wanted, events.CallBackWanted)
    assert wanted.queued_at == NINE


async def test_a_customer_whom_we_called_and_who_waits_in_a_queue_is_called_back_too() -> None:
    placed = events.CallPlaced(
        call_id="call",
        contact_id="c",
        customer_number="13800138000",
        shown_number="95588",
        queue="sales",
    )

    _, ended_there = await heard(placed, TALKING, ended())
    _, lost_in_a_queue = await heard(placed, TALKING, queued("support"), ended())

    assert ended_there == []
    assert len(lost_in_a_queue) == 1


async def test_dead_workers_and_lost_calls_are_counted() -> None:
    died = events.MediaWorkerDied(worker=0, legs=["a", "b"])

    losses, _ = await heard(died, call_ended(), call_ended(), call_ended("caller-hung-up"))

    assert (losses.workers, losses.calls) == (1, 2)
