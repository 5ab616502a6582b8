"""Each policy puts first whom its name says, within the level in the queue; ties are settled."""

import pytest

from acd.demand import Demand
from acd.errors import InvalidValue
from acd.model import AgentId
from acd.policies import SHIPPED, Policy, RoundRobin, Scored, load
from acd.profile import Profile
from acd.queue import Queue
from acd.requirements import AnyOf, Requirement, any_of, combined, required
from acd.router import Router
from acd.tally import Tally

from .build import at, contact, counting, offers, pairs, span


def served_by(policy: Policy) -> Router:
    return Router([Queue("sales", wrap_up=span(0), policy=policy)], counting())


def comes(acd: Router, name: str, now: float, profile: Profile | None = None) -> None:
    agent_id = AgentId(name)
    acd.put_agent(agent_id, profile or Profile(), at(now))
    acd.log_in(agent_id, at(now))
    acd.set_ready(agent_id, at(now))


def serves(acd: Router, name: str, now: float, until: float) -> None:
    """A contact that this agent gets, because nobody else is ready at the time."""
    (offer,) = offers(acd.enqueue(contact(f"{name}{now}", now), at(now)))
    assert offer.agent_id == name
    acd.accept(offer.id, at(now))
    acd.end_interaction(offer.id, at(until), "caller")


def chosen(acd: Router, now: float) -> str:
    (offer,) = offers(acd.enqueue(contact("the one", now), at(now)))
    return offer.agent_id


def test_longest_idle_goes_by_the_end_of_the_last_contact() -> None:
    acd = served_by(load("longest_idle"))
    comes(acd, "ann", 0)
    serves(acd, "ann", 1, 50)
    comes(acd, "bob", 20)
    assert chosen(acd, 60) == "bob"


def test_round_robin_goes_by_the_last_offer_even_if_it_came_to_nothing() -> None:
    acd = served_by(RoundRobin())
    comes(acd, "ann", 0)
    comes(acd, "bob", 1)
    (first,) = offers(acd.enqueue(contact("one", 2), at(2)))
    assert first.agent_id == "ann"
    acd.withdraw(first.contact_id, at(3))  # ann has been idle for longest still
    assert chosen(acd, 4) == "bob"


def test_fewest_contacts_counts_since_the_log_in() -> None:
    acd = served_by(load("fewest_contacts"))
    comes(acd, "ann", 0)
    serves(acd, "ann", 1, 2)
    serves(acd, "ann", 3, 4)
    acd.set_not_ready(AgentId("ann"), None, at(5))
    comes(acd, "bob", 6)
    serves(acd, "bob", 7, 20)
    acd.set_ready(AgentId("ann"), at(21))
    assert chosen(acd, 30) == "bob"

    acd = served_by(load("fewest_contacts"))
    comes(acd, "ann", 0)
    serves(acd, "ann", 1, 2)
    acd.log_out(AgentId("ann"), at(3))
    comes(acd, "bob", 4)
    serves(acd, "bob", 5, 6)
    comes(acd, "ann", 7)  # a new shift
    assert chosen(acd, 8) == "ann"


def test_least_occupied_goes_by_the_share_of_busy_time_wrap_up_and_ringing_included() -> None:
    acd = Router([Queue("sales", wrap_up=span(30), policy=load("least_occupied"))], counting())
    comes(acd, "ann", 0)
    (offer,) = offers(acd.enqueue(contact("one", 60), at(60)))
    acd.accept(offer.id, at(65))
    acd.end_interaction(offer.id, at(70), "caller")
    acd.handle_timer(at(100))  # 40 of 100 seconds
    acd.set_not_ready(AgentId("ann"), None, at(100))
    comes(acd, "bob", 100)
    (offer,) = offers(acd.enqueue(contact("two", 180), at(180)))
    acd.accept(offer.id, at(180))
    acd.end_interaction(offer.id, at(190), "caller")
    acd.handle_timer(at(220))  # 40 of 120
    acd.set_ready(AgentId("ann"), at(300))  # 40 of 300
    assert chosen(acd, 301) == "ann"


def test_least_open_work_counts_what_lies_on_the_desk_and_what_was_served() -> None:
    acd = served_by(load("least_open_work"))
    comes(acd, "ann", 0)
    acd.set_open_work(AgentId("ann"), 3)
    comes(acd, "bob", 1)
    acd.set_open_work(AgentId("bob"), 2)
    assert chosen(acd, 2) == "bob"
    acd.withdraw(contact("the one").id, at(3))
    acd.set_open_work(AgentId("bob"), 4)  # while he is ready
    assert chosen(acd, 4) == "ann"


def test_most_skilled_adds_up_required_and_preferred_skills() -> None:
    languages = any_of({"english": 2, "french": 2})
    policy, law = load("most_skilled"), required({"law": 1})
    acd = Router([Queue("sales", (languages,), policy=policy, preferred=law)], counting())
    comes(acd, "ann", 0, Profile({"english": 5}))
    comes(acd, "bob", 1, Profile({"english": 2, "law": 4}))
    comes(acd, "cid", 2, Profile({"english": 1, "law": 9}))  # does not qualify
    (offer,) = offers(acd.enqueue(contact("one", 3), at(3)))
    assert offer.agent_id == "bob"
    assert offer.why.terms == {"skill": 6.0}
    assert [(one.id, one.reason) for one in offer.why.passed_over] == [("ann", "less_skilled")]


def test_scored_weighs_skill_region_work_and_idle_time_and_shows_the_terms() -> None:
    hangzhou, shenzhen = ("86", "浙江", "杭州"), ("86", "广东", "深圳")
    near = Profile({"repair": 4}, region=hangzhou, works=frozenset({"repair"}))
    far = Profile({"repair": 9}, region=shenzhen, works=frozenset({"repair"}))
    for policy, winner in (
        (Scored(skill=1, region=10), "near"),
        (Scored(skill=1, region=2), "far"),
        (Scored(skill=0, region=0, work=0, idle=1), "first"),
    ):
        acd = Router([Queue("sales", required({"repair": 1}), policy=policy)], counting())
        comes(acd, "first", 0, Profile({"repair": 1}))
        comes(acd, "near", 1, near)
        comes(acd, "far", 2, far)
        call = contact("one", 60)
        placed = type(call)(call.id, call.queue, call.queued_at, region=hangzhou, work="repair")
        (offer,) = offers(acd.enqueue(placed, at(60)))
        assert offer.agent_id == winner
        if winner == "near":
            assert offer.why.terms == {"skill": 6.0, "region": 0.0, "work": 0.0}


def test_levels_in_the_queue_go_before_the_policy() -> None:
    acd = served_by(load("longest_idle"))
    comes(acd, "second", 0, Profile(queues={"sales": 2}))
    comes(acd, "first", 50, Profile(queues={"sales": 1}))
    comes(acd, "elsewhere", 0, Profile(queues={"support": 1}))
    assert chosen(acd, 60) == "first"
    assert pairs(acd.enqueue(contact("next", 61), at(61))) == [("next", "second")]
    assert pairs(acd.enqueue(contact("last", 62), at(62))) == []


class YoungestName:
    """A centre's own policy."""

    name = "youngest_name"
    version = 7
    behind = "older_name"
    alike = True

    def fit(self, profile: Profile, demand: Demand) -> float:
        return 0.0

    def standing(self, tally: Tally) -> tuple[float, ...]:
        return (-tally.idle_since.timestamp(),)

    def cost(self, fit: float, standing: tuple[float, ...]) -> tuple[float, ...]:
        return standing

    def terms(self, profile: Profile, demand: Demand, tally: Tally) -> dict[str, float]:
        return {}


def test_a_policy_of_ones_own_is_loaded_by_name_and_is_on_record() -> None:
    acd = served_by(load("tests.acd.test_policies:YoungestName"))
    comes(acd, "ann", 0)
    comes(acd, "bob", 1)
    (offer,) = offers(acd.enqueue(contact("one", 2), at(2)))
    assert offer.agent_id == "bob"
    assert (offer.why.policy, offer.why.version, offer.why.rule) == (
        "youngest_name",
        7,
        "youngest_name_agent",
    )


@pytest.mark.parametrize(
    ("name", "weights", "told"),
    [
        ("best", {}, "there are longest_idle"),
        ("no.such.module:Policy", {}, "cannot be loaded"),
        (":Policy", {}, "there are longest_idle"),
        ("..acd.policies:Scored", {}, "there are longest_idle"),
        ("acd.tally:Nothing", {}, "cannot be loaded"),
        ("acd.profile:Profile", {}, "lacks some"),
        ("os:abort", {}, "is no class"),
        ("longest_idle", {"skill": 1.0}, "does not take these weights"),
        ("scored", {"skill": -1.0}, "weight skill"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    name: str, weights: dict[str, float], told: str
) -> None:
    with pytest.raises(InvalidValue, match=told):
        load(name, weights)


def test_all_that_is_shipped_is_a_policy() -> None:
    assert {load(name).name for name in SHIPPED} == set(SHIPPED)


def test_requirements_are_the_same_in_whatever_order_they_come() -> None:
    choice = any_of({"english": 2, "french": 1})
    one = combined([choice, Requirement("law", 1), Requirement("law", 3)])
    assert one == combined([Requirement("law", 3), choice, choice])
    assert [str(clause) for clause in one] == ["law>=3", "english>=2 or french>=1"]
    # who must know English well enough needs no choice of languages any more
    assert combined([choice, Requirement("english", 2)]) == (Requirement("english", 2),)
    with pytest.raises(InvalidValue, match="at least two"):
        AnyOf((Requirement("law"),))
