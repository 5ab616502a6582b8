"""Quality management: scorecards, error codes, sampling plans, reviews and calibrations."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _definitions()
    _calibrations()
    _reviews()


def _text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def _versioned() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    ]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}")


def _definitions() -> None:
    op.create_table(
        "scorecard",
        *_text("id"),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_scorecard"),
    )
    op.create_table(
        "scorecard_version",
        *_text("scorecard_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        *_text("written_by"),
        sa.Column("written_at", _MOMENT, nullable=False),
        _refers("scorecard_version", "scorecard_id", "scorecard"),
        sa.PrimaryKeyConstraint("scorecard_id", "number", name="pk_scorecard_version"),
    )
    op.create_table(
        "error_code",
        *_text("id"),
        *_text("parent_id", nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_versioned(),
        _refers("error_code", "parent_id", "error_code"),
        sa.PrimaryKeyConstraint("id", name="pk_error_code"),
    )
    op.create_table(
        "sampling_plan",
        *_text("id"),
        sa.Column("definition", sa.JSON(), nullable=False),
        *_text("seed"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_sampling_plan"),
    )
    op.create_index("ix_sampling_plan_next_at", "sampling_plan", ["next_at"])


def _calibrations() -> None:
    op.create_table(
        "calibration",
        *_text("id", "title", "scorecard_id"),
        sa.Column("scorecard_version", sa.Integer(), nullable=False),
        sa.Column("recording_ids", sa.JSON(), nullable=False),
        sa.Column("reviewer_ids", sa.JSON(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        *_text("created_by", "state"),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("alpha", sa.Double(), nullable=True),
        sa.Column("agreement", sa.JSON(), nullable=True),
        *_versioned(),
        _refers("calibration", "scorecard_id", "scorecard"),
        sa.PrimaryKeyConstraint("id", name="pk_calibration"),
    )
    op.create_index("ix_calibration_closed_at", "calibration", ["closed_at"])
    op.create_index("ix_calibration_created_at_id", "calibration", ["created_at", "id"])


def _reviews() -> None:
    op.create_table(
        "review",
        *_text("id", "recording_id", "contact_id", "interaction_id", "agent_id", "queue"),
        sa.Column("length_ms", sa.Integer(), nullable=False),
        *_text("reviewer_id", "scorecard_id"),
        sa.Column("scorecard_version", sa.Integer(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        *_text("plan_id", "week", "calibration_id", nullable=True),
        *_text("state"),
        *_text("comment", nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", _MOMENT, nullable=True),
        *_versioned(),
        _refers("review", "scorecard_id", "scorecard"),
        _refers("review", "calibration_id", "calibration"),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint(
            "calibration_id",
            "recording_id",
            "reviewer_id",
            name="uq_review_calibration_id_recording_id_reviewer_id",
        ),
    )
    once = sa.text("calibration_id IS NULL AND state <> 'withdrawn'")
    op.create_index(
        "uq_review_recording_once",
        "review",
        ["recording_id"],
        unique=True,
        sqlite_where=once,
        postgresql_where=once,
    )
    for columns in (
        ["recording_id"],
        ["contact_id"],
        ["reviewer_id", "state"],
        ["created_at", "id"],
        ["agent_id", "created_at", "id"],
        ["plan_id", "week"],
        ["submitted_at"],
    ):
        op.create_index("_".join(["ix_review", *columns]), "review", columns)
    op.create_table(
        "review_answer",
        *_text("review_id", "question", "value"),
        sa.Column("fault", sa.Boolean(), nullable=False),
        *_text("error", "note", nullable=True),
        sa.Column("marks", sa.JSON(), nullable=False),
        _refers("review_answer", "review_id", "review"),
        _refers("review_answer", "error", "error_code"),
        sa.PrimaryKeyConstraint("review_id", "question", name="pk_review_answer"),
    )
    op.create_table(
        "review_step",
        *_text("review_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        *_text("action", "by"),
        sa.Column("at", _MOMENT, nullable=False),
        *_text("text", nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        _refers("review_step", "review_id", "review"),
        sa.PrimaryKeyConstraint("review_id", "number", name="pk_review_step"),
    )
