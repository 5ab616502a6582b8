"""A flow is tried out over HTTP, published or not."""

from typing import Any

import pytest

from .asking import asking
from .conftest import Centre
from .flow_drafts import FLOW

TALKS = """
languages: [en]
start: menu
prompts:
  menu: {en: "Your account?"}
  told: {en: "It is {account:digits}."}
nodes:
  menu:
    type: collect
    prompt: menu
    attribute: account
    min_digits: 4
    max_digits: 4
    then: told
    otherwise: desk
  told: {type: play, prompt: told, then: desk}
  desk: {type: queue, queue: nowhere-yet}
"""


async def test_a_flow_is_tried_out_before_anybody_publishes_it(centre: Centre) -> None:
    sun = asking(centre, "sun")
    asked = {"draft": {"main": "new", "texts": {"new": TALKS}}}

    first = (await sun("POST", "flows/new/trial", asked)).body
    then = (await sun("POST", "flows/new/trial", {**asked, "deeds": [{"presses": "1234"}]})).body

    assert (first["ended"], first["wanted"], first["version"]) == (False, "deed", None)
    assert (first["question"]["max_digits"], first["question"]["secret"]) == (4, False)
    assert [step["kind"] for step in then["steps"]] == ["asks", "says", "queue"]
    assert [step["node"] for step in then["steps"]] == ["menu", "told", "desk"]
    assert then["steps"][0]["deed"]["presses"] == "1234"
    assert then["steps"][1]["said"][0]["text"] == "It is 1234."
    assert (then["ended"], then["steps"][2]["what"]) == (True, "nowhere-yet")


async def test_the_published_flow_is_tried_out_with_what_is_given(centre: Centre) -> None:
    sun = asking(centre, "sun")

    blind = (await sun("POST", f"{FLOW}/trial", {})).body
    given = {"given": {"calendars": {"office": True}}}
    told_all = (await sun("POST", f"{FLOW}/trial", given)).body

    assert (blind["wanted"], "office" in blind["missing"]) == ("given", True)
    assert (told_all["version"], told_all["ended"]) == (1, True)
    assert [node["node"] for node in told_all["visits"]] == ["hours", "desk"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"deeds": [{"presses": "1", "says": "no"}]}, "deeds.0: give one of"),
        ({"given": {"calenders": {}}}, "given.calenders: Extra inputs"),
        ({"version": 1, "draft": {"main": "x", "texts": {"x": ""}}}, "'draft' or 'version'"),
        ({"draft": {"main": "x", "texts": {"x": "start: nowhere"}}}, "x.yaml"),
    ],
)
async def test_a_trial_of_nonsense_is_refused_by_its_field(
    centre: Centre, body: dict[str, Any], said: str
) -> None:
    answer = await asking(centre, "sun")("POST", f"{FLOW}/trial", body)

    assert answer.status == 422
    assert said in answer.body["detail"]
