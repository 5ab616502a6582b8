"""The knowledge base with its full text; forms and what was filled in; dispositions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ADD = (
    "INSERT INTO article_fts(rowid, title_words, keyword_words, body_words)"
    " VALUES (new.id, new.title_words, new.keyword_words, new.body_words);"
)
_REMOVE = (
    "INSERT INTO article_fts(article_fts, rowid, title_words, keyword_words, body_words)"
    " VALUES ('delete', old.id, old.title_words, old.keyword_words, old.body_words);"
)
"""How an index without content of its own is kept (SQLite, FTS5 §4.4.3)."""


def upgrade() -> None:
    _articles()
    _full_text()
    _forms()
    _dispositions()


def _articles() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("published_at", _MOMENT, nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
    )
    op.create_index("ix_article_updated_at_id", "article", ["updated_at", "id"])
    op.create_table(
        "article_version",
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_since", _MOMENT, nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.Column("copy_of", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        _of_article("article_version"),
        sa.PrimaryKeyConstraint("article_id", "number", name="pk_article_version"),
    )
    op.create_index(
        "ix_article_version_state_article_id", "article_version", ["state", "article_id"]
    )
    op.create_table(
        "article_place",
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        _of_article("article_place"),
        sa.PrimaryKeyConstraint("article_id", "kind", "value", name="pk_article_place"),
    )
    op.create_index("ix_article_place_kind_value", "article_place", ["kind", "value"])
    op.create_table(
        "article_vote",
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _of_article("article_vote"),
        sa.PrimaryKeyConstraint("article_id", "number", "agent_id", name="pk_article_vote"),
    )
    op.create_table(
        "article_use",
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("in_contacts", sa.Integer(), nullable=False),
        sa.Column("last_read_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_article_use"),
    )


def _full_text() -> None:
    """Title before keywords before body; the words stand apart already, whatever the language."""
    op.create_table(
        "article_text",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("title_words", sa.String(), nullable=False),
        sa.Column("keyword_words", sa.String(), nullable=False),
        sa.Column("body_words", sa.String(), nullable=False),
        _of_article("article_text"),
        sa.PrimaryKeyConstraint("id", name="pk_article_text"),
        sa.UniqueConstraint("article_id", "language", name="uq_article_text_article_id_language"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE article_text ADD COLUMN fts tsvector GENERATED ALWAYS AS ("
            " setweight(to_tsvector('simple'::regconfig, title_words), 'A') ||"
            " setweight(to_tsvector('simple'::regconfig, keyword_words), 'B') ||"
            " to_tsvector('simple'::regconfig, body_words)) STORED"
        )
        op.execute("CREATE INDEX article_text_fts ON article_text USING gin (fts)")
        return
    op.execute(
        "CREATE VIRTUAL TABLE article_fts USING fts5(title_words, keyword_words, body_words,"
        " content='article_text', content_rowid='id',"
        " tokenize='unicode61 remove_diacritics 0')"
    )
    for event, work in (("INSERT", _ADD), ("DELETE", _REMOVE), ("UPDATE", _REMOVE + _ADD)):
        op.execute(
            f"CREATE TRIGGER article_text_{event.lower()} AFTER {event} ON article_text"
            f" BEGIN {work} END"
        )


def _forms() -> None:
    op.create_table(
        "form",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_form"),
    )
    op.create_table(
        "form_version",
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name="fk_form_version_form_id_form"),
        sa.PrimaryKeyConstraint("form_id", "number", name="pk_form_version"),
    )
    op.create_table(
        "filled_form",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("filled_by", sa.String(), nullable=False),
        sa.Column("filled_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id", "form_version"],
            ["form_version.form_id", "form_version.number"],
            name="fk_filled_form_form_id_form_version_form_version",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_filled_form"),
    )
    op.create_index("ix_filled_form_contact_id", "filled_form", ["contact_id"])
    op.create_index("ix_filled_form_customer_id", "filled_form", ["customer_id"])
    op.create_index("ix_filled_form_form_id_filled_at", "filled_form", ["form_id", "filled_at"])
    op.create_table(
        "form_value",
        sa.Column("filled_form_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("number", sa.Float(53), nullable=True),
        sa.Column("boolean", sa.Boolean(), nullable=True),
        sa.Column("moment", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["filled_form_id"],
            ["filled_form.id"],
            name="fk_form_value_filled_form_id_filled_form",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("filled_form_id", "field", "position", name="pk_form_value"),
    )
    for column in ("number", "moment"):
        op.create_index(
            f"ix_form_value_form_id_field_{column}", "form_value", ["form_id", "field", column]
        )


def _dispositions() -> None:
    op.create_table(
        "disposition_code",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["disposition_code.id"],
            name="fk_disposition_code_parent_id_disposition_code",
        ),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name="fk_disposition_code_form_id_form"),
        sa.PrimaryKeyConstraint("id", name="pk_disposition_code"),
    )
    op.create_table(
        "disposition_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_disposition_rule"),
    )
    op.create_table(
        "disposition",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("code_id", sa.String(), nullable=False),
        sa.Column("filled_form_id", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        *_versioned(),
        sa.ForeignKeyConstraint(
            ["code_id"], ["disposition_code.id"], name="fk_disposition_code_id_disposition_code"
        ),
        sa.ForeignKeyConstraint(
            ["filled_form_id"],
            ["filled_form.id"],
            name="fk_disposition_filled_form_id_filled_form",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_disposition"),
    )
    op.create_index("ix_disposition_contact_id", "disposition", ["contact_id"])
    op.create_index("ix_disposition_code_id_created_at", "disposition", ["code_id", "created_at"])
    op.create_index("ix_disposition_queue_created_at", "disposition", ["queue", "created_at"])


def _versioned() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )


def _of_article(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["article_id"],
        ["article.id"],
        name=f"fk_{table}_article_id_article",
        ondelete="CASCADE",
    )
