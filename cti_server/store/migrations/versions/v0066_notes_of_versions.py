"""Why a definition was changed, in the words of who did it."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("definition_version", sa.Column("note", sa.String(), nullable=True))
