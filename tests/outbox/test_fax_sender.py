"""A fax of the outbox: its pages made, each attempt another way, and what it comes to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from config.fax import FaxSettings
from config.settings import SHIPPED
from cti_server.calls.fax_calls import FaxCalls, FaxOrder, FaxReport
from cti_server.outbox.fax_documents import FaxDocuments
from cti_server.outbox.fax_sender import FaxSender, failed_trunks, takes_t38
from cti_server.saved_queries import Queries
from cti_server.store.database import Database
from cti_server.store.fax_attempts import FaxAttempt
from cti_server.store.outbox import OutboxJob
from cti_server.store.outside_data import OutsideData
from fax_sms_email.attempts import GiveUp, TryAgain
from fax_sms_email.errors import NotSent
from tests.store.stories import NINE

SENT = FaxReport(cause="", permanent=False, answered=True, pages=1, trunk="carrier")
FAILED = FaxReport(cause="No response", permanent=False, answered=True, pages=0, trunk="carrier")


class Line:
    """Where faxes are called in; what they come to is set."""

    def __init__(self) -> None:
        self.report = SENT
        self.orders: list[FaxOrder] = []
        self.pages = 0

    async def send(self, order: FaxOrder) -> FaxReport:
        self.orders.append(order)
        with Image.open(order.document) as image:  # it is there as long as it is sent
            self.pages = getattr(image, "n_frames", 1)
        return self.report


def settings(**more: Any) -> FaxSettings:
    document = {"titles": {"zh": "价目表"}, "file": str(SHIPPED / "demo" / "price-list.pdf")}
    documents = {"101": document, "102": {**document, "file": str(SHIPPED / "hotline.yaml")}}
    return FaxSettings.model_validate(
        {"number": "+86 21 5555", "header": "Bank", "documents": documents, **more}
    )


def job(document: str = "101", attempts: int = 1) -> OutboxJob:
    return OutboxJob(
        id="job",
        key="key",
        channel="fax",
        recipient="+862155550001",
        content={"document": document, "title": "价目表", "language": "zh"},
        created_at=NINE,
        wanted_at=NINE,
        due_at=NINE,
        attempts=attempts,
        contact_id="contact",
    )


def attempt(number: int, **changes: Any) -> FaxAttempt:
    usual: dict[str, Any] = {"way": "t38", "answered": True, "trunk": "carrier", "cause": "no"}
    return FaxAttempt(
        id=f"call{number}",
        job_id="job",
        at=NINE + timedelta(minutes=number),
        ended_at=NINE + timedelta(minutes=number + 1),
        **usual | changes,
    )


def left_in(folder: Path) -> list[Path]:
    return list(folder.glob("fax-*"))


async def stored() -> None:
    """What was told is in the database."""


def sender(line: Line, database: Database, folder: Path, **more: Any) -> FaxSender:
    of = settings(**more)
    queries = Queries(
        database=database,
        outside=OutsideData({}),
        lookups={},
        budget=timedelta(seconds=5),
        region="CN",
    )
    jobs = ThreadPoolExecutor(1)
    made = FaxDocuments(of.documents, queries, database, jobs, lambda: NINE, ZoneInfo("UTC"))
    return FaxSender(of, cast(FaxCalls, line), made, database, stored, folder)


async def test_its_pages_are_made_sent_and_removed(database: Database, tmp_path: Path) -> None:
    line = Line()
    await sender(line, database, tmp_path).send(job())
    (order,) = line.orders
    assert line.pages > 0
    assert (order.number, order.ident, order.header) == ("+862155550001", "+86 21 5555", "Bank")
    assert order.t38
    assert order.contact_id == "contact"
    assert left_in(tmp_path) == []


async def test_after_a_failure_another_way_and_another_trunk_come_first(
    database: Database, tmp_path: Path
) -> None:
    line = Line()
    line.report = FAILED
    async with database.sessions.begin() as session:
        session.add(attempt(1))
    with pytest.raises(NotSent, match="No response") as refused:
        await sender(line, database, tmp_path).send(job(attempts=2))
    assert not refused.value.permanent
    (order,) = line.orders
    assert not order.t38
    assert order.last == ["carrier"]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([], True),
        ([attempt(1)], False),
        ([attempt(1), attempt(2, way="audio")], True),
        ([attempt(1), attempt(2, answered=False, way="audio")], False),  # nobody was there
        ([attempt(1, answered=False, way="audio")], True),
    ],
)
def test_t38_and_audio_take_turns_where_somebody_answered(
    before: list[FaxAttempt], expected: bool
) -> None:
    assert takes_t38(before) is expected


def test_the_trunk_of_the_latest_failure_is_asked_last_and_none_is_left_out() -> None:
    assert failed_trunks([]) == []
    assert failed_trunks([attempt(1, trunk="a"), attempt(2, trunk="b")]) == ["a", "b"]
    assert failed_trunks([attempt(n, trunk=one) for n, one in enumerate("abca")]) == list("bca")
    assert failed_trunks([attempt(1, trunk="")]) == []


async def test_settings_may_keep_it_to_audio(database: Database, tmp_path: Path) -> None:
    line = Line()
    await sender(line, database, tmp_path, t38=False).send(job())
    assert not line.orders[0].t38


@pytest.mark.parametrize(("document", "why"), [("999", "no document"), ("102", "neither a PDF")])
async def test_what_cannot_be_made_is_refused_for_good(
    database: Database, tmp_path: Path, document: str, why: str
) -> None:
    line = Line()
    with pytest.raises(NotSent, match=why) as refused:
        await sender(line, database, tmp_path).send(job(document))
    assert refused.value.permanent
    assert line.orders == []
    assert left_in(tmp_path) == []


def test_it_is_tried_so_often_and_no_more(database: Database, tmp_path: Path) -> None:
    patience = sender(Line(), database, tmp_path, attempts=3).patience

    def after(attempts: int) -> TryAgain | GiveUp:
        now = NINE + timedelta(hours=1)
        return patience.after_failure(attempts, NINE, now, permanent=False, chance=1.0)

    assert isinstance(after(2), TryAgain)
    assert after(3) == GiveUp()
