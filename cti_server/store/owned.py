"""Records that are somebody's, or a team's: leads and opportunities."""

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column


class Owned(MappedAsDataclass, kw_only=True):
    """Seen by its owner, and by its team; by everybody where it is no team's."""

    owner_id: Mapped[str | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)

    def seen_by(self, teams: frozenset[str] | None, agent_id: str) -> bool:
        mine = self.owner_id == agent_id
        return mine or teams is None or self.team is None or self.team in teams

    @classmethod
    def in_sight(cls, teams: frozenset[str] | None, agent_id: str) -> list[ColumnElement[bool]]:
        """The same for a query's WHERE."""
        if teams is None:
            return []
        return [or_(cls.team.is_(None), cls.team.in_(teams), cls.owner_id == agent_id)]
