"""What a report is, as data, and the keys that several have. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cti_server.store.base import Base

from .columns import Column, text


@dataclass(frozen=True, slots=True)
class Part:
    """
    Sums of a table by some of its columns; ``kind`` picks rows, ``prefix`` names the sums.

    ``named``: only those whose first column says something.
    """

    table: type[Base]
    by: tuple[str, ...]
    kind: str = ""
    prefix: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """
    One report. ``keys``: what names a row, a filter each, as the columns of ``parts``' ``by``.

    ``of_agents``: it tells of single agents, and whoever is of a team sees that team's only.
    ``by_team``: the first key is the agent in the parts, and their team in the rows.
    ``most_first``: rows with more of this sum come first; of none, they are in their keys' order.
    """

    name: str
    zh: str
    en: str
    keys: tuple[Column, ...]
    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    of_agents: bool = False
    by_team: bool = False
    most_first: str = ""

    @property
    def every_column(self) -> Sequence[Column]:
        named = (each for key in self.keys for each in (key, *_TITLES.get(key.name, ())))
        return (BEGINS_AT, *named, *self.columns)


BEGINS_AT = Column("begins_at", "开始时间", "Begins at", unit="moment")
AGENT = text("agent", "坐席工号", "Agent")
TEAM = text("team", "班组", "Team", "as the agents are in it now; empty for agents of none")
QUEUE = text("queue", "队列", "Queue")
_TITLES: Mapping[str, tuple[Column, ...]] = {
    "agent": (text("name", "坐席姓名", "Agent's name"),),
    "queue": (text("title", "队列名称", "Queue's title"),),
    "disposition": (
        text("label", "业务小结", "Label"),
        text("group", "小结分类", "Group"),
    ),
    "scorecard": (text("card", "评分表名称", "Scorecard's title"),),
    "error": (
        text("label", "差错名称", "Error"),
        text("group", "差错分类", "Group"),
    ),
    "calibration": (text("title", "校准会名称", "Title"),),
}
