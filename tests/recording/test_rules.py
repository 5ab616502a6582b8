"""Which conversations are recorded, and by which rule."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.recording import RecordingRuleSettings, RecordingSettings
from recording.budget import Room
from recording.rules import Conversation, decide, decide_menu

TALK = Conversation(
    contact_id="c1",
    interaction_id="i1",
    caller="+8613800138000",
    dialled="+8675595500",
    direction="inbound",
    queue="sales",
    agent_id="li",
    tier="gold",
    is_open=lambda calendar: calendar == "day",
)


def rule(record: str = "always", **said: Any) -> RecordingRuleSettings:
    return RecordingRuleSettings.model_validate({"name": "one", "record": record} | said)


def decided(
    *rules: RecordingRuleSettings, talk: Conversation = TALK, **said: Any
) -> tuple[str, str]:
    settings = RecordingSettings(rules=rules, **said)
    found = decide(settings, talk, queue_records=False)
    return found.mode, found.rule


@pytest.mark.parametrize("records", [True, False])
def test_without_a_rule_the_queue_decides(records: bool) -> None:
    found = decide(RecordingSettings(), TALK, queue_records=records)

    assert (found.mode, found.rule) == ("always" if records else "never", "queue")


def test_of_the_rules_the_first_that_fits_decides() -> None:
    other = rule(name="other", queues=["support"])
    first, second = rule("on_demand", name="first"), rule(name="second")

    assert decided(other, first, second) == ("on_demand", "first")


@pytest.mark.parametrize(
    ("fits", "does_not"),
    [
        ({"callers": ["+86138"]}, {"callers": ["+86139", "withheld"]}),
        ({"dialled": ["+86755"]}, {"dialled": ["+8610"]}),
        ({"queues": ["support", "sales"]}, {"queues": ["support"]}),
        ({"agents": ["li"]}, {"agents": ["wang"]}),
        ({"tiers": ["gold"]}, {"tiers": ["silver"]}),
        ({"direction": "inbound"}, {"direction": "outbound"}),
        ({"hours": "day"}, {"hours": "night"}),
    ],
)
def test_each_condition_lets_its_own_through(
    fits: dict[str, Any], does_not: dict[str, Any]
) -> None:
    assert decided(rule(**fits)) == ("always", "one")
    assert decided(rule(**does_not)) == ("never", "queue")


def test_all_that_a_rule_says_has_to_be_so() -> None:
    assert decided(rule(queues=["sales"], agents=["wang"])) == ("never", "queue")


def test_a_caller_who_withholds_the_number_has_rules_of_their_own() -> None:
    withheld = replace(TALK, caller="")

    assert decided(rule(callers=["withheld"]), talk=withheld) == ("always", "one")
    assert decided(rule(callers=["+86"]), talk=withheld) == ("never", "queue")


@pytest.mark.parametrize("never", ["+86138", "+8675595500"])
def test_a_number_that_is_never_recorded_comes_before_every_rule(never: str) -> None:
    assert decided(rule(), never=[never]) == ("never", "never")


def test_nobody_is_on_the_list_for_having_no_number() -> None:
    assert decided(rule(), talk=replace(TALK, caller=""), never=["+86138"]) == ("always", "one")


@given(st.floats(1, 99), st.integers(0, 1000))
def test_a_share_is_that_of_all_and_the_same_when_asked_again(share: float, start: int) -> None:
    some = rule(share=share)
    talks = [replace(TALK, interaction_id=f"i{start}-{n}") for n in range(1000)]
    chosen = [decided(some, talk=talk) == ("always", "one") for talk in talks]

    assert sum(chosen) == pytest.approx(10 * share, abs=80)  # five times what chance spreads
    assert chosen == [decided(some, talk=talk) == ("always", "one") for talk in talks]


def test_shares_of_two_rules_are_of_different_conversations() -> None:
    talks = [replace(TALK, interaction_id=f"i{n}") for n in range(1000)]
    halves = rule(name="half", share=50), rule("on_demand", name="other-half", share=50)
    found = [decided(*halves, talk=talk)[1] for talk in talks]

    assert {found.count(name) // 100 for name in ("other-half", "queue")} <= {2, 3}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"rules": [{"name": "queue", "record": "always"}]}, "rules.0: Value error, 'queue'"),
        ({"rules": [{"name": "one", "record": "sometimes"}]}, "rules.0.record"),
        ({"rules": [{"name": "one", "record": "always"}] * 2}, "'one' is there twice"),
        ({"rules": [{"name": "one", "record": "always", "share": 0}]}, "rules.0.share"),
        ({"rules": [{"name": "one", "record": "always", "callers": ["1x"]}]}, "rules.0.callers"),
        (
            {"rules": [{"name": "one", "record": "never", "announce": {"en": "Hear."}}]},
            "nothing to announce",
        ),
        ({"never": ["everybody"]}, "never.0"),
        ({"mask_limit": 0}, "mask_limit"),
        ({"mask_reasons": {}}, "mask_reasons"),
        ({"mask_reasons": {"PIN": {"zh": "密码", "en": "PIN"}}}, "mask_reasons.PIN"),
        ({"mask_reasons": {"pin": {"en": "PIN"}}}, "mask_reasons.pin.zh"),
    ],
)
def test_rules_that_say_nothing_sensible_are_refused(said: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as refused:
        RecordingSettings.model_validate(said)

    told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in refused.value.errors()]
    assert any(problem in line for line in told), told


@pytest.mark.parametrize("room", [Room.NEEDED, Room.NONE])
def test_on_a_full_disk_what_can_be_spared_is_not_recorded(room: Room) -> None:
    always, share = rule(), rule(share=99.9)
    never, asked = rule("never"), rule("on_demand")

    def becomes(one: RecordingRuleSettings, room: Room) -> tuple[str, str]:
        settings = RecordingSettings(rules=(one,))
        found = decide(settings, TALK, queue_records=True, room=room)
        return found.mode, found.rule

    assert becomes(always, room) == ("always", "one")
    assert becomes(never, room) == ("never", "one")
    assert becomes(asked, room) == becomes(share, room) == ("never", "disk")
    assert becomes(asked, Room.ALL) == ("on_demand", "one")


def test_no_rule_can_have_the_name_of_a_full_disk() -> None:
    with pytest.raises(ValidationError, match="'disk' is the name"):
        rule(name="disk")


def test_what_it_is_made_of_is_the_rules_to_say_and_else_the_settings() -> None:
    plain, other = rule(), rule(channels="stereo", format="wav")
    settings = {"channels": "mono", "format": "opus"}

    found = decide(RecordingSettings(rules=(plain,), **settings), TALK, queue_records=False)
    assert (found.sides, found.layout, found.file_format) == ("both", "mono", "opus")
    found = decide(RecordingSettings(rules=(other,), **settings), TALK, queue_records=False)
    assert (found.sides, found.layout, found.file_format) == ("both", "stereo", "wav")
    found = decide(RecordingSettings(**settings), TALK, queue_records=True)
    assert (found.rule, found.layout, found.file_format) == ("queue", "mono", "opus")


@pytest.mark.parametrize("side", ["customer", "agent"])
def test_one_side_alone_is_mono(side: str) -> None:
    settings = RecordingSettings(rules=(rule(sides=side, channels="stereo"),))

    found = decide(settings, TALK, queue_records=False)

    assert (found.sides, found.layout) == (side, "mono")


@pytest.mark.parametrize("name", ["sides", "channels", "format"])
def test_a_word_that_is_none_of_a_settings_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        rule(**{name: "mp3"})


ARRIVED = replace(TALK, interaction_id="", queue="", agent_id="", tier="")


@pytest.mark.parametrize(
    ("part", "menu", "talk"),
    [
        ("conversation", ("never", ""), ("always", "one")),
        ("menu", ("always", "one"), ("never", "queue")),
        ("all", ("always", "one"), ("always", "one")),
    ],
)
def test_a_rule_speaks_of_its_part_of_the_call(
    part: str, menu: tuple[str, str], talk: tuple[str, str]
) -> None:
    settings = RecordingSettings(rules=(rule(part=part, dialled=["+86755"]),))

    found = decide_menu(settings, ARRIVED)
    assert (found.mode, found.rule) == menu
    found = decide(settings, TALK, queue_records=False)
    assert (found.mode, found.rule) == talk


def test_of_menus_too_the_first_rule_decides_and_whoever_is_never_recorded_is_not() -> None:
    rules = (
        rule("never", name="no", part="menu", callers=["+86139"]),
        rule(name="yes", part="all", channels="mono", format="opus", announce={"en": "Recorded."}),
    )
    settings = RecordingSettings(rules=rules, never=("+86137",))

    found = decide_menu(settings, ARRIVED)
    assert (found.mode, found.rule, found.layout, found.file_format) == (
        *("always", "yes", "mono", "opus"),
    )
    assert found.announce == {"en": "Recorded."}
    assert decide_menu(settings, replace(ARRIVED, caller="+8613912345678")).rule == "no"
    assert decide_menu(settings, replace(ARRIVED, caller="+8613712345678")).rule == "never"


def test_a_share_of_whole_calls_is_the_same_calls_menus_and_conversations() -> None:
    settings = RecordingSettings(rules=(rule(part="all", share=30),))
    chosen = 0
    for number in range(1000):
        contact = f"c{number}"
        menu = decide_menu(settings, replace(ARRIVED, contact_id=contact)).mode
        talks = {
            decide(
                settings,
                replace(TALK, contact_id=contact, interaction_id=f"i{number}-{each}"),
                queue_records=False,
            ).mode
            for each in range(3)
        }
        assert talks == {menu}
        chosen += menu == "always"
    assert 250 < chosen < 350


def test_a_full_disk_spares_menus_of_a_share() -> None:
    some = RecordingSettings(rules=(rule(part="menu", share=99),))
    every = RecordingSettings(rules=(rule(part="menu"),))

    assert decide_menu(some, ARRIVED, room=Room.NEEDED).rule == "disk"
    assert decide_menu(every, ARRIVED, room=Room.NEEDED).mode == "always"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"queues": ["sales"]}, "queues: not known before the conversation"),
        ({"agents": ["li"]}, "agents: not known"),
        ({"tiers": ["gold"]}, "tiers: not known"),
        ({"record": "on_demand"}, "record: nobody is there to demand it"),
        ({"sides": "agent"}, "sides: there is no agent"),
    ],
)
@pytest.mark.parametrize("part", ["menu", "all"])
def test_a_rule_of_menus_cannot_go_by_what_is_not_known_there(
    said: dict[str, Any], told: str, part: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        RecordingRuleSettings.model_validate(
            {"name": "one", "record": "always", "part": part, **said}
        )


@pytest.mark.parametrize("key", ["*", "1234a", "*12345"])
def test_keys_that_agents_cannot_press_are_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="key"):
        RecordingSettings(key=key)
