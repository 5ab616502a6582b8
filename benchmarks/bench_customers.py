"""
A million customers and twenty million contacts of theirs: import, pop, search, timeline.

The customers come in by an import, the contacts straight into the tables. Both stay in a folder
for the next run (``--cache``), as they take long to make; ``--customers`` says how many there are.

    python -m benchmarks.bench_customers --customers 1000000 --databases sqlite postgresql
"""

# ruff: noqa: S608 - statements of constants alone

import argparse
import asyncio
import multiprocessing
import random
import resource
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, text

from crm.search import ways
from cti_server.customer_import import SOURCE, Order, carry_out
from cti_server.store.customer_search import search
from cti_server.store.customers import Customer, Customers
from cti_server.store.database import Database
from cti_server.store.import_jobs import RUNNING, ImportJob, ImportJobs
from cti_server.store.lookup import CustomerLookup
from cti_server.store.timeline import Timeline
from tests.fakes.postgres import PostgresServer

CALLS_A_SECOND = 20
LOOKS = 400  # 20 s of calls
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红文建国志海波宁欣怡子轩梓涵雨泽浩然"
    "思远佳琪晨曦俊杰雅婷诗嘉豪博瑞凯琳雪梅春生东南西北山川林森木石金水火土云飞龙凤翔鹏程"
)
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def name(chance: random.Random) -> str:
    """As frequent surnames are: the first ten are two fifths of all people."""
    surname = SURNAMES[min(int(chance.expovariate(0.08)), len(SURNAMES) - 1)]
    return surname + "".join(chance.choice(GIVEN) for _ in range(chance.choice((1, 2, 2, 2))))


def number(place: int) -> str:
    return f"13{place % 10}{place // 10:08}"


def lines(count: int) -> Iterator[str]:
    chance = random.Random(7)
    yield "客户编号,姓名,手机,等级,公司,邮箱,标签\n"
    for place in range(count):
        firm = f"蓝海{place % 5000}科技有限公司" if place % 4 == 0 else ""
        mail = f"c{place}@example.com" if place % 3 == 0 else ""
        tier = "gold" if place % 10 == 0 else "standard"
        yield f"C{place:07},{name(chance)},{number(place)},{tier},{firm},{mail},5G\n"


def take_in(order: Order) -> tuple[float, float, int]:
    """Import, with the process that reads: CPU seconds, seconds, and peak memory in KiB."""
    begun, cpu = time.monotonic(), time.process_time()
    asyncio.run(carry_out(order))
    reader = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + reader.ru_maxrss
    cpu = time.process_time() - cpu + reader.ru_utime + reader.ru_stime
    return cpu, time.monotonic() - begun, peak


async def import_customers(database: Database, folder: Path, count: int) -> None:
    source = folder / "one" / SOURCE
    source.parent.mkdir(parents=True, exist_ok=True)
    with source.open("w", encoding="utf-8") as file:
        file.writelines(lines(count))
    async with database.sessions.begin() as session:
        ImportJobs(session).add(
            ImportJob(
                id="one",
                state=RUNNING,
                filename="x",
                size=source.stat().st_size,
                created_by="bench",
                created_at=FIRST,
            )
        )
    order = Order(database.url.render_as_string(hide_password=False), folder, "CN", "one")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        running = asyncio.get_running_loop().run_in_executor(process, take_in, order)
        cpu, seconds, peak = await running
    async with database.readers() as session:
        job = await ImportJobs(session).get("one")
    created = job.created if job else 0
    reason = f" ({job.state}: {job.reason})" if job and job.reason else ""
    print(
        f"{database.dialect:10} import of {created} rows{reason}: {seconds:.0f} s, "
        f"{cpu:.0f} s of CPU ({cpu / max(created, 1) * 1e6:.0f} us a row), "
        f"peak memory {peak / 1024:.0f} MiB",
        flush=True,
    )


async def add_contacts(database: Database, each_has: int) -> None:
    """Some for every customer, by one statement of the database's own for each of them."""
    begun = time.monotonic()
    moment = {
        "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2020-01-01', "
        "'+' || ((n * 7919 + {customer} * 13) % 3000000) || ' minutes')",
        "postgresql": "timestamptz '2020-01-01' + "
        "((n * 7919::bigint + {customer} * 13) % 3000000) * interval '1 minute'",
    }[database.dialect]
    place = {"sqlite": "c.rowid", "postgresql": "c.place"}[database.dialect]
    customers = {
        "sqlite": "customer c",
        "postgresql": "(SELECT id, row_number() OVER () AS place FROM customer) c",
    }[database.dialect]
    at = moment.format(customer=place)
    numbers = (
        "WITH RECURSIVE step(n) AS "
        f"(SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < {each_has})"
    )
    each = f"FROM {customers} CROSS JOIN step"
    statements = [
        f"{numbers} INSERT INTO contact_customer (customer_id, contact_id, arrived_at) "
        f"SELECT c.id, c.id || '-' || n, {at} {each}",
        f"{numbers} INSERT INTO contact (id, channel, call_id, caller_number, dialled_number, "
        "arrived_at, ended_at, customer_match, customer_ids, path, attributes, priority, "
        "requirements, offers, outcome, queue, direction, masked) "
        f"SELECT c.id || '-' || n, 'voice', c.id || '-' || n, "
        "coalesce((SELECT number FROM customer_number x WHERE x.customer_id = c.id LIMIT 1), ''), "
        f"'95588', {at}, {at}, 'exact', '[]', '[]', '{{}}', 0, '{{}}', 1, 'handled', "
        f"'sales', 'inbound', false {each}",
    ]
    for statement in statements:
        async with database.writing.begin() as connection:
            if database.dialect == "postgresql":
                await connection.run_sync(lambda look: look.exec_driver_sql("SET work_mem='256MB'"))
            await connection.execute(text(statement), execution_options={"timeout": 3600})
        print(f"{database.dialect:10} a table filled: {time.monotonic() - begun:.0f} s", flush=True)


async def timed(what: str, works: list[Callable[[], Awaitable[object]]], every: float) -> None:
    """Each work once, at even moments; the first ones fill the caches and do not count."""
    warm = len(works) // 10
    took: list[float] = []
    begun, cpu = time.monotonic(), time.process_time()
    for place, work in enumerate(works):
        await asyncio.sleep(max(0.0, begun + place * every - time.monotonic()))
        start = time.perf_counter()
        await work()
        took.append((time.perf_counter() - start) * 1e3)
    cost = (time.process_time() - cpu) / len(works) * 1e3
    counted = sorted(took[warm:])
    p50, p95, p99 = (counted[int(len(counted) * share)] for share in (0.5, 0.95, 0.99))
    print(
        f"{what}: p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms; {cost:.1f} ms of CPU each",
        flush=True,
    )


def texts(count: int, chance: random.Random) -> list[str]:
    """What agents type: names in both scripts, initials, numbers, last digits, ids, companies."""
    found = []
    for _ in range(LOOKS):
        place = chance.randrange(count)
        found.append(
            chance.choice(
                (
                    name(chance),
                    chance.choice(SURNAMES),
                    chance.choice(("wang", "wangwei", "li na", "zhangmin", "chen jie", "w", "lql")),
                    number(place),
                    number(place)[-4:],
                    number(place)[-6:],
                    f"c{place:07}",
                    f"蓝海{place % 5000}",
                    f"{chance.choice(SURNAMES)} {number(place)[-4:]}",
                    f"c{place}@example.com",
                )
            )
        )
    return found


async def measure(database: Database) -> None:
    async with database.readers() as session:
        count = await session.scalar(select(func.count()).select_from(Customer)) or 0
        ids = (await session.scalars(select(Customer.id).limit(LOOKS))).all()
    chance, lookup = random.Random(11), CustomerLookup(database, "CN")
    what = f"{database.dialect:10} {count} customers,"
    numbers = [number(chance.randrange(count)) for _ in range(LOOKS)]
    await timed(
        f"{what} pop at {CALLS_A_SECOND}/s",
        [lambda one=one: lookup.look_up(one) for one in numbers],  # type: ignore[misc]
        1 / CALLS_A_SECOND,
    )

    async def find(typed: str) -> None:
        found = await database.in_one_look(lambda look: search(look, ways(typed), limit=50))
        async with database.readers() as session:
            await Customers(session).among(found.customer_ids)

    typed = texts(count, chance)
    await timed(f"{what} search", [lambda one=one: find(one) for one in typed], 0.0)  # type: ignore[misc]

    async def past(customer_id: str) -> None:
        async with database.readers() as session:
            await Timeline(session).of([customer_id], limit=50)

    await timed(f"{what} timeline page", [lambda one=one: past(one) for one in ids], 0.0)  # type: ignore[misc]


async def on(url: str, folder: Path, count: int, contacts: int) -> None:
    database = Database(url, patience=3600.0)
    await database.upgrade()
    async with database.readers() as session:
        there = await session.scalar(select(func.count()).select_from(Customer)) or 0
    if not there:
        await import_customers(database, folder / f"{database.dialect}-imports", count)
        if contacts:
            await add_contacts(database, contacts)
        if database.dialect == "postgresql":
            async with database.writing.begin() as connection:
                await connection.execute(text("ANALYZE"))
    await measure(database)
    await database.close()


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--customers", type=int, default=5_000)
    parse.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parse.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "hotline-bench")
    parse.add_argument("--contacts", type=int, default=20, help="of each customer")
    parse.add_argument("--fresh", action="store_true", help="make everything anew")
    given = parse.parse_args()
    folder: Path = given.cache / f"{given.customers}-{given.contacts}"
    if given.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if "sqlite" in given.databases:
        url = f"sqlite+aiosqlite:///{folder / 'hotline.db'}"
        asyncio.run(on(url, folder, given.customers, given.contacts))
    if "postgresql" in given.databases:
        server = PostgresServer()
        try:
            url = server.create("bench")
            asyncio.run(on(url, folder, given.customers, given.contacts))
        finally:
            server.close()


if __name__ == "__main__":
    main()
