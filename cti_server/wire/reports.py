"""
Management reports. Durations are in seconds, shares from 0 to 1; null is "nothing to say".

What each column means is in its formula, and in words in docs/figures.md.
"""

from datetime import datetime

from pydantic import Field

from .resource import Resource


class ReportTitles(Resource):
    zh: str
    en: str


class ReportColumn(Resource):
    name: str
    titles: ReportTitles
    unit: str = Field(description="count, seconds, share, erlangs, text or moment.")
    formula: str = Field(description="Over what is added up; of keys, what they name.")


class ReportDefinition(Resource):
    """A report that there is; ``keys`` name its rows, and each of them is a filter."""

    report: str
    titles: ReportTitles
    keys: list[str]
    columns: list[ReportColumn]


class ManagementReport(ReportDefinition):
    """
    ``until`` is exclusive. A row has a value for each column; intervals in which nothing happened
    are left out. The last interval goes on: it has what there is so far.
    """

    since: datetime
    until: datetime
    by: str
    rows: list[dict[str, str | int | float | None]]
