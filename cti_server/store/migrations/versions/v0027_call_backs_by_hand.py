"""Call-backs that only a person decides on, and ends of waits that are told apart since."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "call_back", sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Before revision 0020 call-backs were for agents to pick from a list, and what was logged of
    # one said no priority. Of one whose event is gone, all that could be called is long over.
    op.execute("""
        UPDATE call_back SET by_hand = true
        WHERE closed_at IS NULL AND reason NOT IN ('asked', 'requested', 'abandoned')
        AND NOT EXISTS (
            SELECT 1 FROM event
            WHERE event.contact_id = call_back.id AND event.name = 'call_back.wanted'
            AND event.payload LIKE '%"priority":%'
        )
    """)
    # Who stood in the line and was sent away from there had been let in: they were offered.
    op.execute("""
        UPDATE queue_wait SET outcome = 'sent_away'
        WHERE outcome = 'turned_away' AND ended_at > joined_at
    """)
    # A number outside to which a queue's rule leads is an overflow, as another queue is.
    op.execute("""
        UPDATE queue_wait SET outcome = 'overflowed'
        WHERE outcome = 'exited' AND EXISTS (
            SELECT 1 FROM event
            WHERE event.contact_id = queue_wait.contact_id AND event.name = 'contact.diverted'
            AND event.at = queue_wait.ended_at AND event.payload LIKE '%"to":"number"%'
        )
    """)
