"""texts that an erasure makes unreadable, a key a record; visitors who follow a case without an account."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.evidence.models import content_ddl

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "text_key",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(wrapped_key IS NULL) = (destroyed_at IS NOT NULL)", name=op.f("ck_text_key_destroyed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_key")),
        sa.UniqueConstraint("subject_type", "subject_code", name=op.f("uq_text_key_subject_type_subject_code")),
    )
    _content(erasable=True)
    op.create_table(
        "case_visitor",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name=op.f("fk_case_visitor_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_visitor")),
    )
    op.create_index(op.f("ix_case_visitor_case_id"), "case_visitor", ["case_id"], unique=True)


def _content(*, erasable: bool) -> None:
    """Put the trigger that keeps declared records as they are in place of the one before."""
    dialect = op.get_bind().dialect.name
    op.execute("DROP TRIGGER evidence_content" + ("" if dialect == "sqlite" else " ON evidence"))
    for statement in content_ddl(dialect, erasable=erasable):
        op.execute(statement)


def downgrade() -> None:
    """Take back; texts that were sealed stay sealed, and nobody can read them any more."""
    op.drop_index(op.f("ix_case_visitor_case_id"), table_name="case_visitor")
    op.drop_table("case_visitor")
    _content(erasable=False)
    op.drop_table("text_key")
