"""The knowledge base over REST: written, approved, found in a contact, voted on, rolled back."""

from typing import Any

import pytest

from cti_server.wire import events

from .asking import asking, told
from .conftest import Centre

TEXTS: dict[str, Any] = {
    "zh": {"title": "宽带退款办法", "body": "退款需要七天。\n请致电客服。"},
    "en": {"title": "Refunds for broadband", "body": "A refund takes seven days."},
}
DRAFT: dict[str, Any] = {"texts": TEXTS, "keywords": ["返还"], "queues": ["sales"]}


async def written(centre: Centre, agent: str = "li", **more: Any) -> dict[str, Any]:
    answer = await asking(centre, agent)("POST", "articles", DRAFT | more)
    assert answer.status == 201, answer.body
    article: dict[str, Any] = answer.body
    return article


async def stepped(centre: Centre, agent: str, article: dict[str, Any], step: str) -> Any:
    return await asking(centre, agent)(
        "POST", f"articles/{article['id']}/{step}", {"version": article["version"]}
    )


async def published(centre: Centre, **more: Any) -> dict[str, Any]:
    article = await written(centre, **more)
    article = (await stepped(centre, "li", article, "submit")).body
    answer = await stepped(centre, "zhao", article, "approve")
    assert answer.status == 200, answer.body
    return dict(answer.body)


async def titles(centre: Centre, words: str, agent: str = "li") -> list[str]:
    answer = await asking(centre, agent)("GET", "articles/search", words=words)
    assert answer.status == 200, answer.body
    return [hit["title"] for hit in answer.body]


async def test_a_draft_is_found_once_somebody_else_has_approved_it(centre: Centre) -> None:
    article = await written(centre)
    assert await titles(centre, "退款") == []

    too_soon = await stepped(centre, "zhao", article, "approve")
    article = (await stepped(centre, "li", article, "submit")).body
    agents_do_not = await stepped(centre, "wang", article, "approve")
    approved = await stepped(centre, "zhao", article, "approve")

    assert (too_soon.status, too_soon.kind) == (409, "IllegalStep")
    assert agents_do_not.status == 403
    assert approved.body["content"]["state"] == "published"
    assert approved.body["content"]["decided_by"] == "zhao"
    assert await titles(centre, "宽带怎么退款") == ["宽带退款办法"]
    assert await titles(centre, "refund") == ["Refunds for broadband"]


async def test_who_wrote_on_it_does_not_approve_it_whoever_wrote_last(centre: Centre) -> None:
    article = await written(centre, "zhao")
    edit = {"version": article["version"], "texts": TEXTS}
    await asking(centre, "li")("POST", f"articles/{article['id']}/versions", edit)
    article = (await asking(centre, "li")("GET", f"articles/{article['id']}")).body
    article = (await stepped(centre, "li", article, "submit")).body

    own = await stepped(centre, "zhao", article, "approve")
    others = await stepped(centre, "sun", article, "approve")

    assert (own.status, own.kind) == (409, "OwnWork")
    assert others.status == 200


async def test_the_published_text_stays_until_its_successor_is_approved_and_comes_back(
    centre: Centre,
) -> None:
    article = await published(centre)
    path = f"articles/{article['id']}"
    li, zhao = asking(centre, "li"), asking(centre, "zhao")
    new = {"zh": {"title": "宽带退款办法", "body": "退款需要十四天。\n请致电客服。"}}

    edited = await li("POST", f"{path}/versions", {"version": article["version"], "texts": new})
    still = (await li("GET", path)).body
    compared = (await li("GET", f"{path}/comparison", before="1", after="2")).body
    article = (await stepped(centre, "li", still, "submit")).body
    article = (await stepped(centre, "zhao", article, "approve")).body
    changed = (await li("GET", path)).body["content"]["texts"]["zh"]["body"]
    back = await li("POST", f"{path}/roll-back", {"version": article["version"], "number": 1})
    article = (await stepped(centre, "li", (await li("GET", path)).body, "submit")).body
    article = (await stepped(centre, "zhao", article, "approve")).body
    versions = (await li("GET", f"{path}/versions", limit="2")).body
    older = (await li("GET", f"{path}/versions", after=versions["next"])).body

    assert edited.status == 201
    assert "七天" in still["content"]["texts"]["zh"]["body"]
    assert [line["change"] for line in compared["texts"]["zh"]] == [
        "same",
        "removed",
        "added",
        "same",
    ]
    assert {line["change"] for line in compared["texts"]["en"]} == {"removed"}
    assert compared["keywords_removed"] == ["返还"]
    assert "十四天" in changed
    assert (back.body["copy_of"], back.body["texts"]) == (1, TEXTS)
    assert article["content"]["texts"] == TEXTS
    assert [(one["number"], one["state"]) for one in versions["items"] + older["items"]] == [
        (3, "published"),
        (2, "replaced"),
        (1, "replaced"),
    ]
    withdrawn = await zhao("POST", f"{path}/withdraw", {"version": article["version"]})
    assert withdrawn.body["published"] is None
    assert await titles(centre, "退款") == []
    assert ("zhao", "withdrawn", "article", article["id"]) in await told(centre)


async def test_two_who_edit_at_once_are_told_apart(centre: Centre) -> None:
    article = await written(centre)
    path, body = f"articles/{article['id']}/versions", {"version": 1, "texts": TEXTS}

    first = await asking(centre, "li")("POST", path, body)
    second = await asking(centre, "wang")("POST", path, body)

    assert (first.status, second.status, second.kind) == (201, 409, "EditConflict")


async def test_during_a_contact_its_queue_its_menu_and_the_words_suggest(centre: Centre) -> None:
    by_queue = await published(centre)
    other = {"zh": {"title": "国际漫游", "body": "资费表。"}}
    by_menu = await published(centre, texts=other, queues=[], menus=["roaming"])
    append = centre.parts.log.append
    append(
        events.CallArrived(
            call_id="call1",
            contact_id="contact1",
            sip_call_id="s1",
            caller_number="13800138000",
            dialled_number="1000",
            trunk="t",
        )
    )
    append(events.NodeEntered(contact_id="contact1", flow="main", node="roaming"))
    li = asking(centre, "li")

    of_menu = await li("GET", "articles/suggestions", contact_id="contact1")
    with_words = await li("GET", "articles/suggestions", contact_id="contact1", words="退款")
    of_queue = await li("GET", "articles/suggestions", queue="sales")
    unknown = await li("GET", "articles/suggestions", contact_id="nobody")

    assert [(one["id"], one["reasons"]) for one in of_menu.body] == [(by_menu["id"], ["menu"])]
    assert {one["id"]: one["reasons"] for one in with_words.body} == {
        by_menu["id"]: ["menu"],
        by_queue["id"]: ["words"],
    }
    assert [(one["id"], one["titles"]["en"]) for one in of_queue.body] == [
        (by_queue["id"], "Refunds for broadband")
    ]
    assert unknown.status == 404


async def test_votes_count_once_an_agent_and_reading_is_counted(centre: Centre) -> None:
    article = await published(centre)
    path = f"articles/{article['id']}"
    li, wang = asking(centre, "li"), asking(centre, "wang")

    await li("PUT", f"{path}/vote", {"useful": False})
    await li("PUT", f"{path}/vote", {"useful": True})
    await wang("PUT", f"{path}/vote", {"useful": False})
    await li("GET", path, contact_id="contact1")
    await wang("GET", path)
    await centre.parts.log.stored()
    [seen] = (await li("GET", "articles")).body["items"]

    assert (seen["useful"], seen["useless"]) == (1, 1)
    assert (seen["reads"], seen["reads_in_contacts"]) == (2, 1)


async def test_another_teams_article_is_not_there(centre: Centre) -> None:
    article = await published(centre, teams=["north"])
    path = f"articles/{article['id']}"

    assert await titles(centre, "退款", "chen") == ["宽带退款办法"]
    assert await titles(centre, "退款", "lin") == []
    assert (await asking(centre, "lin")("GET", path)).status == 404
    assert (await asking(centre, "lin")("PUT", f"{path}/vote", {"useful": True})).status == 404
    assert (await asking(centre, "lin")("GET", "articles")).body["items"] == []

    opened = {"version": article["version"], "teams": []}
    assert (await asking(centre, "zhao")("PATCH", path, opened)).body["teams"] == []
    assert await titles(centre, "退款", "lin") == ["宽带退款办法"]


@pytest.mark.parametrize(
    ("wrong", "at_fault"),
    [
        ({"texts": {}}, "zh, en, or both"),
        ({"texts": {"zh": {"title": "x", "body": ""}}}, "body"),
        ({"texts": {"fr": TEXTS["en"]}}, "fr"),
        ({"keywords": ["a\nb"]}, "keywords"),
        ({"menus": ["a b"]}, "menus"),
    ],
)
async def test_an_article_that_cannot_be_is_refused_by_name(
    centre: Centre, wrong: dict[str, Any], at_fault: str
) -> None:
    answer = await asking(centre, "li")("POST", "articles", DRAFT | wrong)

    assert answer.status == 422
    assert at_fault in answer.body["detail"]
