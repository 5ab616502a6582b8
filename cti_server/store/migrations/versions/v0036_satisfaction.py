"""
What customers said, in the quarters that reports add up; of the past, too.

Quarters that were counted before get theirs here, from the ratings and alerts that there are: to
count them anew would lose what retention has deleted since.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_QUARTERS = {
    "sqlite": "CAST(strftime('%s', {}) AS INTEGER) / 900",
    "postgresql": "CAST(floor(extract(epoch FROM {}) / 900) AS INTEGER)",
}
_OF_CONTACTS = """
    FROM rating JOIN contact ON contact.id = rating.contact_id
    WHERE contact.ended_at IS NOT NULL AND rating.rating
"""


def upgrade() -> None:
    _quarter("survey_quarter", "agent_id queue", "surveys rated complaints")
    _quarter(
        "mark_quarter",
        "agent_id queue question best mark",
        "marks satisfied points best_points",
    )
    quarter = _QUARTERS[op.get_bind().dialect.name]
    ended, raised = (quarter.format(at) for at in ("contact.ended_at", "alert.raised_at"))
    about = "coalesce({0}.about_agent, '') AS agent_id, coalesce({0}.queue, '') AS queue"
    op.execute(f"""
        INSERT INTO survey_quarter (number, agent_id, queue, surveys, rated, complaints)
        SELECT number, agent_id, queue, sum(surveys), sum(rated), sum(complaints) FROM (
            SELECT {ended} AS number, {about.format("rating")},
                1 AS surveys, 0 AS rated, 0 AS complaints {_OF_CONTACTS} IS NULL
            UNION ALL
            SELECT {ended} AS number, {about.format("rating")},
                0, count(DISTINCT rating.interaction_id), 0 {_OF_CONTACTS} IS NOT NULL
                AND rating.interaction_id IS NOT NULL
                GROUP BY 1, 2, 3
            UNION ALL
            SELECT {raised} AS number, {about.format("alert")}, 0, 0, 1
                FROM alert WHERE kind = 'complaint' AND about_agent IS NOT NULL
        ) AS told GROUP BY number, agent_id, queue
    """)  # noqa: S608 - of words above
    op.execute(f"""
        INSERT INTO mark_quarter (number, agent_id, queue, question, best, mark,
            marks, satisfied, points, best_points)
        SELECT number, agent_id, queue, question, CAST(best AS VARCHAR), CAST(mark AS VARCHAR),
            count(*), sum(CASE WHEN mark >= CASE WHEN best >= 4 THEN best - 1 ELSE best END
                THEN 1 ELSE 0 END), sum(mark), sum(best)
        FROM (
            SELECT {ended} AS number, {about.format("rating")}, rating.question AS question,
                rating.best AS best, rating.rating AS mark {_OF_CONTACTS} IS NOT NULL
        ) AS told GROUP BY number, agent_id, queue, question, best, mark
    """)  # noqa: S608 - of words above


def _quarter(table: str, names: str, times: str) -> None:
    op.create_table(
        table,
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in names.split()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in times.split()),
        sa.PrimaryKeyConstraint("number", *names.split(), name=f"pk_{table}"),
    )
