"""The audit trail over REST: who may read it, how it is found, and that it tells of refusals."""

from datetime import timedelta

import pytest

from .asking import asking, told
from .conftest import Centre


async def test_whoever_asks_for_what_is_sensitive_and_may_not_is_in_the_trail_once(
    centre: Centre,
) -> None:
    li = asking(centre, "li")
    for _ in range(3):
        assert (await li("GET", "audit")).status == 403
    assert (await li("GET", "agents")).status == 403

    assert await told(centre, action="refused") == [("li", "refused", "permission", "audit.read")]


async def test_the_trail_is_read_page_by_page_newest_first(centre: Centre) -> None:
    for name in ("li", "wang", "zhao", "lin", "chen"):
        await centre.token(name)
    await centre.parts.log.stored()
    qian, seen = asking(centre, "qian"), []
    query: dict[str, str] = {}
    while True:
        page = (await qian("GET", "audit", limit="2", **query)).body
        seen += [each["actor"] for each in page["items"]]
        if page["next"] is None:
            break
        query = {"after": page["next"]}

    # The system took in the queues, the flows and the numbers.
    assert seen == ["chen", "lin", "zhao", "wang", "li", *["system"] * 4]


async def test_the_trail_is_found_by_time(centre: Centre) -> None:
    await centre.token("li")
    now = centre.parts.clock.now()
    minute = timedelta(minutes=1)

    seen = await told(centre, since=(now - minute).isoformat())
    assert [each[0] for each in seen] == [*["system"] * 4, "li"]
    assert await told(centre, since=(now + minute).isoformat()) == []
    assert await told(centre, until=(now - minute).isoformat()) == []


async def test_who_reads_the_trail_is_in_it_with_what_they_looked_for(centre: Centre) -> None:
    sun = asking(centre, "sun")
    assert (await sun("GET", "audit", actor="li", record="customer")).status == 200
    await centre.parts.log.stored()

    [entry] = (await sun("GET", "audit", record="audit")).body["items"]

    assert (entry["actor"], entry["action"]) == ("sun", "read")
    assert entry["details"]["what"] == "actor=li, record=customer"


@pytest.mark.parametrize(
    ("name", "value"), [("since", "yesterday"), ("after", "x"), ("limit", "many")]
)
async def test_a_question_that_makes_no_sense_is_refused(
    centre: Centre, name: str, value: str
) -> None:
    answer = await asking(centre, "qian")("GET", "audit", **{name: value})

    assert answer.status == 422
    assert name in answer.body["detail"]


async def test_what_a_client_calls_itself_is_kept_as_far_as_it_is_sensible(centre: Centre) -> None:
    await centre.client.post(
        "/api/v1/sessions",
        json={"agent_id": "li", "password": "correct horse"},
        headers={"User-Agent": "x" * 5000},
    )
    await centre.parts.log.stored()

    page = (await asking(centre, "qian")("GET", "audit", actor="li")).body

    assert page["items"][0]["details"]["client"] == "x" * 255
