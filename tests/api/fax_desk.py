"""Where the agents of an API's test send faxes from."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from config.fax import FaxDocumentSettings
from config.settings import SHIPPED
from cti_server.calls.number_plan import NumberBarred
from cti_server.outbox.fax_desk import FaxDesk
from cti_server.outbox.fax_documents import FaxDocuments
from cti_server.saved_queries import Queries
from cti_server.store.changes import Changes
from cti_server.store.database import Database


def fax_desk(
    database: Database,
    queries: Queries,
    changes: Changes,
    clock: Any,
    jobs: ThreadPoolExecutor,
    numbers: "count[int]",
) -> FaxDesk:
    """Two documents, one made from a template; a number of six digits may not be called."""

    def check(number: str) -> None:
        if len(number) < 7:
            raise NumberBarred(number, number)

    titles = {"zh": "价目表", "en": "Price list"}
    documents = {
        "101": FaxDocumentSettings.model_validate(
            {"titles": titles, "file": str(SHIPPED / "demo" / "price-list.pdf")}
        ),
        "201": FaxDocumentSettings.model_validate({"titles": titles}),
    }
    made = FaxDocuments(documents, queries, database, jobs, clock.now, ZoneInfo("Asia/Shanghai"))
    return FaxDesk(documents, made, check, changes, clock, lambda: f"fax-{next(numbers)}", "CN")
