"""Open alerts are found without reading all that there ever were."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    alert = sa.table(
        "alert",
        sa.column("cleared_at"),
        sa.column("acknowledged_at"),
        sa.column("lasting", sa.Boolean()),
    )
    still_open = sa.and_(
        alert.c.cleared_at.is_(None), sa.or_(alert.c.lasting, alert.c.acknowledged_at.is_(None))
    )
    op.create_index(
        "ix_alert_open",
        "alert",
        ["raised_at", "id"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
