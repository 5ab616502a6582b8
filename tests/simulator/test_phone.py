"""Softphone against softphone, each on a user agent of its own."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from cti_server.sip.digest import ha1
from cti_server.sip.session import DEAF
from cti_server.sip.transport import Listen
from cti_server.sip.uri import Uri
from cti_server.sip.user_agent import UserAgent
from simulator.audio import tone
from simulator.phone import Softphone, answer, decline, ignore, phones
from simulator.phone_call import CallOver, PhoneCall
from simulator.registration import RegistrationRefused

REALM = "hotline.test"

Pair = tuple[Softphone, Softphone]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with phones("100") as (caller,), phones("200") as (called,):
        yield caller, called


async def talking(pair: Pair) -> tuple[PhoneCall, PhoneCall]:
    """Both ends of an answered call."""
    caller, called = pair
    called.on_ring = answer()
    ours = await caller.call(called.uri)
    theirs = await called.incoming()
    await ours.answered()
    await theirs.answered()
    return ours, theirs


async def test_each_side_hears_the_other_sides_tone(pair: Pair) -> None:
    ours, theirs = await talking(pair)
    ours.say(tone(440))
    theirs.say(tone(1000))

    await theirs.hears(440)
    await ours.hears(1000)

    assert ours.figures.lost == theirs.figures.lost == 0
    assert theirs.heard.sources == {("127.0.0.1", ours.port)}


async def test_a_phone_that_is_picked_up_late_rings_first(pair: Pair) -> None:
    caller, called = pair
    called.on_ring = answer(after=0.2)
    call = await caller.call(called.uri)

    await call.answered()

    assert call.ring_status == 180
    assert call.rang_at is not None
    assert call.answered_at is not None
    assert call.rang_at - call.began_at < 0.15 < call.answered_at - call.rang_at


async def test_keys_arrive_by_rtp_and_by_info_in_both_directions(pair: Pair) -> None:
    ours, theirs = await talking(pair)

    await ours.press("12#")
    theirs.press_by_info("9")

    await theirs.hears_digits("12#")
    await ours.hears_digits("9")
    assert theirs.heard.digits == "12#"
    assert ours.info_digits == "9"


async def test_a_call_that_is_declined_names_the_status(pair: Pair) -> None:
    caller, called = pair
    called.on_ring = decline(486)
    call = await caller.call(called.uri)

    with pytest.raises(CallOver) as over:
        await call.answered()

    assert over.value.status == 486


async def test_a_caller_who_gives_up_is_seen_to_cancel(pair: Pair) -> None:
    caller, called = pair
    call = await caller.call(called.uri)
    theirs = await called.incoming()
    await call.rings()

    call.hang_up()

    assert (await theirs.ended()).cause == "cancelled"


async def test_waiting_ends_with_words_when_nothing_happens(pair: Pair) -> None:
    caller, called = pair
    called.on_ring = ignore
    call = await caller.call(called.uri)

    with pytest.raises(TimeoutError, match=r"no ringing within .* not rung yet"):
        await call.rings(within=0.1)


async def test_a_bye_is_heard_at_the_other_end(pair: Pair) -> None:
    ours, theirs = await talking(pair)

    theirs.hang_up()

    end = await ours.ended()
    assert (end.by, end.cause) == ("them", "hung up")


async def test_who_is_on_hold_hears_nothing_until_the_call_is_resumed(pair: Pair) -> None:
    ours, theirs = await talking(pair)
    theirs.say(tone(700))
    await ours.hears(700)

    await ours.hold()
    await theirs.is_directed("recvonly")
    await ours.hears_silence()
    await ours.resume()

    await ours.hears(700)
    assert theirs.direction == "sendrecv"


class OneAccount:
    """The registrar's side: 100 with a password."""

    def ha1(self, username: str, algorithm: str) -> str | None:
        return ha1(username, REALM, "secret", algorithm) if username == "100" else None


@contextlib.asynccontextmanager
async def registrar(*, transport: str = "udp") -> AsyncIterator[UserAgent]:
    agent = UserAgent(
        listen=[Listen(transport, "127.0.0.1", 0)],
        realm=REALM,
        accounts=OneAccount(),
        on_call=lambda incoming: DEAF,
    )
    await agent.start()
    try:
        yield agent
    finally:
        await agent.close()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_phone_registers_with_its_password_and_leaves_no_binding_behind(
    transport: str,
) -> None:
    async with registrar(transport=transport) as server:
        home = f"sip:127.0.0.1:{server.addresses[0].port};transport={transport}"
        async with phones("100", registrar=home, passwords="secret", transport=transport):
            (binding,) = server.registered("100")
            assert Uri.parse(binding.contact_uri).user == "100"
        assert server.registered("100") == []


async def test_a_wrong_password_is_refused_in_words() -> None:
    async with registrar() as server:
        home = f"sip:127.0.0.1:{server.addresses[0].port}"
        with pytest.raises(RegistrationRefused, match="not registered: 40"):
            async with phones("100", registrar=home, passwords="wrong"):
                pass


async def test_a_number_that_nobody_has_is_not_found(pair: Pair) -> None:
    caller, called = pair
    call = await caller.call(called.uri.replace("200@", "201@"))

    with pytest.raises(CallOver) as over:
        await call.answered()

    assert over.value.status == 404


async def test_laws_are_agreed_on_and_other_laws_are_refused(pair: Pair) -> None:
    caller, called = pair
    called.on_ring = answer()
    called.codecs = ("PCMA",)
    call = await caller.call(called.uri)
    await call.answered()
    call.say(tone(900))
    theirs = await called.incoming()
    await theirs.hears(900)
    assert call.agreement is not None
    assert call.agreement.codec == "PCMA"

    caller.codecs = ("PCMU",)
    refused = await caller.call(called.uri)
    with pytest.raises(CallOver) as over:
        await refused.answered()
    assert over.value.status == 488
