"""Which tests have their turn in a run of `make test`."""

from .turns import PARTS, waiting

FILES = [f"tests/e2e/test_{name}.py" for name in "abcdefgh"]
OTHERS = ["tests/acd/test_router.py", "tests/api/test_agents.py"]
PROOF = FILES[3]


def test_each_journey_has_its_turn_once_in_so_many_days_and_a_proof_has_it_always() -> None:
    days = [
        set(FILES) - waiting([*FILES, *OTHERS], [PROOF, *OTHERS], turn=str(day))
        for day in range(20_600, 20_600 + PARTS)
    ]

    assert set.union(*days) == set(FILES)
    assert set.intersection(*days) == {PROOF}


def test_what_is_tried_once_more_by_itself_has_the_turn_that_it_had() -> None:
    alone = set[str]().union(*(waiting([file], [], turn="7") for file in FILES))

    assert alone == waiting(FILES, [], turn="7")


def test_what_is_no_journey_never_waits_and_nothing_does_where_no_turn_is_set() -> None:
    assert waiting(OTHERS, [], turn="1") == set()
    assert waiting(FILES, [], turn="") == set()
