"""Articles: their states, who approves, what suits a contact, and the search in both databases."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection

from crm.articles import (
    TABLE,
    Candidate,
    IllegalStep,
    Line,
    OwnWork,
    check_approval,
    compared,
    stepped,
    suggested,
)
from crm.words import terms
from cti_server.store.article_search import search
from cti_server.store.articles import Article, Articles, ArticleUse, ArticleVersion
from cti_server.store.database import Database
from cti_server.store.journal_files import Entry
from cti_server.store.records import Records
from cti_server.wire.events import ArticleRead
from tests.store.stories import entries

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
STEPS = ("submit", "take_back", "approve", "reject", "withdraw", "replace")
ALLOWED = {
    ("draft", "submit"): "review",
    ("draft", "replace"): "replaced",
    ("review", "approve"): "published",
    ("review", "reject"): "draft",
    ("review", "take_back"): "draft",
    ("review", "replace"): "replaced",
    ("published", "withdraw"): "withdrawn",
    ("published", "replace"): "replaced",
}


@pytest.mark.parametrize(("state", "step"), list(product(TABLE, STEPS)))
def test_each_step_leads_where_it_should_or_nowhere(state: str, step: str) -> None:
    if (state, step) in ALLOWED:
        assert stepped(state, step) == ALLOWED[state, step]
    else:
        with pytest.raises(IllegalStep, match=state):
            stepped(state, step)


def test_who_wrote_any_of_it_does_not_approve_it() -> None:
    check_approval("zhao", {"li", "wang"})
    with pytest.raises(OwnWork):
        check_approval("li", {"li", "wang"})


def test_two_versions_are_compared_line_by_line() -> None:
    assert compared("退款\n七天内\n致电客服", "退款\n十四天内\n致电客服\n免费") == [
        Line("same", "退款"),
        Line("removed", "七天内"),
        Line("added", "十四天内"),
        Line("same", "致电客服"),
        Line("added", "免费"),
    ]


def test_a_contact_gets_what_belongs_to_its_queue_its_menu_and_its_words() -> None:
    candidates = [
        Candidate("by_queue", queues=frozenset({"billing"})),
        Candidate("by_first_node", menus=frozenset({"main"})),
        Candidate("by_last_node", menus=frozenset({"refund"})),
        Candidate("by_words", place=0),
        Candidate("by_all", frozenset({"billing"}), frozenset({"refund"}), 3),
        Candidate("by_nothing", queues=frozenset({"sales"}), useful=99),
    ]

    found = suggested(candidates, queue="billing", path=["main", "refund"], most=10)

    assert [one.article_id for one in found] == [
        "by_all",
        "by_last_node",
        "by_words",
        "by_first_node",
        "by_queue",
    ]
    assert found[0].reasons == ["queue", "menu", "words"]


def test_votes_decide_between_equals_and_one_vote_less_than_many() -> None:
    queue = frozenset({"billing"})
    candidates = [
        Candidate("disliked", queue, useful=1, useless=9),
        Candidate("unknown", queue),
        Candidate("once", queue, useful=1),
        Candidate("liked", queue, useful=30, useless=1),
    ]

    found = suggested(candidates, queue="billing", path=[], most=3)

    assert [one.article_id for one in found] == ["liked", "once", "unknown"]


async def publish(
    database: Database, id: str, *, teams: tuple[str, ...] = (), keywords: Any = (), **texts: Any
) -> None:
    """``texts``: by language, title and body."""
    async with database.sessions.begin() as session:
        session.add(
            Article(id=id, latest=1, published=1, created_by="li", created_at=NOW, updated_at=NOW)
        )
        await session.flush()
        version = ArticleVersion(
            article_id=id,
            number=1,
            state="published",
            state_since=NOW,
            texts={
                language: {"title": title, "body": body}
                for language, (title, body) in texts.items()
            },
            keywords=list(keywords),
            written_by="li",
            written_at=NOW,
        )
        session.add(version)
        await Articles(session).index(id, version)
        await Articles(session).put_places(id, "team", teams)


async def find(
    database: Database, query: str, teams: frozenset[str] | None = None, **more: Any
) -> list[tuple[str, str]]:
    async with database.readers() as session:
        return await search(session, terms(query), teams, 10, **more)


async def test_chinese_words_are_found_and_the_title_weighs_most(database: Database) -> None:
    body = "用户可以在营业厅办理各种业务。" * 5
    await publish(database, "title", zh=("宽带退款办法", body))
    await publish(database, "body", zh=("常见问题", body + "宽带退款需要七天。" + body))
    await publish(database, "keyword", zh=("费用返还", body), keywords=["宽带", "退款"])
    await publish(database, "other", zh=("国际漫游", body))

    found = [article_id for article_id, _ in await find(database, "宽带怎么退款?")]

    assert found == ["title", "keyword", "body"]
    assert await find(database, "漫游") == [("other", "zh")]


async def test_a_pair_of_translations_is_one_article_found_in_either_language(
    database: Database,
) -> None:
    await publish(
        database,
        "pair",
        zh=("退款 refund", "七天内到账"),
        en=("Refunds", "The money is back within seven days"),
    )

    assert await find(database, "refund") in ([("pair", "en")], [("pair", "zh")])
    assert await find(database, "到账") == [("pair", "zh")]
    assert await find(database, "money") == [("pair", "en")]
    assert await find(database, "money", language="zh") == []


async def test_where_no_article_has_all_words_those_that_have_some_are_found(
    database: Database,
) -> None:
    await publish(database, "one", zh=("宽带安装", "预约师傅上门"))
    await publish(database, "both", zh=("宽带退款", "七天内到账"))

    assert await find(database, "宽带退款") == [("both", "zh")]
    assert {one for one, _ in await find(database, "宽带发票")} == {"one", "both"}
    assert await find(database, "发票") == []


async def test_signs_of_the_databases_query_languages_are_only_signs(database: Database) -> None:
    await publish(database, "one", en=("Refunds and NOT", 'a "quoted" colon: it\'s (fine) *'))

    for query in ('"refund', "refund* OR", "NEAR(refunds)", "refund & | !", "title_words:refund"):
        await find(database, query)
    assert await find(database, "it's (fine)*") == [("one", "en")]
    assert await find(database, "\0' \\ --") == []


async def test_another_teams_article_is_not_found(database: Database) -> None:
    await publish(database, "north", teams=("north",), zh=("退款", "北区"))
    await publish(database, "all", zh=("退款", "全国"))

    assert {one for one, _ in await find(database, "退款", frozenset({"north"}))} == {
        "north",
        "all",
    }
    assert await find(database, "退款", frozenset({"south"})) == [("all", "zh")]


async def test_what_is_not_published_any_more_is_not_found(database: Database) -> None:
    await publish(database, "one", zh=("退款", "七天"))
    async with database.sessions.begin() as session:
        await Articles(session).index("one", None)

    assert await find(database, "退款") == []


def _write(records: Records, batch: Sequence[Entry], connection: Connection) -> None:
    records.write(connection, batch)


async def test_use_is_counted_from_the_log_each_reading_once(database: Database) -> None:
    records = Records(database.engine.dialect)
    first = entries([ArticleRead(article_id="a", number=1, read_by="li", contact_id="c1")])
    second = entries(
        [
            ArticleRead(article_id="a", number=1, read_by="li"),
            ArticleRead(article_id="a", number=2, read_by="wang", contact_id="c2"),
            ArticleRead(article_id="b", number=1, read_by="li"),
        ],
        first=2,
    )
    for batch in (first, second):
        await database.in_transaction(partial(_write, records, batch))
        records.forget()

    async with database.readers() as session:
        uses = await Articles(session).uses(["a", "b", "none"])

    assert {id: (use.reads, use.in_contacts) for id, use in uses.items()} == {
        "a": (3, 2),
        "b": (1, 0),
    }
    assert isinstance(uses["a"], ArticleUse)
