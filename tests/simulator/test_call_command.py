"""``hotline call``: what it says, what it saves, how it ends."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator import audio
from simulator.commands import call, load
from simulator.phone import answer, decline, ignore, phones
from simulator.phone_call import PhoneCall
from simulator.trial_call import Press, TrialCall, Wait, make, read_steps, read_target


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(call, arguments)


async def place(*arguments: str) -> Result:
    """As a person does; the phones that are called go on in this loop."""
    return await asyncio.to_thread(invoke, *arguments)


async def test_a_call_is_told_step_by_step_and_its_sound_saved(tmp_path: Path) -> None:
    def sing(ring: PhoneCall) -> None:
        answer(after=0.1)(ring)
        ring.say(audio.tone(600))

    async with phones("100") as (called,):
        called.on_ring = sing
        heard = tmp_path / "heard.wav"
        result = await place(
            called.uri, "--press", "1,wait0.2,23", "--for", "1.5", "--save", str(heard)
        )
        theirs = called.calls[0]

    assert result.exit_code == 0, result.output
    told = [line.split(maxsplit=1)[1] for line in result.output.splitlines()]
    order = ["calling", "trying", "ringing (180)", "answered (200), PCMU", "ended: hung up (by us)"]
    places = [next(i for i, line in enumerate(told) if line.startswith(word)) for word in order]
    assert places == sorted(places)
    assert {"audio begins", "keys sent: 1", "keys sent: 23"} <= set(told)
    assert theirs.heard.digits == "123"
    assert audio.frequency(audio.read_wav(heard)) == pytest.approx(600, abs=2)


async def test_a_call_that_is_refused_says_the_status_and_fails() -> None:
    async with phones("100") as (called,):
        called.on_ring = decline(486)
        result = await place(called.uri)

    assert result.exit_code == 1
    assert "not answered: 486 Busy Here" in result.output


async def test_nobody_waits_for_ever_for_an_answer() -> None:
    async with phones("100") as (called,):
        called.on_ring = ignore
        result = await place(called.uri, "--ring-for", "0.2")
        theirs = await called.calls[0].ended()

    assert result.exit_code == 1
    assert "given up: no answer within 0.2 s" in result.output
    assert theirs.cause == "cancelled"


async def test_an_end_by_the_other_side_is_told_as_such() -> None:
    def answer_briefly(ring: PhoneCall) -> None:
        answer()(ring)
        ring.after(0.3, ring.hang_up)

    async with phones("100") as (called,):
        called.on_ring = answer_briefly
        result = await place(called.uri, "--press", "1,wait5,2")

    assert "over before all keys were sent" in result.output
    assert "ended: hung up (by them)" in result.output


async def test_a_tone_is_heard_at_the_other_end() -> None:
    async with phones("100") as (called,):
        called.on_ring = answer()
        plan = TrialCall(target=read_target(called.uri), sound=audio.tone(500), lasts=5)
        trial = asyncio.create_task(make(plan, lambda line: None))
        theirs = await called.incoming()
        await theirs.hears(500)
        theirs.hang_up()

        assert await trial == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tel:110",), "is no number or SIP URI"),
        (("sip:1000@h;transport=ws",), "the transport can be udp or tcp"),
        (("1000", "--press", "1,x"), "'x' is neither keys"),
        (("1000", "--press", "wait-1"), "wait how many seconds?"),
        (("1000", "--press", ""), "neither keys"),
        (("1000", "--for", "0"), "0.1<=x<=3600"),
        (("1000", "--tone", "9000"), "20<=x<=3900"),
        (("1000", "--play", "nowhere.wav"), "does not exist"),
        (("1000", "--play", __file__), "file does not start with RIFF"),
        (("1000", "--play", __file__, "--tone", "400"), "either --tone or --play"),
        (("1000", "--save", "/no/where/a.wav"), "there is no folder /no/where"),
        (("1000", "--user", "me"), "--user and --password go together"),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused_in_words(
    arguments: tuple[str, ...], words: str
) -> None:
    result = invoke(*arguments)

    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say how many calls or how long"),
        (("--calls", "1", "--target", "sip:1@8.8.8.8"), "on loopback"),
        (("--calls", "1", "--agents-at", "5080"), "an address and a port"),
        (("--calls", "x"), "not a valid integer"),
    ],
)
def test_a_load_that_makes_no_sense_is_refused_in_words(
    arguments: tuple[str, ...], words: str
) -> None:
    result = CliRunner().invoke(load, arguments)

    assert result.exit_code == 2
    assert words in result.output


def test_a_number_alone_is_one_of_this_machine() -> None:
    assert str(read_target("1000")) == "sip:1000@127.0.0.1:5060"
    assert str(read_target("1000@127.0.0.2")) == "sip:1000@127.0.0.2"
    assert str(read_target("sip:a@127.0.0.1:5070;transport=tcp")).endswith(":5070;transport=tcp")


def test_steps_are_keys_and_waits_in_their_order() -> None:
    assert read_steps("1, wait2,30#,Wait0.5") == [Press("1"), Wait(2), Press("30#"), Wait(0.5)]
