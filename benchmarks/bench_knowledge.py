"""
How long a search of the knowledge base takes: articles of some 300 Chinese words, in both
databases; a third of the searches find no article with all the words and look for some.

    python -m benchmarks.bench_knowledge [--articles 10000 --searches 300]
"""

import argparse
import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import quantiles

from crm.words import terms
from cti_server.store.article_search import search
from cti_server.store.articles import Article, Articles, ArticleVersion
from cti_server.store.database import Database

from .both_databases import both_databases

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WORDS = [
    *("宽带", "退款", "套餐", "国际漫游", "流量", "账单", "发票", "密码", "营业厅", "安装"),
    *("故障", "维修", "投诉", "合同", "优惠", "积分", "充值", "停机", "复机", "过户"),
    *(
        "销户",
        "携号转网",
        "固定电话",
        "机顶盒",
        "路由器",
        "光纤",
        "信号",
        "短信",
        "彩铃",
        "呼叫转移",
    ),
    *("客服", "经理", "身份证", "地址"),
]
SYLLABLES = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子"
)


class Prose:
    """Texts whose words are as unevenly frequent as in any language (Zipf)."""

    def __init__(self, chance: random.Random) -> None:
        rare = ["".join(chance.sample(SYLLABLES, 2)) for _ in range(3000)]
        self.words = [*WORDS, *rare]
        self._weights = [1 / (place + 5) for place in range(len(self.words))]
        self._chance = chance

    def text(self, words: int) -> str:
        return "".join(self._chance.choices(self.words, self._weights, k=words))

    def queries(self, count: int) -> Iterator[str]:
        for number in range(count):
            size = (1, 2, 4)[number % 3]
            yield "怎么" + "".join(self._chance.sample(WORDS if size < 4 else self.words, size))


def _article(id: str) -> Article:
    return Article(id=id, latest=1, published=1, created_by="li", created_at=NOW, updated_at=NOW)


def _version(id: str, prose: Prose) -> ArticleVersion:
    return ArticleVersion(
        article_id=id,
        number=1,
        state="published",
        state_since=NOW,
        texts={"zh": {"title": prose.text(4), "body": prose.text(300)}},
        keywords=[],
        written_by="li",
        written_at=NOW,
    )


async def fill(database: Database, prose: Prose, articles: int) -> float:
    """Seconds."""
    begin = time.perf_counter()
    for start in range(0, articles, 1000):
        versions = [_version(f"a{start + number}", prose) for number in range(1000)]
        async with database.sessions.begin() as session:
            session.add_all(_article(version.article_id) for version in versions)
            await session.flush()
            session.add_all(versions)
            with session.no_autoflush:
                for version in versions:
                    await Articles(session).index(version.article_id, version)
    return time.perf_counter() - begin


async def measure(url: str, articles: int, searches: int) -> None:
    database, prose = Database(url), Prose(random.Random(7))
    await database.upgrade()
    filled = await fill(database, prose, articles)
    took = []
    for query in prose.queries(searches):
        begin = time.perf_counter()
        async with database.readers() as session:
            await search(session, terms(query), None, 20)
        took.append(1000 * (time.perf_counter() - begin))
    cuts = quantiles(took, n=100)
    print(
        f"{database.dialect:<11} {articles} articles published in {filled:.0f} s; search"
        f" p50 {cuts[49]:.1f} p95 {cuts[94]:.1f} p99 {cuts[98]:.1f} ms"
    )
    await database.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--articles", type=int, default=10_000)
    arguments.add_argument("--searches", type=int, default=300)
    given = arguments.parse_args()
    with both_databases() as urls:
        for url in urls:
            asyncio.run(measure(url, given.articles, given.searches))


if __name__ == "__main__":
    main()
