import msgspec
import pytest

from crm.pop import UNAVAILABLE, CustomerSummary, Match, Pop


def summary(customer_id: str) -> CustomerSummary:
    return CustomerSummary(id=customer_id, kind="person", name="王伟", tier="gold")


@pytest.mark.parametrize(
    ("ids", "match", "confidence"),
    [([], "none", 0.0), (["a"], "one", 0.8), (["a", "b"], "several", 0.8)],
)
def test_none_one_and_several_are_cases_of_their_own(
    ids: list[str], match: Match, confidence: float
) -> None:
    pop = Pop.of([summary(customer_id) for customer_id in ids], 0.8)

    assert (pop.match, pop.confidence) == (match, confidence)


def test_nobody_found_is_not_the_same_as_nobody_looked() -> None:
    assert Pop.of([], 0.0) != UNAVAILABLE
    assert UNAVAILABLE.match == "unavailable"


def test_a_pop_survives_the_wire() -> None:
    pop = Pop.of([summary("a")], 1.0)

    assert msgspec.json.decode(msgspec.json.encode(pop), type=Pop) == pop
